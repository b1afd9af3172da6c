/** `repro` from start to end with real processes: what runs, what is restored, what fails and how, and what is written. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { quietCall } from '../../../src/base/cancel';
import { is } from '../../../src/engine/errors';
import { repro, status } from '../../../src/engine/pipeline/pipeline';
import { type ReproAnswer, type ReproArgs } from '../../../src/engine/verbs/pipeline';
import { makeProject, supervisor, type TestProject } from '../../support/pipelineProject';

const CHAIN = `stages:
  e: {cmd: echo e >> log, deps: [d1, b1]}
  a: {cmd: 'echo a >> log; echo a > a1', outs: [a1], deps: [raw]}
  b: {cmd: 'echo b >> log; cp a1 b1', deps: [a1], outs: [b1]}
  d: {cmd: 'echo d >> log; cp c1 d1', deps: [c1], outs: [d1]}
  c: {cmd: 'echo c >> log; echo c > c1', outs: [c1]}
  z: {cmd: echo z >> log}
`;

/** One call of `repro` and what is expected of it. `do` changes files first. */
interface Step {
  readonly do?: (project: TestProject) => void;
  readonly args?: Partial<ReproArgs>;
  /** `name:state` of the answer, or the code that it fails with. */
  readonly expect: string;
  /** Files and their text; undefined: absent. */
  readonly files?: Readonly<Record<string, string | undefined>>;
  /** `status` afterwards. */
  readonly status?: unknown;
  readonly cwd?: string;
}

