/**
 * How many requests go at once. A fixed number where one was asked for; else a number that grows while more at once bring more done in the
 * same time, and goes back when they do not or when the other end says that it is too much.
 */

import { Cancelled } from '../../base/cancel';

/** So many at the start. */
const FIRST = 16;
/** A measurement takes so long at least, in milliseconds, and so many requests for each place. */
const WINDOW_MS = 300;
const WINDOW_REQUESTS = 3;
/** What has to come of a wider gate, and how it is widened. */
const WORTH = 1.08;
const WIDER = 1.5;
/** After a step that was no use, so many measurements pass before the next. */
const REST = 12;
/** Moving so many bytes counts as much as one request more. */
const BYTES_OF_ONE = 65_536;

/** A gate that many acts pass. */
export class Gate {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];
  private width: number;
  private readonly growth: Growth | undefined;

  /** `fixed`: so many always; undefined: from a few up to `most`. `now` is in milliseconds. */
  constructor(fixed: number | undefined, most: number, now: () => number) {
    this.width = fixed ?? Math.min(FIRST, most);
    this.growth = fixed === undefined ? new Growth(most, now) : undefined;
  }

  /** How many may be inside now. */
  get open(): number {
    return this.width;
  }

  /** Runs an act as soon as there is a place for it. */
  async run<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    if (this.inside >= this.width) await this.place(signal);
    else this.inside += 1;
    try {
      return await act();
    } finally {
      this.inside -= 1;
      if (this.growth) this.width = this.growth.done(this.width, this.waiting.length > 0);
      while (this.inside < this.width && this.waiting.length > 0) this.waiting.shift()?.();
    }
  }

  /** Bytes that moved, for the measurement. */
  moved(bytes: number): void {
    this.growth?.moved(bytes);
  }

  /** The other end asked for less. */
  less(): void {
    if (this.growth) this.width = this.growth.less(this.width);
  }

  private place(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        this.inside += 1;
        resolve();
      };
      const leave = (): void => {
        const at = this.waiting.indexOf(enter);
        if (at >= 0) this.waiting.splice(at, 1);
        reject(new Cancelled());
      };
      if (signal.aborted) return reject(new Cancelled());
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.push(enter);
    });
  }
}

/** Finds the width: one step at a time, each measured. */
class Growth {
  private requests = 0;
  private bytes = 0;
  private since: number;
  /** What was measured before the last step, and the width then; undefined: no step is on trial. */
  private before: { rate: number; width: number } | undefined;
  private rest = 0;

  constructor(
    private readonly most: number,
    private readonly now: () => number,
  ) {
    this.since = now();
  }

  moved(bytes: number): void {
    this.bytes += bytes;
  }

  /** One more is done; gives the width from now on. A gate that nobody waits at is wide enough. */
  done(width: number, wanted: boolean): number {
    this.requests += 1;
    const passed = this.now() - this.since;
    if (this.requests < width * WINDOW_REQUESTS || passed < WINDOW_MS) return width;
    const rate = (this.requests + this.bytes / BYTES_OF_ONE) / passed;
    const before = this.before;
    this.restart();
    if (before && rate < before.rate * WORTH) {
      this.rest = REST;
      return before.width;
    }
    if (!wanted || width >= this.most) return width;
    if (this.rest > 0) {
      this.rest -= 1;
      return width;
    }
    this.before = { rate, width };
    return Math.min(this.most, Math.ceil(width * WIDER));
  }

  less(width: number): number {
    this.restart();
    this.rest = REST;
    return Math.max(1, Math.floor(width / 2));
  }

  private restart(): void {
    this.requests = 0;
    this.bytes = 0;
    this.since = this.now();
    this.before = undefined;
  }
}
