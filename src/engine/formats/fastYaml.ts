/**
 * A quick reader for YAML of the regular shape that DVC writes: block maps and lists, plain and quoted scalars (folded or not), `[]` and `{}`,
 * whole-line comments. It reads dvc.lock of 20,000 stages in well under a second. On anything else — flow collections, anchors, tags, block
 * scalars, equal keys, anything doubtful — it gives up, and `yaml.ts` reads the text with the whole grammar. What it does read, it reads equally.
 */

import { type Scalar, type Value } from './values';
import { PyKeys } from './pyKeys';
import { foldQuoted, unescapeQuoted } from './yamlQuoted';
import { resolvePlain, tooManyDigits } from './yamlScalars';

/** Where a key of the second level stands: offsets of its first line and past its last line of content, and its line from 1. */
interface KeyRange {
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

/** What was read, and the ranges of second-level keys by top-level key (`stages` → `train`). */
interface FastDocument {
  readonly value: Value;
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, KeyRange>>;
}

/** Thrown inside when the text is not regular. */
const GIVE_UP = new Error('irregular');
const MAX_DEPTH = 200;
const MAX_KEY = 1000;
const DOUBTFUL =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Reads regular YAML; undefined when the text is not of that shape (also when it is wrong). */
export function parseFast(text: string): FastDocument | undefined {
  if (DOUBTFUL.test(text)) return undefined;
  try {
    return new FastReader(text).document();
  } catch (error) {
    if (error === GIVE_UP) return undefined;
    throw error;
  }
}

function giveUp(): never {
  throw GIVE_UP;
}

const SPACE = 0x20;
const HASH = 0x23;
const DASH = 0x2d;
const COLON = 0x3a;

/** First characters that a plain scalar or key cannot have, or that mean something this reader leaves to the other. */
const NOT_PLAIN = new Set([...`,[]{}#&*!|>'"%@\`?:`].map((char) => char.charCodeAt(0)));

class FastReader {
  private readonly sections = new Map<string, Map<string, KeyRange>>();
  /** Offset where the next line begins. */
  private next = 0;
  private line = 0;
  /** The present content line: its start, the column and offset of what is still to be read, and its end. */
  private lineStart = 0;
  private indent = -1;
  private from = 0;
  private end = 0;
  /** Past the newline of the last content line that was taken. */
  private taken = 0;

  constructor(private readonly text: string) {}

  document(): FastDocument {
    this.advance();
    if (this.indent < 0) return { value: null, sections: this.sections };
    if (this.indent !== 0) giveUp();
    const value = this.block(0, 0, undefined);
    if (this.indent >= 0) giveUp();
    return { value, sections: this.sections };
  }

  /** Goes to the next line with content; `indent` is −1 at the end of the text. */
  private advance(): void {
    const { text } = this;
    if (this.indent >= 0) this.taken = this.next;
    while (this.next < text.length) {
      const start = this.next;
      let stop = text.indexOf('\n', start);
      if (stop < 0) stop = text.length;
      this.next = Math.min(stop + 1, text.length);
      this.line += 1;
      let from = start;
      while (from < stop && text.charCodeAt(from) === SPACE) from += 1;
      if (from === stop || text.charCodeAt(from) === HASH) continue;
      if (from === start && (text.startsWith('---', start) || text.startsWith('...', start))) giveUp();
      this.lineStart = start;
      this.indent = from - start;
      this.from = from;
      this.end = stop;
      return;
    }
    this.indent = -1;
  }

  private block(indent: number, depth: number, section: string | undefined): Value {
    if (depth > MAX_DEPTH) giveUp();
    if (this.atDash()) return this.list(indent, depth);
    return this.map(indent, depth, section);
  }

  private atDash(): boolean {
    const after = this.from + 1;
    return this.text.charCodeAt(this.from) === DASH && (after >= this.end || this.text.charCodeAt(after) === SPACE);
  }

  private map(indent: number, depth: number, section: string | undefined): Value {
    const map = new PyKeys();
    const ranges = depth === 1 && section !== undefined ? new Map<string, KeyRange>() : undefined;
    if (ranges && section !== undefined) this.sections.set(section, ranges);
    while (this.indent === indent && !this.atDash()) {
      const { lineStart: start, line } = this;
      const key = this.key();
      if (map.has(key)) giveUp();
      map.set(key, this.afterColon(indent, depth, typeof key === 'string' ? key : undefined));
      if (ranges && typeof key === 'string') ranges.set(key, { start, end: this.taken, line });
    }
    if (this.indent > indent) giveUp();
    return map.map;
  }

  /** Reads a key and its colon; leaves `from` after the spaces that follow. */
  private key(): Scalar {
    const stop = this.keyStop();
    if (stop < 0 || stop - this.from > MAX_KEY) giveUp();
    const written = trimSpaces(this.text.slice(this.from, stop));
    const quote = written[0];
    let key: Scalar;
    if (quote === "'") key = written.slice(1, -1).replaceAll("''", "'");
    else if (quote === '"') key = unescapeQuoted(written.slice(1, -1)) ?? giveUp();
    else key = resolvePlain(written);
    if (written === '<<' || written === '=' || (typeof key === 'object' && key !== null)) giveUp();
    this.from = this.skipSpaces(stop + 1);
    return key;
  }

  /** Offset of the colon that ends the key at `from`, or −1 when the line does not begin with a key. */
  private keyStop(): number {
    const { text, end } = this;
    const first = text.charCodeAt(this.from);
    if (first === 0x27 || first === 0x22) {
      const close = closingQuote(text, this.from, end);
      const colon = close < 0 ? -1 : this.skipSpaces(close + 1);
      return colon >= 0 && text.charCodeAt(colon) === COLON && this.endsWord(colon + 1) ? colon : -1;
    }
    if (NOT_PLAIN.has(first)) giveUp();
    for (let at = text.indexOf(':', this.from); at >= 0 && at < end; at = text.indexOf(':', at + 1)) {
      if (!this.endsWord(at + 1)) continue;
      return text.slice(this.from, at).includes(' #') ? -1 : at;
    }
    return -1;
  }