const rows: [string, Record<string, string>, Step[]][] = [
  [
    'order, then nothing but what always runs',
    { 'dvc.yaml': CHAIN, raw: 'r' },
    [
      { expect: 'c:ran d:ran a:ran b:ran e:ran z:ran', files: { log: 'c\nd\na\nb\ne\nz\n' } },
      {
        expect: 'c:unchanged d:unchanged a:unchanged b:unchanged e:unchanged z:ran',
        files: { log: 'c\nd\na\nb\ne\nz\nz\n' },
      },
    ],
  ],
  [
    'targets, force, single stages, downstream',
    { 'dvc.yaml': CHAIN, raw: 'r' },
    [
      { args: { targets: ['b'] }, expect: 'a:ran b:ran' },
      { args: { targets: ['e', 'b'], singleItem: true, force: true }, expect: 'failed' },
      { expect: 'c:ran d:ran a:unchanged b:unchanged e:ran z:ran', do: (p) => p.remove('log') },
      { args: { targets: ['e', 'b'], singleItem: true, force: true }, expect: 'e:ran b:ran' },
      { args: { targets: ['a'], downstream: true, force: true }, expect: 'a:ran b:ran e:ran' },
      { args: { targets: ['b1'] }, expect: 'a:unchanged b:unchanged' },
      {
        args: { targets: ['c'], pipeline: true },
        expect: 'c:unchanged d:unchanged a:unchanged b:unchanged e:unchanged',
      },
      { args: { targets: ['nope'] }, expect: 'pipeline.noStage' },
      {
        args: { dry: true, targets: ['e'] },
        do: (p) => p.write({ raw: 'r2' }),
        expect: 'c:unchanged d:unchanged a:would run b:would run e:would run',
      },
    ],
  ],
  [
    'a failure stops, keep-going goes on with what does not depend on it',
    {
      'dvc.yaml':
        'stages:\n  a: {cmd: exit 3, outs: [a1]}\n  b: {cmd: cp a1 b1, deps: [a1], outs: [b1]}\n  x: {cmd: echo > x1, outs: [x1]}\n',
    },
    [
      { expect: 'a:failed(3) b:blocked', files: { 'dvc.lock': undefined } },
      { args: { keepGoing: true }, expect: 'a:failed(3) b:blocked x:ran' },
    ],
  ],
  [
    'earlier results come back without running',
    {
      'dvc.yaml': 'stages:\n  s: {cmd: "cat i > o; echo ran >> log", deps: [i], params: [lr], outs: [o]}\n',
      i: '1\n',
      'params.yaml': 'lr: 1\n',
    },
    [
      { expect: 's:ran' },
      { do: (p) => p.write({ i: '2\n' }), expect: 's:ran', files: { o: '2\n' } },
      { do: (p) => p.write({ i: '1\n' }), expect: 's:cached', files: { o: '1\n', log: 'ran\nran\n' }, status: {} },
      { do: (p) => p.remove('o'), expect: 's:cached', files: { o: '1\n' } },
      {
        do: (p) => p.write({ i: '2\n' }),
        args: { noRunCache: true },
        expect: 's:ran',
        files: { log: 'ran\nran\nran\n' },
      },
      { do: (p) => p.remove('.dvc/cache'), expect: 's:ran', status: {} },
      { do: (p) => p.write({ 'params.yaml': 'lr: 1.0\n' }), expect: 's:unchanged' },
    ],
  ],
  [
    'only hashes are written without commit',
    { 'dvc.yaml': 'stages:\n  s: {cmd: cp i o, deps: [i], outs: [o]}\n', i: '1\n' },
    [{ args: { noCommit: true }, expect: 's:ran', status: { s: [{ 'changed outs': { o: 'not in cache' } }] } }],
  ],
  [
    'what is missing is said before anything is deleted',
    {
      'dvc.yaml': 'stages:\n  s: {cmd: echo new > o, deps: [gone], params: [{p.toml: [lr]}, {p.py: }], outs: [o]}\n',
      'p.py': 'net = (1, 2)\n',
      o: 'mine\n',
    },
    [
      { expect: 's:failed/pipeline.depMissing', files: { o: 'mine\n' } },
      {
        do: (p) => p.write({ gone: '', 'p.toml': 'x = 1\n' }),
        expect: 's:failed/pipeline.paramsMissing',
        files: { o: 'mine\n' },
      },
      {
        do: (p) => p.write({ 'p.toml': 'lr = 2020-01-01\n' }),
        expect: 's:failed/pipeline.paramsDate',
        files: { o: 'mine\n' },
      },
      {
        do: (p) => p.write({ 'p.toml': 'lr = 1\n', 'p.py': 'net = {1, 2}\n' }),
        expect: 's:failed/pipeline.paramsPython',
        files: { o: 'mine\n' },
      },
      { do: (p) => p.write({ 'p.py': 'net = (1, 2)\n' }), expect: 's:ran', files: { o: 'new\n' } },
      { expect: 's:unchanged' },
      { do: (p) => p.write({ 'p.py': 'net = [(1, 2)]\n' }), expect: 's:ran' },
      // A tuple inside another value is never equal to the list that was recorded of it.
      { expect: 's:cached' },
    ],
  ],
  [
    'a command that does not keep its word',
    { 'dvc.yaml': 'stages:\n  s: {cmd: echo, deps: [i], outs: [o]}\n', i: '' },
    [{ expect: 's:failed/pipeline.outMissing', files: { 'dvc.lock': undefined } }],
  ],
  [
    'frozen stages are taken as they are',
    { 'dvc.yaml': 'stages:\n  f: {cmd: exit 1, deps: [i], outs: [o], frozen: true}\n', i: '1' },
    [
      { expect: 'f:failed/pipeline.sourceMissing' },
      { do: (p) => p.write({ o: 'x' }), expect: 'f:frozen', status: {} },
      { do: (p) => p.write({ i: '2' }), expect: 'f:frozen', status: {} },
      {
        do: (p) => {
          p.write({ 'dvc.yaml': 'stages:\n  f: {cmd: exit 1, outs: [q], frozen: true, always_changed: true}\n' });
        },
        args: { allowMissing: true },
        expect: 'f:frozen',
      },
    ],
  ],
  [
    'data that changed is recorded on the way',
    {
      'dvc.yaml': 'stages:\n  s: {cmd: cp d o, deps: [d], outs: [o]}\n',
      'd.dvc': 'outs:\n- md5: ffffffffffffffffffffffffffffffff\n  size: 6\n  hash: md5\n  path: d\n',
      d: 'new\n',
    },
    [
      {
        expect: 'd.dvc:ran s:ran',
        files: {
          'd.dvc': 'outs:\n- md5: 9cd599a3523898e6a12e13ec787da50a\n  size: 4\n  hash: md5\n  path: d\n',
        },
        status: {},
      },
    ],
  ],
  [
    'outputs go before the command runs, persistent ones stay',
    {
      'dvc.yaml':
        'stages:\n  s:\n    cmd: ls > listing; echo n >> keep\n    deps: [i]\n    outs: [keep: {persist: true}, listing]\n',
      i: '',
      keep: 'k\n',
      listing: 'old',
    },
    [{ expect: 's:ran', files: { keep: 'k\nn\n', listing: 'dvc.yaml\ni\nkeep\nlisting\n' } }],
  ],
  [
    'a command that appends to a persistent output does not change the cache',
    {
      '.dvc/config': '[core]\n    no_scm = True\n[cache]\n    type = hardlink\n',
      'dvc.yaml':
        'stages:\n  s: {cmd: echo n >> k; echo n >> d/f, deps: [i], outs: [k: {persist: true}, d: {persist: true}]}\n',
      i: '1',
      k: 'k\n',
      'd/f': 'f\n',
    },
    [
      { expect: 's:ran', status: {} },
      { do: (p) => p.write({ i: '2' }), expect: 's:ran', status: {}, files: { k: 'k\nn\nn\n', 'd/f': 'f\nn\nn\n' } },
      { do: verifyCache, expect: 's:unchanged' },
    ],
  ],
  [
    'data that is merely absent may be no change',
    {
      'dvc.yaml': 'stages:\n  s: {cmd: cp i o, deps: [i], outs: [o]}\n  t: {cmd: cp o p, deps: [o], outs: [p]}\n',
      i: '1',
    },
    [
      { expect: 's:ran t:ran' },
      {
        do: (p) => ['i', 'o', 'p', '.dvc/cache'].forEach((path) => p.remove(path)),
        args: { allowMissing: true },
        expect: 's:unchanged t:unchanged',
      },
      { do: (p) => p.write({ i: '2' }), args: { targets: ['s'] }, expect: 's:ran' },
      {
        do: (p) => p.remove('o'),
        args: { targets: ['t'], allowMissing: true, singleItem: true, dry: true },
        expect: 't:would run',
      },
    ],
  ],
  [
    'a dry run says what a run would stop at, and not what it would make itself',
    { 'dvc.yaml': 'stages:\n  s: {cmd: cp i o, deps: [i], outs: [o]}\n  t: {cmd: cp o p, deps: [o], outs: [p]}\n' },
    [
      { args: { dry: true }, expect: 'pipeline.depMissing' },
      { do: (p) => p.write({ i: '1' }), args: { dry: true }, expect: 's:would run t:would run' },
    ],
  ],
  [
    'a folder of its own: names and places follow it',
    {
      'sub/dvc.yaml':
        'stages:\n  s: {cmd: "cp ../../i o; echo $DVC_STAGE $(basename $DVC_ROOT)x > env", wdir: w, deps: [../../i], outs: [o]}\n',
      i: '1',
      'sub/w/keep': '',
    },
    [
      { expect: 'pipeline.noDvcYaml' },
      { args: { targets: ['sub/dvc.yaml:s'] }, expect: 'sub/dvc.yaml:s:ran' },
      { cwd: 'sub', args: { force: true }, expect: 's:ran' },
      { args: { allPipelines: true }, expect: 'sub/dvc.yaml:s:unchanged' },
    ],
  ],
  [
    // Each waits until the other one has begun too.
    'several at a time, recorded as if one had come after the other',
    {
      'dvc.yaml': `stages:
  first: {cmd: echo 1 > in, outs: [in]}
  slow: {cmd: "touch slow.on; until [ -e quick.on ]; do sleep 0.05; done; sleep 0.3; cp in slow", deps: [in], outs: [slow]}
  quick: {cmd: "touch quick.on; until [ -e slow.on ]; do sleep 0.05; done; cp in quick", deps: [in], outs: [quick]}
  last: {cmd: cat slow quick > last, deps: [slow, quick], outs: [last]}
`,
    },
    [
      { args: { jobs: 2 }, expect: 'first:ran slow:ran quick:ran last:ran', files: { last: '1\n1\n' } },
      {
        expect: 'first:unchanged slow:unchanged quick:unchanged last:unchanged',
        do: (p) =>
          assert.deepEqual(p.read('dvc.lock')?.match(/^ {2}\w+:$/gm), ['  first:', '  slow:', '  quick:', '  last:']),
        status: {},
      },
    ],
  ],
  [
    'files that cannot be loaded, graphs that are not allowed',
    { 'dvc.yaml': 'stages:\n  s: {cmd: x, foo: 1}\n' },
    [
      { expect: 'formats.extraKey' },
      {
        do: (p) => p.write({ 'dvc.yaml': 'stages:\n  s: {cmd: x, outs: [a]}\n  t: {cmd: x, outs: [a/b]}\n' }),
        expect: 'pipeline.outsOverlap',
      },
      {
        do: (p) => p.write({ 'dvc.yaml': 'stages:\n  s: {cmd: x, outs: [a.dvc]}\n' }),
        expect: 'pipeline.dvcFileAsOut',
      },
      { do: (p) => p.write({ 'dvc.yaml': 'stages:\n  s: {cmd: "echo ${x}"}\n' }), expect: 'template.unknown' },
      {
        do: (p) => p.write({ 'dvc.yaml': 'stages:\n  s: {cmd: "true", wdir: nowhere, deps: [../i]}\n', i: '' }),
        expect: 's:failed/pipeline.wdirMissing',
      },
    ],
  ],
];

