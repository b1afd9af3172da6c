/** Entry of the worker thread: does the jobs that the pool posts, one at a time. Bundled as `hashWorker.js` beside its user. */

import { parentPort } from 'node:worker_threads';
import { Cancelled, isCancelled } from '../../base/cancel';
import { dropOutcomes, jobLength, runOne, type Outcome } from './jobs';
import { type LaneAnswer, type LaneOrder } from './hashPool';
import { lookAt } from './look';
import { packOutcomes } from './packOutcomes';

function say(answer: LaneAnswer): void {
  parentPort?.postMessage(answer);
}

async function work(order: LaneOrder): Promise<void> {
  if ('look' in order) {
    return say({ k: 'looked', found: await lookAt(order.look, () => undefined) });
  }
  const stop = new Int32Array(order.stop);
  let files = 0;
  let bytes = 0;
  let last = Date.now();
  const report = (force: boolean): void => {
    const now = Date.now();
    if (!force && now - last < 100) return;
    last = now;
    say({ k: 'progress', files, bytes });
    files = 0;
    bytes = 0;
  };
  const tick = (n: number): undefined => {
    if (Atomics.load(stop, 0) !== 0) throw new Cancelled();
    bytes += n;
    report(false);
  };
  const outcomes: Outcome[] = [];
  try {
    for (let n = 0; n < jobLength(order.job); n += 1) {
      const outcome = runOne(order.job, n, tick);
      const settled = outcome instanceof Promise ? await outcome : outcome;
      outcomes.push(settled);
      if (!('size' in settled)) files += 1;
    }
  } catch (error) {
    dropOutcomes(outcomes);
    throw error;
  }
  report(true);
  say({ k: 'done', outcomes: packOutcomes(outcomes) });
}

let before: Promise<void> = Promise.resolve();

/** One order after the other, as they came. */
parentPort?.on('message', (order: LaneOrder) => {
  before = before.then(() =>
    work(order).catch((error: unknown) => {
      if (isCancelled(error)) say({ k: 'cancelled' });
      else say({ k: 'crashed', reason: error instanceof Error ? error.message : String(error) });
    }),
  );
});
