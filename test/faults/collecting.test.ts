/**
 * C3: collecting garbage against recording. No object that a pointer names is ever deleted; and where the lock is no help, since another project
 * uses the same cache, what records looks for its objects once more just before the pointer is renamed.
 */

import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { quietCall } from '../../src/base/cancel';
import { type ObjectStore } from '../../src/engine/cache/cache';
import { dataVerbs } from '../../src/engine/data/data';
import { type Repo } from '../../src/engine/data/repo';
import { StrataError } from '../../src/engine/errors';
import { executeRun } from '../../src/engine/pipeline/executeRun';
import { commit } from '../../src/engine/pipeline/pipeline';
import { localRunner } from '../../src/engine/runners/local';
import { EngineProject } from '../support/engineProject';
import { SOAK } from './crashpoints';
import { runEngines, type EngineCall } from './engines';

/** Acts of each of the three that record. */
const ROUNDS = SOAK ? 1700 : 34;
const CONTENTS = 3;
const STAGE = 'stages:\n  make:\n    cmd: cp in out\n    deps:\n    - in\n    outs:\n    - out\n';

type Act = (repo: Repo) => Promise<unknown>;

/** Something that records data. */
interface Recorder {
  readonly prepare: (project: EngineProject) => Promise<void> | void;
  readonly act: Act;
  /** The file that must not name what is gone. */
  readonly pointer: string;
  /** After which call of the store the other project's collector strikes. */
  readonly strikes: 'storing' | 'restoring';
}

const verb =
  (name: keyof typeof dataVerbs, targets: readonly string[], options: Readonly<Record<string, unknown>> = {}): Act =>
  (repo) =>
    (dataVerbs[name] as (repo: Repo, args: unknown, call: unknown) => Promise<unknown>)(
      repo,
      { targets, ...options },
      quietCall(),
    );

/** A run in this process: what its one stage fails with is thrown. */
async function run(repo: Repo): Promise<void> {
  const dir = `${repo.root}/.dvc/tmp/strata/runs/test`;
  fs.mkdirSync(dir, { recursive: true });
  const args = { targets: [], force: true };
  const plan = {
    schema: 1,
    token: 'test',
    root: repo.root,
    created: 0,
    args,
    cwd: '.',
    command: 'strata repro',
  } as const;
  const { stages } = await executeRun({
    repo,
    plan,
    dir,
    runner: localRunner({ SHELL: '/bin/sh' }),
    call: quietCall(),
  });
  const error = stages[0]?.error;
  if (error) throw new StrataError(error.code, error.data as Record<string, string>);
}

async function tracked(project: EngineProject): Promise<void> {
  project.put('f', 'first\n');
  project.put('images/a', 'a\n');
  await project.call('add', ['f', 'images']);
  project.put('f', 'second\n');
  project.put('images/b', 'b\n');
}

function source(project: EngineProject, content = 'a\n'): void {
  fs.mkdirSync(path.join(project.above, 'source'), { recursive: true });
  fs.writeFileSync(path.join(project.above, 'source', 'a'), content);
}

function otherRepository(project: EngineProject): void {
  source(project);
  const git = (...args: string[]): Buffer => execFileSync('git', args, { cwd: path.join(project.above, 'source') });
  git('init', '-q', '-b', 'main');
  git('add', 'a');
  git('-c', 'user.name=A', '-c', 'user.email=a@b.c', 'commit', '-q', '-m', 'one');
}

const RECORDERS: Readonly<Record<string, Recorder>> = {
  'add of a new file': {
    prepare: (project) => project.put('f', 'f\n'),
    act: verb('add', ['f']),
    pointer: 'f.dvc',
    strikes: 'storing',
  },
  'add of a changed file': { prepare: tracked, act: verb('add', ['f']), pointer: 'f.dvc', strikes: 'storing' },
  'add of a changed folder': {
    prepare: tracked,
    act: verb('add', ['images']),
    pointer: 'images.dvc',
    strikes: 'storing',
  },
  'add inside a folder': {
    prepare: tracked,
    act: verb('add', ['images/b']),
    pointer: 'images.dvc',
    strikes: 'storing',
  },
  'commit of a file': {
    prepare: tracked,
    act: verb('commit', ['f.dvc'], { force: true }),
    pointer: 'f.dvc',
    strikes: 'storing',
  },
  'commit of a folder': {
    prepare: tracked,
    act: verb('commit', ['images.dvc'], { force: true }),
    pointer: 'images.dvc',
    strikes: 'storing',
  },
  'commit of a stage': {
    prepare: (project) => {
      for (const [name, text] of Object.entries({ 'dvc.yaml': STAGE, in: 'x\n', out: 'x\n' })) project.put(name, text);
    },
    act: (repo) => commit(repo, { targets: ['make'], force: true }, quietCall()),
    pointer: 'dvc.lock',
    strikes: 'storing',
  },
  'a stage that ran': {
    prepare: (project) => {
      for (const [name, text] of Object.entries({ 'dvc.yaml': STAGE, in: 'x\n' })) project.put(name, text);
    },
    act: run,
    pointer: 'dvc.lock',
    strikes: 'storing',
  },
  'import-url of a file': {
    prepare: (project) => source(project),
    act: verb('import-url', ['../source/a']),
    pointer: 'a.dvc',
    strikes: 'restoring',
  },
  'import-url of a folder': {
    prepare: (project) => source(project),
    act: verb('import-url', ['../source']),
    pointer: 'source.dvc',
    strikes: 'restoring',
  },
  'import from another repository': {
    prepare: otherRepository,
    act: verb('import', ['../source', 'a']),
    pointer: 'a.dvc',
    strikes: 'restoring',
  },
  'update of an import': {
    prepare: async (project) => {
      source(project);
      await project.call('import-url', ['../source/a']);
      source(project, 'changed\n');
    },
    act: verb('update', ['a.dvc']),
    pointer: 'a.dvc',
    strikes: 'restoring',
  },
};

