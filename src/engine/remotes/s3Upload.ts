/**
 * Files to S3. Length and hashes are known before anything is sent: the server checks MD5 and SHA-256 of what it gets, and afterwards it
 * has to name that MD5 sum (as ETag), or a HEAD has to show the length. Big files go in parts (s3Parts.ts), others in one request.
 */

import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { fsError, StrataError } from '../errors';
import { throwIfCancelled } from '../../base/cancel';
import { type Moving } from './remotes';
import { type S3Place } from './s3Place';
import { EMPTY_SHA256 } from './s3Sign';
import { type WireBody } from './s3Wire';

/** Files of this size are read at once. */
const SMALL = 1024 * 1024;
/** A wrong length is sent again so many times. */
const SENDINGS = 3;

/** A body with its hashes. */
export interface HashedBody {
  readonly body: WireBody;
  readonly length: number;
  /** Hexadecimal. */
  readonly md5: string;
  readonly sha256: string;
}

/** The size of a file to send. Fails with `fs.notFound` and the like. */
export function sizeOf(path: string): number {
  try {
    return fs.statSync(path).size;
  } catch (error) {
    throw fsError(error, path);
  }
}

/** Sends a file in one request. Fails with `s3.wrongLength` when the server keeps another length than it got, whatever it says. */
export async function putWhole(place: S3Place, path: string, key: string, moving: Moving): Promise<void> {
  const size = sizeOf(path);
  const piece = await hashPiece(path, 0, size, moving.signal);
  for (let sending = 1; ; sending += 1) {
    const etag = await sendPiece(place, piece, { key, moving, headers: place.options.extras.put });
    // Of what it keeps, a server that names the MD5 sum has said more than a length. Others are asked for that.
    if (etag === piece.md5) return;
    const found = (await head(place, key, moving.signal))?.size;
    if (found === size) return;
    if (sending === SENDINGS) throw await wrongLength(place, key, { expected: size, found }, moving.signal);
  }
}

/** Takes an object away that is not what was sent, so that nobody reads it, and gives the error for it. */
export async function wrongLength(
  place: S3Place,
  key: string,
  { expected, found }: { readonly expected: number; readonly found: number | undefined },
  signal: AbortSignal,
): Promise<StrataError> {
  const command = new DeleteObjectCommand({ Bucket: place.options.bucket, Key: place.object(key) });
  await place.does(signal, (attempt) => place.client.send(command, { abortSignal: attempt.signal }), key);
  return new StrataError('s3.wrongLength', { key, url: place.options.url, expected, found: found ?? 0 });
}

/** Where a piece goes. */
export interface Sending {
  readonly key: string;
  readonly query?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly moving: Moving;
}

/** Sends a piece; gives the ETag that the server answers, without quotes. */
export async function sendPiece(place: S3Place, piece: HashedBody, sending: Sending): Promise<string> {
  const { key, query, moving } = sending;
  const headers = { ...sending.headers, 'content-md5': Buffer.from(piece.md5, 'hex').toString('base64') };
  const inMemory = 'bytes' in piece.body;
  return place.does(moving.signal, async (attempt) => {
    const moved = (bytes: number): void => {
      attempt.moved(bytes);
      place.moved(bytes);
      moving.moved(bytes);
    };
    const { headers: got, message } = await place.request(key, {
      method: 'PUT',
      ...(query === undefined ? {} : { query }),
      headers,
      body: piece.body,
      bodyHash: piece.sha256,
      signal: attempt.signal,
      moved,
    });
    message.resume();
    if (inMemory) moved(piece.length);
    return (got.etag ?? '').replaceAll('"', '');
  });
}

/** What a HEAD shows; undefined when there is no such object. */
export async function head(
  place: S3Place,
  key: string,
  signal: AbortSignal,
): Promise<{ readonly size: number; readonly etag: string | undefined } | undefined> {
  try {
    return await place.does(
      signal,
      async (attempt) => {
        const about = { headers: place.options.extras.get, bodyHash: EMPTY_SHA256, signal: attempt.signal };
        const { headers, message } = await place.request(key, { method: 'HEAD', ...about });
        message.resume();
        return { size: Number(headers['content-length'] ?? Number.NaN), etag: headers.etag };
      },
      key,
    );
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (!isNameless(error)) throw error;
    return tellWhy(place, key, signal);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof StrataError && error.code === 'remotes.missing';
}

/** An answer to HEAD has no body and so no reason. */
function isNameless(error: unknown): boolean {
  return error instanceof StrataError && (error.code === 's3.denied' || error.code === 's3.refused');
}

/** Asks the same with GET, whose refusal says why. */
async function tellWhy(place: S3Place, key: string, signal: AbortSignal): Promise<undefined> {
  try {
    await place.does(
      signal,
      async (attempt) => {
        const headers = { ...place.options.extras.get, range: 'bytes=0-0' };
        const about = { headers, bodyHash: EMPTY_SHA256, signal: attempt.signal };
        const { message } = await place.request(key, { method: 'GET', ...about });
        message.destroy();
      },
      key,
    );
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  throw new StrataError('s3.denied', { ...place.target });
}

/** Reads a piece of a file for its hashes; a small one is kept in memory. */
export async function hashPiece(path: string, at: number, length: number, signal: AbortSignal): Promise<HashedBody> {
  try {
    if (length <= SMALL) {
      const bytes = Buffer.allocUnsafe(length);
      const fd = fs.openSync(path, 'r');
      try {
        readFully(fd, bytes, at);
      } finally {
        fs.closeSync(fd);
      }
      return { body: { bytes }, length, md5: hash('md5', bytes), sha256: hash('sha256', bytes) };
    }
    return await hashBig(path, at, length, signal);
  } catch (error) {
    throw fsError(error, path);
  }
}

function hash(name: 'md5' | 'sha256', bytes: Uint8Array): string {
  return createHash(name).update(bytes).digest('hex');
}

function readFully(fd: number, bytes: Buffer, at: number): void {
  for (let got = 0; got < bytes.length;) {
    const count = fs.readSync(fd, bytes, got, bytes.length - got, at + got);
    if (count === 0) throw Object.assign(new Error('the file became shorter'), { code: 'EIO' });
    got += count;
  }
}

async function hashBig(path: string, at: number, length: number, signal: AbortSignal): Promise<HashedBody> {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  const file = await fs.promises.open(path, 'r');
  try {
    const block = Buffer.allocUnsafe(SMALL);
    for (let got = 0; got < length;) {
      throwIfCancelled(signal);
      const { bytesRead } = await file.read(block, 0, Math.min(block.length, length - got), at + got);
      if (bytesRead === 0) throw Object.assign(new Error('the file became shorter'), { code: 'EIO' });
      md5.update(block.subarray(0, bytesRead));
      sha256.update(block.subarray(0, bytesRead));
      got += bytesRead;
    }
  } finally {
    await file.close();
  }
  return {
    body: { path, start: at, length },
    length,
    md5: md5.digest('hex'),
    sha256: sha256.digest('hex'),
  };
}
