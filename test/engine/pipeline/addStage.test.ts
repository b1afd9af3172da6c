/** `stage add` where it is kinder than DVC, and what its refusals name; `stage list`. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { quietCall } from '../../../src/base/cancel';
import { is } from '../../../src/engine/errors';
import { stageVerbs } from '../../../src/engine/pipeline/stageVerbs';
import { type StageAddArgs } from '../../../src/engine/verbs/stages';
import { makeProject, type TestProject } from '../../support/pipelineProject';

const YAML = `# ours
stages:
    a:  {cmd: x, outs: [o], desc: "first\\nand more"}   # one
    g:
        foreach: [1, 2]
        do: {cmd: "y \${item}"}
`;

interface Row {
  readonly args: Partial<StageAddArgs>;
  readonly files?: Readonly<Record<string, string>>;
  /** Made known to Git first. */
  readonly tracked?: string;
  /** The code of the refusal and facts of it, or the text of dvc.yaml. */
  readonly gives: string | readonly [code: string, data: Readonly<Record<string, unknown>>];
}

const rows: Readonly<Record<string, Row>> = {
  'a file of comments keeps them': {
    files: { 'dvc.yaml': '# ours\n' },
    args: {},
    gives: '# ours\nstages:\n  c:\n    cmd: echo\n',
  },
  'the layout of others stays': {
    args: { deps: ['o'] },
    gives: `${YAML}    c:\n      cmd: echo\n      deps:\n      - o\n`,
  },
  'a description that is given counts': {
    args: { name: 'a', force: true, desc: 'new' },
    gives: YAML.replace('{cmd: x, outs: [o], desc: "first\\nand more"}', '{cmd: echo, desc: new}'),
  },
  'a name that is taken': { args: { name: 'a' }, gives: ['stage.exists', { stage: 'a', file: 'dvc.yaml' }] },
  'the name of a group': { args: { name: 'g' }, gives: ['stage.exists', { stage: 'g', file: 'dvc.yaml' }] },
  'a name with a dot': { args: { name: 'a.b' }, gives: ['stage.badName', { name: 'a.b' }] },
  'no command': { args: { targets: [''] }, gives: ['stage.noCommand', {}] },
  'an output that is taken': { args: { outs: ['o'] }, gives: ['stage.outTaken', { path: 'o', stage: 'a' }] },
  'an output inside another': {
    args: { outs: ['o/x'] },
    gives: ['pipeline.outsOverlap', { parent: 'o', parentStage: 'a', path: 'o/x', stage: 'c' }],
  },
  'an output of Git': {
    files: { f: '1' },
    tracked: 'f',
    args: { outs: ['f'] },
    gives: ['data.trackedByGit', { path: 'f' }],
  },
  'a path twice': { args: { deps: ['x', './x'] }, gives: ['stage.namedTwice', { path: 'x' }] },
  'in and out': { args: { deps: ['x'], metrics: ['x'] }, gives: ['stage.depIsOut', { path: 'x' }] },
  'a folder that is absent': { args: { wdir: 'nowhere' }, gives: ['stage.wdirMissing', { path: 'nowhere' }] },
};

async function withProject(
  files: Readonly<Record<string, string>>,
  act: (project: TestProject) => Promise<void>,
): Promise<void> {
  const project = await makeProject(files, true);
  try {
    await act(project);
  } finally {
    await project.dispose();
  }
}

describe('stage add', () => {
  for (const [name, { args, files, tracked, gives }] of Object.entries(rows)) {
    it(name, () =>
      withProject({ 'dvc.yaml': YAML, ...files }, async (project) => {
        if (tracked !== undefined) execFileSync('git', ['add', tracked], { cwd: project.root });
        const before = project.read('dvc.yaml');
        const whole = { targets: ['echo'], name: 'c', ...args };
        const acting = stageVerbs['stage.add'](project.repo, whole, quietCall());
        if (typeof gives === 'string') {
          await acting;
          assert.equal(project.read('dvc.yaml'), gives);
          return;
        }
        const [code, data] = gives;
        await assert.rejects(acting, (error) => {
          assert.ok(is(error), String(error));
          assert.deepEqual([error.code, error.data], [code, data]);
          return true;
        });
        assert.equal(project.read('dvc.yaml'), before);
      }),
    );
  }

  it('tells which folder Git cannot ignore yet', () =>
    withProject({}, async (project) => {
      const args = { targets: ['echo'], name: 'c', outs: ['d/o', 'e'] };
      const answer = await stageVerbs['stage.add'](project.repo, args, quietCall());
      assert.deepEqual([answer.later, answer.files], [['d'], ['dvc.yaml', '.gitignore']]);
      assert.equal(project.read('.gitignore'), '/e\n');
    }));
});

describe('stage list', () => {
  const files = {
    'dvc.yaml': YAML,
    'sub/dvc.yaml': `stages:\n  long: {cmd: x, deps: [${'d'.repeat(99)}]}\n  m: {cmd: x, outs: [k], metrics: [m.json]}\n`,
    'bad/dvc.yaml': 'stages: 1\n',
  };
  const listed: Readonly<Record<string, readonly [args: object, names: Readonly<Record<string, string>>]>> = {
    'the dvc.yaml here': [{}, { a: 'first', 'g@1': 'No outputs or dependencies', 'g@2': 'No outputs or dependencies' }],
    'a folder and what lies below': [
      { targets: ['sub'], recursive: true },
      {
        'sub/dvc.yaml:long': `Depends on ${'d'.repeat(68)}…`,
        'sub/dvc.yaml:m': 'Outputs k; Reports m.json',
      },
    ],
    'names alone': [
      { all: true, nameOnly: true },
      { a: '', 'g@1': '', 'g@2': '', 'sub/dvc.yaml:long': '', 'sub/dvc.yaml:m': '' },
    ],
  };
  for (const [name, [args, names]] of Object.entries(listed)) {
    it(name, () =>
      withProject(files, async ({ repo }) => {
        const answer = await stageVerbs['stage.list'](repo, { targets: [], ...args }, quietCall());
        assert.deepEqual(Object.fromEntries(answer.stages.map((stage) => [stage.name, stage.summary])), names);
        assert.deepEqual(
          answer.errors.map((error) => error.path),
          ['bad/dvc.yaml'],
        );
      }),
    );
  }

  it('fails at once where that is asked for', () =>
    withProject(files, ({ repo }) =>
      assert.rejects(stageVerbs['stage.list'](repo, { targets: [], fail: true }, quietCall()), (error) =>
        is(error, 'formats.expectedMap'),
      ),
    ));
});
