/**
 * Patience with a network. {@link Retry} tries one act a few times with growing, jittered pauses, watches each try for silence and slowness, and
 * gives up early on a place that answers nobody. {@link withRetry} wraps the transfers of a Remote that way: a download that broke goes on
 * behind what arrived. Only what may pass is tried again: broken or silent connections, short bodies, 408, 429 and 5xx; never 401, 403, 404
 * or a cancel. Time and chance come in as arguments, so that tests need not wait.
 */

import { setMaxListeners } from 'node:events';
import * as fs from 'node:fs';
import { Cancelled, isCancelled, pause } from '../../base/cancel';
import { errno, is, StrataError } from '../errors';
import { type Host } from '../host/host';
import { type Moving, type Remote } from './remotes';

/** How long and how often to try, and where time and chance come from. Times are milliseconds. */
export interface Patience {
  /** At most so many tries of one act. */
  readonly tries: number;
  /** The first pause is half to all of it; each further one is twice as long. */
  readonly firstPauseMs: number;
  /** A try in which nothing moves for so long has failed. */
  readonly idleMs: number;
  /** An act and all its pauses end after this and after what its bytes take at {@link slowest}. */
  readonly totalMs: number;
  /** Bytes a second below which a connection is as good as none. */
  readonly slowest: number;
  /** Milliseconds since any fixed moment. */
  now(): number;
  /** From 0 up to 1. */
  random(): number;
  /** Rejects with Cancelled when the signal fires. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Five tries, 30 s of silence, ten minutes beside the bytes; clock and chance of the host. */
export function patienceOf(host: Host, change: Partial<Patience> = {}): Patience {
  return {
    tries: 5,
    firstPauseMs: 500,
    idleMs: 30_000,
    totalMs: 600_000,
    slowest: 1000,
    now: () => host.now(),
    random: () => parseInt(host.randomHex(4), 16) / 2 ** 32,
    sleep: pause,
    ...change,
  };
}

/** What is known of a failure that may pass. */
export interface Passing {
  /** The other end asked to wait so many milliseconds (Retry-After). */
  readonly afterMs?: number;
}

/** Says whether a failure may pass; undefined: trying again is no use. */
export type Judge = (error: unknown) => Passing | undefined;

/** One try: `signal` fires on cancel, silence and the end of patience. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** From 1. */
  readonly number: number;
  /** Tells that bytes moved; 0 for any other sign of life. */
  moved(bytes: number): void;
}

/** Errors of ours that may pass; `afterMs` among their facts is what the other end asked for. */
const PASSING_CODES = new Set(['remotes.silent', 'remotes.slow', 'remotes.broken', 'remotes.busy']);
/** Errors of Node's sockets that may pass. */
const PASSING_ERRNOS = new Set(
  'ECONNRESET ECONNABORTED ECONNREFUSED EPIPE ETIMEDOUT ESOCKETTIMEDOUT EHOSTUNREACH ENETUNREACH ENETDOWN EAI_AGAIN'.split(
    ' ',
  ),
);
/** After so many acts in vain, one after the other, each further act is tried once only until one succeeds. */
const HOPELESS = 3;
/** An act that does not stop when told to is left behind after this. */
const GRACE_MS = 500;

/** The judge for errors of ours and of Node's sockets. */
export function mayPass(error: unknown): Passing | undefined {
  if (is(error)) {
    if (!PASSING_CODES.has(error.code)) return undefined;
    const afterMs = error.data['afterMs'];
    return typeof afterMs === 'number' ? { afterMs } : {};
  }
  return PASSING_ERRNOS.has(errno(error) ?? '') ? {} : undefined;
}

/** Milliseconds that a Retry-After header asks for: seconds or a date (RFC 9110 §10.2.3); undefined when absent or unreadable. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Retries for one place. Many acts may run at once. */
export class Retry {
  private inVain = 0;

  /** `url` is for messages and holds no secret. */
  constructor(
    private readonly url: string,
    private readonly patience: Patience,
    private readonly judge: Judge = mayPass,
  ) {}

  /**
   * Runs `act` until it succeeds, at most {@link Patience.tries} times. Fails with the last error, with `remotes.silent` {url, seconds}, with
   * `remotes.slow` {url} or with Cancelled.
   */
  async run<T>(signal: AbortSignal, act: (attempt: Attempt) => Promise<T>): Promise<T> {
    const watch = new Watch(this.url, this.patience);
    const tries = this.inVain >= HOPELESS ? 1 : this.patience.tries;
    for (let number = 1; ; number += 1) {
      try {
        const value = await watch.over(signal, number, act);
        this.inVain = 0;
        return value;
      } catch (error) {
        if (signal.aborted) throw new Cancelled();
        const passing = isCancelled(error) ? undefined : this.judge(error);
        if (!passing) throw error;
        const wait = Math.max(passing.afterMs ?? 0, this.pauseAfter(number));
        if (number >= tries || watch.left() <= wait) {
          this.inVain += 1;
          throw error;
        }
        await this.patience.sleep(wait, signal);
      }
    }
  }

