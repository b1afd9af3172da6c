/** Pipelines with templates through the verbs: groups as targets, names, runs, params that templates use. */

import assert from 'node:assert/strict';
import { quietCall } from '../../../src/base/cancel';
import { showParams } from '../../../src/engine/compare/show';
import { freeze } from '../../../src/engine/data/freeze';
import { type Repo } from '../../../src/engine/data/repo';
import { is } from '../../../src/engine/errors';
import { dag, repro, stages, status } from '../../../src/engine/pipeline/pipeline';
import { resolve, templates } from '../../../src/engine/pipeline/resolve';
import { makeProject, supervisor, type TestProject } from '../../support/pipelineProject';

const FILES = {
  'params.yaml': 'regions: [us, eu]\nlr: 0.5\nnet: {depth: 3}\n',
  'dvc.yaml': `vars: [own.toml, {files: {out: made}}]
stages:
  build:
    foreach: \${regions}
    do:
      cmd: echo \${item} \${lr} > \${files.out}-\${item}
      params: [lr]
      outs: ["\${files.out}-\${item}"]
  merge:
    matrix:
      how: [add, mul]
    cmd: cat made-us made-eu > \${item.how}-\${size}
    deps: [made-us, made-eu]
    outs: ["\${item.how}-\${size}"]
  none:
    foreach: []
    do: {cmd: x}
metrics: ["\${size}.json"]
`,
  'own.toml': 'size = "7"\n',
  '7.json': '{"acc": 1}',
};

const NAMES = ['build@us', 'build@eu', 'merge@add', 'merge@mul'];

describe('pipelines with templates', function () {
  this.timeout(60_000);
  let project: TestProject;
  const run = async (targets: string[] = []): Promise<string[]> => {
    const answer = await repro(project.repo, { targets }, quietCall(), { supervisor: supervisor() });
    return answer.stages.map(({ name, state }) => `${name} ${state}`);
  };
  beforeEach(async () => (project = await makeProject(FILES)));
  afterEach(() => project.dispose());

  it('lists what they make, and takes the name of a group for all of it', async () => {
    const named = async (...targets: string[]): Promise<string[]> =>
      (await stages(project.repo, { targets }, quietCall())).stages.map((stage) => stage.name);
    assert.deepEqual(await named(), NAMES);
    assert.deepEqual(await named('build'), ['build@us', 'build@eu']);
    assert.deepEqual(await named('dvc.yaml:merge'), ['merge@add', 'merge@mul']);
    assert.deepEqual(await named('build@eu', 'none'), ['build@eu']);
    await assert.rejects(named('buil'), (error) => is(error, 'pipeline.noStage'));
    await assert.rejects(named('build@xx'), (error) => is(error, 'pipeline.noStage'));
  });

  it('links members by the paths that came out', async () => {
    const { edges } = await dag(project.repo, { targets: ['merge@mul'] }, quietCall());
    assert.deepEqual(edges, [
      ['build@us', 'merge@mul'],
      ['build@eu', 'merge@mul'],
    ]);
  });

  it('runs a group, then the rest, and runs again what a changed value touches', async () => {
    assert.deepEqual(await run(['build']), ['build@us ran', 'build@eu ran']);
    assert.deepEqual(await run(['merge@add']), ['build@us unchanged', 'build@eu unchanged', 'merge@add ran']);
    assert.equal(project.read('add-7'), 'us 0.5\neu 0.5\n');
    assert.match(project.read('dvc.lock') ?? '', /build@us:\n {4}cmd: echo us 0\.5 > made-us\n/);
    assert.deepEqual(await status(project.repo, { targets: ['build'] }, quietCall()), {});
    project.write({ 'params.yaml': 'regions: [us, eu, asia]\nlr: 0.25\nnet: {depth: 3}\n' });
    const changed = await status(project.repo, { targets: [] }, quietCall());
    assert.deepEqual(Object.keys(changed), ['build@us', 'build@eu', 'build@asia', 'merge@mul']);
    assert.deepEqual(changed['build@us'], [
      { 'changed deps': { 'params.yaml': { lr: 'modified' } } },
      'changed command',
    ]);
    assert.deepEqual(await run(['build']), ['build@us ran', 'build@eu ran', 'build@asia ran']);
  });

  it('leaves a file out as a whole when one template leads nowhere, and refuses to act on it', async () => {
    project.write({ 'own.toml': 'sise = "7"\n' });
    const { stages: found, errors } = await stages(project.repo, { targets: [] }, quietCall());
    assert.deepEqual(found, []);
    assert.deepEqual(
      errors.map(({ path, code, line, column }) => [path, code, line, column]),
      [['dvc.yaml', 'template.unknownNear', 12, 44]],
    );
    await assert.rejects(run(), (error) => is(error, 'template.unknownNear'));
  });

  it('does not freeze what a group makes', async () => {
    const act = (target: string): Promise<unknown> => freeze(project.repo, { targets: [target] }, quietCall());
    for (const target of ['build', 'build@us'])
      await assert.rejects(act(target), (error) => is(error, 'stage.generated'));
  });

  it('shows params that templates use of files that are not params otherwise, by dotted key', async () => {
    project.write({
      'more.yaml': 'a: {b: 1, c: 2}\n',
      'sub/params.yaml': 'x: {y: [1, 2]}\nz: 1\n',
      'sub/dvc.yaml': 'vars: [../more.yaml]\nstages:\n  s: {cmd: "echo ${a.b} ${x.y[1]}", params: [{q.py: [C]}]}\n',
      'sub/q.py': 'class C:\n  k = (1, 2)\nD = 1\n',
    });
    const shown = await showParams(project.repo, { targets: [] }, quietCall());
    assert.deepEqual(shown['']?.data, {
      'more.yaml': { data: { 'a.b': 1 } },
      'own.toml': { data: { size: '7' } },
      'params.yaml': { data: { regions: ['us', 'eu'], lr: 0.5, net: { depth: 3 } } },
      'sub/params.yaml': { data: { 'x.y.1': 2 } },
      'sub/q.py': { data: { C: { k: [1, 2] } } },
    });
  });

  it('answers resolve as DVC does, from any folder, and tells where values come from', async () => {
    const at = (repo: Repo, file: string): Promise<unknown> => resolve(repo, { targets: [file] });
    const answer = await resolve(project.repo, { targets: [] });
    assert.deepEqual(answer[1], ['build@eu', { cmd: 'echo eu 0.5 > made-eu', params: ['lr'], outs: ['made-eu'] }]);
    assert.deepEqual(await at(project.at('sub'), '../dvc.yaml'), answer);
    await assert.rejects(at(project.repo, 'gone/dvc.yaml'), (error) => is(error, 'pipeline.noFile'));
    const told = await templates(project.repo, { targets: [] });
    assert.deepEqual(told.sections, { metrics: ['7.json'] });
    assert.deepEqual(told.reads, ['params.yaml', 'own.toml']);
    assert.deepEqual(told.stages[1]?.uses[0], {
      ...{ text: '${item}', line: 6, column: 17, value: 'eu', source: 'params.yaml', key: 'regions.1' },
      place: ['stages', 'build', 'do', 'cmd'],
    });
    assert.deepEqual(told.sectionUses[0]?.source, 'own.toml');
    assert.deepEqual(
      told.names.map(({ name, source }) => [name, source]),
      [
        ['regions', 'params.yaml'],
        ['lr', 'params.yaml'],
        ['net.depth', 'params.yaml'],
        ['size', 'own.toml'],
        ['files.out', 'vars[1]'],
      ],
    );
  });
});
