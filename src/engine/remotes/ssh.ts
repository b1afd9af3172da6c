/**
 * A remote on another computer over SSH: SFTP with the user's own keys, configuration and known hosts; no program runs on the other side. The
 * layout and the permissions are those that DVC leaves there: files get what the server gives new files.
 */

import { pacer, throwIfCancelled, type Call } from '../../base/cancel';
import { StrataError } from '../errors';
import { type Host } from '../host/host';
import { inLanes } from './lanes';
import { isTemporaryName, type Leftover, type Moving, type OpenRemote, type Remote, type RemoteFile } from './remotes';
import { mayPass, patienceOf, Retry, type Attempt, type Passing, type Patience } from './retry';
import { findFiles, isNoFile, listFolder, SshFolders } from './sshFolders';
import { SFTP_STATUS, SftpRefusal, type SshLine } from './sshLine';
import { SshPool } from './sshPool';
import { resolvePlace, type SshPlace } from './sshTarget';
import { Download, Upload, type Manners, type Moves } from './sshTransfer';

/** Transfers at once: each waits for three answers in turn, so that many of them fill the way. */
const JOBS = 32;
/** Requests at once for what is not a transfer. */
const LANES = 32;
/** So long, in milliseconds, is waited for what a cancel has to remove. */
const CLEANING_MS = 150;

/** Opens a remote `ssh://` or `sftp://`. Fails with what {@link resolvePlace} fails with; connecting comes later. */
export const open: OpenRemote = async (settings, host, call) => {
  const place = await resolvePlace(settings, host);
  return new SshRemote(place, settings.jobs ?? JOBS, { host, call });
};

/** What a remote needs of its surroundings; other times are for tests. */
export interface SshSurroundings {
  readonly host: Host;
  readonly call: Call;
  readonly patience?: Partial<Patience>;
}

/** The remote. */
export class SshRemote implements Remote {
  readonly url: string;
  private readonly pool: SshPool;
  private readonly retry: Retry;
  private readonly folders = new SshFolders();
  private readonly manners: Manners = { ordered: false };
  private readonly host: Host;
  private readonly cleaning = new Set<Promise<void>>();

  constructor(
    private readonly place: SshPlace,
    readonly jobs: number,
    { host, call, patience }: SshSurroundings,
  ) {
    this.url = place.url;
    this.host = host;
    this.pool = new SshPool(place, host, call);
    this.retry = new Retry(place.url, patienceOf(host, patience ?? {}), passing);
  }

  has(keys: readonly string[], call: Call): Promise<ReadonlySet<string>> {
    if (keys.length === 0) return Promise.resolve(new Set());
    return this.onLine(call.signal, '', (line) => findFiles(line, (key) => this.at(key), keys));
  }

  async *list(prefix: string, call: Call, left?: (file: Leftover) => void): AsyncIterable<RemoteFile> {
    const pace = pacer(call.signal);
    let folders = [prefix];
    while (folders.length > 0) {
      const below: string[] = [];
      for (let first = 0; first < folders.length; first += LANES) {
        const files: RemoteFile[] = [];
        await inLanes(folders.slice(first, first + LANES), LANES, async (folder) => {
          const entries = await this.onLine(call.signal, folder, (line) => listFolder(line, this.at(folder)));
          for (const { filename, attrs } of entries) {
            const key = folder === '' ? filename : `${folder}/${filename}`;
            if (attrs.isDirectory()) below.push(key);
            else if (attrs.isFile() && !filename.endsWith('.tmp')) files.push({ key, size: attrs.size });
            else if (attrs.isFile() && isTemporaryName(filename)) left?.({ key, modified: attrs.mtime * 1000 });
          }
        });
        for (const file of files) {
          await pace();
          yield file;
        }
      }
      folders = below;
    }
  }

