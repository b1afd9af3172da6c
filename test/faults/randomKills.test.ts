/**
 * R3: the command line ended at any moment of its life, without a warning, where no tool can say which call it was at: also where there is no
 * strace. Judged as the crash points are: objects and pointers are whole, each file is an old or the new one, the same command again finishes.
 */

import * as assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { seeded } from '../support/engineProject';
import { CLI, dropScene, SOAK, type Scene } from './crashpoints';
import { OPERATIONS } from './scenes';

const SEED = 20;
const KILLS = SOAK ? 200 : 40;
/** A run outlives the command that asked for it: killing that proves nothing. `crash.test.ts` kills the one that matters. */
const KILLABLE = Object.entries(OPERATIONS).filter(([name]) => name !== 'a stage that runs');
/** Each scene takes longer to make than a kill to try. */
const CHOSEN = SOAK ? KILLABLE : KILLABLE.filter(([name]) => /folder of twenty|^(checkout|push|gc)$|^move/.test(name));
/** So many cases of a scene go side by side. */
const LANES = 2;

function start(scene: Scene, cwd: string): { readonly ended: Promise<unknown>; readonly kill: () => void } {
  const child = spawn(process.execPath, [CLI, ...scene.args], { cwd, stdio: 'ignore' });
  return { ended: once(child, 'exit'), kill: () => void child.kill('SIGKILL') };
}

/** A copy of the scene's project. */
function copyOf(scene: Scene, n: number): string {
  const copy = path.join(scene.folder, `case${n}`);
  fs.cpSync(scene.template, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  return copy;
}

/** How long the command takes when nobody ends it, in milliseconds. */
async function lifetime(scene: Scene): Promise<number> {
  const cwd = copyOf(scene, 0);
  const started = Date.now();
  assert.deepEqual(await start(scene, cwd).ended, [0, null]);
  return Date.now() - started;
}

/** Ends the command after `ms` and judges what it left; the judge's own words when that is wrong. */
async function killAfter(scene: Scene, n: number, ms: number): Promise<{ killed: boolean; problem?: string }> {
  const cwd = copyOf(scene, n);
  const running = start(scene, cwd);
  const timer = setTimeout(running.kill, ms);
  const [code] = (await running.ended) as [number | null];
  clearTimeout(timer);
  const args = [path.join(scene.folder, 'check.js'), path.join(scene.folder, 'expected.json')];
  const env = { ...process.env, ...(code === 0 ? { CRASHPOINTS_EXIT: '0' } : {}) };
  const judged = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  judged.stderr.on('data', (bytes: Buffer) => (words += bytes.toString()));
  const [verdict] = (await once(judged, 'close')) as [number | null];
  fs.rmSync(cwd, { recursive: true, force: true });
  const killed = code === null;
  return verdict === 0 ? { killed } : { killed, problem: `killed after ${ms.toFixed(1)} ms (case ${n}): ${words}` };
}

describe(`R3 kills at random moments, seed ${SEED}`, function () {
  this.timeout(SOAK ? 3_600_000 : 90_000);
  const random = seeded(SEED);
  const each = Math.ceil(KILLS / CHOSEN.length);

  for (const [name, make] of CHOSEN) {
    it(`${name}, ${each} times: old or new, never half, and the same again finishes`, async () => {
      const scene = make();
      try {
        const whole = await lifetime(scene);
        // Half of them anywhere, half in the later half, when the program has started and is at work.
        const moments = Array.from({ length: each }, (_, n) => (n % 2 === 0 ? random() : 0.5 + random() / 2) * whole);
        const done: { killed: boolean; problem?: string }[] = [];
        const lane = async (): Promise<void> => {
          for (let ms = moments.pop(); ms !== undefined; ms = moments.pop())
            done.push(await killAfter(scene, moments.length + 1, ms));
        };
        await Promise.all(Array.from({ length: LANES }, lane));
        assert.deepEqual(
          done.flatMap((one) => one.problem ?? []),
          [],
        );
        assert.equal(done.length, each);
        assert.ok(done.filter((one) => one.killed).length > each / 4, 'some were ended before they were done');
      } finally {
        dropScene(scene);
      }
    });
  }
});
