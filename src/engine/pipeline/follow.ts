/**
 * Watches a run from outside, through its folder alone: each change of a stage, the output of its commands while it grows, and the end. Works
 * for runs of any process, also one that ended long ago.
 */

import { pause } from '../../base/cancel';
import { StrataError } from '../errors';
import { type Host } from '../host/host';
import { type RunStage, type RunStatus } from '../verbs/pipeline';
import { isOpen, readStatus } from './runDir';

/** Something new in a run. */
export type RunEvent =
  /** A stage has another state than before; `stage.name` is its addressing from the root. */
  | { readonly kind: 'stage'; readonly stage: RunStage }
  /** Output of a stage's commands, both streams in the order of arrival. */
  | { readonly kind: 'output'; readonly stage: string; readonly bytes: Uint8Array };

const POLL_MS = 40;
const CHUNK = 256 * 1024;

/**
 * Follows the run in the absolute folder `dir` to its end and answers its last status. Events come in order: a stage's output lies between its
 * `running` and its end, and nothing of another stage between them, though several run at a time. Aborting the signal ends the watching, not the run (use `runCancel`). Fails with `run.noSupervisor` when nobody
 * has taken up the run.
 */
export async function followRun(
  host: Host,
  dir: string,
  onChange: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<RunStatus> {
  const follower = new Follower(host, dir, onChange);
  const start = host.now();
  for (;;) {
    const status = await readStatus(host, dir);
    if (!status && host.now() - start > 10_000) throw new StrataError('run.noSupervisor', { path: dir });
    if (status) await follower.take(status);
    if (status && !isOpen(status)) return status;
    await pause(POLL_MS, signal);
  }
}

/** Remembers what has been told. */
class Follower {
  private readonly told = new Map<string, RunStage['state']>();
  private readonly offsets = new Map<string, number>();

  constructor(
    private readonly host: Host,
    private readonly dir: string,
    private readonly onChange: (event: RunEvent) => void,
  ) {}

  async take(status: RunStatus): Promise<void> {
    const front = status.stages.find((stage) => this.told.get(stage.name) === 'running');
    for (const stage of front ? [front, ...status.stages] : status.stages) {
      const over = stage.state !== 'running' && this.told.get(stage.name) === stage.state;
      if (stage.state === 'queued' || over) continue;
      await this.follow(stage);
      if (stage.state === 'running') return;
    }
  }

  private async follow(stage: RunStage): Promise<void> {
    const before = this.told.get(stage.name);
    if (stage.dir !== undefined && before === undefined) this.tell({ ...stage, state: 'running' });
    if (stage.dir !== undefined && (before === undefined || before === 'running')) await this.output(stage, stage.dir);
    if (stage.state !== this.told.get(stage.name)) this.tell(stage);
  }

  private tell(stage: RunStage): void {
    this.told.set(stage.name, stage.state);
    this.onChange({ kind: 'stage', stage });
  }

  private async output(stage: RunStage, dir: string): Promise<void> {
    const path = `${this.dir}/${dir}/out.log`;
    if (!(await this.host.fs.stat(path))) return;
    for (;;) {
      const from = this.offsets.get(stage.name) ?? 0;
      const bytes = await this.host.fs.readRange(path, from, CHUNK);
      if (bytes.length === 0) return;
      this.offsets.set(stage.name, from + bytes.length);
      this.onChange({ kind: 'output', stage: stage.name, bytes });
    }
  }
}
