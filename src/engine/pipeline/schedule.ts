/**
 * In which order and under which conditions the stages of a run come to their turn: one after another, a failure ends the run or, with
 * keep-going, only what depends on it. Knows nothing of files or processes; running several at once later changes this file alone.
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
  readonly signal: AbortSignal;
  /** Brings one stage up to date; what it throws counts as `failed`, a cancel as `cancelled`. */
  act(id: string): Promise<StepEnd>;
  /** A stage that ended, or that will not get its turn. */
  ended(id: string, end: StepEnd): void;
}

/** Runs all; the answer is that of the whole run. Every id of the order is reported through `ended` exactly once. */
export async function schedule(run: Scheduled): Promise<'succeeded' | 'failed' | 'cancelled'> {
  const blocked = new Set<string>();
  let failed = false;
  let stopped = false;
  for (const id of run.order) {
    if (blocked.has(id)) {
      run.ended(id, { state: 'blocked' });
      continue;
    }
    if (stopped || run.signal.aborted) {
      run.ended(id, { state: 'cancelled' });
      continue;
    }
    const end = await attempt(run, id);
    run.ended(id, end);
    if (end.state !== 'failed') continue;
    failed = true;
    stopped = !run.keepGoing;
    block(id, run.dependents, blocked);
  }
  if (run.signal.aborted) return 'cancelled';
  return failed ? 'failed' : 'succeeded';
}

async function attempt(run: Scheduled, id: string): Promise<StepEnd> {
  try {
    return await run.act(id);
  } catch (error) {
    return isCancelled(error) ? { state: 'cancelled' } : { state: 'failed', error };
  }
}

/** Adds everything that depends on `id`. */
function block(id: string, dependents: (id: string) => readonly string[], blocked: Set<string>): void {
  const open = [...dependents(id)];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (blocked.has(next)) continue;
    blocked.add(next);
    open.push(...dependents(next));
  }
}
