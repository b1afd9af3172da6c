/**
 * Curves in memory: growing typed arrays, a pair a series, in the order of arrival. Steps may repeat and go back; nothing here is an index.
 */

/** What the x of a series counts. */
export type XKind = 'step' | 'epoch' | 'row';

/** One curve. Values that are not finite are kept: they are data. */
export class Series {
  private xs = new Float64Array(16);
  private ys = new Float64Array(16);
  /** Milliseconds since 1970; made with the first moment that is known. */
  private moments: Float64Array | undefined;
  private length = 0;

  /** How many points. */
  get n(): number {
    return this.length;
  }

  /** x of all points, a view that later points do not change. */
  get x(): Float64Array {
    return this.xs.subarray(0, this.length);
  }

  /** y of all points. */
  get y(): Float64Array {
    return this.ys.subarray(0, this.length);
  }

  /** Moments of all points (NaN where unknown), or undefined when none is known. */
  get wall(): Float64Array | undefined {
    return this.moments?.subarray(0, this.length);
  }

  /** Adds a point. */
  push(x: number, y: number, moment?: number): void {
    if (this.length === this.xs.length) this.grow();
    this.xs[this.length] = x;
    this.ys[this.length] = y;
    if (moment !== undefined) this.moments ??= new Float64Array(this.xs.length).fill(NaN);
    if (this.moments) this.moments[this.length] = moment ?? NaN;
    this.length += 1;
  }

  private grow(): void {
    const longer = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(old.length * 2);
      grown.set(old);
      return grown;
    };
    this.xs = longer(this.xs);
    this.ys = longer(this.ys);
    if (this.moments) this.moments = longer(this.moments);
  }
}

/** The curves of one file or source by name, in the order of their first points. */
export class SeriesSet {
  readonly series = new Map<string, Series>();
  xKind: XKind = 'row';

  /** Adds a point to the curve of that name. */
  push(key: string, x: number, y: number, moment?: number): void {
    let found = this.series.get(key);
    if (!found) this.series.set(key, (found = new Series()));
    found.push(x, y, moment);
  }
}

/**
 * Positions of the points of the newest lineage, in order. Where x goes back the writer was restarted: earlier points at and beyond that x
 * belong to what was given up. 0 1 2 3 2 3 4 → 0 1 2' 3' 4. Equal neighbours are several rows of one step and all stay.
 */
export function newestLineage(x: ArrayLike<number>): Uint32Array {
  const kept = new Uint32Array(x.length);
  let n = 0;
  for (let i = 0; i < x.length; i += 1) {
    const at = x[i] as number;
    const back = n > 0 && at < (x[kept[n - 1] as number] as number);
    while (back && n > 0 && (x[kept[n - 1] as number] as number) >= at) n -= 1;
    kept[n] = i;
    n += 1;
  }
  return kept.subarray(0, n);
}
