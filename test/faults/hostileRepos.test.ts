import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import { quietCall } from '../../src/base/cancel';
import { is } from '../../src/engine/errors';
import { nodeHost } from '../../src/engine/host/node';
import { openProject } from '../../src/engine/project';
import { EngineProject, fingerprint, md5Of } from '../support/engineProject';
import { HOSTILE_PATHS } from '../support/hostilePaths';
import { SOAK } from './crashpoints';

const EVIL = 'evil\n';
const HASH = md5Of(EVIL);
const quoted = (text: string): string => JSON.stringify(text);
const pointer = (at: string, hash = HASH): string =>
  `outs:\n- md5: ${hash}\n  size: 5\n  hash: md5\n  path: ${quoted(at)}\n`;

describe('links that lead out', function () {
  this.timeout(SOAK ? 3_600_000 : 60_000);
  let project: EngineProject;
  let outside: string;
  beforeEach(async () => {
    project = await EngineProject.make();
    outside = path.join(project.above, 'outside');
    fs.mkdirSync(path.join(outside, 'sub'), { recursive: true });
    fs.writeFileSync(path.join(outside, 'x'), 'theirs\n');
    fs.writeFileSync(path.join(outside, 'sub', 'y'), 'theirs\n');
    project.putObject(EVIL);
  });
  afterEach(() => project.drop());

  const folderOf = (...names: string[]): string =>
    project.putObject(`[${names.map((name) => `{"md5": "${HASH}", "relpath": ${quoted(name)}}`).join(', ')}]`, '.dir');
  const untouched = (): void => {
    const files = fingerprint(outside);
    assert.deepEqual([...files.keys()], ['sub', 'sub/y', 'x']);
    assert.equal(fs.readFileSync(path.join(outside, 'x'), 'utf8'), 'theirs\n');
    assert.equal(fs.readFileSync(path.join(outside, 'sub', 'y'), 'utf8'), 'theirs\n');
  };

  /** How the trap is laid; what is then restored would lie behind the link `trap`, or is the link. */
  const TRAPS: Readonly<Record<string, () => void>> = {
    'a folder': () => fs.symlinkSync(outside, project.at('trap')),
    'a folder, by a relative path': () => fs.symlinkSync('../outside', project.at('trap')),
    'a chain of three': () => {
      for (const name of ['two', 'three']) fs.rmSync(project.at(name), { force: true });
      fs.symlinkSync('two', project.at('trap'));
      fs.symlinkSync('three', project.at('two'));
      fs.symlinkSync(outside, project.at('three'));
    },
    'a loop': () => {
      fs.rmSync(project.at('round'), { force: true });
      fs.symlinkSync('round', project.at('trap'));
      fs.symlinkSync('trap', project.at('round'));
    },
    'the hooks of Git': () => fs.symlinkSync('.git/hooks', project.at('trap')),
    'our own folder': () => fs.symlinkSync('.dvc', project.at('trap')),
    'nowhere yet': () => fs.symlinkSync('../outside/new', project.at('trap')),
  };
  for (const [name, lay] of Object.entries(TRAPS)) {
    it(`A2 ${name}: neither a file behind it nor a folder in its place is written or emptied`, async () => {
      lay();
      const hooks = fingerprint(project.at('.git'));
      const config = fingerprint(project.at('.dvc'), (at) => at.startsWith('tmp'));
      for (const text of [
        pointer('trap/x'),
        pointer('trap/sub/y'),
        pointer('trap', folderOf('x', 'sub/y', 'post-checkout')),
      ]) {
        project.put('evil.dvc', text);
        for (const options of [{}, { force: true }, { relink: true, force: true }]) {
          const answer = project.call('checkout', [], options);
          const refused = await answer.then(
            ({ failed }) => failed.length > 0,
            (error: unknown) => is(error),
          );
          if (!refused)
            assert.ok(!fs.lstatSync(project.at('trap')).isSymbolicLink(), 'only in place of the link itself');
        }
        untouched();
        if (!fs.existsSync(project.at('trap')) || !fs.lstatSync(project.at('trap')).isSymbolicLink()) {
          fs.rmSync(project.at('trap'), { recursive: true, force: true });
          lay();
        }
      }
      assert.deepEqual(fingerprint(project.at('.git')), hooks);
      const objects = (at: string): boolean => at.startsWith('tmp') || at.startsWith('cache');
      assert.deepEqual(fingerprint(project.at('.dvc'), objects), new Map([...config].filter(([at]) => !objects(at))));
    });
  }

  it('A2 a link as the last part is replaced, what it leads to stays', async () => {
    fs.symlinkSync('../outside/x', project.at('trap'));
    project.put('evil.dvc', pointer('trap'));
    await project.call('checkout', [], { force: true });
    untouched();
    assert.equal(project.read('trap'), EVIL);
    assert.ok(!fs.lstatSync(project.at('trap')).isSymbolicLink());
  });

  it('A2 links inside a tracked folder are not followed out of it', async () => {
    project.put('evil.dvc', pointer('data', folderOf('in/x', 'in/sub/y', 'fine')));
    fs.mkdirSync(project.at('data'));
    fs.symlinkSync(outside, project.at('data/in'));
    await project.refusal('checkout', [], { force: true });
    untouched();
    fs.rmSync(project.at('evil.dvc'));
    await project.refusal('checkout', [], { force: true });
    untouched();
  });

  const tries = SOAK ? 5000 : 200;
  it(`A2 a folder that becomes a link while it is written, ${tries} times: nothing arrives outside, nothing there goes`, async () => {
    project.put('evil.dvc', pointer('data', folderOf(...Array.from({ length: 12 }, (_, n) => `sub/f${n}`))));
    fs.mkdirSync(project.at('data/sub'), { recursive: true });
    const swapper = new Worker(SWAPPER, { eval: true, workerData: { at: project.at('data/sub'), outside } });
    await new Promise((resolve) => swapper.once('message', resolve));
    let refused = 0;
    try {
      for (let n = 0; n < tries; n += 1) {
        try {
          const { failed } = await project.call('checkout', [], { force: true });
          refused += failed.length > 0 ? 1 : 0;
        } catch (error) {
          assert.ok(is(error), String(error));
          refused += 1;
        }
      }
    } finally {
      await swapper.terminate();
    }
    assert.ok(refused > 0, 'the link was met');
    untouched();
  });
});

