/**
 * Rows of a long list, loaded from the host in blocks as they come into sight. Every change of the question (sort, filter, columns)
 * or of the data begins a new generation: answers of an older one are dropped, and the rows on screen stay until new ones are there.
 */

import { isCancelled } from '../../src/base/cancel';
import { type Disposable } from '../../src/base/lifecycle';

/** Rows asked for: `from` inclusive, `to` exclusive. */
export interface RowRequest {
  readonly from: number;
  readonly to: number;
  readonly generation: number;
}

/** Rows given: those from `from` on, and how many there are in all. */
export interface RowAnswer<R> {
  readonly total: number;
  readonly from: number;
  readonly rows: readonly R[];
}

/** Asks the host for rows. */
export type LoadRows<R> = (request: RowRequest, signal: AbortSignal) => Promise<RowAnswer<R>>;

/** What a window tells its grid. */
export interface RowWindowEvents {
  changed(): void;
  failed(error: unknown): void;
}

const BLOCK = 100;

/** The loaded part of a list. */
export class RowWindow<R> implements Disposable {
  private readonly blocks = new Map<number, 'asked' | readonly R[]>();
  private abort = new AbortController();
  private generation = 0;
  private old: ReadonlyMap<number, 'asked' | readonly R[]> = new Map();
  private known: number | undefined;

  constructor(
    private readonly load: LoadRows<R>,
    private readonly events: RowWindowEvents,
  ) {}

  /** How many rows there are; undefined until the first answer. */
  get total(): number | undefined {
    return this.known;
  }

  /** The row at `index`; undefined while it is not loaded. While a new generation loads, the row of the old one. */
  row(index: number): R | undefined {
    return pick(this.blocks, index) ?? pick(this.old, index);
  }

  /** Asks for what is missing between `from` and `to`. */
  ensure(from: number, to: number): void {
    const last = Math.max(from, Math.min(to, this.known ?? to) - 1);
    for (let block = Math.floor(from / BLOCK); block <= Math.floor(last / BLOCK); block += 1) {
      if (!this.blocks.has(block)) void this.ask(block);
    }
  }

  /** Begins a new generation; the rows from `from` to `to` are asked for at once. */
  refresh(from: number, to: number): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.generation += 1;
    if ([...this.blocks.values()].some((block) => block !== 'asked')) this.old = new Map(this.blocks);
    this.blocks.clear();
    this.ensure(from, Math.max(to, from + 1));
  }

  dispose(): void {
    this.generation += 1;
    this.abort.abort();
  }

  private async ask(block: number): Promise<void> {
    const generation = this.generation;
    this.blocks.set(block, 'asked');
    try {
      const request = { from: block * BLOCK, to: (block + 1) * BLOCK, generation };
      const answer = await this.load(request, this.abort.signal);
      if (generation !== this.generation) return;
      this.blocks.set(block, answer.rows);
      this.old = new Map();
      this.known = answer.total;
      this.events.changed();
    } catch (error) {
      if (generation !== this.generation || isCancelled(error)) return;
      this.blocks.delete(block);
      this.events.failed(error);
    }
  }
}

function pick<R>(blocks: ReadonlyMap<number, 'asked' | readonly R[]>, index: number): R | undefined {
  const block = blocks.get(Math.floor(index / BLOCK));
  return block === undefined || block === 'asked' ? undefined : block[index % BLOCK];
}