  private pauseAfter(number: number): number {
    return this.patience.firstPauseMs * 2 ** (number - 1) * (0.5 + this.patience.random() / 2);
  }
}

/** Time of one act, over all its tries. */
class Watch {
  private readonly started: number;
  private bytes = 0;
  private last = 0;

  constructor(
    private readonly url: string,
    private readonly patience: Patience,
  ) {
    this.started = patience.now();
  }

  /** Milliseconds until the act has taken too long. */
  left(): number {
    const { totalMs, slowest } = this.patience;
    return this.started + totalMs + (this.bytes / slowest) * 1000 - this.patience.now();
  }

  /** Runs one try and stops it when its time is over. */
  async over<T>(outer: AbortSignal, number: number, act: (attempt: Attempt) => Promise<T>): Promise<T> {
    if (outer.aborted) throw new Cancelled();
    const controller = new AbortController();
    const { signal } = controller;
    const stop = (): void => controller.abort(new Cancelled());
    // Many acts run at once under one signal; each takes its listener away.
    setMaxListeners(0, outer, signal);
    outer.addEventListener('abort', stop, { once: true });
    this.last = this.patience.now();
    let timer: NodeJS.Timeout | undefined;
    const arm = (): void => {
      const wait = Math.min(this.last + this.patience.idleMs - this.patience.now(), this.left());
      if (wait <= 0) controller.abort(this.reason());
      else timer = setTimeout(arm, Math.ceil(wait));
    };
    arm();
    const moved = (bytes: number): void => {
      this.bytes += bytes;
      this.last = this.patience.now();
    };
    try {
      return await settled(act({ signal, number, moved }), signal);
    } finally {
      clearTimeout(timer);
      outer.removeEventListener('abort', stop);
    }
  }

  private reason(): StrataError {
    if (this.left() <= 0) return new StrataError('remotes.slow', { url: this.url });
    return new StrataError('remotes.silent', { url: this.url, seconds: Math.round(this.patience.idleMs / 1000) });
  }
}

/** The act's own end; when it was stopped, the reason for that, as soon as the act has ended or its grace is over. */
function settled<T>(act: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    let grace: NodeJS.Timeout | undefined;
    const stopped = (): void => {
      grace = setTimeout(() => reject(signal.reason as Error), GRACE_MS);
    };
    if (signal.aborted) stopped();
    else signal.addEventListener('abort', stopped, { once: true });
    const end = (tell: () => void): void => {
      clearTimeout(grace);
      signal.removeEventListener('abort', stopped);
      tell();
    };
    act.then(
      (value) => end(() => resolve(value)),
      (error: unknown) => end(() => reject(signal.aborted ? (signal.reason as Error) : (error as Error))),
    );
  });
}

/**
 * Wraps uploads and downloads. A remote with `resumes` is told through {@link Moving.from} how much of a download arrived before; of any other
 * the file starts anew. `has`, `stat`, `list` and `remove` stay the remote's own: they use {@link Retry.run} a request.
 */
export function withRetry(remote: Remote, retry: Retry): Remote {
  const moving = (outer: Moving, attempt: Attempt, from: number): Moving => ({
    signal: attempt.signal,
    from,
    moved: (bytes) => {
      attempt.moved(bytes);
      outer.moved(bytes);
    },
  });
  const { url, jobs, resumes } = remote;
  return {
    url,
    jobs,
    ...(resumes === undefined ? {} : { resumes }),
    has: (keys, call) => remote.has(keys, call),
    ...(remote.stat ? { stat: remote.stat.bind(remote) } : {}),
    ...(remote.list ? { list: remote.list.bind(remote) } : {}),
    remove: (keys, call) => remote.remove(keys, call),
    close: () => remote.close(),
    upload: (path, key, outer) =>
      retry.run(outer.signal, (attempt) => remote.upload(path, key, moving(outer, attempt, 0))),
    download: (key, path, outer) =>
      retry.run(outer.signal, async (attempt) => {
        const from = attempt.number === 1 ? (outer.from ?? 0) : arrived(path, remote.resumes === true);
        await remote.download(key, path, moving(outer, attempt, from));
      }),
  };
}

/** Bytes that an earlier try left, none when they may not be kept. */
function arrived(path: string, keep: boolean): number {
  if (!keep) fs.rmSync(path, { force: true });
  return fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
