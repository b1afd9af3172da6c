/**
 * Big files to S3 in parts. What an earlier try of anyone left unfinished for the same key is gone on with when its parts are those of
 * this file: a key names its content. Once the object is whole, older unfinished uploads of that key are removed.
 */

import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
} from '@aws-sdk/client-s3';
import { throwIfCancelled } from '../../base/cancel';
import { is, StrataError } from '../errors';
import { inLanes } from './lanes';
import { type Moving } from './remotes';
import { MOST_REQUESTS, type S3Place } from './s3Place';
import { hashPiece, head, sendPiece, sizeOf, wrongLength } from './s3Upload';
import { encodeS3 } from './s3Sign';

const MIB = 1024 * 1024;
/** Files above this size go in parts. */
export const PARTS_FROM = 64 * MIB;
/** The size of a part, unless there were too many. */
const PART = 16 * MIB;
/** S3 takes no more parts than this. */
const MOST_PARTS = 10_000;
/** So many parts of one file at once: their hashing needs the disk. */
const AT_ONCE = 8;
/** An upload without parts may be someone's that has just begun, until it is this old. */
const ABANDONED_MS = 24 * 3_600_000;

interface Part {
  /** From 1. */
  readonly number: number;
  readonly start: number;
  readonly length: number;
}

interface There {
  readonly etag: string;
  readonly size: number;
}

interface Unfinished {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly begun: number;
  readonly parts: ReadonlyMap<number, There>;
}

/** The parts of a file of that size. */
export function partsOf(size: number): Part[] {
  const length = Math.max(PART, Math.ceil(size / MOST_PARTS / MIB) * MIB);
  return Array.from({ length: Math.ceil(size / length) }, (_, i) => ({
    number: i + 1,
    start: i * length,
    length: Math.min(length, size - i * length),
  }));
}

/** Sends a file in parts; those that are there already are not sent again. Fails with `s3.wrongLength` as {@link putWhole}. */
export async function putInParts(place: S3Place, path: string, key: string, moving: Moving): Promise<void> {
  const size = sizeOf(path);
  const upload = new PartsUpload(place, path, key, moving);
  const older = await upload.unfinished();
  const plan = partsOf(size);
  const fitting = older.find((one) => one.parts.size > 0 && fits(one.parts, plan));
  const id = fitting?.id ?? (await upload.create());
  try {
    const tags = await upload.send(id, plan, fitting?.parts ?? new Map());
    await upload.complete(id, tags);
  } catch (error) {
    // Someone else may have finished the same upload meanwhile.
    if (!isGone(error) || (await head(place, key, moving.signal))?.size !== size) throw error;
  }
  await upload.check(size);
  const useless = older.filter((one) => one.id !== id && (one.parts.size > 0 ? fits(one.parts, plan) : isOld(one)));
  for (const one of useless) await upload.abort(one.id);
}

function isOld({ begun }: Unfinished): boolean {
  return begun < Date.now() - ABANDONED_MS;
}

/** Whether parts have the numbers and lengths of a plan. */
function fits(parts: ReadonlyMap<number, There>, plan: readonly Part[]): boolean {
  return [...parts].every(([number, { size }]) => plan[number - 1]?.length === size);
}

function isGone(error: unknown): boolean {
  return is(error, 's3.refused') && (error.data['code'] === 'NoSuchUpload' || error.data['code'] === 'InvalidPart');
}

/** One file on its way in parts. */
class PartsUpload {
  private readonly about: { readonly Bucket: string; readonly Key: string };
  private readonly signal: AbortSignal;

  constructor(
    private readonly place: S3Place,
    private readonly path: string,
    private readonly key: string,
    private readonly moving: Moving,
  ) {
    this.about = { Bucket: place.options.bucket, Key: place.object(key) };
    this.signal = moving.signal;
  }

