/** DVC's repository lock over a whole run: held from the first stage to the last, given up only while a command runs (dvc.md §3). */

import { takeLock, type HeldLock } from '../cache/locks';
import { type Repo } from '../data/repo';
import { configBool } from '../formats/dvcConfig';

/** How long a stage whose command has just ended waits for the lock, in milliseconds: its result must not be lost to a short act of another. */
const PATIENT_MS = 60_000;

/** The lock of one run. */
export class RunLock {
  private held: HeldLock | undefined;

  constructor(private readonly repo: Repo) {}

  /** Holds the lock from here on; nothing to do when it is held. `patient`: waits a minute, whatever the signal says. Fails with `lock.busy`. */
  async hold(signal: AbortSignal, patient = false): Promise<void> {
    if (this.held) return;
    const hardlink = configBool(this.repo.config, 'core', 'hardlink_lock', false);
    const options = { command: this.repo.command, hardlink };
    const file = `${this.repo.root}/.dvc/tmp/lock`;
    this.held = await takeLock(
      file,
      patient ? { ...options, signal: new AbortController().signal, waitMs: PATIENT_MS } : { ...options, signal },
    );
  }

  /** Lets others in. */
  release(): void {
    this.held?.release();
    this.held = undefined;
  }
}