/** Turns a folder into a link and back, for ever, at odd moments. */
const SWAPPER = `
const fs = require('node:fs');
const { parentPort, workerData: { at, outside } } = require('node:worker_threads');
const wait = new Int32Array(new SharedArrayBuffer(4));
const quietly = (act) => { try { act(); } catch {} };
let seed = 1;
for (let n = 0; ; n += 1) {
  quietly(() => fs.renameSync(at, at + '.real'));
  quietly(() => fs.symlinkSync(outside, at));
  if (n === 0) parentPort.postMessage('begun');
  seed = (seed * 48271) % 2147483647;
  Atomics.wait(wait, 0, 0, seed % 3);
  quietly(() => fs.unlinkSync(at));
  quietly(() => fs.renameSync(at + '.real', at));
  Atomics.wait(wait, 0, 0, seed % 5);
}
`;

const STAGE = (rest: string): string => `stages:\n  s:\n    cmd: touch ran\n${rest}`;
const BOMB = `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghi'
  .split('')
  .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(', ')}]`)
  .join('\n')}\n`;

/** Repositories that mean harm; each is laid over a project that tracks one good file. */
const HOSTILE_REPOS: readonly ((project: EngineProject) => void)[] = [
  ...HOSTILE_PATHS.slice(0, 24).map((at) => (project: EngineProject) => project.put('evil.dvc', pointer(at))),
  ...['../x', '/etc/passwd', '.git/config'].flatMap((at) => [
    (project: EngineProject) => project.put('dvc.yaml', STAGE(`    outs:\n    - ${quoted(at)}\n`)),
    (project: EngineProject) => project.put('dvc.yaml', STAGE(`    deps:\n    - ${quoted(at)}\n`)),
    (project: EngineProject) => project.put('dvc.yaml', STAGE(`    metrics:\n    - ${quoted(at)}\n`)),
    (project: EngineProject) => project.put('dvc.yaml', STAGE(`    wdir: ${quoted(at)}\n    outs:\n    - x\n`)),
    (project: EngineProject) =>
      project.put(
        'evil.dvc',
        pointer('d', project.putObject(`[{"md5": "${HASH}", "relpath": ${quoted(at)}}]`, '.dir')),
      ),
    (project: EngineProject) => project.put('evil.dvc', pointer('x', at)),
  ]),
  (project) => project.put('dvc.yaml', BOMB),
  (project) => project.put('evil.dvc', BOMB),
  (project) => project.put('dvc.lock', `schema: '2.0'\nstages: ${BOMB.replaceAll('\n', '\n  ')}`),
  (project) => project.put('evil.dvc', `outs: ${'['.repeat(5000)}`),
  (project) =>
    project.put('.dvc/config', '[core]\n    remote = r\n[\'remote "r"\']\n    url = ext::sh -c touch% ran\n'),
  (project) => project.put('.dvc/config', '[cache]\n    dir = ../../outside\n    type = symlink\n'),
  (project) => project.put('.dvcignore', `${'*'.repeat(2000)}x\n${'a'.repeat(100_000)}\n`),
  (project) => {
    fs.symlinkSync('..', project.at('up'));
    project.put('evil.dvc', pointer('up/x'));
  },
  (project) => {
    fs.symlinkSync('good.dvc', project.at('link.dvc'));
    fs.symlinkSync('/', project.at('root'));
  },
  (project) =>
    project.put(
      '.git/config',
      '[core]\n    fsmonitor = touch ran\n    pager = touch ran\n[alias]\n    status = !touch ran\n',
    ),
  (project) => project.put('params.yaml', BOMB),
  (project) => project.put('sub/.dvc/config', '[core]\n    analytics = touch ran\n'),
];

describe('reading commands on hostile repositories', function () {
  this.timeout(120_000);
  const READS = [
    ['status', {}],
    ['data.status', { granular: true, untrackedFiles: 'all' }],
    ['dataTree', {}],
    ['diff', {}],
    ['stages', {}],
    ['history', { target: 'good' }],
    ['check-ignore', { targets: ['good'] }],
    ['remote.list', {}],
  ] as const;

  let model: EngineProject;
  before(async () => {
    model = await EngineProject.make();
    model.put('good', 'good\n');
    await model.call('add', ['good']);
    execFileSync('git', ['add', '-A'], { cwd: model.root });
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'one'], { cwd: model.root });
  });
  after(() => model.drop());

  const ours = (name: string): boolean => /^project\/\.dvc\/tmp\/strata(\/|$)/.test(name);
  for (const trusted of [true, false]) {
    it(`A3 ${trusted ? HOSTILE_REPOS.length : 'some'} of them, ${trusted ? 'trusted' : 'not trusted'}: nothing changes inside or outside, nothing runs`, async () => {
      assert.ok(HOSTILE_REPOS.length >= 50);
      let answers = 0;
      for (const lay of HOSTILE_REPOS.filter((_, n) => trusted || n % 3 === 0)) {
        const project = model.copy();
        try {
          project.putObject(EVIL);
          fs.mkdirSync(path.join(project.above, 'outside'));
          lay(project);
          const before = fingerprint(project.above, ours);
          answers += await readAll(project, trusted);
          const after = fingerprint(project.above, ours);
          // Git keeps facts of files in its own index, as its own status does.
          for (const one of [before, after]) for (const name of ['project/.git/index']) one.delete(name);
          assert.deepEqual(after, before, lay.toString());
        } finally {
          project.drop();
        }
      }
      assert.ok(answers > HOSTILE_REPOS.length / 2, 'many of them can be read for what is good in them');
    });
  }

  /** Calls every verb that reads; each answers, or refuses in a sentence of its own. Gives how many answered. */
  async function readAll(project: EngineProject, trusted: boolean): Promise<number> {
    let answers = 0;
    const guarded = async (act: () => Promise<unknown>): Promise<unknown> => {
      try {
        return await act();
      } catch (error) {
        assert.ok(is(error), error instanceof Error ? error.stack : String(error));
        return undefined;
      }
    };
    await guarded(async () => {
      const opened = await openProject({ dir: project.root, host: nodeHost(), trusted, media: '' });
      try {
        for (const [verb, args] of READS) {
          const answer = await guarded(() => opened.call(verb, { targets: [], ...args } as never, quietCall()));
          answers += answer === undefined ? 0 : 1;
        }
      } finally {
        await opened.close();
      }
    });
    return answers;
  }
});
