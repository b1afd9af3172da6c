/**
 * Curves for the screen (metrics.md §17): of the visible range, the first, lowest, highest and last point of each pixel column, so that no
 * peak is lost and zooming in reaches every single point. The smoothed line is made of all points before that. Pure.
 */

/** A curve whose x never falls. */
interface Curve {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** Points that are drawn, and where values were not finite. */
interface Drawn {
  /** Positions in the curve. */
  readonly picked: readonly number[];
  /** Positions of points whose value is not finite, at most one a pixel column. */
  readonly nonfinite: readonly number[];
}

/**
 * Chooses the points to draw. `range` is the visible part of x (all when absent), `width` its pixel columns. One finite point beyond either end
 * is kept, so that the line leaves the picture instead of stopping in it.
 */
export function decimate({ x, y }: Curve, width: number, range?: readonly [number, number]): Drawn {
  const from = range ? lowerBound(x, range[0]) : 0;
  const to = range ? upperBound(x, range[1]) : x.length;
  const lo = range?.[0] ?? x[0] ?? 0;
  const hi = range?.[1] ?? x[x.length - 1] ?? 0;
  const scale = hi > lo ? width / (hi - lo) : 0;
  const columns = new Columns(y);
  const before = neighbour(y, from - 1, -1);
  if (before >= 0) columns.keep(before);
  for (let i = from; i < to; i += 1) columns.add(i, Math.min(width - 1, Math.floor(((x[i] as number) - lo) * scale)));
  columns.flush();
  const after = neighbour(y, to, 1);
  if (after >= 0) columns.keep(after);
  return columns;
}

/** Gathers the points of one pixel column after another. */
class Columns implements Drawn {
  readonly picked: number[] = [];
  readonly nonfinite: number[] = [];
  private column = -1;
  private marked = -1;
  private first = -1;
  private low = -1;
  private high = -1;
  private last = -1;

  constructor(private readonly y: ArrayLike<number>) {}

  keep(i: number): void {
    this.picked.push(i);
  }

  add(i: number, column: number): void {
    const value = this.y[i] as number;
    if (!Number.isFinite(value)) {
      if (this.marked !== column) this.nonfinite.push(i);
      this.marked = column;
      return;
    }
    if (column !== this.column) this.begin(i, column);
    if (value < (this.y[this.low] as number)) this.low = i;
    if (value > (this.y[this.high] as number)) this.high = i;
    this.last = i;
  }

  private begin(i: number, column: number): void {
    this.flush();
    this.column = column;
    this.first = this.low = this.high = i;
  }

  flush(): void {
    if (this.first < 0) return;
    const inner = this.low < this.high ? [this.low, this.high] : [this.high, this.low];
    for (const i of [this.first, ...inner, this.last])
      if (this.picked[this.picked.length - 1] !== i) this.picked.push(i);
    this.first = -1;
  }
}

/** The nearest finite point from `i` on in a direction; -1 when there is none. */
function neighbour(y: ArrayLike<number>, i: number, step: 1 | -1): number {
  for (let at = i; at >= 0 && at < y.length; at += step) if (Number.isFinite(y[at])) return at;
  return -1;
}

/** The first position whose x is not below `value`. */
function lowerBound(x: ArrayLike<number>, value: number): number {
  return bound(x, (at) => at < value);
}

/** The first position whose x is above `value`. */
function upperBound(x: ArrayLike<number>, value: number): number {
  return bound(x, (at) => at <= value);
}

function bound(x: ArrayLike<number>, isBefore: (at: number) => boolean): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(x[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Exponential mean without the bias of its start: s = f·s + (1-f)·y, shown s/(1-fⁿ), over all finite points; others keep the value before.
 * `factor` is 0 to 0.99; 0 gives y itself.
 */
export function smoothed(y: ArrayLike<number>, factor: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(y.length);
  let sum = 0;
  let bias = 1;
  for (let i = 0; i < y.length; i += 1) {
    const value = y[i] as number;
    if (Number.isFinite(value)) {
      sum = factor * sum + (1 - factor) * value;
      // Numbers near zero are slow, and this small it makes no difference.
      bias = bias < 1e-30 ? 0 : bias * factor;
    }
    out[i] = bias === 1 ? NaN : sum / (1 - bias);
  }
  return out;
}

const SPLITS = '(?:train|training|val|valid|validation|dev|test|eval|evaluation)';
const PREFIX = new RegExp(`^${SPLITS}[/_.-]`, 'i');
const SUFFIX = new RegExp(`[/_.-](?:${SPLITS}|step|epoch)$`, 'i');

/** The chart of a series: `train/loss`, `val_loss` and `train_loss_epoch` share `loss`. */
export function chartOf(key: string): string {
  const chart = key.replace(PREFIX, '').replace(SUFFIX, '');
  return chart === '' ? key : chart;
}
