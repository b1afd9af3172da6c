/** What `gc` keeps, what it deletes, and what it says when it cannot tell. */

import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { quietCall, type Question } from '../../../src/base/cancel';
import { dataVerbs } from '../../../src/engine/data/data';
import { gc } from '../../../src/engine/data/gc';
import { type GcAnswer, type GcArgs } from '../../../src/engine/verbs/upkeep';
import { is } from '../../../src/engine/errors';
import { dropFolder } from '../../support/temporary';
import { newProject, tell, withRepo, type Step } from './scenario';

const hash = {
  one: 'b026324c6904b2a9cb4b88d6d61c81d1',
  two: '26ab0db90d72e28ad0ba1e22ee510510',
  three: '6d7fce9fee471194aa8b5b6e47267f03',
} as const;
const at = (md5: string): string => `.dvc/cache/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`;

const add = (...targets: string[]): Step => ({ verb: 'add', targets });
const here = (...md5s: string[]): Step => ({ exists: md5s.map(at) });
const gone = (...md5s: string[]): Step => ({ files: Object.fromEntries(md5s.map((md5) => [at(md5), null])) });
const sweep = (options: Omit<GcArgs, 'targets'>, has: Readonly<Record<string, unknown>> = {}): Step => ({
  verb: 'gc',
  options: { force: true, ...options },
  // What appeared just now would be kept for that alone.
  after: 30,
  has,
});

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'deletes what the workspace does not need, and says how much': [
    { write: { f: '1\n' } },
    add('f'),
    { write: { f: '2\n' } },
    add('f'),
    { verb: 'gc', options: { workspace: true, dry: true }, gives: dry([hash.one], 2) },
    here(hash.one),
    sweep({ workspace: true }, { removed: 1, bytes: 2, dry: false }),
    gone(hash.one),
    here(hash.two),
    sweep({ workspace: true }, { removed: 0, bytes: 0 }),
  ],
  'wants a scope, and options that go together': [
    { verb: 'gc', options: { force: true }, fails: 'gc.noScope' },
    { verb: 'gc', options: { workspace: true, remote: 'r' }, fails: 'gc.needsCloud' },
    { verb: 'gc', options: { workspace: true, cloud: true, notInRemote: true }, fails: 'gc.exclusive' },
    { verb: 'gc', options: { workspace: true, num: 2 }, fails: 'gc.numAlone' },
    { verb: 'gc', options: { date: '2026-02-30', force: true }, fails: 'gc.badDate' },
    { verb: 'gc', options: { rev: 'nope', force: true }, fails: 'git.unknownRevision' },
    { verb: 'gc', options: { workspace: true, cloud: true, force: true }, fails: 'remotes.none' },
    { verb: 'gc', options: { workspace: true, projects: ['/'] }, fails: 'gc.noProject' },
  ],
  'deletes nothing while nobody agreed': [
    { write: { f: '1\n' } },
    add('f'),
    { write: { f: '2\n' } },
    add('f'),
    { verb: 'gc', options: { workspace: true }, fails: 'gc.notConfirmed' },
    here(hash.one, hash.two),
  ],
  'follows all parents of merges': [
    { write: { f: '1\n' } },
    add('f'),
    { commit: 'one' },
    { git: ['checkout', '-q', '-b', 'side'] },
    { write: { f: '2\n' } },
    add('f'),
    { commit: 'two' },
    { git: ['checkout', '-q', 'main'] },
    { write: { other: '' } },
    { commit: 'main goes on' },
    { git: ['merge', '-q', '-s', 'ours', '-m', 'merged', 'side'] },
    { git: ['branch', '-q', '-D', 'side'] },
    sweep({ allCommits: true }, { removed: 0 }),
    here(hash.one, hash.two),
    sweep({ allBranches: true }, { removed: 1 }),
  ],
  'keeps what experiments name when asked to': [
    { write: { f: '1\n' } },
    add('f'),
    { commit: 'one' },
    { git: ['checkout', '-q', '--detach'] },
    { write: { f: '2\n' } },
    add('f'),
    { commit: 'experiment' },
    { git: ['update-ref', `refs/exps/ab/${'c'.repeat(38)}/tried`, 'HEAD'] },
    { git: ['checkout', '-q', 'main'] },
    sweep({ allExperiments: true }, { removed: 0 }),
    sweep({ rev: 'tried' }, { removed: 0 }),
    here(hash.two),
    sweep({ allCommits: true }, { removed: 1 }),
    gone(hash.two),
  ],
  'keeps everything that a list which is gone may name, and says so': [
    { write: { 'd/a': '1\n', f: '2\n', big: 'larger than all that was in d\n' } },
    add('d', 'f', 'big'),
    { remove: ['f.dvc', 'big.dvc'] },
    { removeLists: true },
    {
      verb: 'gc',
      options: { workspace: true, force: true },
      check: (answer) => {
        const { removed, keptForUnreadable, unreadable = [] } = answer as GcAnswer;
        assert.deepEqual([removed, keptForUnreadable, unreadable[0]?.path, unreadable.length], [1, 2, 'd', 1]);
      },
    },
    here(hash.one, hash.two),
    sweep({ workspace: true, skipFailed: true }, { removed: 2 }),
    gone(hash.one, hash.two),
  ],
  'an empty folder needs no list': [
    { mkdir: ['d'] },
    { write: { f: '1\n' } },
    add('d', 'f'),
    { remove: ['f.dvc'] },
    { removeLists: true },
    sweep({ workspace: true }, { removed: 1, unreadable: undefined }),
    gone(hash.one),
  ],
  'refuses while a pointer of the workspace cannot be read': [
    { write: { f: '1\n' } },
    add('f'),
    { write: { 'g.dvc': 'outs: [' } },
    { verb: 'gc', options: { workspace: true, force: true }, fails: 'formats.yaml' },
    here(hash.one),
  ],
  'refuses a commit that cannot be read, unless told to leave it out': [
    { write: { f: '1\n' } },
    add('f'),
    { write: { 'g.dvc': 'outs: [' } },
    { commit: 'broken' },
    { remove: ['g.dvc'] },
    { write: { f: '2\n' } },
    add('f'),
    { verb: 'gc', options: { allBranches: true, force: true }, fails: 'gc.unreadableCommit' },
    here(hash.one),
    sweep({ allBranches: true, skipFailed: true }, { removed: 0 }),
    here(hash.one),
  ],
  'a dvc.yaml with templates keeps what its dvc.lock records': [
    { write: { o: '1\n', f: '2\n' } },
    add('o', 'f'),
    { remove: ['o.dvc', 'f.dvc'] },
    {
      write: {
        'dvc.yaml': 'vars: [{n: o}]\nstages:\n  s: {cmd: "echo > ${n}", outs: ["${n}"]}\n',
        'dvc.lock': `schema: '2.0'\nstages:\n  s:\n    cmd: echo > o\n    outs:\n    - path: o\n      hash: md5\n      md5: ${hash.one}\n      size: 2\n`,
      },
    },
    { commit: 'templates' },
    sweep({ workspace: true }, { removed: 1 }),
    here(hash.one),
    sweep({ allCommits: true }, { removed: 0 }),
    here(hash.one),
  ],
  'keeps 2.x objects that are named, and deletes the others': [
    {
      write: {
        'old.dvc': `outs:\n- md5: ${hash.one}\n  size: 2\n  path: old\n`,
        [`.dvc/cache/${hash.one.slice(0, 2)}/${hash.one.slice(2)}`]: '1\n',
        [`.dvc/cache/${hash.two.slice(0, 2)}/${hash.two.slice(2)}`]: '2\n',
        [at(hash.one)]: '1\n',
        '.dvc/cache/runs/ab/result': 'kept',
        '.dvc/cache/ab/notes.txt': 'kept',
      },
    },
    // What appeared just now would be kept for that alone.
    { git: ['status'] },
    sweep({ workspace: true }, { removed: 2 }),
    {
      files: {
        [`.dvc/cache/${hash.one.slice(0, 2)}/${hash.one.slice(2)}`]: '1\n',
        [`.dvc/cache/${hash.two.slice(0, 2)}/${hash.two.slice(2)}`]: null,
        [at(hash.one)]: null,
        '.dvc/cache/runs/ab/result': 'kept',
        '.dvc/cache/ab/notes.txt': 'kept',
      },
    },
  ],
  'keeps what a restore put aside': [
    { write: { f: '1\n' } },
    add('f'),
    { commit: 'one' },
    { write: { f: '2\n' } },
    { verb: 'restore', targets: ['f'], options: { from: 'HEAD' } },
    sweep({ workspace: true }, { removed: 0 }),
    { verb: 'restore', options: { undo: true } },
    { files: { f: '2\n' } },
  ],
  'deletes on the remote too, lists first, and keeps what is used there': [
    { verb: 'remote.add', targets: ['store', '../store'], options: { default: true } },
    { write: { 'd/a': '1\n', f: '3\n' } },
    add('d', 'f'),
    { verb: 'push' },
    { write: { 'd/a': '2\n' } },
    add('d'),
    { verb: 'push' },
    sweep({ workspace: true, cloud: true }, { removed: 2, remote: { removed: 2, bytes: 63 } }),
    { files: { [`../store/files/md5/${hash.one.slice(0, 2)}/${hash.one.slice(2)}`]: null } },
    { remove: ['.dvc/cache'] },
    // The lists are only on the remote now.
    sweep({ workspace: true, cloud: true }, { removed: 0, remote: { removed: 0, bytes: 0 } }),
    { verb: 'fetch', has: { fetched: 3, failed: [] } },
    sweep({ workspace: true, notInRemote: true }, { removed: 3 }),
    { verb: 'fetch', has: { fetched: 3, failed: [] } },
  ],
};

