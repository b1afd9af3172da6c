/** Files at a place over HTTP by their keys: heads, downloads that go on where they broke, uploads that are looked at afterwards, removal. */

import * as fs from 'node:fs';
import { type IncomingMessage } from 'node:http';
import { type Call } from '../../base/cancel';
import { fsError, StrataError } from '../errors';
import { adaptively } from './adaptiveLanes';
import { discard, type HttpClient } from './httpClient';
import { cutShort, statusError } from './httpErrors';
import { type Moving, type RemoteFile } from './remotes';
import { type Attempt, type Retry } from './retry';

/** What a server says of a file without sending it. */
export interface Head {
  readonly size: number | undefined;
  readonly etag: string | undefined;
}

/** So many questions at once, at most. */
const WIDEST = 48;

/** So much of a file tells it from a page. */
const BEGINNING = 4096;

/** A file that was sent. */
interface Sent {
  readonly key: string;
  readonly path: string;
  readonly size: number;
}

/** Keys and transfers at one place. */
export class HttpObjects {
  constructor(
    readonly client: HttpClient,
    readonly retry: Retry,
    private readonly now: () => number,
  ) {}

  get url(): string {
    return this.client.place.shown;
  }

  /** The address of a key; what is escaped already stays as it is. Fails with `remotes.badKey` {key}. */
  at(key: string): URL {
    const parts = key.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\\')))
      throw new StrataError('remotes.badKey', { key });
    return this.below(parts);
  }

  /** The address of a folder by its key, empty for the base; ends with a slash. */
  folder(key: string): URL {
    const url = key === '' ? this.below([]) : this.at(key);
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url;
  }

  private below(parts: readonly string[]): URL {
    const url = new URL(this.client.place.base);
    const start = url.pathname === '/' ? '' : url.pathname;
    url.pathname = [start, ...parts.map((part) => encodeURIComponent(part).replace(/%25([0-9A-F]{2})/gi, '%$1'))].join(
      '/',
    );
    return url;
  }

  /** The error of an answer that is no success; the answer is discarded. */
  refusal(reply: IncomingMessage, method: string, key: string): StrataError {
    discard(reply);
    return statusError(reply, { url: this.url, method, key }, this.now());
  }

  /** Which keys are there. A server that says 403 to some and yes to others means: not there. */
  async has(keys: readonly string[], call: Call): Promise<Set<string>> {
    const found = new Set<string>();
    const unsaid: StrataError[] = [];
    await adaptively(keys, WIDEST, async (key) => {
      try {
        if (await this.retry.run(call.signal, (attempt) => this.head(key, attempt.signal))) found.add(key);
      } catch (error) {
        if (!(error instanceof StrataError) || error.code !== 'remoteHttp.denied') throw error;
        unsaid.push(error);
      }
    });
    if (unsaid[0] && found.size === 0) throw unsaid[0];
    return found;
  }

  /** Facts of one file; undefined when it is not there. `name`: DVC's field for the tag. */
  async stat(key: string, name: 'etag' | 'checksum', call: Call): Promise<RemoteFile | undefined> {
    const head = await this.retry.run(call.signal, (attempt) => this.head(key, attempt.signal));
    if (!head) return undefined;
    return {
      key,
      ...(head.size === undefined ? {} : { size: head.size }),
      ...(head.etag === undefined ? {} : { tag: { name, value: head.etag } }),
    };
  }

  /** What HEAD says, or the head of a GET where the server knows no HEAD. */
  async head(key: string, signal: AbortSignal): Promise<Head | undefined> {
    const url = this.at(key);
    let method = 'HEAD';
    let reply = await this.client.send({ method, url, signal });
    if (reply.statusCode === 405 || reply.statusCode === 501) {
      discard(reply);
      method = 'GET';
      reply = await this.client.send({ method, url, signal });
    }
    const status = reply.statusCode ?? 0;
    if (status === 404 || status === 410) return void discard(reply);
    if (status >= 300 || status < 200) throw this.refusal(reply, method, key);
    // The body of HEAD is empty whatever its length says.
    if (method === 'HEAD') reply.resume();
    else discard(reply, true);
    return { size: lengthOf(reply), etag: reply.headers.etag };
  }

  /** One try of a download, behind {@link Moving.from}. */
  async download(key: string, path: string, moving: Moving): Promise<void> {
    const url = this.at(key);
    const from = moving.from ?? 0;
    const headers = from > 0 ? { headers: { range: `bytes=${from}-` } } : {};
    const reply = await this.client.send({ method: 'GET', url, signal: moving.signal, ...headers });
    const status = reply.statusCode ?? 0;
    if (from > 0 && status === 416) return this.afterEnd(reply, { key, path, from }, moving);
    if (status !== 200 && status !== 206) throw this.refusal(reply, 'GET', key);
    const start = status === 206 ? startOf(reply) : 0;
    if (start !== 0 && start !== from) {
      discard(reply, true);
      throw new StrataError('remotes.broken', { url: this.url, reason: 'Content-Range' });
    }
    await this.receive(reply, { path, start }, moving);
  }

  /** The server has nothing behind what arrived: that was all, or it was something else. */
  private async afterEnd(
    reply: IncomingMessage,
    { key, path, from }: { key: string; path: string; from: number },
    moving: Moving,
  ): Promise<void> {
    const total = /\/(\d+)\s*$/.exec(reply.headers['content-range'] ?? '')?.[1];
    discard(reply);
    if (Number(total) === from) return;
    fs.truncateSync(path, 0);
    await this.download(key, path, { signal: moving.signal, moved: (bytes) => moving.moved(bytes), from: 0 });
  }

