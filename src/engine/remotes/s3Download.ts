/**
 * Files from S3. The first request asks for the whole object; when its length turns out to be big, that answer is taken for the first piece
 * only and the rest comes in ranges beside it. A piece that breaks goes on behind what arrived, of the same version (ETag) only.
 */

import * as fs from 'node:fs';
import { fsError, StrataError } from '../errors';
import { inLanes } from './lanes';
import { type Moving } from './remotes';
import { type Attempt } from './retry';
import { S3Answer } from './s3Errors';
import { type S3Place } from './s3Place';
import { EMPTY_SHA256 } from './s3Sign';
import { type WireAnswer } from './s3Wire';

const MIB = 1024 * 1024;
/** Objects above this size come in pieces. */
const PIECES_FROM = 32 * MIB;
const PIECE = 16 * MIB;
/** So many pieces of one object at once. */
const AT_ONCE = 4;

/** From `start` to before `end`; `end` is unknown until the first answer. */
interface Piece {
  readonly start: number;
  end: number | undefined;
  got: number;
}

/** Brings an object to a new file. Fails with `remotes.missing` {key}. */
export async function getObject(place: S3Place, key: string, path: string, moving: Moving): Promise<void> {
  let file: number;
  try {
    file = fs.openSync(path, 'wx');
  } catch (error) {
    throw fsError(error, path);
  }
  try {
    await new Download(place, key, { path, file }, moving).run();
  } finally {
    fs.closeSync(file);
  }
}

class Download {
  private etag: string | undefined;
  private total = 0;

  constructor(
    private readonly place: S3Place,
    private readonly key: string,
    private readonly to: { readonly path: string; readonly file: number },
    private readonly moving: Moving,
  ) {}

  async run(): Promise<void> {
    const first: Piece = { start: 0, end: undefined, got: 0 };
    const stop = new AbortController();
    let others: Promise<void> | undefined;
    const begin = (): void => {
      const rest = this.rest();
      if (others || rest.length === 0) return;
      const signal = AbortSignal.any([this.moving.signal, stop.signal]);
      others = inLanes(rest, AT_ONCE, (piece) => this.bring(piece, signal));
      // Looked at when the first piece has ended.
      others.catch(() => undefined);
    };
    try {
      await this.bring(first, this.moving.signal, begin);
    } catch (error) {
      stop.abort();
      await others?.catch(() => undefined);
      throw error;
    }
    await others;
  }

  /** What comes beside the first piece. */
  private rest(): Piece[] {
    const rest: Piece[] = [];
    if (this.total <= PIECES_FROM) return rest;
    for (let start = PIECE; start < this.total; start += PIECE)
      rest.push({ start, end: Math.min(start + PIECE, this.total), got: 0 });
    return rest;
  }

  /** `known` is called as soon as the length is. */
  private bring(piece: Piece, signal: AbortSignal, known?: () => void): Promise<void> {
    return this.place.does(signal, (attempt) => this.piece(piece, attempt, known), this.key);
  }

  private async piece(piece: Piece, attempt: Attempt, known: (() => void) | undefined): Promise<void> {
    if (piece.end !== undefined && piece.got === piece.end - piece.start) return;
    const answer = await this.ask(piece, attempt);
    const skip = this.headOf(answer, piece);
    known?.();
    await this.read(answer, piece, { attempt, skip });
  }

  private async ask(piece: Piece, attempt: Attempt): Promise<WireAnswer> {
    const headers: Record<string, string> = { ...this.place.options.extras.get };
    const at = piece.start + piece.got;
    if (at > 0) headers['range'] = `bytes=${at}-${piece.end === this.total ? '' : (piece.end ?? 0) - 1}`;
    if (at > 0 && this.etag !== undefined) headers['if-match'] = this.etag;
    const about = { headers, bodyHash: EMPTY_SHA256, signal: attempt.signal };
    try {
      return await this.place.request(this.key, { method: 'GET', ...about });
    } catch (error) {
      if (!(error instanceof S3Answer) || error.status !== 412) throw error;
      throw this.changed(piece);
    }
  }

  /** Judges the head of an answer; gives how many bytes of its body are to be passed over, as a server may know no ranges. */
  private headOf(answer: WireAnswer, piece: Piece): number {
    const at = piece.start + piece.got;
    const total = totalOf(answer, at);
    if (total === undefined || (at > 0 && !this.isSame(total, answer.headers.etag))) {
      answer.message.destroy();
      throw total === undefined ? this.broken('content-length') : this.changed(piece);
    }
    if (at === 0) {
      this.total = total;
      this.etag = answer.headers.etag;
      piece.end = total > PIECES_FROM ? PIECE : total;
    }
    return isRange(answer) ? 0 : at;
  }

  /** Writes a body to its place, up to the end of the piece. */
  private read(
    { message }: WireAnswer,
    piece: Piece,
    { attempt, skip }: { readonly attempt: Attempt; readonly skip: number },
  ): Promise<void> {
    const wanted = (piece.end ?? 0) - piece.start;
    let passed = skip;
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        message.destroy();
        reject(error);
      };
      message.on('data', (data: Buffer) => {
        const from = Math.min(passed, data.length);
        passed -= from;
        const part = data.subarray(from, from + wanted - piece.got);
        try {
          this.write(part, piece.start + piece.got);
        } catch (error) {
          return fail(fsError(error, this.to.path) as Error);
        }
        piece.got += part.length;
        this.count(part.length, attempt);
        if (piece.got < wanted) return;
        resolve();
        if (!message.readableEnded && piece.end !== undefined && piece.end < this.total) message.destroy();
      });
      message.on('end', () => {
        if (piece.got === wanted) resolve();
        else fail(this.broken('short body'));
      });
      message.on('error', fail);
      message.on('close', () => fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    });
  }

  private write(part: Uint8Array, at: number): void {
    for (let done = 0; done < part.length;)
      done += fs.writeSync(this.to.file, part, done, part.length - done, at + done);
  }

  private count(bytes: number, attempt: Attempt): void {
    attempt.moved(bytes);
    this.place.moved(bytes);
    this.moving.moved(bytes);
  }

  /** Not every answer names the version. */
  private isSame(total: number, etag: string | undefined): boolean {
    return total === this.total && (etag === undefined || this.etag === undefined || etag === this.etag);
  }

  /** Someone put another object there meanwhile: the next try starts anew. */
  private changed(piece: Piece): StrataError {
    this.etag = undefined;
    piece.got = 0;
    return this.broken('the object changed');
  }

  private broken(reason: string): StrataError {
    return new StrataError('remotes.broken', { url: this.place.options.url, reason });
  }
}

/** The length of the whole object; undefined when the answer does not say it, or is not about what begins at `at`. */
function totalOf(answer: WireAnswer, at: number): number | undefined {
  const { headers } = answer;
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (!Number.isInteger(length)) return undefined;
  if (!isRange(answer)) return length;
  const [start, end, total] = (/^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '') ?? [])
    .slice(1)
    .map(Number);
  return start === at && end === at + length - 1 ? total : undefined;
}

/** Some servers answer a range with status 200. */
function isRange({ status, headers }: WireAnswer): boolean {
  return status === 206 || headers['content-range'] !== undefined;
}
