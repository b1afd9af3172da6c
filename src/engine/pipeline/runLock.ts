/**
 * DVC's repository lock over a whole run: held from the first stage to the last, given up only while commands run and no stage is looked at
 * or recorded (dvc.md §3). Within the run one stage at a time is looked at or recorded: it has the one writer of dvc.lock.
 */

import { takeLock, type HeldLock } from '../cache/locks';
import { type Repo } from '../data/repo';
import { configBool } from '../formats/dvcConfig';

/** How long a stage whose command has just ended waits for the lock, in milliseconds: its result must not be lost to a short act of another. */
const PATIENT_MS = 60_000;

/** The lock of one run. */
export class RunLock {
  private held: HeldLock | undefined;
  private inside = false;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly repo: Repo) {}

  /**
   * Waits for its turn within the run, then holds the lock; to be followed by one {@link leave}. `patient`: waits a minute for others, whatever
   * the signal says. Fails with `lock.busy`; the turn is over then.
   */
  async enter(signal: AbortSignal, patient = false): Promise<void> {
    if (this.inside) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.inside = true;
    if (this.held) return;
    const hardlink = configBool(this.repo.config, 'core', 'hardlink_lock', false);
    const options = { command: this.repo.command, hardlink };
    const file = `${this.repo.root}/.dvc/tmp/lock`;
    const waiting = patient
      ? { ...options, signal: new AbortController().signal, waitMs: PATIENT_MS }
      : { ...options, signal };
    try {
      this.held = await takeLock(file, waiting);
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  /** Lets the next stage in; when none comes at once, the lock is given up. */
  leave(): void {
    const next = this.waiting.shift();
    if (next) return next();
    this.inside = false;
    setImmediate(() => {
      if (!this.inside) this.release();
    });
  }

  /** Lets other processes in. */
  release(): void {
    this.held?.release();
    this.held = undefined;
  }
}
