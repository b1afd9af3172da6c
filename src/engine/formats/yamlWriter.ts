/**
 * YAML out, byte for byte as DVC writes it through ruamel.yaml (dvc.md §6): block style, two spaces, list dashes at the parent's indent,
 * strings plain where allowed, lines folded at column 80. `{a: [1, {b: null}]}` → `a:\n- 1\n- b:\n`. Reading is in `yaml.ts`.
 *
 * A list or map that occurs twice as the same object is written once with an anchor (`&id001`) and then as `*id001`.
 */

import {
  isDate,
  isDict,
  isList,
  isPyFloat,
  isPyOther,
  pyFloatText,
  type Dict,
  type List,
  type Scalar,
  type Value,
} from './values';
import { analyze, writeDoubleQuoted, writePlain, writeSingleQuoted, type Pen } from './yamlStrings';
import { resolvesToOther } from './yamlScalars';

/** Longest key (in code points, exclusive) that may stand before a colon on its line. */
const SIMPLE_KEY = 123;

/** One document with a newline at its end. */
export function renderYaml(value: Value): string {
  const writer = new Writer(value);
  writer.root(value);
  return writer.text();
}

/**
 * A value as it stands after `key:` or `-` inside an existing block, without the newline at the end: begins with a space when it stays on the
 * line, with a newline when it starts below. `indent` is the column of the map's keys (or of the item's content), `column` where the pen stands.
 */
export function renderInBlock(value: Value, indent: number, column: number): string {
  const writer = new Writer(value, column);
  writer.afterKey(value, indent);
  return writer.text();
}

/** A value as it stands after the dash of a list item at column `dash`; as {@link renderInBlock} otherwise. */
export function renderItem(value: Value, dash: number, column: number): string {
  const writer = new Writer(value, column);
  writer.item(value, dash);
  return writer.text();
}

/** A key as it stands at the start of a line, without its colon. */
export function renderKey(key: Scalar): string {
  const writer = new Writer(null);
  writer.key(key, 0);
  return writer.text();
}

/** A value on one line in flow style: `[a, {b: 1}]`. */
export function renderFlow(value: Value): string {
  if (isList(value)) return `[${value.map(renderFlow).join(', ')}]`;
  if (isDict(value)) {
    return `{${[...value].map(([key, member]) => `${renderFlow(key)}: ${member === null ? '' : renderFlow(member)}`).join(', ')}}`;
  }
  if (typeof value !== 'string') return scalarText(value);
  const pen = newPen();
  writeString(pen, value, { indent: 0, split: false, flow: true });
  return pen.out.join('').slice(1);
}

function newPen(column = 0): Pen {
  return { out: [], column };
}

/** Text of a scalar that is not a string. */
function scalarText(value: Exclude<Scalar, string>): string {
  if (value === null) return 'null';
  if (isDate(value)) return value.$date;
  if (isPyOther(value)) return value.$python;
  const number = isPyFloat(value) ? value.$float : value;
  if (typeof number !== 'number') return String(number);
  if (Number.isNaN(number)) return '.nan';
  if (!Number.isFinite(number)) return number > 0 ? '.inf' : '-.inf';
  return Number.isSafeInteger(number) && number === value ? String(number) : pyFloatText(number);
}

