/**
 * JSON in and out with Python's numbers kept: `1` and `1.0` stay different, integers have any length. Reads what Python's `json` reads
 * (`NaN`, `Infinity` included); writes strict JSON for `--json` answers (cli.md §1).
 */

import { StrataError } from '../errors';
import { tooManyDigits } from './yamlScalars';
import { float, int, isDate, isDict, isPyFloat, isPyOther, keyText, pyFloatText, type Value } from './values';

const MAX_DEPTH = 200;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
const WORD = /NaN|-?Infinity|null|true|false/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORDS: Readonly<Record<string, Value>> = {
  NaN,
  Infinity,
  '-Infinity': -Infinity,
  null: null,
  true: true,
  false: false,
};

/** Reads JSON text; of equal keys the last wins. Fails with `formats.json` {path, line, column}, both counted from 1. */
export function parseJson(text: string, path: string): Value {
  return new JsonReader(text, path).document();
}

class JsonReader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly path: string,
  ) {}

  document(): Value {
    const value = this.value(0);
    this.skip();
    if (this.at < this.text.length) this.fail();
    return value;
  }

  private value(depth: number): Value {
    if (depth > MAX_DEPTH) throw new StrataError('formats.tooDeep', { path: this.path });
    this.skip();
    const first = this.text[this.at];
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    if (first === '"') return this.string();
    const word = this.match(WORD);
    return word === undefined ? this.number() : (WORDS[word] as Value);
  }

  private object(depth: number): Value {
    const map = new Map<string, Value>();
    this.at += 1;
    this.skip();
    if (this.take('}')) return map;
    do {
      this.skip();
      if (this.text[this.at] !== '"') this.fail();
      const key = this.string();
      this.skip();
      if (!this.take(':')) this.fail();
      map.set(key, this.value(depth + 1));
      this.skip();
    } while (this.take(','));
    if (!this.take('}')) this.fail();
    return map;
  }

  private array(depth: number): Value {
    const list: Value[] = [];
    this.at += 1;
    this.skip();
    if (this.take(']')) return list;
    do {
      list.push(this.value(depth + 1));
      this.skip();
    } while (this.take(','));
    if (!this.take(']')) this.fail();
    return list;
  }

  private string(): string {
    const text = this.match(STRING) ?? this.fail();
    return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
  }

  private number(): Value {
    NUMBER.lastIndex = this.at;
    const found = NUMBER.exec(this.text) ?? this.fail();
    this.at = NUMBER.lastIndex;
    const [text, fraction, exponent] = found;
    if (tooManyDigits(text)) this.fail();
    return fraction === undefined && exponent === undefined ? int(BigInt(text)) : float(Number(text));
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found?.[0];
  }

  private take(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at += 1;
    return true;
  }

  private skip(): void {
    this.match(SPACE);
  }

  private fail(): never {
    const before = this.text.slice(0, this.at).split('\n');
    const column = (before[before.length - 1] ?? '').length + 1;
    throw new StrataError('formats.json', { path: this.path, line: before.length, column });
  }
}

/**
 * One line of strict JSON for `--json` answers, without a newline at the end. Takes plain data and {@link Value}s mixed: undefined members
 * vanish, ints keep all digits, `1.0` stays `1.0`, NaN and infinities become `"nan"`, `"inf"`, `"-inf"`, dates their text.
 */
export function toJsonText(data: unknown): string {
  if (typeof data === 'number') return numberText(data);
  if (typeof data === 'bigint') return data.toString();
  if (Array.isArray(data)) return `[${data.map((item: unknown) => toJsonText(item ?? null)).join(', ')}]`;
  if (isPyFloat(data)) return pyFloatText(data.$float);
  if (isDate(data)) return JSON.stringify(data.$date);
  if (isPyOther(data)) return JSON.stringify(data.$python);
  if (isDict(data)) return membersText([...data].map(([key, value]) => [keyText(key), value]));
  if (typeof data === 'object' && data !== null) return membersText(Object.entries(data));
  return JSON.stringify(data ?? null);
}

function membersText(pairs: readonly (readonly [string, unknown])[]): string {
  const kept = pairs.filter(([, value]) => value !== undefined);
  return `{${kept.map(([key, value]) => `${JSON.stringify(key)}: ${toJsonText(value)}`).join(', ')}}`;
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) return `"${pyFloatText(value)}"`;
  return Number.isSafeInteger(value) ? String(value) : pyFloatText(value);
}
