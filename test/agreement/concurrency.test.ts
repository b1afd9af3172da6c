/** C2, C3: the real DVC and several engines of ours on one project at the same time. Each act succeeds or says busy, and nothing is lost. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { root as projectRoot } from '../../scripts/lib/root.mjs';
import { runEngines, type EngineCall } from '../faults/engines';
import { until } from '../support/pipelineProject';
import { HOLD_LOCK } from './holders';
import { TwoTools } from './twoTools';

const SOAK = process.env['STRATA_SOAK'] !== undefined;
const EACH = SOAK ? 1000 : 50;
/** DVC takes a second to start: it adds several files at a time. */
const AT_ONCE = 17;
const COLLECTIONS = SOAK ? 300 : 3;
const MOST_TRIES = 20;
const CLI = join(projectRoot, 'dist', 'cli.js');

/** A Git that waits when it is asked what it ignores: at that moment `add` has stored the data, and has recorded nothing yet. */
const SLOW_GIT = `#!/bin/sh
here=$(dirname "$0")
case " $* " in *check-ignore*) touch "$here/../storing"; while [ ! -f "$here/../go" ]; do sleep 0.02; done;; esac
exec ${execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()} "$@"
`;
/** Runs a program with a folder before all others on its path. */
const WITH_SLOW_GIT = `
import os, sys
os.environ["PATH"] = sys.argv[1] + os.pathsep + os.environ["PATH"]
os.execv(sys.argv[2], sys.argv[2:])
`;

describe('agreement: at the same time', function () {
  this.timeout(SOAK ? 7_200_000 : 180_000);
  let two: TwoTools;
  beforeEach(async () => (two = await TwoTools.make('dvc')));
  afterEach(() => two.dispose());

  /** Runs the real DVC beside others; being told that the project is busy is fine, anything else is not. Gives how often it was. */
  async function dvc(...args: string[]): Promise<number> {
    for (let busy = 0; busy < MOST_TRIES; busy += 1) {
      const child = two.start('dvc', ...args);
      let words = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (bytes: Buffer) => (words += bytes.toString()));
      const [code] = (await once(child, 'close')) as [number | null];
      if (code === 0) return busy;
      assert.match(words, /Unable to acquire lock|is busy, it is being blocked by/, `dvc ${args.join(' ')}: ${words}`);
    }
    throw new Error(`dvc ${args.join(' ')} was busy ${MOST_TRIES} times`);
  }

  const names = (who: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${who}${n}`);

  /** Both tools find everything in order, and every one of these is tracked and ignored by Git. */
  function checkTracked(all: readonly string[]): void {
    assert.deepEqual(two.agree('status'), {});
    const { not_in_cache: missing } = two.json('dvc', 'data', 'status') as { not_in_cache?: string[] };
    assert.equal(missing, undefined);
    for (const name of all) assert.ok(two.exists(`${name}.dvc`), name);
    const ignored = two.read('.gitignore').split('\n');
    assert.deepEqual(ignored.sort(), ['', ...all.map((name) => `/${name}`)].sort());
  }

  it(`C2 two engines and DVC add ${3 * EACH} different files: none is lost`, async () => {
    const [ours, more, theirs] = [names('a', EACH), names('b', EACH), names('c', EACH)];
    const all = [...ours, ...more, ...theirs];
    two.write(Object.fromEntries(all.map((name) => [name, `${name}\n`])));
    const adding = (some: readonly string[]): EngineCall[] => some.map((name) => ['add', [name]]);
    const jobs = [ours, more].map((some) => ({ dir: two.root, calls: adding(some), pause: 150 }));
    const beside = runEngines(jobs);
    for (let at = 0; at < EACH; at += AT_ONCE) await dvc('add', ...theirs.slice(at, at + AT_ONCE));
    const told = await beside;
    assert.deepEqual(
      told.map(({ done, failed }) => ({ done, failed })),
      jobs.map(() => ({ done: EACH, failed: [] })),
    );
    checkTracked(all);
  });

  it('C3 between storing and recording nobody collects: DVC waits for us, and we for DVC', async () => {
    two.write({ kept: 'kept\n', data: 'data\n', '../bin/git': SLOW_GIT });
    chmodSync(two.at('../bin/git'), 0o755);
    two.run('strata', 'add', 'kept');
    const slow = two.start('python', '-c', WITH_SLOW_GIT, two.at('../bin'), process.execPath, CLI, 'add', 'data');
    const ended = once(slow, 'exit');
    await until(() => two.exists('../storing'), 'the data is stored');
    const { code, stderr } = two.try('dvc', 'gc', '-w', '-f');
    two.write({ '../go': '' });
    assert.deepEqual(await ended, [0, null]);
    assert.notEqual(code, 0);
    assert.match(stderr, /Unable to acquire lock/);
    checkTracked(['kept', 'data']);
    two.run('strata', 'remove', 'data.dvc');
    const holder = two.start('python', '-c', HOLD_LOCK);
    const released = once(holder, 'exit');
    await once(holder.stdout ?? holder, 'data');
    const refused = two.try('strata', 'gc', '-w', '-f');
    holder.stdin?.end();
    await released;
    assert.match(refused.stderr, new RegExp(`in use by .*${holder.pid}`));
    assert.ok(two.list('.dvc/cache').some((name) => two.read(`.dvc/cache/${name}`) === 'data\n'));
    two.run('strata', 'gc', '-w', '-f');
    assert.ok(!two.list('.dvc/cache').some((name) => two.read(`.dvc/cache/${name}`) === 'data\n'));
  });

  it(`C3 DVC collects ${COLLECTIONS} times while we add: nothing that is recorded is gone`, async () => {
    const ours = names('a', COLLECTIONS * 8);
    // All of one content, so that what one adds is what the one before has just made garbage.
    two.write(Object.fromEntries(ours.map((name) => [name, 'content\n'])));
    const calls = ours.flatMap((name): EngineCall[] => [
      ['add', [name]],
      ['verify', [name]],
      ['remove', [`${name}.dvc`]],
    ]);
    const adding = runEngines([{ dir: two.root, calls: [...calls, ['add', ours]], pause: 60 }]);
    for (let n = 0; n < COLLECTIONS; n += 1) await dvc('gc', '-w', '-f');
    const [told] = await adding;
    assert.deepEqual(told?.failed, []);
    checkTracked(ours);
  });

  it(`C3 we collect while DVC adds ${COLLECTIONS} times: nothing that is recorded is gone`, async () => {
    const theirs = names('c', COLLECTIONS);
    two.write(Object.fromEntries(theirs.map((name) => [name, 'content\n'])));
    // Of the same content as what DVC is about to add, and garbage again a moment later.
    two.write({ ours: 'content\n' });
    const calls = Array.from({ length: COLLECTIONS * 12 }).flatMap((): EngineCall[] => [
      ['add', ['ours']],
      ['remove', ['ours.dvc']],
      ['gc', [], { workspace: true, force: true }],
    ]);
    const collecting = runEngines([{ dir: two.root, calls, pause: 100 }]);
    for (const name of theirs) await dvc('add', name);
    const [told] = await collecting;
    assert.deepEqual(told?.failed, []);
    checkTracked(theirs);
  });
});
