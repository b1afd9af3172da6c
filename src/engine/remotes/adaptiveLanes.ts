/** Small questions side by side, as many at once as does good: more while that makes them quicker, fewer when it does not. */

import { inLanes } from './lanes';

const FIRST = 4;
/** The rate is measured over so many answers a lane. */
const SAMPLE = 4;
/** More lanes must bring this much. */
const GAIN = 1.1;

/** Calls `act` for each item, at most `widest` at a time; fails as {@link inLanes} does. */
export async function adaptively<T>(
  items: readonly T[],
  widest: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  let width = FIRST;
  let best = 0;
  let settled = false;
  for (let at = 0; at < items.length;) {
    const size = settled ? items.length - at : Math.min(width * SAMPLE, items.length - at);
    const started = performance.now();
    await inLanes(items.slice(at, at + size), width, act);
    at += size;
    const rate = size / (performance.now() - started);
    if (rate > best * GAIN) best = rate;
    else if (best > 0) {
      settled = true;
      width = Math.max(FIRST, Math.floor(width / 2));
      continue;
    }
    if (width >= widest) settled = true;
    else width = Math.min(widest, width * 2);
  }
}
