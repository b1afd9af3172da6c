/**
 * Files over SFTP, block by block with many blocks under way. What arrived is remembered over a broken connection, so that the next try sends
 * or asks for the rest only. An upload goes to a temporary beside its goal and gets its name when the server has all of it.
 */

import * as fs from 'node:fs';
import { type Stats } from 'ssh2';
import { isCancelled, throwIfCancelled } from '../../base/cancel';
import { fsError } from '../errors';
import { BLOCK, SFTP_STATUS, SftpRefusal, type SshLine } from './sshLine';

/** What one try of a transfer needs. */
export interface Moves {
  readonly signal: AbortSignal;
  moved(bytes: number): void;
}

/** Which blocks of a file are over. */
export class Blocks {
  /** Bytes that arrived. */
  bytes = 0;
  private readonly done: Uint8Array;
  private next = 0;

  constructor(readonly size: number) {
    this.done = new Uint8Array(Math.ceil(size / BLOCK));
  }

  /** End of the last byte that arrived. */
  get reach(): number {
    return Math.min(this.size, (this.done.lastIndexOf(1) + 1) * BLOCK);
  }

  /** A new try begins: whatever is not over is taken again. */
  rewind(): void {
    this.next = 0;
  }

  /** The first byte of a block that is missing and was not taken in this try. */
  take(): number | undefined {
    while (this.next < this.done.length && this.done[this.next] === 1) this.next += 1;
    if (this.next >= this.done.length) return undefined;
    this.next += 1;
    return (this.next - 1) * BLOCK;
  }

  /** The block at this byte is over. */
  put(at: number): void {
    this.done[at / BLOCK] = 1;
    this.bytes += this.length(at);
  }

  length(at: number): number {
    return Math.min(BLOCK, this.size - at);
  }
}

/** So many blocks wait for room; more would only hold memory. */
const LANES = 128;

/** What was learned about a server. */
export interface Manners {
  /** It takes the blocks of a file one after the other only, as gateways to object stores do. */
  ordered: boolean;
}

/** An upload over all its tries. */
export class Upload {
  private blocks: Blocks;
  private temporary: string;
  private begun = false;
  /** The new name was asked for: when the temporary is gone, it has it. */
  private naming = false;

  /** Fails when there is no such local file. */
  constructor(
    private readonly from: string,
    private readonly to: string,
    private readonly newName: () => string,
    private readonly manners: Manners,
  ) {
    this.blocks = new Blocks(sizeOf(from));
    this.temporary = this.fresh();
  }

  /** One try. Fails with {@link SftpRefusal} and what the line says. */
  async over(line: SshLine, moves: Moves): Promise<void> {
    if (line.ordered) this.manners.ordered = true;
    const source = fs.openSync(this.from, 'r');
    try {
      const handle = await this.open(line, moves);
      if (!handle) return;
      try {
        await this.send(line, { handle, source }, moves);
        await this.finish(line, handle);
      } catch (error) {
        if (!line.broken) await line.close(handle).catch(() => undefined);
        if (!this.isOutOfOrder(error)) throw error;
        this.manners.ordered = true;
        this.startAnew(moves);
        return await this.over(line, moves);
      }
    } finally {
      fs.closeSync(source);
    }
  }

  private startAnew(moves: Moves): void {
    moves.moved(-this.blocks.bytes);
    this.blocks = new Blocks(this.blocks.size);
  }

  /** The server refused one of several blocks that were under way at once. */
  private isOutOfOrder(error: unknown): boolean {
    return error instanceof SftpRefusal && this.blocks.size > BLOCK && !this.manners.ordered && !this.naming;
  }

  /** Removes what a failure left. */
  async drop(line: SshLine): Promise<void> {
    if (this.begun) await line.unlink(this.temporary).catch(() => undefined);
  }

  private fresh(): string {
    return `${this.to.slice(0, this.to.lastIndexOf('/') + 1)}.${this.newName()}.tmp`;
  }

  /** A new temporary, or the one of the last try when the server has what it said it had; undefined: it has its name already. */
  private async open(line: SshLine, moves: Moves): Promise<Buffer | undefined> {
    if (this.begun && this.blocks.bytes > 0) {
      try {
        const handle = await line.open(this.temporary, 'r+');
        if ((await line.fstat(handle)).size >= this.blocks.reach) return handle;
        await line.close(handle);
      } catch (error) {
        if (!(error instanceof SftpRefusal)) throw error;
        if (this.naming && error.status === SFTP_STATUS.noFile) return undefined;
      }
    }
    this.naming = false;
    if (this.begun) {
      await this.drop(line);
      this.temporary = this.fresh();
      this.startAnew(moves);
    }
    // It may be made although no answer comes.
    this.begun = true;
    return line.open(this.temporary, 'wx');
  }

