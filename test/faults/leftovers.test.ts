/**
 * R5: what commands that were killed left lying. Every verb does with it what it does without it, nothing but `gc` removes any of it, and `gc`
 * only what is older than a day.
 */

import * as assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { quietCall } from '../../src/base/cancel';
import { gc } from '../../src/engine/data/gc';
import { type Repository } from '../../src/engine/library';
import { type VerbId } from '../../src/engine/verbs/verbs';
import { EngineProject, md5Of } from '../support/engineProject';
import { SOAK } from './crashpoints';

/** As it is built: a run needs its supervisor beside it. */
const { openRepository } = createRequire(__filename)(
  '../../dist/library.js',
) as typeof import('../../src/engine/library');

const OLD = SOAK ? 20_000 : 1000;
const YOUNG = 20;
const DAY_S = 24 * 3600;

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');

/** Where a killed command may leave something, by number. */
const PLACES: readonly ((n: number) => string)[] = [
  // Atomic writes, each beside what it was to replace.
  (n) => `.${hex(n, 16)}.tmp`,
  (n) => `raw/.${hex(n, 16)}.tmp`,
  (n) => `.dvc/.${hex(n, 16)}.tmp`,
  (n) => `.dvc/tmp/.${hex(n, 16)}.tmp`,
  (n) => `.dvc/tmp/strata/undo/.${hex(n, 16)}.tmp`,
  (n) => `.dvc/cache/runs/${hex(n % 256, 2)}/${hex(n % 256, 2)}${hex(n, 62)}/.${hex(n, 16)}.tmp`,
  // Indexes, files of runs, objects on their way in and out.
  (n) => `.dvc/tmp/strata/index/.${hex(n, 12)}.tmp`,
  (n) => `.dvc/tmp/strata/runs/20260101-${hex(n, 6)}/job.json.${n}.tmp`,
  (n) => `.dvc/tmp/strata/staging/${hex(n, 12)}/0/${n}.tmp`,
  (n) => `.dvc/cache/files/md5/.${hex(n, 12)}-0-0-${n % 10}.tmp`,
  (n) => `.dvc/cache/files/md5/${hex(n % 256, 2)}/.${hex(n, 16)}.tmp`,
];
const placeOf = (n: number): string => PLACES[n % PLACES.length]?.(n) ?? '';

/** Names that look alike and are the user's. */
const THEIRS = [
  'notes.tmp',
  '.notes.tmp',
  '.0123456789ABCDEF.tmp',
  'raw/.dvc.tmp',
  `.${hex(1, 15)}.tmp`,
  'images/a.tmp',
];

const PIPELINE = 'stages:\n  make:\n    cmd: cp raw/in out\n    deps:\n    - raw/in\n    outs:\n    - out\n';

/** Verbs that act on the project in turn; each is done with and without leftovers. */
const VERBS: readonly (readonly [VerbId, readonly string[], Readonly<Record<string, unknown>>?])[] = [
  ['status', []],
  ['data.status', []],
  ['diff', []],
  ['verify', []],
  ['add', ['images', 'raw/in']],
  ['repro', []],
  ['commit', [], { force: true }],
  ['checkout', [], { force: true }],
  ['push', []],
  ['push', [], { runCache: true }],
  ['fetch', [], { allCommits: true }],
  ['pull', []],
  ['restore', ['images'], { from: 'HEAD' }],
  ['restore', [], { undo: true }],
  ['freeze', ['make']],
  ['unfreeze', ['make']],
  ['move', ['raw/in', 'raw/moved']],
  ['unprotect', ['images']],
  ['import-url', ['raw/moved', 'imported']],
  ['update', ['imported.dvc']],
  ['remote.add', ['second', '/srv/second']],
  ['remove', ['imported.dvc']],
  ['stages', []],
  ['dag', []],
  ['history', ['images']],
  ['status', [], { cloud: true }],
];

