/**
 * JSON as Python's `json.dumps(value, sort_keys=True)` writes it: the text that directory objects, the run cache, imports and experiments
 * are hashed over (dvc.md §4.4). `{"b": 1.0, "a": "é"}` → `{"a": "\u00e9", "b": 1.0}`.
 */

import { compareCodePoints } from '../../base/paths';
import { StrataError } from '../errors';
import { isDate, isDict, isFloat, isList, isPyFloat, isPyOther, keyText, pyFloatText, type Value } from './values';

/**
 * The canonical JSON of a value. A date, and what only Python has, cannot be written: `formats.dateInJson` and `formats.pythonInJson`, as Python's
 * `Object of type date is not JSON serializable`.
 */
export function canonicalJson(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return asciiString(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(', ')}]`;
  if (isDict(value)) {
    const pairs = [...value].map(([key, member]): [string, Value] => [keyText(key), member]);
    pairs.sort(([a], [b]) => compareCodePoints(a, b));
    return `{${pairs.map(([key, member]) => `${asciiString(key)}: ${canonicalJson(member)}`).join(', ')}}`;
  }
  if (isDate(value)) throw new StrataError('formats.dateInJson', { value: value.$date });
  if (isPyOther(value)) throw new StrataError('formats.pythonInJson', { value: value.$python });
  return isFloat(value) ? floatText(isPyFloat(value) ? value.$float : value) : String(value);
}

/** A float in Python's JSON, which has names for what JSON lacks. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return pyFloatText(value);
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

const ESCAPED = /["\\]|[^ -~]/g;

/** A JSON string in pure ASCII: every unit outside 0x20–0x7E as lower-case `\uXXXX`, DEL included. */
export function asciiString(text: string): string {
  const escape = (unit: string): string => SHORT[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `"${text.replace(ESCAPED, escape)}"`;
}
