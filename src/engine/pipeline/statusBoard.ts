/**
 * The status of a run, kept in memory and written to its folder: at once when a command starts or ends, a few times a second while stages that
 * need nothing pass by, so that a pipeline of thousands of stages is not slowed down by its own report.
 */

import { errorCodec } from '../errors';
import { type Host } from '../host/host';
import { type RunStage, type RunStatus, type StageError } from '../verbs/pipeline';
import { writeStatus } from './runDir';
import { type StepEnd } from './schedule';

/** Least time between two writes that nobody waits for, in milliseconds. */
const LAZY_MS = 100;

/** An error as other processes read it. */
export function toError(error: unknown): StageError {
  const { code, data, message } = errorCodec.toWire(error);
  return { code, data, message };
}

/** The one writer of a run's `status.json`. */
export class StatusBoard {
  private head: Omit<RunStatus, 'stages'>;
  private readonly stages = new Map<string, RunStage>();
  private writing: Promise<void> = Promise.resolve();
  private written = 0;
  private dirs = 0;

  /** `dir` is the absolute folder of the run. */
  constructor(
    private readonly host: Host,
    private readonly dir: string,
    token: string,
  ) {
    this.head = { schema: 1, token, pid: process.pid, state: 'starting', start: host.now() };
  }

  /** The status as it is now. */
  get status(): RunStatus {
    return { ...this.head, stages: [...this.stages.values()] };
  }

  /** Writes the newest status, after the writes before it. */
  write(): Promise<void> {
    this.writing = this.writing.then(() => {
      this.written = this.host.now();
      return writeStatus(this.host, this.dir, this.status);
    });
    return this.writing;
  }

  /** The stages of the run are known. */
  async open(order: readonly string[]): Promise<void> {
    for (const name of order) this.stages.set(name, { name, state: 'queued' });
    this.head = { ...this.head, state: 'running' };
    await this.write();
  }

  /** A command starts; answers the absolute folder of its log. */
  async starting(name: string, reasons: unknown): Promise<string> {
    this.dirs += 1;
    const dir = String(this.dirs).padStart(3, '0');
    await this.host.fs.mkdir(`${this.dir}/${dir}`);
    this.change(name, { state: 'running', start: this.host.now(), dir, reasons });
    await this.write();
    return `${this.dir}/${dir}`;
  }

  /** A stage has ended, or will not have its turn. */
  ended(name: string, end: StepEnd, reasons: unknown): void {
    const error = end.error === undefined ? undefined : toError(end.error);
    const ran = this.stages.get(name)?.start !== undefined;
    this.change(name, {
      state: end.state,
      ...(ran ? { end: this.host.now() } : {}),
      ...(end.exit === undefined ? {} : { exit: end.exit }),
      ...(end.signal === undefined ? {} : { signal: end.signal }),
      ...(reasons === undefined ? {} : { reasons }),
      ...(error === undefined ? {} : { error, msg: error.message }),
    });
    if (ran || this.host.now() - this.written >= LAZY_MS) void this.write();
  }

  /** The run is over. */
  async close(state: RunStatus['state'], more: Pick<RunStatus, 'answer' | 'error'>): Promise<void> {
    this.head = { ...this.head, state, end: this.host.now(), ...more };
    await this.write();
  }

  private change(name: string, fields: Partial<RunStage>): void {
    const before = this.stages.get(name);
    if (before) this.stages.set(name, { ...before, ...fields });
  }
}
