/** Series as charts get them, finished and decimated by the engine, and small pure questions about them. */

/** One curve. `x` ascends; a `y` that is not finite breaks the line. */
export interface ChartSeries {
  readonly id: string;
  readonly label: string;
  /** Index into the theme's series colours. */
  readonly colour: number;
  /** Index of the dash pattern: a sign besides the colour. */
  readonly dash: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Smoothed values at the same `x`; the raw line is then drawn faint behind. */
  readonly smooth?: Float64Array;
  /** Where a value was not finite. */
  readonly nonfinite: Float64Array;
  /** Finished text of the last value. */
  readonly lastText: string;
}

/** Dash patterns in CSS pixels; the first is a whole line. */
export const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [10, 3, 2, 3]];

/** Index of the point nearest to `at`; −1 in an empty series. */
export function nearest(x: Float64Array, at: number): number {
  let low = 0;
  let high = x.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  if (low > 0 && at - (x[low - 1] ?? 0) < (x[low] ?? 0) - at) return low - 1;
  return x.length === 0 ? -1 : low;
}

/** Least and greatest x of all series; undefined when there is no point. */
export function extent(series: readonly ChartSeries[]): readonly [number, number] | undefined {
  let low = Infinity;
  let high = -Infinity;
  for (const one of series) {
    low = Math.min(low, one.x[0] ?? Infinity);
    high = Math.max(high, one.x.at(-1) ?? -Infinity);
  }
  return low <= high ? [low, high] : undefined;
}

/** All x of all series in ascending order, each once. */
export function allX(series: readonly ChartSeries[]): Float64Array {
  const seen = new Set<number>();
  for (const one of series) for (const x of one.x) seen.add(x);
  return Float64Array.from(seen).sort();
}

/**
 * Radius of the points in CSS pixels: only points that no line reaches are drawn, or a single value would be invisible.
 * One number where no point stands alone: the drawing library is much faster when all points are alike.
 */
export function pointRadii(y: Float64Array): number | number[] {
  const finite = (i: number): boolean => Number.isFinite(y[i] ?? NaN);
  const alone = (i: number): boolean => finite(i) && !finite(i - 1) && !finite(i + 1);
  if (!y.some((_, i) => alone(i))) return 0;
  return Array.from(y, (_, i) => (alone(i) ? 2.5 : 0));
}
