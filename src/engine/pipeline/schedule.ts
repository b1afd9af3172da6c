/**
 * In which order and under which conditions the stages of a run come to their turn: several at a time, each once everything it needs has
 * ended, the first of the order first. A failure lets those that run end and begins no more or, with keep-going, leaves out only what
 * depends on it. Knows nothing of files or processes.
 */

import { isCancelled } from '../../base/cancel';
import { type RunStage } from '../verbs/pipeline';

/** How a stage ended. */
export interface StepEnd {
  readonly state: Exclude<RunStage['state'], 'queued' | 'running'>;
  readonly exit?: number;
  readonly signal?: string;
  /** Why it failed. */
  readonly error?: unknown;
}

/** What the scheduler asks for and tells. */
export interface Scheduled {
  /** Ids in an order in which what is needed comes first. */
  readonly order: readonly string[];
  /** Direct dependents of an id. */
  readonly dependents: (id: string) => readonly string[];
  readonly keepGoing: boolean;
  /** So many at a time, from 1. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** Brings one stage up to date; what it throws counts as `failed`, a cancel as `cancelled`. */
  act(id: string): Promise<StepEnd>;
  /** A stage that ended, or that will not get its turn. */
  ended(id: string, end: StepEnd): void;
}

/** Runs all; the answer is that of the whole run. Every id of the order is reported through `ended` exactly once. */
export async function schedule(run: Scheduled): Promise<'succeeded' | 'failed' | 'cancelled'> {
  const turns = new Turns(run);
  const lane = async (): Promise<void> => {
    for (let id = await turns.next(); id !== undefined; id = await turns.next()) turns.take(id, await attempt(run, id));
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(run.jobs, run.order.length)) }, lane));
  for (const id of turns.open) run.ended(id, { state: 'cancelled' });
  if (run.signal.aborted) return 'cancelled';
  return turns.failed ? 'failed' : 'succeeded';
}

/** Whose turn it is. */
class Turns {
  failed = false;
  /** Neither begun nor reported, in order. */
  readonly open: Set<string>;
  /** How many of those that an id needs have not ended. */
  private readonly needed = new Map<string, number>();
  /** Those that wait for an id. */
  private readonly after = new Map<string, readonly string[]>();
  private running = 0;
  private waiting: (() => void)[] = [];

  constructor(private readonly run: Scheduled) {
    this.open = new Set(run.order);
    const place = new Map(run.order.map((id, n) => [id, n]));
    for (const [id, n] of place) {
      // Where the order was asked for otherwise, it counts.
      const after = run.dependents(id).filter((other) => (place.get(other) ?? -1) > n);
      this.after.set(id, after);
      for (const other of after) this.needed.set(other, (this.needed.get(other) ?? 0) + 1);
    }
  }

  /** The next id to begin, as soon as there is one; undefined when none will come. */
  async next(): Promise<string | undefined> {
    for (;;) {
      if (this.run.signal.aborted || (this.failed && !this.run.keepGoing)) return undefined;
      for (const id of this.open) {
        if ((this.needed.get(id) ?? 0) > 0) continue;
        this.open.delete(id);
        this.running += 1;
        return id;
      }
      if (this.running === 0) return undefined;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** One has ended. */
  take(id: string, end: StepEnd): void {
    this.running -= 1;
    this.run.ended(id, end);
    if (end.state === 'failed') {
      this.failed = true;
      this.block(id);
    }
    for (const other of this.after.get(id) ?? []) this.needed.set(other, (this.needed.get(other) ?? 0) - 1);
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** Leaves out everything that depends on an id. */
  private block(id: string): void {
    const below = new Set<string>();
    const open = [...this.run.dependents(id)];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (below.has(next)) continue;
      below.add(next);
      open.push(...this.run.dependents(next));
    }
    for (const other of [...this.open]) {
      if (!below.has(other)) continue;
      this.open.delete(other);
      this.run.ended(other, { state: 'blocked' });
    }
  }
}

async function attempt(run: Scheduled, id: string): Promise<StepEnd> {
  try {
    return await run.act(id);
  } catch (error) {
    return isCancelled(error) ? { state: 'cancelled' } : { state: 'failed', error };
  }
}