  /** Writes what comes to its place in the file. */
  private receive(reply: IncomingMessage, to: { path: string; start: number }, moving: Moving): Promise<void> {
    return new Promise((resolve, reject) => {
      const file = openAt(to.path, to.start);
      let at = to.start;
      let failure: unknown;
      const end = (): void => {
        fs.closeSync(file);
        if (failure === undefined && reply.complete) resolve();
        else reject(cutShort(failure, this.url));
      };
      reply.on('data', (chunk: Buffer) => {
        if (failure !== undefined) return;
        try {
          for (let done = 0; done < chunk.length;)
            done += fs.writeSync(file, chunk, done, chunk.length - done, at + done);
          at += chunk.length;
          moving.moved(chunk.length);
        } catch (error) {
          failure = fsError(error, to.path);
          reply.destroy();
        }
      });
      reply.on('error', (error) => (failure ??= error));
      if (reply.closed) end();
      else reply.once('close', end);
    });
  }

  /**
   * One try of an upload to `url`, which must not leave anything there when it fails with an answer of the server. Afterwards the server is asked
   * what it has: `remoteHttp.notKept` {url, key} when it has nothing, `remotes.broken` when it has another size.
   */
  async send(
    file: { path: string; key: string; method: string },
    attempt: Pick<Attempt, 'signal' | 'moved'>,
  ): Promise<void> {
    const { path, key, method } = file;
    const { size } = statOf(path);
    const { signal } = attempt;
    const moved = (bytes: number): void => attempt.moved(bytes);
    const reply = await this.client.send({ method, url: this.at(key), body: { path, size }, signal, moved });
    const status = reply.statusCode ?? 0;
    if (status < 200 || status >= 300) throw this.refusal(reply, method, key);
    discard(reply);
    attempt.moved(0);
    await this.confirm({ key, path, size }, signal);
  }

  private async confirm({ key, path, size }: Sent, signal: AbortSignal): Promise<void> {
    let head: Head | undefined;
    try {
      head = await this.head(key, signal);
    } catch (error) {
      // Who may write need not be allowed to read.
      if (error instanceof StrataError && /^remoteHttp\.(login|denied)$/.test(error.code)) return;
      throw error;
    }
    const kept = head && (head.size !== undefined || (await this.beginsAs({ key, path, size }, signal)));
    if (!head || !kept) throw new StrataError('remoteHttp.notKept', { url: this.url, key });
    if (head.size !== undefined && head.size !== size)
      throw new StrataError('remotes.broken', { url: this.url, reason: `${head.size} / ${size} B` });
  }

  /** Where the server tells no size: whether what it gives begins as the file does, so that a page that answers to everything is not believed. */
  private async beginsAs({ key, path, size }: Sent, signal: AbortSignal): Promise<boolean> {
    const wanted = firstBytes(path, Math.min(size, BEGINNING));
    const reply = await this.client.send({ method: 'GET', url: this.at(key), signal });
    if (reply.statusCode !== 200) throw this.refusal(reply, 'GET', key);
    let got = Buffer.alloc(0);
    try {
      for await (const chunk of reply as AsyncIterable<Buffer>) {
        got = Buffer.concat([got, chunk]);
        if (got.length > wanted.length || (got.length === wanted.length && size > wanted.length)) break;
      }
    } catch (error) {
      throw cutShort(error, this.url);
    }
    return size > BEGINNING ? got.subarray(0, wanted.length).equals(wanted) : got.equals(wanted);
  }

  /** Removes one file; false when it was not there. Fails with `remoteHttp.cannotRemove` {url, key} where the server knows no DELETE. */
  async remove(key: string, signal: AbortSignal): Promise<boolean> {
    const reply = await this.client.send({ method: 'DELETE', url: this.at(key), signal });
    const status = reply.statusCode ?? 0;
    const absent = status === 404 || status === 410;
    if (absent || (status >= 200 && status < 300)) {
      discard(reply);
      return !absent;
    }
    if (status !== 405 && status !== 501) throw this.refusal(reply, 'DELETE', key);
    discard(reply);
    throw new StrataError('remoteHttp.cannotRemove', { url: this.url, key });
  }

  /** Removes files; the first failure ends it. */
  async removeAll(keys: readonly string[], call: Call): Promise<void> {
    await adaptively(keys, WIDEST, async (key) => {
      await this.retry.run(call.signal, (attempt) => this.remove(key, attempt.signal));
    });
  }
}

function lengthOf(reply: IncomingMessage): number | undefined {
  const length = reply.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

function startOf(reply: IncomingMessage): number {
  const start = /^\s*bytes\s+(\d+)-/i.exec(reply.headers['content-range'] ?? '')?.[1];
  return start === undefined ? -1 : Number(start);
}

function statOf(path: string): fs.Stats {
  try {
    return fs.statSync(path);
  } catch (error) {
    throw fsError(error, path);
  }
}

function firstBytes(path: string, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const file = fs.openSync(path, 'r');
  try {
    return bytes.subarray(0, fs.readSync(file, bytes, 0, length, 0));
  } finally {
    fs.closeSync(file);
  }
}

/** Opens the file of a download, with `start` bytes in it. */
function openAt(path: string, start: number): number {
  try {
    const file = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o644);
    fs.ftruncateSync(file, start);
    return file;
  } catch (error) {
    throw fsError(error, path);
  }
}