  /** Unfinished uploads of this key, the newest first; none where the server cannot tell. */
  async unfinished(): Promise<Unfinished[]> {
    const { Bucket, Key } = this.about;
    const command = new ListMultipartUploadsCommand({ Bucket, Prefix: Key });
    let answer;
    try {
      answer = await this.place.does(this.signal, ({ signal }) =>
        this.place.client.send(command, { abortSignal: signal }),
      );
    } catch (error) {
      if (is(error, 's3.refused') || is(error, 's3.denied') || is(error, 'remotes.busy')) return [];
      throw error;
    }
    const found: Unfinished[] = [];
    for (const one of answer.Uploads ?? []) {
      if (one.Key !== Key || one.UploadId === undefined) continue;
      const parts = await this.partsThere(one.UploadId);
      if (parts) found.push({ id: one.UploadId, begun: one.Initiated?.getTime() ?? Date.now(), parts });
    }
    return found.sort((a, b) => b.parts.size - a.parts.size || b.begun - a.begun);
  }

  async create(): Promise<string> {
    const command = new CreateMultipartUploadCommand({ ...this.about, ...this.place.options.extras.create });
    const { UploadId } = await this.place.does(this.signal, ({ signal }) =>
      this.place.client.send(command, { abortSignal: signal }),
    );
    if (UploadId === undefined) throw this.refused('no UploadId');
    return UploadId;
  }

  /** Sends what is not there yet; gives the tags of all parts, in order. */
  async send(id: string, plan: readonly Part[], there: ReadonlyMap<number, There>): Promise<string[]> {
    const tags: string[] = [];
    const lanes = Math.min(AT_ONCE, this.place.options.jobs ?? MOST_REQUESTS);
    await inLanes(plan, lanes, async (part) => {
      throwIfCancelled(this.signal);
      const piece = await hashPiece(this.path, part.start, part.length, this.signal);
      const before = there.get(part.number);
      if (before?.etag === piece.md5 && before.size === part.length) tags[part.number - 1] = before.etag;
      else {
        const query = `partNumber=${part.number}&uploadId=${encodeS3(id, false)}`;
        const sending = { key: this.key, query, headers: this.place.options.extras.get, moving: this.moving };
        tags[part.number - 1] = await sendPiece(this.place, piece, sending);
      }
    });
    return tags;
  }

  async complete(id: string, tags: readonly string[]): Promise<void> {
    const Parts = tags.map((tag, i) => ({ PartNumber: i + 1, ETag: `"${tag}"` }));
    const { customer } = this.place.options.extras;
    const command = new CompleteMultipartUploadCommand({
      ...this.about,
      ...customer,
      UploadId: id,
      MultipartUpload: { Parts },
    });
    await this.place.does(this.signal, ({ signal }) => this.place.client.send(command, { abortSignal: signal }));
  }

  async abort(id: string): Promise<void> {
    const command = new AbortMultipartUploadCommand({ ...this.about, UploadId: id });
    try {
      await this.place.does(this.signal, ({ signal }) => this.place.client.send(command, { abortSignal: signal }));
    } catch (error) {
      throwIfCancelled(this.signal);
      // The object is whole; what is left of others is for the bucket's own rules then.
      if (!is(error)) throw error;
    }
  }

  /** The object has to have the file's length now. */
  async check(size: number): Promise<void> {
    const found = (await head(this.place, this.key, this.signal))?.size;
    if (found !== size) throw await wrongLength(this.place, this.key, { expected: size, found }, this.signal);
  }

  private async partsThere(id: string): Promise<ReadonlyMap<number, There> | undefined> {
    const parts = new Map<number, There>();
    const { customer } = this.place.options.extras;
    let PartNumberMarker: string | undefined;
    do {
      const after = PartNumberMarker === undefined ? {} : { PartNumberMarker };
      const command = new ListPartsCommand({ ...this.about, ...customer, UploadId: id, ...after });
      try {
        const answer = await this.place.does(this.signal, ({ signal }) =>
          this.place.client.send(command, { abortSignal: signal }),
        );
        for (const { PartNumber = 0, ETag = '', Size = 0 } of answer.Parts ?? [])
          parts.set(PartNumber, { etag: ETag.replaceAll('"', ''), size: Size });
        PartNumberMarker = answer.IsTruncated ? answer.NextPartNumberMarker : undefined;
      } catch (error) {
        if (is(error, 's3.refused')) return undefined;
        throw error;
      }
    } while (PartNumberMarker !== undefined);
    return parts;
  }

  private refused(code: string): StrataError {
    return new StrataError('s3.refused', { ...this.place.target, status: 200, code });
  }
}
