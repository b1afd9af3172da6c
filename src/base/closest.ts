/** The known name that a mistyped one probably means. */

/** The longest name that is compared; longer ones are no typing mistakes. */
const LONGEST = 64;

/**
 * The candidate with the fewest changed, missing, added or swapped characters, when these are at most a third of the name (one for short names);
 * capitals do not count. `lerning_rate` → `learning_rate`. Undefined when none is near.
 */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > LONGEST) return undefined;
  const most = Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  let fewest = most + 1;
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) >= fewest) continue;
    const n = changes(name.toLowerCase(), candidate.toLowerCase());
    if (n < fewest) [best, fewest] = [candidate, n];
  }
  return best;
}

/** Edits between two texts, a swap of neighbours counting once. */
function changes(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let k = 1; k <= b.length; k += 1) {
      const same = a[i - 1] === b[k - 1] ? 0 : 1;
      let n = Math.min((above[k] ?? 0) + 1, (row[k - 1] ?? 0) + 1, (above[k - 1] ?? 0) + same);
      if (i > 1 && k > 1 && a[i - 1] === b[k - 2] && a[i - 2] === b[k - 1]) n = Math.min(n, (before[k - 2] ?? 0) + 1);
      row.push(n);
    }
    [before, above] = [above, row];
  }
  return above[b.length] ?? 0;
}