/** Writes a space and a string in the style that ruamel chooses. */
function writeString(
  pen: Pen,
  text: string,
  how: { indent: number; split: boolean; flow?: boolean; key?: boolean },
): void {
  const facts = analyze(text);
  const plain = how.flow === true ? facts.flowPlain : facts.blockPlain;
  if (plain && !(how.key === true && facts.empty) && !resolvesToOther(text)) return writePlain(pen, text, how);
  const single = !/['\n]/.test(text) && facts.singleQuoted;
  return single ? writeSingleQuoted(pen, text, how) : writeDoubleQuoted(pen, text, how);
}

class Writer {
  private readonly pen: Pen;
  private readonly anchors = new Map<Value, string>();
  private readonly shared = new Set<Value>();
  private readonly seen = new Set<Value>();

  constructor(value: Value, column = 0) {
    this.pen = newPen(column);
    this.collect(value);
  }

  text(): string {
    return this.pen.out.join('');
  }

  root(value: Value): void {
    if (isDict(value) && value.size > 0) this.map(value, 0);
    else if (isList(value) && value.length > 0) this.list(value, 0);
    else {
      this.put(isDict(value) ? '{}' : isList(value) ? '[]' : '');
      if (!isDict(value) && !isList(value)) this.scalarAtRoot(value);
    }
    this.put('\n');
  }

  /** A scalar document: a plain one is closed by `...`, as ruamel does. */
  private scalarAtRoot(value: Scalar): void {
    if (typeof value !== 'string') return this.put(`${scalarText(value)}\n...`);
    writeString(this.pen, value, { indent: 0, split: true });
    const text = this.text().replace(/^ /, '');
    this.pen.out.splice(0, this.pen.out.length, /^['"]/.test(text) ? text : `${text}\n...`);
  }

  /** The value of a map's key; `indent` is the column of that map's keys. */
  afterKey(value: Value, indent: number): void {
    if (value === null || this.alias(value)) return;
    if (isList(value)) {
      if (value.length === 0) return this.put(' []');
      this.line(indent);
      return this.list(value, indent);
    }
    if (isDict(value)) {
      if (value.size === 0) return this.put(' {}');
      this.line(indent + 2);
      return this.map(value, indent + 2);
    }
    this.scalar(value, indent + 2);
  }

  key(key: Scalar, indent: number): void {
    const start = this.pen.out.length;
    if (typeof key === 'string') writeString(this.pen, key, { indent: indent, split: false, key: true });
    else this.put(` ${scalarText(key)}`);
    this.dropSpace(start);
  }

  private map(map: Dict, indent: number): void {
    let first = true;
    for (const [key, value] of map) {
      if (!first) this.line(indent);
      first = false;
      if (isSimpleKey(key)) {
        this.key(key, indent + 2);
        this.put(':');
        this.afterKey(value, indent);
      } else {
        this.put('?');
        this.scalar(key, indent + 2);
        this.line(indent);
        this.put(':');
        if (value !== null) this.item(value, indent);
      }
    }
  }

  private list(list: List, indent: number): void {
    list.forEach((value, i) => {
      if (i > 0) this.line(indent);
      this.put('-');
      this.item(value, indent);
    });
  }

  /** What follows a dash (or the colon of a long key) at column `indent`. */
  item(value: Value, indent: number): void {
    if (value === null) return this.put(' ');
    const anchored = this.anchors.size;
    if (this.alias(value)) return;
    if (isScalarValue(value)) return this.scalar(value, indent + 2);
    if (isList(value) ? value.length === 0 : value.size === 0) return this.put(isList(value) ? ' []' : ' {}');
    if (this.anchors.size > anchored) this.line(indent + 2);
    else this.put(' ');
    if (isList(value)) this.list(value, indent + 2);
    else this.map(value, indent + 2);
  }

  private scalar(value: Scalar, indent: number): void {
    if (typeof value === 'string') writeString(this.pen, value, { indent, split: true });
    else writePlain(this.pen, scalarText(value), { indent, split: true });
  }

  /** Writes `*id001` for a collection written before, `&id001` for one that will come again. True when the value is done with. */
  private alias(value: Value): boolean {
    const known = this.anchors.get(value);
    if (known !== undefined) {
      this.put(` *${known}`);
      return true;
    }
    if (!this.shared.has(value)) return false;
    const name = `id${String(this.anchors.size + 1).padStart(3, '0')}`;
    this.anchors.set(value, name);
    this.put(` &${name}`);
    return false;
  }

  /** Finds the collections that occur more than once. */
  private collect(value: Value): void {
    if (isScalarValue(value)) return;
    if (this.seen.has(value)) {
      this.shared.add(value);
      return;
    }
    this.seen.add(value);
    for (const member of value.values()) this.collect(member);
  }

  private put(text: string): void {
    this.pen.out.push(text);
    this.pen.column += text.length;
  }

  private line(indent: number): void {
    this.pen.out.push(`\n${' '.repeat(indent)}`);
    this.pen.column = indent;
  }

  /** Takes away the space that strings begin with; a key starts at its column. */
  private dropSpace(start: number): void {
    const first = this.pen.out[start];
    if (first?.startsWith(' ') !== true) return;
    this.pen.out[start] = first.slice(1);
    this.pen.column -= 1;
  }
}

function isScalarValue(value: Value): value is Scalar {
  return !isList(value) && !isDict(value);
}

function isSimpleKey(key: Scalar): boolean {
  if (typeof key !== 'string') return true;
  return !/[\n\u0085\u2028\u2029]/.test(key) && (key.length < SIMPLE_KEY || [...key].length < SIMPLE_KEY);
}
