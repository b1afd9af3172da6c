/**
 * Opens one connection with SFTP on it: through the jumps, past the host key, past the login. What goes wrong becomes a sentence: whose name
 * was not found, who did not answer, whose key changed, which ways in were tried.
 */

import * as net from 'node:net';
import { type Readable } from 'node:stream';
import { Client, type ClientErrorExtensions, type SFTPWrapper } from 'ssh2';
import { Cancelled, throwIfCancelled } from '../../base/cancel';
import { errno, StrataError } from '../errors';
import { type Host } from '../host/host';
import { type SshAsker } from './sshAsk';
import { checkHostKey, readKnownHosts, wantedSignatures } from './sshHostKey';
import { SshLogin } from './sshLogin';
import { type SshPlace, type SshTarget } from './sshTarget';

/** What connecting needs beside the place. */
export interface Connecting {
  readonly host: Host;
  readonly asker: SshAsker;
  readonly signal: AbortSignal;
}

/** An open connection. */
export interface SshConnection {
  readonly sftp: SFTPWrapper;
  /** What the server calls itself, such as `SSH-2.0-OpenSSH_9.2p1`. */
  readonly software: string;
  /** Another connection would not have to ask anything. */
  readonly repeatable: boolean;
  /** Calls back once when the connection has ended, with the reason. */
  onEnd(tell: (reason: string) => void): void;
  close(): void;
}

/** Signs of life on an idle connection. */
const KEEPALIVE_MS = 15_000;
const CLOCK_MS = 250;

/**
 * Connects and logs in. Fails with `remoteSsh.noHost` {host}, `remoteSsh.unreachable` {host, port, reason}, `remoteSsh.handshake` {host, reason},
 * `remoteSsh.denied`, `remoteSsh.noSftp` {host, reason}, the errors of host keys and keys, or Cancelled.
 */
export async function connectSsh(place: SshPlace, connecting: Connecting): Promise<SshConnection> {
  const doors: Door[] = [];
  const close = (): void => {
    for (const door of [...doors].reverse()) door.close();
  };
  try {
    const way = [...place.target.jumps, place.target];
    let through: Readable | undefined;
    for (const [index, target] of way.entries()) {
      const door = new Door(target, place, connecting);
      doors.push(door);
      await door.open(through);
      const next = way[index + 1];
      if (next) through = await door.forward(next);
    }
    const last = doors.at(-1);
    if (!last) throw new Error('a place has a target');
    const sftp = await last.sftp();
    const repeatable = doors.every((door) => !door.login.answered);
    return { sftp, software: last.software, repeatable, close, onEnd: (tell) => last.onEnd(tell) };
  } catch (error) {
    close();
    throw error;
  }
}

/** One computer on the way. */
class Door {
  readonly login: SshLogin;
  /** The server's first line. */
  software = '';
  private readonly client = new Client();
  /** Why it ended. */
  private failure: unknown;
  private reason = '';
  private ended = false;
  private readonly listeners: ((reason: string) => void)[] = [];

  constructor(
    private readonly target: SshTarget,
    private readonly place: SshPlace,
    private readonly connecting: Connecting,
  ) {
    this.login = new SshLogin(target, place.options, connecting.asker);
    this.client.on('close', () => this.end());
  }

  close(): void {
    this.client.end();
    this.client.destroy();
    this.end();
  }

  onEnd(tell: (reason: string) => void): void {
    if (this.ended) tell(this.reason);
    else this.listeners.push(tell);
  }

