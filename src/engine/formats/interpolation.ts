/**
 * The language of `${…}` in dvc.yaml (dvc.md §11.2): where expressions stand in a text, how they name a value, and how a value becomes text.
 * Pure, knows nothing of files; failures are `template.*` errors without a place, which the resolver adds.
 *
 * `echo ${model.lr} \${x}` has one expression, `model.lr`; with 0.1 there it becomes `echo 0.1 ${x}`.
 */

import { StrataError } from '../errors';
import { pyStr } from './pyText';
import { isDict, isList, keyText, type Dict, type Value } from './values';

/** A `${…}` in a text. */
interface Expression {
  /** Offset of the `$`. */
  readonly start: number;
  /** Offset behind the `}`. */
  readonly end: number;
  /** What stands between the braces. */
  readonly inner: string;
}

/** How a map in a command becomes arguments: the settings `parsing.bool` and `parsing.list`. */
export interface ArgsStyle {
  /** `boolean_optional` writes `--no-key` for false; otherwise nothing is written. */
  readonly bool?: string;
  /** `append` repeats the key for each item; otherwise the items follow one key. */
  readonly list?: string;
}

/** The expressions of a text, in order. A backslash before the `$` makes it plain text; so does a missing `}` on the same line. */
export function expressionsIn(text: string): Expression[] {
  const found: Expression[] = [];
  let close = -1;
  for (let start = text.indexOf('${'); start >= 0;) {
    if (close < start + 2) close = text.indexOf('}', start + 2);
    if (close < 0) break;
    const newline = text.indexOf('\n', start + 2);
    let next = start + 2;
    if (newline >= 0 && newline < close) next = newline;
    else if (text[start - 1] !== '\\') {
      next = close + 1;
      found.push({ start, end: next, inner: text.slice(start + 2, close) });
    }
    start = text.indexOf('${', next);
  }
  return found;
}

/** True when the text holds an expression. */
export function hasExpression(text: string): boolean {
  return expressionsIn(text).length > 0;
}

/** True when the text is one expression and nothing else: then the value keeps its type. */
export function isWhole(text: string, [first, second]: readonly Expression[]): boolean {
  return first !== undefined && second === undefined && first.start === 0 && first.end === text.length;
}

/**
 * The steps to a value: `net.layers[0]` and `net.layers.0` are `net`, `layers`, `0`. A step is anything without `.`, `[` and `]`; blanks
 * around it do not count. Fails with `template.syntax` {text, at}; `at` counts characters of the whole expression from 1.
 */
export function stepsOf(inner: string): string[] {
  const steps: string[] = [];
  let at = 0;
  const fail = (): never => {
    throw new StrataError('template.syntax', { text: `\${${inner}}`, at: at + 3 });
  };
  const word = (): void => {
    const start = at;
    while (at < inner.length && !'.[]'.includes(inner[at] ?? '')) at += 1;
    if (at === start) fail();
    steps.push(inner.slice(start, at).trim());
  };
  word();
  while (at < inner.length) {
    const char = inner[at] ?? '';
    if (' \t\r\n'.includes(char)) at += 1;
    else if (char === '.') {
      at += 1;
      word();
    } else if (char === '[') {
      at += 1;
      word();
      if (inner[at] !== ']') fail();
      at += 1;
    } else fail();
  }
  return steps;
}

/** A text whose expressions have become these texts, with `\${` turned into `${`. */
export function fillText(text: string, expressions: readonly Expression[], values: readonly string[]): string {
  let filled = '';
  let from = 0;
  expressions.forEach(({ start, end }, i) => {
    filled += text.slice(from, start) + (values[i] ?? '');
    from = end;
  });
  return unescapeText(filled + text.slice(from));
}

/** `\${` → `${`. */
export function unescapeText(text: string): string {
  return text.replaceAll('\\${', '${');
}

/** A value inside a text: booleans as YAML writes them, all else as Python does; a map as arguments. Fails as {@link argumentsOf}. */
export function valueText(value: Value, style: ArgsStyle = {}): string {
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return isDict(value) ? argumentsOf(value, style) : pyStr(value);
}

/**
 * A map as arguments of a command: `{lr: 0.1, tags: [a, "b c"], net: {depth: 3}, fast: true}` → `--lr 0.1 --tags a 'b c' --net.depth 3 --fast`.
 * Fails with `template.nestedList` {key} and `template.sameArgument` {key}.
 */
function argumentsOf(map: Dict, style: ArgsStyle): string {
  const words: string[] = [];
  for (const [key, value] of leavesOf(map)) {
    if (typeof value === 'boolean') {
      if (value) words.push(`--${key}`);
      else if (style.bool === 'boolean_optional') words.push(`--no-${key}`);
    } else if (isList(value)) {
      const items = value.map((item) => itemWord(item, key));
      if (style.list === 'append') words.push(...items.map((item) => `--${key} ${item}`));
      else if (items.length > 0) words.push(`--${key} ${items.join(' ')}`);
    } else words.push(`--${key} ${typeof value === 'string' ? shellQuoted(value) : pyStr(value)}`);
  }
  return words.join(' ').trimEnd();
}

function itemWord(item: Value, key: string): string {
  if (isList(item) || isDict(item)) throw new StrataError('template.nestedList', { key });
  return typeof item === 'string' ? shellQuoted(item) : pyStr(item);
}

/** Leaves by dotted key; maps are walked, lists are leaves, empty maps vanish. */
function leavesOf(map: Dict, prefix = '', leaves = new Map<string, Value>()): Map<string, Value> {
  for (const [name, value] of map) {
    const key = prefix + keyText(name);
    if (isDict(value)) leavesOf(value, `${key}.`, leaves);
    else if (leaves.has(key)) throw new StrataError('template.sameArgument', { key });
    else leaves.set(key, value);
  }
  return leaves;
}

/** A word for a POSIX shell, quoted only where it must be: `a b` → `'a b'`, the empty text → `''`. */
function shellQuoted(word: string): string {
  if (word !== '' && !/[^\w@%+=:,./-]/.test(word)) return word;
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}
