/** Runs work on a list with a bounded number at once. */

/** Calls `act` for each item, at most `width` at a time; after the first failure no further item is begun, and it is thrown at the end. */
export async function inLanes<T>(items: readonly T[], width: number, act: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  let broken = false;
  const lane = async (): Promise<void> => {
    while (!broken && next < items.length) {
      const item = items[next] as T;
      next += 1;
      try {
        await act(item);
      } catch (error) {
        broken = true;
        throw error;
      }
    }
  };
  const lanes = Array.from({ length: Math.min(width, items.length) }, lane);
  const ends = await Promise.allSettled(lanes);
  const bad = ends.find((end) => end.status === 'rejected');
  if (bad) throw bad.reason;
}
