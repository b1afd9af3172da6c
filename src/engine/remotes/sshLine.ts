/**
 * SFTP on one connection, as promises. Many requests may be under way; a broken connection fails all of them at once with `remotes.broken`,
 * and what the server refuses becomes an {@link SftpRefusal}. How many blocks may be under way follows how quickly they are answered.
 */

import { type FileEntryWithStats, type SFTPWrapper, type Stats } from 'ssh2';
import { StrataError } from '../errors';
import { type SshConnection } from './sshConnect';

/** SFTP's status codes (draft-ietf-secsh-filexfer-02 §7) that mean something to us. */
export const SFTP_STATUS = { noFile: 2, denied: 3, failure: 4, unsupported: 8 } as const;

/** The server said no to a request. */
export class SftpRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'SftpRefusal';
  }
}

/** One block fits one packet of every server: 32 kB are always allowed, and a head goes with it. */
export const BLOCK = 31 * 1024;
/** Blocks under way: at least, at first, at most (4 MB). */
const [FEW, SOME, MANY] = [4, 16, 128];
/** An answer within this leaves room for more; one that takes longer than the second says that too much is under way. */
const [QUICK_MS, SLOW_MS] = [200, 800];

/** Servers that are known to take blocks of a file in their order only, and to wait long for one that is late. */
const ORDERED = /^SSH-2\.0-rclone/;

/** A connection in use. */
export class SshLine {
  /** Requests under way. */
  busy = 0;
  broken = false;
  private readonly sftp: SFTPWrapper;
  private readonly pending = new Set<(error: unknown) => void>();
  private posixRename = true;
  private syncs = true;
  private reason = '';
  private blocks = 0;
  private room = SOME;
  private readonly queue: (() => void)[] = [];

  constructor(
    private readonly connection: SshConnection,
    private readonly url: string,
  ) {
    this.sftp = connection.sftp;
    // Whatever the library finds wrong with the stream ends it.
    this.sftp.on('error', (error: Error) => this.end(error.message));
    this.sftp.on('end', () => this.end('the server ended SFTP'));
    this.sftp.on('close', () => this.end('the server ended SFTP'));
    connection.onEnd((reason) => this.end(reason));
  }

  /** The server takes the blocks of a file in their order only. */
  get ordered(): boolean {
    return ORDERED.test(this.connection.software);
  }

  get repeatable(): boolean {
    return this.connection.repeatable;
  }

  /** Ends the connection; what is under way fails. */
  end(reason: string): void {
    if (this.broken) return;
    this.broken = true;
    this.reason = reason;
    this.connection.close();
    for (const fail of [...this.pending]) fail(this.lost());
    for (const go of this.queue.splice(0)) go();
  }

  /** Opens a file: `r`, `wx` (a new one), `r+` (one that is there). */
  open(path: string, flags: 'r' | 'wx' | 'r+'): Promise<Buffer> {
    return this.request((done) => this.sftp.open(path, flags, done));
  }

  async close(handle: Buffer): Promise<void> {
    await this.request<unknown>((done) => this.sftp.close(handle, done));
  }

  fstat(handle: Buffer): Promise<Stats> {
    return this.request((done) => this.sftp.fstat(handle, done));
  }

  stat(path: string): Promise<Stats> {
    return this.request((done) => this.sftp.stat(path, done));
  }

  /** Names with their facts, links not followed. */
  readdir(path: string): Promise<FileEntryWithStats[]> {
    return this.request((done) => this.sftp.readdir(path, done));
  }

  async mkdir(path: string): Promise<void> {
    await this.request<unknown>((done) => this.sftp.mkdir(path, done));
  }

  async unlink(path: string): Promise<void> {
    await this.request<unknown>((done) => this.sftp.unlink(path, done));
  }

  /** Writes a block, when there is room. */
  write(handle: Buffer, bytes: Buffer, position: number): Promise<void> {
    return this.paced(async () => {
      await this.request<unknown>((done) => this.sftp.write(handle, bytes, 0, bytes.length, position, done));
    });
  }

  /** Reads up to a block into `bytes`, when there is room. Gives the number of bytes, 0 at the end of the file. */
  read(handle: Buffer, bytes: Buffer, position: number): Promise<number> {
    return this.paced(() =>
      this.request<number>((done) =>
        this.sftp.read(handle, bytes, 0, bytes.length, position, (error, count) => done(error, count)),
      ),
    );
  }

  /** Has the server write the file to its disk, where it knows how (fsync@openssh.com). */
  async sync(handle: Buffer): Promise<void> {
    if (!this.syncs) return;
    try {
      await this.request<unknown>((done) => this.sftp.ext_openssh_fsync(handle, done));
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      this.syncs = false;
    }
  }

  /** Renames over what may be there, in one step where the server knows how (posix-rename@openssh.com). */
  async rename(from: string, to: string): Promise<void> {
    if (this.posixRename) {
      try {
        await this.request<unknown>((done) => this.sftp.ext_openssh_rename(from, to, done));
        return;
      } catch (error) {
        if (!isUnsupported(error)) throw error;
        this.posixRename = false;
      }
    }
    const rename = (): Promise<unknown> => this.request((done) => this.sftp.rename(from, to, done));
    try {
      await rename();
    } catch (error) {
      if (!(error instanceof SftpRefusal) || error.status === SFTP_STATUS.noFile) throw error;
      // The plain request does not replace.
      await this.unlink(to);
      await rename();
    }
  }

  private lost(): StrataError {
    return new StrataError('remotes.broken', { url: this.url, reason: this.reason });
  }

  private request<T>(act: (done: (error?: Error | null, value?: T) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.broken) return reject(this.lost());
      this.busy += 1;
      const end = (tell: () => void): void => {
        if (!this.pending.delete(fail)) return;
        this.busy -= 1;
        tell();
      };
      const fail = (error: unknown): void => {
        const reason = error as Error;
        end(() => reject(reason));
      };
      this.pending.add(fail);
      try {
        act((error, value) => (error ? fail(this.refusal(error)) : end(() => resolve(value as T))));
      } catch (error) {
        fail(this.refusal(error as Error));
      }
    });
  }

  private refusal(error: Error & { code?: unknown }): unknown {
    if (this.broken) return this.lost();
    if (/does not support this extended request/.test(error.message))
      return new SftpRefusal(SFTP_STATUS.unsupported, error.message);
    if (typeof error.code === 'number') return new SftpRefusal(error.code, error.message);
    return new StrataError('remotes.broken', { url: this.url, reason: error.message });
  }

  /** Runs a request for a block when there is room, and learns from how long it took. */
  private async paced<T>(act: () => Promise<T>): Promise<T> {
    while (this.blocks + 1 > this.room && !this.broken) await new Promise<void>((go) => this.queue.push(go));
    this.blocks += 1;
    const started = performance.now();
    try {
      return await act();
    } finally {
      this.blocks -= 1;
      const took = performance.now() - started;
      if (took < QUICK_MS) this.room = Math.min(MANY, this.room + 0.25);
      else if (took > SLOW_MS) this.room = Math.max(FEW, this.room - 0.5);
      const free = Math.floor(this.room) - this.blocks;
      for (const go of this.queue.splice(0, Math.max(0, free))) go();
    }
  }
}

function isUnsupported(error: unknown): boolean {
  return error instanceof SftpRefusal && error.status === SFTP_STATUS.unsupported;
}
