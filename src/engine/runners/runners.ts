/**
 * What carries a stage's command to a machine: the contract of every engine that runs stages (this machine now; others later). The door of
 * this folder. A runner never decides what is stale and never writes `dvc.lock`: the supervisor of a run does, it alone.
 *
 * A job writes its own verdict (`verdict.json` in its folder); the engine's word only counts while that file is not there.
 */

/** States of a job. End states never change, except `lost`, which becomes what the verdict says when one turns up. */
export type JobState =
  | 'queued'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'timeout'
  | 'oom'
  | 'node-failed'
  | 'preempted'
  | 'skipped'
  | 'lost'
  | 'unknown';

/** A stage's command, ready to run. */
export interface StageJob {
  /** Random name of this job; an engine's own id is not an identity. */
  readonly token: string;
  readonly name: string;
  /** One shell for each item, one after another; the first failure ends the job. */
  readonly cmd: readonly string[];
  /** Absolute folder the command starts in. */
  readonly cwd: string;
  /** Absolute folder of the job: `out.log`, `verdict.json`, `job.json`. */
  readonly dir: string;
  /** Tokens of the jobs that have to succeed first; only for runners that can hold dependencies. */
  readonly after: readonly string[];
  readonly res: {
    readonly cpus?: number;
    readonly memMb?: number;
    readonly gpus?: number;
    readonly minutes?: number;
    readonly queue?: string;
    readonly extra?: readonly string[];
  };
  /** Added to the environment of the command. */
  readonly env?: Readonly<Record<string, string>>;
  readonly requeue?: boolean;
  /** Whether the job sees the project's own files. */
  readonly files: 'shared' | 'remote';
}

/** A submitted job, as saved in `job.json` before anything else happens. */
export interface Handle {
  readonly token: string;
  /** The engine's name for it; a process id on this machine. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly submitted: number;
  readonly dir: string;
}

/** What is known of a job. Times in milliseconds since 1970. */
export interface JobView {
  readonly token: string;
  readonly state: JobState;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly reason?: string;
  readonly where?: string;
  readonly queuedAt?: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly restarts?: number;
  readonly source: 'verdict' | 'engine' | 'none';
}

/** A piece of a job's output. */
export interface LogChunk {
  readonly stream: 'out' | 'err';
  readonly bytes: Uint8Array;
  /** Offset to continue from. */
  readonly next: number;
}

/** One engine. */
export interface Runner {
  readonly kind: 'local' | 'slurm' | 'ray' | 'kubernetes' | 'command';
  readonly can: {
    readonly dependencies: boolean;
    readonly arrays: boolean;
    readonly gpus: boolean;
    readonly timeLimit: boolean;
    readonly sharedFiles: boolean;
    readonly estimate: boolean;
  };
  /** Is the engine there and usable? */
  probe(): Promise<{ readonly ok: boolean; readonly version?: string; readonly problem?: string }>;
  /** Starts jobs, parents first. */
  submit(jobs: readonly StageJob[]): Promise<Handle[]>;
  /** One question to the engine for all of them. */
  poll(handles: readonly Handle[]): Promise<JobView[]>;
  /** Output from a byte offset on, until the job has ended or `signal` fires. */
  logs(handle: Handle, from: number, signal: AbortSignal): AsyncIterable<LogChunk>;
  /** Ends jobs; asking twice is fine. Resolves when they are gone. */
  cancel(handles: readonly Handle[]): Promise<void>;
  /** Finds jobs again after a restart of whoever submitted them. */
  reattach(handles: readonly Handle[]): Promise<JobView[]>;
  /** Resolves with the end state of a job. */
  wait(handle: Handle): Promise<JobView>;
}

/** True for states that a job does not leave. */
export function isEnd(state: JobState): boolean {
  return state !== 'queued' && state !== 'running' && state !== 'unknown';
}

/** `verdict.json`: what became of a job, written by the job's own side when it ends. */
export interface Verdict {
  readonly token: string;
  readonly state: 'succeeded' | 'failed' | 'cancelled';
  readonly code?: number;
  readonly signal?: string;
  readonly reason?: string;
  readonly start: number;
  readonly end: number;
}
