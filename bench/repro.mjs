/**
 * `repro` of a chain of 20 stages with trivial commands: when nothing changed, and when all of it has to run. And of one stage, eight that need
 * it and two that need these, a second each: eight at a time they take 4.5 s at most.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alternate, compareRow, spread } from './measure.mjs';
import { makeProjects, settle } from './projects.mjs';

const stages = 20;

function pipelineText() {
  const stage = (n) =>
    `  step${n}:\n    cmd: cp s${n - 1}.txt s${n}.txt\n    deps:\n    - s${n - 1}.txt\n    outs:\n    - s${n}.txt\n`;
  return `stages:\n${Array.from({ length: stages }, (_, i) => stage(i + 1)).join('')}`;
}

/** One stage, eight, two; each sleeps a second. */
function fanText() {
  const names = (start) => Array.from({ length: 8 }, (_, n) => `${start}${n}`);
  const stage = (name, deps) => {
    const needs = deps.length > 0 ? `    deps: [${deps.join(', ')}]\n` : '';
    return `  make-${name}:\n    cmd: sleep 1; echo ${name} > ${name}\n${needs}    outs: [${name}]\n`;
  };
  const middle = names('m').map((name) => stage(name, ['first']));
  return `stages:\n${[stage('first', []), ...middle, ...['x', 'y'].map((name) => stage(name, names('m')))].join('')}`;
}

function fanRow(context) {
  const options = { ...context, work: join(context.work, 'fan'), twins: false };
  const { strata } = makeProjects(options, (folder) => writeFileSync(join(folder, 'dvc.yaml'), fanText()));
  const { ms } = strata.run('repro', '-j', '8');
  const found = spread([ms]);
  const bar = { bar: '≤ 4500 ms', met: ms <= 4500 };
  return { what: 'repro -j 8 of 1, 8 and 2 stages of 1 s', against: 'nothing', ours: found, other: found, ...bar };
}

/** Measures; gives rows. */
export function measure(context) {
  const projects = makeProjects(context, (folder) => {
    writeFileSync(join(folder, 'dvc.yaml'), pipelineText());
    writeFileSync(join(folder, 's0.txt'), 'start\n');
  });
  const input = (round) => `round ${round}\n`;
  const tool = (project, full) => ({
    name: project.name,
    command: project.command(['repro']),
    prepare: (round) => {
      if (full) writeFileSync(project.path('s0.txt'), input(round));
      settle(project.path('.dvc/tmp'));
    },
  });
  const both = (full) => [tool(projects.strata, full), tool(projects.dvc, full)];
  const full = alternate(both(true), context.rounds);
  for (const project of Object.values(projects)) {
    const got = readFileSync(project.path(`s${stages}.txt`), 'utf8');
    if (got !== input(context.rounds - 1)) throw new Error(`${project.name} ended with ${JSON.stringify(got)}`);
  }
  const none = alternate(both(false), context.rounds);
  return [
    fanRow(context),
    compareRow(`repro of ${stages} stages, all run`, full, { against: 'dvc', atLeast: undefined }),
    compareRow(`repro of ${stages} stages, nothing changed`, none, { against: 'dvc', atLeast: undefined }),
  ];
}
