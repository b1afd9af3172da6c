/**
 * Values as Python writes them: `str` and `repr`. DVC shows changed lists so, and puts values into commands and names so (dvc.md §11).
 * `[1, 1.0, true, null, "it's"]` → `[1, 1.0, True, None, "it's"]`.
 */

import {
  asNumber,
  isDate,
  isDict,
  isFloat,
  isList,
  isPyOther,
  isTuple,
  keyText,
  pyFloatText,
  type Value,
} from './values';

/** Python's `str`: text as it is, all else as {@link pyRepr}. */
export function pyStr(value: Value): string {
  return typeof value === 'string' ? value : pyRepr(value);
}

/** Python's `repr`; a date is shown as its file writes it. */
export function pyRepr(value: Value): string {
  if (isList(value)) return isTuple(value) ? tupleText(value.map(pyRepr)) : `[${value.map(pyRepr).join(', ')}]`;
  if (isDict(value)) return `{${[...value].map(([key, member]) => `${pyRepr(key)}: ${pyRepr(member)}`).join(', ')}}`;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return pyString(value);
  if (isDate(value)) return value.$date;
  if (isPyOther(value)) return value.$python;
  const number = asNumber(value);
  return isFloat(value) && number !== undefined ? pyFloatText(number) : keyText(value);
}

/** `(1,)`, `(1, 2)`, `()`. */
function tupleText(items: readonly string[]): string {
  return items.length === 1 ? `(${items[0] ?? ''},)` : `(${items.join(', ')})`;
}

/** Single quotes unless the text holds one and no double quote; what cannot be seen is escaped. */
function pyString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escapes: Readonly<Record<string, string>> = {
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\\': '\\\\',
    [quote]: `\\${quote}`,
  };
  return `${quote}${[...text].map((char) => escapes[char] ?? visible(char)).join('')}${quote}`;
}

const UNSEEN = /^[\p{C}\p{Z}]$/u;

function visible(char: string): string {
  if (char === ' ' || !UNSEEN.test(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
