/**
 * Long calculations written once and run two ways: to the end in one go (small inputs, the command line), or with pauses in which the
 * event loop turns and the cancel signal gets through.
 */

import { pacer, type Call } from '../../base/cancel';

/** A calculation that yields every few million operations. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Runs to the end without a pause. */
export function runNow<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Runs with pauses; rejects with `Cancelled` once the call's signal fires. */
export async function runPaced<T>(steps: Steps<T>, call: Pick<Call, 'signal'>): Promise<T> {
  const pace = pacer(call.signal);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await pace();
  }
}