  /** Connects and logs in, over `through` when it is given. */
  async open(through: Readable | undefined): Promise<void> {
    const { host, signal } = this.connecting;
    throwIfCancelled(signal);
    const entries = await readKnownHosts(this.target, host);
    const socket = through ?? this.dial();
    await this.within<undefined>((done, failed) => {
      this.client.on('ready', () => {
        this.login.succeeded();
        done(undefined);
      });
      this.client.on('error', (error) => {
        // A key that cannot sign is no reason to stop: the next way in is tried, unless a question was refused.
        if (error.level === 'agent' && this.login.keys.failure === undefined) return;
        this.reason ||= error.message;
        failed(this.judge(error));
        this.client.destroy();
      });
      this.onEnd(() => failed(this.judge(new Error(this.reason || 'the connection was closed'))));
      this.client.connect({
        sock: socket,
        username: this.target.user,
        readyTimeout: 0,
        keepaliveInterval: KEEPALIVE_MS,
        keepaliveCountMax: 2,
        algorithms: { serverHostKey: wantedSignatures(entries, this.target) },
        hostVerifier: (key: Buffer, verify: (good: boolean) => void): void => {
          checkHostKey(this.target, entries, key, this.connecting).then(
            () => verify(true),
            (error: unknown) => {
              this.failure = error;
              verify(false);
            },
          );
        },
        authHandler: (left, _partial, next) => {
          this.login.next(left).then(
            // The types leave out that false ends the login.
            (step) => next(step as Exclude<typeof step, false>),
            (error: unknown) => {
              this.failure = error;
              next(false as unknown as 'none');
            },
          );
        },
      });
      // The library has stopped the stream until it listens itself, so that nothing is missed by either.
      socket.once('data', (first: Buffer) => (this.software = first.toString('latin1').split('\r\n', 1)[0] ?? ''));
    });
  }

  /** Small requests must not wait for the answers to others: no delay. */
  private dial(): net.Socket {
    return net.connect({ host: this.target.host, port: this.target.port, noDelay: true });
  }

  /** A stream to the next computer. */
  forward(next: SshTarget): Promise<Readable> {
    return this.within((done, failed) => {
      this.client.forwardOut('127.0.0.1', 0, next.host, next.port, (error, stream) => {
        if (error) failed(this.unreachable(next, error.message));
        else done(stream);
      });
    });
  }

  sftp(): Promise<SFTPWrapper> {
    return this.within((done, failed) => {
      this.client.sftp((error, sftp) => {
        if (error) failed(new StrataError('remoteSsh.noSftp', { host: this.target.host, reason: error.message }));
        else done(sftp);
      });
    });
  }

  /** Runs a step against the clock, which stands still while somebody is asked. */
  private within<T>(act: (done: (value: T) => void, failed: (error: unknown) => void) => void): Promise<T> {
    const { asker, signal } = this.connecting;
    return new Promise<T>((resolve, reject) => {
      let left = this.place.options.connectMs;
      const end = (tell: () => void): void => {
        clearInterval(clock);
        signal.removeEventListener('abort', stop);
        tell();
      };
      const fail = (error: unknown): void => {
        const reason = error as Error;
        end(() => reject(reason));
      };
      const stop = (): void => {
        fail(new Cancelled());
        this.close();
      };
      const clock = setInterval(() => {
        if (asker.waiting > 0) return;
        left -= CLOCK_MS;
        if (left > 0) return;
        fail(this.unreachable(this.target, 'ETIMEDOUT'));
        this.close();
      }, CLOCK_MS);
      signal.addEventListener('abort', stop, { once: true });
      act((value) => end(() => resolve(value)), fail);
    });
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    for (const tell of this.listeners.splice(0)) tell(this.reason || 'the connection was closed');
  }

  /** What an error of the library means for people. */
  private judge(error: Error & Partial<ClientErrorExtensions>): unknown {
    const ours = this.failure ?? this.login.failure ?? this.login.keys.failure;
    if (ours !== undefined) return ours;
    const { host } = this.target;
    if (error.level === 'client-authentication' || /authentication failures/i.test(error.message))
      return this.login.refused(error.message);
    if (errno(error) === 'ENOTFOUND') return new StrataError('remoteSsh.noHost', { host });
    if (error.level === 'handshake' && /no matching|verification failed/i.test(error.message))
      return new StrataError('remoteSsh.handshake', { host, reason: error.message });
    return this.unreachable(this.target, errno(error) ?? error.message);
  }

  private unreachable({ host, port }: SshTarget, reason: string): StrataError {
    return new StrataError('remoteSsh.unreachable', { host, port, reason });
  }
}