describe('repro', function () {
  this.timeout(30_000);
  for (const [title, files, steps] of rows) {
    it(title, async () => {
      const project = await makeProject(files);
      try {
        for (const [i, step] of steps.entries()) await check(project, step, `step ${i + 1}`);
      } finally {
        await project.dispose();
      }
    });
  }
});

async function check(project: TestProject, step: Step, where: string): Promise<void> {
  step.do?.(project);
  const repo = project.at(step.cwd ?? '.');
  const got = await attempt(() =>
    repro(repo, { targets: [], ...step.args }, quietCall(), { supervisor: supervisor() }),
  );
  if (step.expect !== 'failed') assert.equal(got, step.expect, where);
  for (const [path, text] of Object.entries(step.files ?? {}))
    assert.equal(project.read(path), text, `${where}: ${path}`);
  if (step.status !== undefined) assert.deepEqual(await status(repo, { targets: [] }, quietCall()), step.status, where);
}

/** Every object has the content of its name. */
function verifyCache(project: TestProject): void {
  const base = `${project.root}/.dvc/cache/files/md5`;
  const objects = readdirSync(base).flatMap((group) =>
    readdirSync(`${base}/${group}`).map((rest) => `${group}/${rest}`),
  );
  for (const object of objects) {
    const hash = createHash('md5')
      .update(readFileSync(`${base}/${object}`))
      .digest('hex');
    assert.equal(object.replace('/', '').replace('.dir', ''), hash);
  }
  assert.ok(objects.length >= 6);
}

async function attempt(act: () => Promise<ReproAnswer>): Promise<string> {
  try {
    const { stages } = await act();
    return stages
      .map(({ name, state, exit, error }) => {
        const code = exit === undefined || state === 'ran' ? '' : `(${exit})`;
        return `${name}:${state}${code}${error ? `/${error.code}` : ''}`;
      })
      .join(' ');
  } catch (error) {
    if (is(error)) return error.code;
    throw error;
  }
}
