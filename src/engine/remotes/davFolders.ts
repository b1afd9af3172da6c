/** Folders of a WebDAV server: made where they are missing, from the nearest one that is there, and listed one level at a time. */

import { type IncomingMessage } from 'node:http';
import { StrataError } from '../errors';
import { discard } from './httpClient';
import { cutShort } from './httpErrors';
import { type HttpObjects } from './httpObjects';
import { parseListing, tellsFolder, PROPFIND, type DavEntry } from './davXml';

/** A listing that is longer is no listing of objects. */
const LONGEST = 256 * 1024 * 1024;

/** Folders at one place. */
export class DavFolders {
  /** Folders that are there or being made. */
  private readonly made = new Map<string, Promise<void>>();

  constructor(private readonly objects: HttpObjects) {}

  /** Makes the folder of a key, and what is missing above it. Many may ask for the same one at once. */
  async ensure(key: string, signal: AbortSignal): Promise<void> {
    const known = this.made.get(key) ?? this.make(this.objects.folder(key), key, signal);
    this.made.set(key, known);
    try {
      await known;
    } catch (error) {
      this.made.delete(key);
      throw error;
    }
  }

  /** A folder that was there may have gone. */
  forget(key: string): void {
    this.made.delete(key);
  }

  private make(url: URL, key: string, signal: AbortSignal): Promise<void> {
    return this.objects.retry.run(signal, async (attempt) => {
      const { client } = this.objects;
      let reply = await client.send({ method: 'MKCOL', url, signal: attempt.signal });
      const above = new URL('..', url);
      if ((reply.statusCode === 409 || reply.statusCode === 404) && above.pathname !== url.pathname) {
        discard(reply);
        await this.make(above, key, signal);
        reply = await client.send({ method: 'MKCOL', url, signal: attempt.signal });
      }
      const status = reply.statusCode ?? 0;
      // 405: there is something by that name already; 301 and others are how some servers say so.
      if (status !== 405 && (status < 200 || status >= 400)) throw this.objects.refusal(reply, 'MKCOL', key);
      discard(reply);
    });
  }

  /** The entries of a folder by its key; undefined when it is not there. Fails with `remoteWebdav.listing` {url} when the answer is no listing. */
  list(key: string, signal: AbortSignal): Promise<DavEntry[] | undefined> {
    const { client, retry, url: shown } = this.objects;
    const url = this.objects.folder(key);
    return retry.run(signal, async (attempt) => {
      const reply = await client.send({
        method: 'PROPFIND',
        url,
        headers: { depth: '1', 'content-type': 'application/xml; charset=utf-8' },
        body: PROPFIND,
        signal: attempt.signal,
      });
      if (reply.statusCode === 404 || reply.statusCode === 410) return void discard(reply);
      if (reply.statusCode !== 207 && reply.statusCode !== 200) throw this.objects.refusal(reply, 'PROPFIND', key);
      const text = await this.textOf(reply, attempt.moved.bind(attempt));
      const entries = text === undefined ? undefined : parseListing(text, url);
      if (!entries) throw new StrataError('remoteWebdav.listing', { url: shown });
      return entries;
    });
  }

  /** True for a folder: servers answer to HEAD for one as for a file. False where nothing is, or the server cannot say. */
  isFolder(key: string, signal: AbortSignal): Promise<boolean> {
    return this.objects.retry.run(signal, async (attempt) => {
      const reply = await this.objects.client.send({
        method: 'PROPFIND',
        url: this.objects.at(key),
        headers: { depth: '0', 'content-type': 'application/xml; charset=utf-8' },
        body: PROPFIND,
        signal: attempt.signal,
      });
      if (reply.statusCode === 207) return tellsFolder((await this.textOf(reply, attempt.moved.bind(attempt))) ?? '');
      if ([401, 407, 429, 500, 502, 503, 504].includes(reply.statusCode ?? 0))
        throw this.objects.refusal(reply, 'PROPFIND', key);
      discard(reply);
      // A folder may want to be called by its address with a slash at the end.
      return [301, 302, 307, 308].includes(reply.statusCode ?? 0);
    });
  }

  /** The whole body, undefined when it is longer than any listing. */
  private textOf(reply: IncomingMessage, moved: (bytes: number) => void): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      let failure: Error | undefined;
      reply.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        moved(chunk.length);
        if (size <= LONGEST) return;
        resolve(undefined);
        reply.destroy();
      });
      reply.on('error', (error) => (failure = error));
      const end = (): void => {
        if (reply.complete) resolve(Buffer.concat(chunks).toString('utf8'));
        else reject(cutShort(failure, this.objects.url));
      };
      if (reply.closed) end();
      else reply.once('close', end);
    });
  }
}