function dry(objects: readonly string[], bytes: number): GcAnswer {
  return { removed: objects.length, bytes, dry: true, objects: [...objects] };
}

describe('gc', () => {
  for (const [name, steps] of Object.entries(STORIES)) it(name, () => tell(steps));
});

const ROUNDS = process.env['STRATA_SOAK'] === undefined ? 30 : 1000;

describe('gc, beside others', () => {
  let root = '';
  beforeEach(async () => {
    root = await newProject();
    put('f', '1\n');
    await verb('add', { targets: ['f'] });
    put('f', '2\n');
    await verb('add', { targets: ['f'] });
  });
  afterEach(() => dropFolder(path.dirname(root)));

  const put = (name: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  };
  const verb = (name: 'add' | 'gc', args: GcArgs): Promise<unknown> =>
    withRepo(root, (repo) => dataVerbs[name](repo, args, quietCall()) as Promise<unknown>);
  const has = (name: string): boolean => fs.existsSync(path.join(root, name));
  const all = { targets: [], workspace: true };

  it('asks with number and size, deletes on yes only, and only what was shown', async () => {
    const asked: Question[] = [];
    const answering = (answer: string, meanwhile?: () => void): Promise<GcAnswer> =>
      withRepo(root, (repo) =>
        gc(repo, all, {
          ...quietCall(),
          ask: (question) => {
            asked.push(question);
            meanwhile?.();
            return Promise.resolve(answer);
          },
        }),
      );
    await assert.rejects(answering('cancel'), { name: 'Cancelled' });
    assert.deepEqual([asked[0]?.code, asked[0]?.data['n'], asked[0]?.data['size']], ['gc', 1, 2]);
    assert.equal(has(at(hash.one)), true);
    // While the question stands, somebody needs the object again, and another one becomes unused.
    const pointer = fs.readFileSync(path.join(root, 'f.dvc'), 'utf8');
    const done = await answering('yes', () => {
      put(at(hash.three), '3\n');
      put('g.dvc', pointer.replace(hash.two, hash.one).replace('path: f', 'path: g'));
    });
    assert.deepEqual([done.removed, has(at(hash.one)), has(at(hash.three))], [0, true, true]);
  });

  it('R5 sweeps temporaries that are older than a day, never younger ones, nor what is no temporary', async () => {
    const day = Date.now() / 1000 - 24 * 3600;
    const old: string[] = [];
    for (let n = 0; n < 1000; n += 1) {
      const folder = n % 2 === 0 ? '.dvc/cache/files/md5/26' : '.dvc/cache/files/md5';
      const name = `${folder}/.${n.toString(16).padStart(16, '0')}.tmp`;
      put(name, 'x');
      old.push(name);
    }
    const young = ['.dvc/cache/files/md5/26/.ffffffffffffffff.tmp', '.dvc/cache/files/md5/.notes'];
    for (const name of young) put(name, 'x');
    for (const name of old) fs.utimesSync(path.join(root, name), day - 60, day - 60);
    fs.utimesSync(path.join(root, young[0] ?? ''), day + 60, day + 60);
    fs.utimesSync(path.join(root, young[1] ?? ''), day - 60, day - 60);
    const answer = (await verb('gc', { ...all, force: true })) as GcAnswer;
    assert.equal(answer.temporaries, 1000);
    assert.deepEqual([old.filter(has), young.filter(has)], [[], young]);
  });

  it('an object that appears while it looks stays', async () => {
    const answer = await withRepo(root, (repo) => {
      const late = { ...repo, host: { ...repo.host, now: () => Date.now() - 3600_000 } };
      return gc(late, { ...all, force: true }, quietCall());
    });
    assert.deepEqual([answer.removed, has(at(hash.one))], [0, true]);
  });

  it('keeps what other projects need that use the same cache', async () => {
    const other = await newProject();
    try {
      fs.writeFileSync(path.join(other, 'g'), '1\n');
      fs.writeFileSync(path.join(other, '.dvc/config'), `[cache]\n    dir = ${path.join(root, '.dvc/cache')}\n`);
      await withRepo(other, (repo) => dataVerbs.add(repo, { targets: ['g'] }, quietCall()));
      const kept = (await verb('gc', { ...all, force: true, projects: [other] })) as GcAnswer;
      assert.deepEqual([kept.removed, has(at(hash.one))], [0, true]);
      const done = (await verb('gc', { ...all, force: true })) as GcAnswer;
      assert.deepEqual([done.removed, has(at(hash.one))], [1, false]);
    } finally {
      dropFolder(path.dirname(other));
    }
  });

  it('C3 against adding at the same time: no pointer names an object that is gone, again and again', async () => {
    let done = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = `data/${round % 7}`;
      put(name, `${round % 3}\n`);
      const collecting = verb('gc', { ...all, force: true });
      const adding = verb('add', { targets: [name] });
      await Promise.all([collecting, adding].map((one) => one.catch(refused)));
      done += 1;
      for (const file of fs.readdirSync(path.join(root, 'data'))) {
        if (!file.endsWith('.dvc')) continue;
        const md5 = /md5: (\w+)/.exec(fs.readFileSync(path.join(root, 'data', file), 'utf8'))?.[1] ?? '';
        assert.ok(has(at(md5)), `round ${round}: ${file} names ${md5}`);
      }
    }
    assert.equal(done, ROUNDS);
  }).timeout(120_000);

  it('is cancelled at once', async () => {
    const stop = AbortSignal.abort();
    const cancelled = withRepo(root, (repo) => gc(repo, { ...all, force: true }, quietCall(stop)));
    await assert.rejects(cancelled, { name: 'Cancelled' });
    assert.equal(has(at(hash.one)), true);
  });
});

/** Being told to come again is fine; anything else is not. */
function refused(error: unknown): void {
  if (!is(error, 'lock.busy') && !is(error, 'data.objectsGone')) throw error;
}