  private endsWord(at: number): boolean {
    return at >= this.end || this.text.charCodeAt(at) === SPACE;
  }

  private skipSpaces(at: number): number {
    let to = at;
    while (to < this.end && this.text.charCodeAt(to) === SPACE) to += 1;
    return to;
  }

  private afterColon(indent: number, depth: number, key: string | undefined): Value {
    if (!this.restIsEmpty()) return this.scalar(indent);
    this.advance();
    if (this.indent === indent && this.atDash()) return this.list(indent, depth + 1);
    if (this.indent <= indent) return null;
    return this.nested(indent, depth + 1, depth === 0 ? key : undefined);
  }

  /** What stands on its own more indented line: a block, or a scalar that was too long for its line. */
  private nested(parent: number, depth: number, section: string | undefined): Value {
    return this.atDash() || this.startsWithKey() ? this.block(this.indent, depth, section) : this.scalar(parent);
  }

  private startsWithKey(): boolean {
    return this.keyStop() >= 0;
  }

  private restIsEmpty(): boolean {
    return this.from >= this.end || this.atComment(this.from);
  }

  /** True when a comment begins here; the character before is a space, as the caller knows. */
  private atComment(at: number): boolean {
    return this.text.charCodeAt(at) === HASH;
  }

  private list(indent: number, depth: number): Value {
    if (depth > MAX_DEPTH) giveUp();
    const list: Value[] = [];
    while (this.indent === indent && this.atDash()) {
      this.from = this.skipSpaces(this.from + 1);
      if (this.restIsEmpty()) {
        this.advance();
        list.push(this.indent > indent ? this.nested(indent, depth + 1, undefined) : null);
      } else if (this.atDash() || this.startsWithKey()) {
        this.indent = this.from - this.lineStart;
        list.push(this.block(this.indent, depth + 1, undefined));
      } else {
        list.push(this.scalar(indent));
      }
    }
    if (this.indent > indent) giveUp();
    return list;
  }

  /** A scalar that begins at `from` and may go on over lines more indented than `parent`. */
  private scalar(parent: number): Value {
    const first = this.text.charCodeAt(this.from);
    if (first === 0x27 || first === 0x22) return this.quoted(parent);
    if (first === 0x5b || first === 0x7b) return this.emptyCollection();
    if (NOT_PLAIN.has(first) || this.atDash()) giveUp();
    const parts = [this.plainPart()];
    for (;;) {
      const { next } = this;
      this.advance();
      if (this.indent <= parent) break;
      // A blank or comment line in between would mean something else than a space.
      if (this.lineStart !== next || this.commented) giveUp();
      parts.push(this.plainPart());
    }
    this.commented = false;
    const text = parts.join(' ');
    if (tooManyDigits(text) || text === '=' || text === '<<') giveUp();
    return resolvePlain(text);
  }

  /** Whether the plain line read last ended in a comment; nothing may follow it. */
  private commented = false;

  /** The rest of the line as part of a plain scalar. */
  private plainPart(): string {
    let part = this.text.slice(this.from, this.end);
    const comment = part.indexOf(' #');
    this.commented = comment >= 0;
    if (comment >= 0) part = part.slice(0, comment);
    part = trimSpaces(part);
    if (part.includes(': ') || part.endsWith(':') || this.lineStart === this.from) giveUp();
    return part;
  }

  private emptyCollection(): Value {
    const written = this.text.slice(this.from, this.from + 2);
    if (written !== '[]' && written !== '{}') giveUp();
    this.expectNothing(this.from + 2);
    return written === '[]' ? [] : new Map<Scalar, Value>();
  }

  /** After a value: only a comment may follow on its line. */
  private expectNothing(at: number): void {
    const rest = this.skipSpaces(at);
    if (rest < this.end && (rest === at || !this.atComment(rest))) giveUp();
    this.advance();
  }

  private quoted(parent: number): Value {
    const { text, from } = this;
    const close = closingQuote(text, from, text.length);
    if (close < 0) giveUp();
    const raw = text.slice(from + 1, close);
    if (raw.includes('\n')) this.takeLines(close, parent);
    this.expectNothing(close + 1);
    return text.charCodeAt(from) === 0x22 ? (unescapeQuoted(raw) ?? giveUp()) : foldQuoted(raw).replaceAll("''", "'");
  }

  /** Moves to the line where a quoted scalar ends, checking that its lines are indented and none is empty. */
  private takeLines(close: number, parent: number): void {
    while (this.end < close) {
      const { next } = this;
      this.advance();
      const isNext = this.lineStart === next && this.indent > parent;
      if (!isNext) giveUp();
    }
  }
}

/** Offset of the quote that closes the one at `from`, before `end`, or −1. */
function closingQuote(text: string, from: number, end: number): number {
  const single = text.charCodeAt(from) === 0x27;
  for (let at = from + 1; at < end; at += 1) {
    const char = text.charCodeAt(at);
    if (!single && char === 0x5c) at += 1;
    else if (single && char === 0x27 && text.charCodeAt(at + 1) === 0x27) at += 1;
    else if (char === (single ? 0x27 : 0x22)) return at;
  }
  return -1;
}

/** Without the spaces at the end; other white space belongs to the text. */
function trimSpaces(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === SPACE) end -= 1;
  return text.slice(0, end);
}
