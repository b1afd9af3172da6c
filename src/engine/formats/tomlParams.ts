/**
 * TOML parameter files (dvc.md §12). Ints stay ints and floats floats; dates are kept as dates, which cannot be recorded. As DVC opens files as
 * text, any end of line is a newline.
 */

import { parse, TomlDate, TomlError, type TomlValue } from 'smol-toml';
import { StrataError } from '../errors';
import { float, int, type Scalar, type Value } from './values';

const MAX_DEPTH = 200;

/** Reads a TOML file. Fails with `formats.toml` {path, line, column, detail}, or with `formats.tooDeep`. */
export function parseToml(text: string, path: string): Value {
  const lines = text.replace(/\r\n?/g, '\n');
  try {
    return fromToml(parse(lines, { integersAsBigInt: true, maxDepth: MAX_DEPTH }), path, 0);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const detail = error.message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '') ?? '';
    throw new StrataError('formats.toml', { path, line: error.line, column: error.column, detail }, { cause: error });
  }
}

function fromToml(value: TomlValue, path: string, depth: number): Value {
  if (depth > MAX_DEPTH) throw new StrataError('formats.tooDeep', { path });
  if (typeof value === 'number') return float(value);
  if (typeof value === 'bigint') return int(value);
  if (value instanceof TomlDate) return { $date: dateText(value) };
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => fromToml(item, path, depth + 1));
  return new Map<Scalar, Value>(Object.entries(value).map(([key, item]) => [key, fromToml(item, path, depth + 1)]));
}

/** As Python's `str` shows it: `2020-01-02 10:20:30+00:00`. */
function dateText(date: TomlDate): string {
  const text = date.toISOString().replace(/\.000(?=Z|[-+]|$)/, '');
  return text.replace('T', ' ').replace(/Z$/, '+00:00');
}
