/** Work on many files goes in rounds: what is held in memory of each does not grow with their number. */

import { type Call } from '../../base/cancel';

/** So many files are worked on together. */
export const ROUND = 8192;

/** The call of a round that begins at file `from` of `total`: its progress speaks of all files. */
export function roundCall(call: Call, from: number, total: number): Call {
  if (total <= ROUND) return call;
  return { ...call, progress: ({ phase, done, unit }) => call.progress({ phase, done: from + done, total, unit }) };
}
