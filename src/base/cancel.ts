/**
 * Progress, questions and cancel: what every long call carries as its last argument, in the CLI, the worker and the editor alike.
 * Cancelled is not a failure: it is told apart by {@link isCancelled}.
 */

/** A figure that moves. `total` is absent while unknown. `unit` says what is counted. */
export interface Progress {
  /** What is going on, a text key such as `progress.hashing`. */
  readonly phase: string;
  readonly done: number;
  readonly total?: number;
  readonly unit: 'files' | 'bytes' | 'stages' | 'rows';
  /** Bytes so far, beside a count of files. */
  readonly bytes?: number;
  readonly totalBytes?: number;
  /** The path, stage or object at hand. */
  readonly item?: string;
}

/** A question from the engine to whoever is at the other end; `choices` are codes, the first one is the safe one. */
export interface Question {
  /** Text key of the question, `ask.<code>`. */
  readonly code: string;
  readonly data: Readonly<Record<string, string | number>>;
  readonly choices: readonly string[];
  /** Paths or other items the question is about, shown as a list. */
  readonly items?: readonly string[];
  /** `secret` wants typed text that is never shown or kept. */
  readonly kind: 'confirm' | 'secret';
}

/** What every verb gets beside its arguments. */
export interface Call {
  readonly signal: AbortSignal;
  progress(value: Progress): void;
  /** Resolves to one of the choices (or the secret); rejects when nobody can answer. */
  ask(question: Question): Promise<string>;
}

/** The error that a cancelled call ends with. */
export class Cancelled extends Error {
  constructor() {
    super('cancelled');
    this.name = 'Cancelled';
  }
}

/** True for the error of a cancelled call, whichever layer made it. */
export function isCancelled(error: unknown): boolean {
  return error instanceof Error && (error.name === 'Cancelled' || error.name === 'AbortError');
}

/** Throws {@link Cancelled} once the signal has fired. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new Cancelled();
}

/** A call that nobody watches: no progress, never cancelled, and every question is refused. For tests and inner reads. */
export function quietCall(signal: AbortSignal = new AbortController().signal): Call {
  return {
    signal,
    progress: () => undefined,
    ask: () => Promise.reject(new Error('nobody can be asked')),
  };
}

/** Waits `ms` milliseconds; rejects with {@link Cancelled} as soon as the signal fires. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Cancelled());
    const stop = (): void => {
      clearTimeout(timer);
      reject(new Cancelled());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** Lets the event loop turn once. A timer waits a millisecond at least, so it is for browsers only. */
const turn: (act: () => void) => void =
  typeof setImmediate === 'function' ? (act) => void setImmediate(act) : (act) => void setTimeout(act, 0);

/**
 * Makes a pacer for a synchronous loop: awaiting it costs nothing until 10 ms have passed, then it lets the event loop turn
 * once, so that messages, timers and the cancel signal get through.
 */
export function pacer(signal: AbortSignal): () => Promise<void> | undefined {
  let last = Date.now();
  return () => {
    throwIfCancelled(signal);
    if (Date.now() - last < 10) return undefined;
    return new Promise((resolve, reject) => {
      turn(() => {
        last = Date.now();
        if (signal.aborted) reject(new Cancelled());
        else resolve();
      });
    });
  };
}