  async upload(path: string, key: string, moving: Moving): Promise<void> {
    throwIfCancelled(moving.signal);
    const to = this.at(key);
    const upload = new Upload(path, to, () => this.host.randomHex(8), this.manners);
    let last: SshLine | undefined;
    let act: Promise<void> = Promise.resolve();
    try {
      await this.onLine(moving.signal, key, (line, attempt) => {
        last = line;
        act = this.sendInto(upload, { line, folder: to.slice(0, to.lastIndexOf('/')) }, both(moving, attempt));
        return act;
      });
    } catch (error) {
      const line = last;
      // What is under way could make the temporary again: it ends first.
      if (line && !line.broken) await this.cleaned(act.catch(() => undefined).then(() => upload.drop(line)));
      throw error;
    }
  }

  /** Sends a file; its folder is made when the server says that it is not there. */
  private async sendInto(upload: Upload, to: { line: SshLine; folder: string }, moves: Moves): Promise<void> {
    try {
      await upload.over(to.line, moves);
    } catch (error) {
      if (!isNoFile(error)) throw error;
      this.folders.forget(to.folder);
      await this.folders.make(to.line, to.folder);
      await upload.over(to.line, moves);
    }
  }

  async download(key: string, path: string, moving: Moving): Promise<void> {
    throwIfCancelled(moving.signal);
    const download = new Download(this.at(key), path);
    try {
      await this.onLine(moving.signal, key, (line, attempt) => download.over(line, both(moving, attempt)));
    } finally {
      download.end();
    }
  }

  remove(keys: readonly string[], call: Call): Promise<void> {
    return inLanes(keys, LANES, (key) =>
      this.onLine(call.signal, key, async (line) => {
        try {
          await line.unlink(this.at(key));
        } catch (error) {
          if (!isNoFile(error)) throw error;
        }
      }),
    );
  }

  async close(): Promise<void> {
    if (this.cleaning.size > 0) await Promise.race([Promise.all(this.cleaning), later(CLEANING_MS)]);
    this.pool.close();
  }

  /** Keys come from hashes; anything else would leave the folder. */
  private at(key: string): string {
    const parts = key === '' ? [] : key.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0')))
      throw new StrataError('remotes.badKey', { key });
    return [...(this.place.folder === '' ? [] : [this.place.folder.replace(/\/$/, '')]), ...parts].join('/');
  }

  /** Runs an act on a connection until it succeeds. A try that was given up takes its connection with it: it may hang for the others, too. */
  private async onLine<T>(
    signal: AbortSignal,
    key: string,
    act: (line: SshLine, attempt: Attempt) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.retry.run(signal, async (attempt) => {
        const line = await this.pool.take(attempt);
        const hangs = (): void => {
          if (!signal.aborted) line.end('it was silent');
        };
        attempt.signal.addEventListener('abort', hangs, { once: true });
        try {
          return await act(line, attempt);
        } finally {
          attempt.signal.removeEventListener('abort', hangs);
        }
      });
    } catch (error) {
      throw this.told(error, key);
    }
  }

  /** Waits a little for what is removed after a failure; {@link close} waits once more. */
  private async cleaned(work: Promise<void>): Promise<void> {
    this.cleaning.add(work);
    await Promise.race([work.finally(() => this.cleaning.delete(work)), later(CLEANING_MS)]);
  }

  /** What the server refused, as a sentence. */
  private told(error: unknown, key: string): unknown {
    if (!(error instanceof SftpRefusal)) return error;
    const path = this.at(key);
    const { url } = this;
    if (isNoFile(error)) return new StrataError('remotes.missing', { key, url });
    if (error.status === SFTP_STATUS.denied) return new StrataError('remoteSsh.pathDenied', { path, url });
    return new StrataError('remoteSsh.refused', { path, url, reason: error.message });
  }
}

/** A computer that did not answer may answer the next time. */
function passing(error: unknown): Passing | undefined {
  if (error instanceof StrataError && error.code === 'remoteSsh.unreachable') return {};
  return mayPass(error);
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function both(moving: Moving, attempt: Attempt): Moves {
  return {
    signal: attempt.signal,
    moved: (bytes) => {
      attempt.moved(bytes);
      moving.moved(bytes);
    },
  };
}
