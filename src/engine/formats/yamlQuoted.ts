/**
 * What stands between double quotes in YAML: escapes, and lines that are folded. A break becomes a space, or as many line feeds as empty lines
 * follow it; a backslash at a line's end takes the break away, and a space that is escaped stays.
 */

const SPACE = 0x20;

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\u0007',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\u001b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};

const PIECE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([^]))/gu;

/** The text of what stands between double quotes; undefined when an escape is none of YAML's. */
export function unescapeQuoted(raw: string): string | undefined {
  if (!raw.includes('\\')) return foldQuoted(raw);
  let known = true;
  const text = foldEscaped(raw).replace(PIECE, (_, x?: string, u?: string, long?: string, short?: string) => {
    const hex = x ?? u ?? long;
    const code = hex === undefined ? undefined : parseInt(hex, 16);
    const char = code === undefined ? ESCAPES[short ?? ''] : code > 0x10ffff ? undefined : String.fromCodePoint(code);
    known &&= char !== undefined;
    return char ?? '';
  });
  return known ? text : undefined;
}

/** Line breaks with the blanks around them become one space, or a line feed for each empty line. */
export function foldQuoted(raw: string): string {
  if (!raw.includes('\n')) return raw;
  return joined(
    raw.split('\n').map((line, i, all) => trimmed(line, i > 0, i < all.length - 1)),
    false,
  );
}

function foldEscaped(raw: string): string {
  if (!raw.includes('\n')) return raw;
  const lines = raw.split('\n').map((line, i, all) => {
    const text = trimmed(line, i > 0, false);
    if (i === all.length - 1 || endsInEscape(text)) return text;
    const bare = trimmed(text, false, true);
    // The backslash escapes the first of the blanks that were cut off.
    return endsInEscape(bare) && bare !== text ? `${bare} ` : bare;
  });
  return joined(lines, true);
}

/** Joins lines that are trimmed; with `escapes` a backslash at the end of one takes its break away. */
function joined(lines: readonly string[], escapes: boolean): string {
  const parts: string[] = [];
  let empty = 0;
  let open = false;
  lines.forEach((line, i) => {
    if (i > 0 && i < lines.length - 1 && line === '') {
      empty += 1;
      return;
    }
    if (i > 0) parts.push(empty > 0 ? '\n'.repeat(empty) : open ? '' : ' ');
    open = escapes && i < lines.length - 1 && endsInEscape(line);
    parts.push(open ? line.slice(0, -1) : line);
    empty = 0;
  });
  return parts.join('');
}

function trimmed(line: string, start: boolean, end: boolean): string {
  let from = 0;
  let to = line.length;
  while (start && from < to && isBlank(line.charCodeAt(from))) from += 1;
  while (end && to > from && isBlank(line.charCodeAt(to - 1))) to -= 1;
  return line.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === 0x09;
}

/** True when the text ends in a backslash that is not itself escaped. */
function endsInEscape(text: string): boolean {
  let count = 0;
  while (text.charCodeAt(text.length - 1 - count) === 0x5c) count += 1;
  return count % 2 === 1;
}
