/**
 * What a plain YAML scalar means: the table of YAML 1.2 as ruamel.yaml reads it (dvc.md §6). `017` is 17, `0o17` is 15, `1e3` is a float,
 * `yes` is text, `2020-01-01` is a date. The writer asks the same table which texts need quotes.
 */

import { float, int, type Scalar } from './values';

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ...['true', 'True', 'TRUE'].map((word): [string, boolean] => [word, true]),
  ...['false', 'False', 'FALSE'].map((word): [string, boolean] => [word, false]),
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, null] => [word, null]),
]);

const FLOAT =
  /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]?\d+)?|[-+]?\d[\d_]*[eE][-+]?\d+|[-+]?\.[\d_]+(?:[eE][-+]\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const INT = /^[-+]?(?:0b[01_]+|0o[0-7_]+|[\d_]+|0x[\da-fA-F_]+)$/;
const DATE =
  /^\d{4}-(?:\d\d-\d\d|\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/;

/** The value of a plain scalar; text that is no other type stays text. */
export function resolvePlain(text: string): Scalar {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!mayBeNumber(text)) return text;
  if (FLOAT.test(text)) return readFloat(text) ?? text;
  if (INT.test(text)) return readInt(text) ?? text;
  return DATE.test(text) ? { $date: text } : text;
}

/** Python takes no more digits for an int, nor does DVC then. */
const MOST_DIGITS = 4300;

/** True for a decimal number that is longer than Python reads. */
export function tooManyDigits(text: string): boolean {
  return text.length > MOST_DIGITS && /^[-+]?[\d_]+$/.test(text) && text.replace(/[-+_]/g, '').length > MOST_DIGITS;
}

/** True when the text, written plain, would be read as something else than this text (also `=` and `<<`, which have meanings). */
export function resolvesToOther(text: string): boolean {
  if (text === '=' || text === '<<' || WORDS.has(text)) return true;
  return mayBeNumber(text) && (FLOAT.test(text) || INT.test(text) || DATE.test(text));
}

/** Numbers and dates start with a digit, a sign or a dot. */
function mayBeNumber(text: string): boolean {
  const first = text.charCodeAt(0);
  return (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d || first === 0x2e;
}

function readFloat(text: string): Scalar | undefined {
  const bare = text.replaceAll('_', '').toLowerCase();
  if (bare === '.nan') return NaN;
  if (bare.endsWith('.inf')) return bare.startsWith('-') ? -Infinity : Infinity;
  const value = Number(bare);
  return Number.isNaN(value) ? undefined : float(value);
}

function readInt(text: string): Scalar | undefined {
  const bare = text.replaceAll('_', '');
  const digits = bare.replace(/^[-+]/, '');
  if (digits === '' || /^0[box]$/.test(digits)) return undefined;
  // BigInt reads 0b, 0o and 0x, and takes leading zeros of decimals.
  const size = BigInt(digits);
  return int(bare.startsWith('-') ? -size : size);
}