describe('R5 leftovers', function () {
  this.timeout(SOAK ? 3_600_000 : 90_000);
  const made: EngineProject[] = [];
  const opened: Repository[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    for (const one of made.splice(0)) one.drop();
  });

  async function open(project: EngineProject): Promise<Repository> {
    const repository = await openRepository({ dir: project.root });
    opened.push(repository);
    return repository;
  }

  /** A project with data, a stage, a remote and a commit. */
  async function newProject(): Promise<EngineProject> {
    const project = await EngineProject.make();
    made.push(project);
    const files = { 'raw/in': 'in\n', 'images/a': 'a\n', 'images/b/c': 'c\n', 'dvc.yaml': PIPELINE };
    for (const [name, text] of Object.entries(files)) project.put(name, text);
    const repository = await open(project);
    await repository.remoteAdd({ targets: ['store', '.dvc/store'], default: true });
    await repository.add({ targets: ['raw/in', 'images'] });
    await repository.call('repro', { targets: [] }, quietCall());
    const git = (...args: string[]): Buffer => execFileSync('git', args, { cwd: project.root });
    git('add', '-A');
    git('-c', 'user.name=A', '-c', 'user.email=a@b.c', 'commit', '-q', '-m', 'one');
    await repository.close();
    return project;
  }

  /** Puts files there that were last written so many seconds ago. */
  function leave(project: EngineProject, names: readonly string[], age: number): void {
    const time = Date.now() / 1000 - age;
    for (const name of names) {
      project.put(name, `left as ${name}`);
      fs.utimesSync(project.at(name), time, time);
    }
  }

  /** Locks of processes that are gone, or were those of another machine. */
  function leaveLocks(project: EngineProject): void {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const owner = { pid, cmd: 'dvc repro' };
    project.put('.dvc/tmp/lock', ` ${pid}\n`);
    project.put('.dvc/tmp/rwlock.lock', ` ${pid}\n`);
    const table = { write: { [project.at('out')]: owner }, read: { [project.at('raw/in')]: [owner] } };
    project.put('.dvc/tmp/rwlock', JSON.stringify(table));
    for (let n = 0; n < YOUNG; n += 1) project.put(`.dvc/tmp/${md5Of(String(n))}.lock`, 'a claim');
  }

  const gone = (project: EngineProject, names: readonly string[]): string[] =>
    names.filter((name) => project.read(name) === undefined);

  const numbers = (from: number, count: number): string[] => Array.from({ length: count }, (_, n) => placeOf(from + n));

  it(`${OLD} old ones and old locks: every verb does what it does without them, and leaves them alone`, async () => {
    const clean = await newProject();
    const littered = clean.copy();
    made.push(littered);
    const names = [
      ...numbers(0, OLD),
      ...Array.from({ length: 9 }, (_, n) => `.dvc/store/files/md5/0${n}/.${hex(n, 16)}.tmp`),
    ];
    leave(littered, names, DAY_S + 60);
    leaveLocks(littered);
    // What differs between any two calls: names of undos and runs, times.
    const plain = (answer: unknown, { root }: EngineProject): string =>
      JSON.stringify(answer, undefined, 1)
        .replaceAll(root, 'ROOT')
        .replace(/\d{17}-[0-9a-f]{4}|"run": "[^"]*"|"seconds": [\d.]+/g, 'TOKEN');
    const [without, beside] = [await open(clean), await open(littered)];
    for (const project of [clean, littered]) {
      project.put('images/a', 'changed\n');
      project.put('raw/in', 'changed\n');
    }
    for (const [verb, targets, options] of VERBS) {
      const args = { targets: [...targets], ...options } as never;
      const expected = plain(await without.call(verb, args, quietCall()), clean);
      assert.deepEqual(
        plain(await beside.call(verb, args, quietCall()), littered),
        expected,
        `${verb} ${targets.join(' ')}`,
      );
      assert.deepEqual(gone(littered, names), [], verb);
    }
  });

  it(`gc sweeps ${OLD} that are older than a day, never younger ones, nor what is the user's`, async () => {
    const project = await newProject();
    const [old, young] = [numbers(0, OLD), numbers(OLD, YOUNG)];
    leave(project, old, DAY_S + 60);
    leave(project, young, DAY_S - 60);
    leave(project, THEIRS, 2 * DAY_S);
    const repository = await open(project);
    const scope = { workspace: true, force: true };
    assert.equal((await repository.gc({ ...scope, dry: true })).temporaries, OLD);
    assert.deepEqual(gone(project, [...old, ...young, ...THEIRS]), []);
    const { removed, temporaries } = await repository.gc(scope);
    assert.deepEqual({ removed, temporaries }, { removed: 0, temporaries: OLD });
    assert.equal(gone(project, old).length, OLD);
    assert.deepEqual(gone(project, [...young, ...THEIRS]), []);
    assert.equal((await repository.gc(scope)).temporaries, undefined);
    const staging = fs.readdirSync(project.at('.dvc/tmp/strata/staging'));
    assert.equal(staging.length, young.filter((name) => name.includes('staging')).length, 'emptied folders are gone');
  });

  it('gc sweeps claims of locks by links that nobody holds, by when they were made', async () => {
    const project = await newProject();
    const [lost = '', held = ''] = ['a', 'b'].map((one) => `.dvc/tmp/${md5Of(one)}.lock`);
    for (const name of [lost, held]) project.put(name, project.at(name));
    // As the holder does: the claim's time lies a year ahead, and the lock is another name of it.
    const ahead = Date.now() / 1000 + 365 * DAY_S;
    fs.utimesSync(project.at(lost), ahead, ahead);
    fs.linkSync(project.at(held), project.at('.dvc/tmp/other.lock'));
    const sweep = (later: number): Promise<unknown> =>
      project.use((repo) => {
        const host = { ...repo.host, now: () => Date.now() + later * 1000 };
        return gc({ ...repo, host }, { targets: [], workspace: true, force: true }, quietCall());
      });
    await sweep(DAY_S - 60);
    assert.deepEqual(gone(project, [lost, held]), []);
    await sweep(DAY_S + 60);
    assert.deepEqual(gone(project, [lost, held]), [lost]);
  });
});