/** The store of a project whose cache another one collects: whatever is new in it is gone a moment later. */
function struck(store: ObjectStore, strikes: Recorder['strikes']): ObjectStore {
  const base = `${store.dir}/files/md5`;
  const objects = (): string[] =>
    fs.existsSync(base) ? fs.readdirSync(base, { recursive: true }).map((name) => path.join(base, String(name))) : [];
  const needed = new Set(objects());
  const then =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const answer = await act(...args);
      for (const one of objects()) if (!needed.has(one)) fs.rmSync(one, { recursive: true, force: true });
      return answer;
    };
  if (strikes === 'restoring') return { ...store, restoreFiles: then((...args) => store.restoreFiles(...args)) };
  return {
    ...store,
    addFiles: then((...args) => store.addFiles(...args)),
    addChanged: then((...args) => store.addChanged(...args)),
    addBytes: then((...args) => store.addBytes(...args)),
  };
}

describe('collecting', function () {
  this.timeout(SOAK ? 3_600_000 : 90_000);
  let project: EngineProject;
  beforeEach(async () => (project = await EngineProject.make()));
  afterEach(() => project.drop());

  for (const [name, { prepare, act, pointer, strikes }] of Object.entries(RECORDERS)) {
    it(`C3 ${name}: objects that vanish after they were stored are not recorded, and the same again stores them`, async () => {
      await prepare(project);
      const before = project.read(pointer);
      const struckAct = project.use((repo) => act({ ...repo, store: struck(repo.store, strikes) }));
      await assert.rejects(struckAct, { code: 'data.objectsGone' });
      assert.equal(project.read(pointer), before);
      await project.use(act);
      assert.notEqual(project.read(pointer), before);
      assert.deepEqual((await project.call('verify', [pointer === 'dvc.lock' ? 'make' : pointer])).bad, []);
    });
  }

  /** Files of a few contents, so that what one adds is often what another has just made garbage; each is verified as soon as it is recorded. */
  function recording(names: readonly string[]): EngineCall[] {
    for (const [n, name] of names.entries()) project.put(name, `content ${n % CONTENTS}\n`);
    return names.flatMap((name): EngineCall[] => [
      ['add', [name]],
      ['verify', [name]],
      ['remove', [`${name}.dvc`]],
    ]);
  }

  const namesOf = (engine: number): string[] => Array.from({ length: ROUNDS }, (_, n) => `e${engine}f${n}`);

  it(`C3 gc beside two that add, ${ROUNDS} times each: nothing that is recorded is ever gone`, async () => {
    project.put('kept', 'content 0\n');
    await project.call('add', ['kept']);
    const { root: dir } = project;
    const gc: EngineCall = ['gc', [], { workspace: true, force: true }];
    const jobs = [
      { dir, calls: recording(namesOf(0)) },
      { dir, calls: recording(namesOf(1)) },
      { dir, calls: Array.from({ length: ROUNDS }, () => gc), pause: 60 },
    ];
    const told = await runEngines(jobs);
    assert.deepEqual(
      told.flatMap((one) => one.failed),
      [],
    );
    assert.deepEqual((await project.call('verify')).bad, []);
  });

  it(`C3 gc of another project with the same cache, which counts this one in, ${ROUNDS} times`, async () => {
    const other = await EngineProject.make();
    try {
      await other.call('config', ['cache.dir', project.at('.dvc/cache')]);
      const gc: EngineCall = ['gc', [], { workspace: true, force: true, projects: [project.root] }];
      const told = await runEngines([
        { dir: project.root, calls: recording(namesOf(0)) },
        { dir: other.root, calls: Array.from({ length: ROUNDS }, () => gc), pause: 30 },
      ]);
      assert.deepEqual(
        told.flatMap((one) => one.failed),
        [],
      );
    } finally {
      other.drop();
    }
  });
});
