/**
 * Follows one metric file while somebody writes it (metrics.md §1). What was read stays read: a file that grew is read on from where it was.
 * One that shrank, was replaced, or no longer begins and continues as it did is read again from its start, and its series are replaced in
 * one step. A line without its end waits; a file that is gone has no series.
 */

import { pacer, type Call } from '../../base/cancel';
import { errno, is } from '../errors';
import { type FileStat, type HostFs } from '../host/host';
import { type Claim, type MetricReader, type TextParser } from './reader';
import { SeriesSet } from './seriesStore';

/** Bytes read at once: few enough that messages get through between two slices. */
const SLICE = 512 * 1024;
/** Bytes at the start, and before the place reached, that must still be the same for a file to be read on. */
const WITNESS = 64;
const NEWLINE = 10;

/** One file. */
export class FollowedFile {
  private set = new SeriesSet();
  private parser: TextParser;
  private stat: FileStat | undefined;
  /** The state in which everything had been read; differs from `stat` after a reading that was cancelled. */
  private read: FileStat | undefined;
  private busy: Promise<void> = Promise.resolve();
  private offset = 0;
  private head = '';
  private tail = '';

  /** @param path absolute. */
  constructor(
    private readonly fs: HostFs,
    private readonly path: string,
    private readonly kind: { readonly reader: MetricReader; readonly claim: Claim },
  ) {
    this.parser = kind.reader.open(kind.claim, this.set);
  }

  /** What has been read so far. */
  get series(): SeriesSet {
    return this.set;
  }

  /** When the file was last written, in milliseconds since 1970; undefined while it is not there. */
  get modified(): number | undefined {
    return this.stat?.mtimeMs;
  }

  /** Reads what is new, one reading after another. A file that vanishes or cannot be read meanwhile is left for the next time. */
  poll(call: Pick<Call, 'signal'>): Promise<void> {
    const turn = this.busy.then(() => this.readCalmly(call));
    this.busy = turn.catch(() => undefined);
    return turn;
  }

  private async readCalmly(call: Pick<Call, 'signal'>): Promise<void> {
    try {
      await this.readOn(call);
    } catch (error) {
      if (!isGone(error)) throw error;
      this.restart(undefined);
    }
  }

  /** The writer has ended: an unfinished last line counts when it is whole. False when it was cut short. */
  async finish(call: Pick<Call, 'signal'>): Promise<boolean> {
    await this.poll(call);
    if (!this.stat) return true;
    const bytes = await this.fs.readRange(this.path, this.offset, this.stat.size - this.offset);
    this.parser.push(decode(bytes));
    this.offset += bytes.length;
    return this.parser.end();
  }

  private async readOn(call: Pick<Call, 'signal'>): Promise<void> {
    const stat = await this.fs.stat(this.path);
    if (stat?.kind !== 'file') {
      this.restart(undefined);
      return;
    }
    if (this.isUntouched(stat)) return;
    if (!this.stat || !(await this.continues(stat))) this.restart(stat);
    this.stat = stat;
    const pace = pacer(call.signal);
    while (this.offset < stat.size) {
      await pace();
      if (!(await this.slice(stat.size))) break;
    }
    this.read = stat;
  }

  private isUntouched(stat: FileStat): boolean {
    const { read: old } = this;
    return old?.size === stat.size && old.mtimeMs === stat.mtimeMs && old.ino === stat.ino && old.dev === stat.dev;
  }

  /** True when what was read is still the beginning of the file. */
  private async continues(stat: FileStat): Promise<boolean> {
    if (stat.ino !== this.stat?.ino || stat.dev !== this.stat.dev || stat.size < this.offset) return false;
    const head = await this.fs.readRange(this.path, 0, Math.min(WITNESS, this.offset));
    if (latin(head) !== this.head) return false;
    const from = Math.max(0, this.offset - WITNESS);
    return latin(await this.fs.readRange(this.path, from, this.offset - from)) === this.tail;
  }

  private restart(stat: FileStat | undefined): void {
    this.set = new SeriesSet();
    this.parser = this.kind.reader.open(this.kind.claim, this.set);
    this.stat = stat;
    this.read = undefined;
    this.offset = 0;
    this.head = '';
    this.tail = '';
  }

  /** Reads whole lines of the next piece; false when it holds none and the file ends there. */
  private async slice(size: number): Promise<boolean> {
    const bytes = await this.fs.readRange(this.path, this.offset, Math.min(SLICE, size - this.offset));
    const whole = bytes.lastIndexOf(NEWLINE) + 1;
    // A line longer than a slice is taken in parts; between two ASCII bytes no character is cut.
    const used = whole > 0 ? whole : bytes.length === SLICE ? wholeCharacters(bytes) : 0;
    if (used === 0) return false;
    const taken = bytes.subarray(0, used);
    this.parser.push(decode(taken));
    if (this.head.length < WITNESS) this.head = (this.head + latin(taken.subarray(0, WITNESS))).slice(0, WITNESS);
    this.tail = (this.tail + latin(taken.subarray(-WITNESS))).slice(-WITNESS);
    this.offset += used;
    return true;
  }
}

/** How many bytes to take so that no UTF-8 character is cut. */
function wholeCharacters(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
  return Math.max(1, end - 1);
}

/** The mark at the very start is the parser's to see. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function isGone(error: unknown): boolean {
  const codes = ['fs.notFound', 'fs.denied', 'fs.isFolder', 'fs.notFolder'];
  return codes.some((code) => is(error, code)) || errno(error) === 'ENOENT';
}
