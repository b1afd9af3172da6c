/**
 * Literals of Python by their text: numbers and strings as Python's own tokenizer takes them. What is no valid literal gives undefined, which
 * makes the file invalid as a whole, as it does for Python.
 */

import { float, int, type Value } from './values';

const DIGITS = String.raw`\d(?:_?\d)*`;
const DECIMAL = /^(?:0(?:_?0)*|[1-9](?:_?\d)*)$/;
const BASED = /^0(?:[xX](?:_?[\da-fA-F])+|[oO](?:_?[0-7])+|[bB](?:_?[01])+)$/;
const FLOAT = new RegExp(`^(?:(?:${DIGITS})?\\.${DIGITS}|${DIGITS}\\.|${DIGITS}(?=[eE]))(?:[eE][-+]?${DIGITS})?$`);
const WHOLE = new RegExp(`^${DIGITS}$`);
/** Python refuses longer ints in decimal. */
const MOST_DIGITS = 4300;

/** A number; an imaginary one as {@link Imaginary}. */
export function pythonNumber(text: string): Value | Imaginary | undefined {
  if (/[jJ]$/.test(text) && !/^0[xX]/.test(text)) {
    const size = text.slice(0, -1);
    const valid = FLOAT.test(size) || WHOLE.test(size);
    return valid ? { imaginary: Number(size.replaceAll('_', '')) } : undefined;
  }
  const bare = text.replaceAll('_', '');
  if (BASED.test(text)) return int(BigInt(bare.toLowerCase()));
  if (DECIMAL.test(text)) return bare.length > MOST_DIGITS ? undefined : int(BigInt(bare));
  return FLOAT.test(text) ? float(Number(bare)) : undefined;
}

/** The imaginary part of a complex number. */
export interface Imaginary {
  readonly imaginary: number;
}

/** Text, or bytes as one character a byte. */
export interface PythonString {
  readonly text: string;
  readonly isBytes: boolean;
  /** It names a character, `\N{BULLET}`, which needs a table that is not here: `text` is not what it stands for. */
  readonly isNamed: boolean;
}

/** A string literal with its prefix and quotes, no f-string. */
export function pythonString(literal: string): PythonString | undefined {
  const [head = '', prefix = '', quote = ''] = /^([a-zA-Z]*)('''|"""|'|")/.exec(literal) ?? [];
  if (head === '' || literal.length < head.length + quote.length || !literal.endsWith(quote)) return undefined;
  const body = literal.slice(head.length, literal.length - quote.length);
  const isBytes = /b/i.test(prefix);
  if (isBytes && /[^\u0000-\u007f]/.test(body)) return undefined;
  if (/r/i.test(prefix)) return { text: body, isBytes, isNamed: false };
  const text = unescape(body, isBytes);
  return text === undefined ? undefined : { text, isBytes, isNamed: !isBytes && NAMED.test(body) };
}

const SIMPLE: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** How many hexadecimal digits follow. */
const HEX: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

const NAMED = /\\N\{[^{}]+\}/;

/** The text with its escapes read; unknown ones stay as they are, and so do named characters. */
function unescape(body: string, isBytes: boolean): string | undefined {
  let text = '';
  let from = 0;
  for (let at = body.indexOf('\\'); at >= 0; at = body.indexOf('\\', from)) {
    text += body.slice(from, at);
    const char = body[at + 1] ?? '';
    const [octal] = /^[0-7]{1,3}/.exec(body.slice(at + 1, at + 4)) ?? [];
    const digits = isBytes && char !== 'x' ? undefined : HEX[char];
    from = at + 2;
    if (octal !== undefined) {
      text += String.fromCharCode(parseInt(octal, 8) & (isBytes ? 0xff : 0x1ff));
      from = at + 1 + octal.length;
    } else if (digits !== undefined) {
      const hex = body.slice(from, from + digits);
      const code = parseInt(hex, 16);
      if (!new RegExp(`^[\\da-fA-F]{${digits}}$`).test(hex) || code > 0x10ffff) return undefined;
      text += String.fromCodePoint(code);
      from += digits;
    } else if (char === 'N' && !isBytes && !NAMED.test(body.slice(at))) return undefined;
    else text += SIMPLE[char] ?? `\\${char}`;
  }
  return text + body.slice(from);
}

/** Bytes as Python shows them: `b'a\x00'`. */
export function bytesText(bytes: string): string {
  const quote = bytes.includes("'") && !bytes.includes('"') ? '"' : "'";
  const shown = bytes.replace(/[^ -~]|\\|'|"/g, (char) => {
    if (char === '\\' || char === quote) return `\\${char}`;
    const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[char];
    if (short !== undefined || char === "'" || char === '"') return short ?? char;
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `b${quote}${shown}${quote}`;
}
