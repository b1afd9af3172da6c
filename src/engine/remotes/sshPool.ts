/**
 * The connections of one remote: the first one may ask questions, further ones are opened in the background when much is under way and only
 * if they would ask nothing. A broken one is left out, and when none is left the next caller opens a new one.
 */

import { Cancelled, quietCall, type Call } from '../../base/cancel';
import { type Host } from '../host/host';
import { SshAsker } from './sshAsk';
import { connectSsh } from './sshConnect';
import { SshLine } from './sshLine';
import { type SshPlace } from './sshTarget';

/** What a caller of {@link SshPool.take} is told and tells. */
export interface Taking {
  readonly signal: AbortSignal;
  /** A sign of life, while a connection is opened. */
  moved(bytes: number): void;
}

/** With so many requests under way on each connection another one helps. */
const BUSY = 6;
const LIFE_MS = 500;

/** All connections to one place. */
export class SshPool {
  private lines: SshLine[] = [];
  private first: Promise<SshLine> | undefined;
  private opening = false;
  private most: number;
  private readonly ended = new AbortController();
  private readonly asker: SshAsker;

  constructor(
    private readonly place: SshPlace,
    private readonly host: Host,
    call: Call,
  ) {
    this.most = place.options.connections;
    this.asker = new SshAsker(host, call);
    call.signal.addEventListener('abort', () => this.ended.abort(), { once: true, signal: this.ended.signal });
    if (call.signal.aborted) this.ended.abort();
  }

  /** The connection with the least to do; opens one when there is none. */
  async take(taking: Taking): Promise<SshLine> {
    this.lines = this.lines.filter((line) => !line.broken);
    const [line] = [...this.lines].sort((a, b) => a.busy - b.busy);
    if (!line) return this.wait(taking);
    if (line.busy >= BUSY && line.repeatable && this.lines.length < this.most && !this.opening) void this.openMore();
    return line;
  }

  /** Ends all of them. */
  close(): void {
    this.ended.abort();
    for (const line of this.lines) line.end('closed');
  }

  private wait(taking: Taking): Promise<SshLine> {
    this.first ??= this.open(this.asker).finally(() => (this.first = undefined));
    const { first } = this;
    const { signal } = taking;
    return new Promise((resolve, reject) => {
      const life = setInterval(() => taking.moved(0), LIFE_MS);
      const end = (tell: () => void): void => {
        clearInterval(life);
        signal.removeEventListener('abort', stop);
        tell();
      };
      const stop = (): void => end(() => reject(new Cancelled()));
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      first.then(
        (line) => end(() => resolve(line)),
        (error: Error) => end(() => reject(error)),
      );
    });
  }

  private async openMore(): Promise<void> {
    this.opening = true;
    try {
      await this.open(new SshAsker(this.host, quietCall(this.ended.signal)));
    } catch {
      // The server wants no more of them, or would ask: those that are there go on.
      this.most = Math.max(1, this.lines.length);
    } finally {
      this.opening = false;
    }
  }

  private async open(asker: SshAsker): Promise<SshLine> {
    const { signal } = this.ended;
    const line = new SshLine(await connectSsh(this.place, { host: this.host, asker, signal }), this.place.url);
    if (signal.aborted) line.end('closed');
    else this.lines.push(line);
    return line;
  }
}