  private async send(line: SshLine, ends: { handle: Buffer; source: number }, moves: Moves): Promise<void> {
    const lanes = this.manners.ordered ? 1 : LANES;
    await eachBlock({ blocks: this.blocks, lanes }, moves, async (at, length) => {
      const bytes = Buffer.allocUnsafe(length);
      readWhole(ends.source, bytes, at, this.from);
      await line.write(ends.handle, bytes, at);
      return length;
    });
  }

  /** All requests for one file are answered in their order, so they need not wait for each other; the new name does. */
  private async finish(line: SshLine, handle: Buffer): Promise<void> {
    const sync = line.sync(handle);
    const facts = line.fstat(handle);
    const close = line.close(handle);
    const [synced, { size }] = await Promise.all([sync, facts, close]);
    if (size !== this.blocks.size) throw new SftpRefusal(SFTP_STATUS.failure, `${size} of ${this.blocks.size} bytes`);
    this.naming = true;
    await line.rename(this.temporary, this.to);
    return synced;
  }
}

/** A download over all its tries. */
export class Download {
  private blocks: Blocks | undefined;
  private modified: number | undefined;
  private goal: number | undefined;

  constructor(
    private readonly from: string,
    private readonly to: string,
  ) {}

  /** One try. Fails with {@link SftpRefusal}, with what the line says, or with an error of the file system. */
  async over(line: SshLine, moves: Moves): Promise<void> {
    const handle = await line.open(this.from, 'r');
    try {
      this.begin(await line.fstat(handle));
      await this.receive(line, handle, moves);
    } finally {
      // Nobody waits for the answer, and a broken line has none.
      line.close(handle).catch(() => undefined);
    }
  }

  /** Releases the local file. */
  end(): void {
    if (this.goal !== undefined) fs.closeSync(this.goal);
    this.goal = undefined;
  }

  /** Goes on with what arrived, unless the file there is another one now. */
  private begin({ size, mtime }: Stats): void {
    try {
      this.goal ??= fs.openSync(this.to, 'wx');
      if (this.blocks && this.blocks.size === size && this.modified === mtime) return;
      if (this.blocks) fs.ftruncateSync(this.goal, 0);
    } catch (error) {
      throw fsError(error, this.to);
    }
    this.blocks = new Blocks(size);
    this.modified = mtime;
  }

  private async receive(line: SshLine, handle: Buffer, moves: Moves): Promise<void> {
    const { blocks, goal } = this;
    if (!blocks || goal === undefined) return;
    await eachBlock({ blocks, lanes: LANES }, moves, async (at, length) => {
      const bytes = Buffer.allocUnsafe(length);
      for (let have = 0; have < length;) {
        const count = await line.read(handle, bytes.subarray(have), at + have);
        if (count === 0) throw new SftpRefusal(SFTP_STATUS.failure, `ends after ${at + have} of ${blocks.size} bytes`);
        have += count;
      }
      writeWhole(goal, bytes, at, this.to);
      return length;
    });
  }
}

/** Runs `act` on each missing block, many at once. After a failure no further block is begun; it is thrown when none is under way. */
async function eachBlock(
  { blocks, lanes: most }: { readonly blocks: Blocks; readonly lanes: number },
  moves: Moves,
  act: (at: number, length: number) => Promise<number>,
): Promise<void> {
  blocks.rewind();
  let failure: unknown;
  const lane = async (): Promise<void> => {
    while (failure === undefined) {
      throwIfCancelled(moves.signal);
      const at = blocks.take();
      if (at === undefined) return;
      const bytes = await act(at, blocks.length(at));
      blocks.put(at);
      moves.moved(bytes);
    }
  };
  const lanes = Array.from({ length: Math.min(most, Math.ceil(blocks.size / BLOCK)) }, () =>
    lane().catch((error: unknown) => {
      if (failure === undefined || isCancelled(error)) failure = error;
    }),
  );
  await Promise.all(lanes);
  if (failure !== undefined) throw failure as Error;
  throwIfCancelled(moves.signal);
}

function sizeOf(path: string): number {
  try {
    return fs.statSync(path).size;
  } catch (error) {
    throw fsError(error, path);
  }
}

function readWhole(file: number, bytes: Buffer, at: number, path: string): void {
  try {
    for (let have = 0; have < bytes.length;) {
      const count = fs.readSync(file, bytes, have, bytes.length - have, at + have);
      if (count === 0) throw new Error(`${path} became shorter`);
      have += count;
    }
  } catch (error) {
    throw fsError(error, path);
  }
}

function writeWhole(file: number, bytes: Buffer, at: number, path: string): void {
  try {
    for (let put = 0; put < bytes.length;) put += fs.writeSync(file, bytes, put, bytes.length - put, at + put);
  } catch (error) {
    throw fsError(error, path);
  }
}
