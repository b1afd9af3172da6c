/**
 * Strings in YAML: which styles a text may have, and how each is written and folded at column 80, as ruamel.yaml does it (dvc.md §6). A plain
 * text breaks before the word that would pass column 80 and leaves its space at the line's end; a quoted one breaks instead of the space.
 */

/** Where text goes, and the column it has reached (in code points, from 0). */
export interface Pen {
  readonly out: string[];
  column: number;
}

/** How a string is to be folded: the column of continued lines, and whether it may be folded at all (keys may not). */
interface Fold {
  readonly indent: number;
  readonly split: boolean;
}

/** Which styles a text allows. */
interface TextFacts {
  readonly empty: boolean;
  readonly blockPlain: boolean;
  readonly flowPlain: boolean;
  readonly singleQuoted: boolean;
}

const WIDTH = 80;

// C0 except newline, DEL, C1, surrogates that stand alone, and the marks that ruamel escapes. U+0085, U+2028 and U+2029 come out broken from
// ruamel; we escape them too.
const SPECIAL =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const LEADING = /^(?:[#,[\]{}&*!|>'"%@`]|---|\.\.\.|[-?:](?:[ \n]|$))/;
const INSIDE = /:(?:[ \n]|$)|[ \n]#/;

/** Finds which styles a text allows, apart from being read as another type. */
export function analyze(text: string): TextFacts {
  if (text === '') return { empty: true, blockPlain: true, flowPlain: false, singleQuoted: true };
  const special = SPECIAL.test(text);
  const blockPlain = !special && !/^ | $|\n/.test(text) && !LEADING.test(text) && !INSIDE.test(text);
  const flowPlain = blockPlain && !/[,[\]{}]|^[?:]|^-$/.test(text);
  return { empty: false, blockPlain, flowPlain, singleQuoted: !special && !text.includes('\n') };
}

function put(pen: Pen, text: string, width = codePoints(text)): void {
  pen.out.push(text);
  pen.column += width;
}

function breakLine(pen: Pen, indent: number): void {
  pen.out.push(`\n${' '.repeat(indent)}`);
  pen.column = indent;
}

/** Length in code points; the quick way for text without surrogates. */
function codePoints(text: string): number {
  return /[\ud800-\udfff]/.test(text) ? [...text].length : text.length;
}

/**
 * Writes a space and the text without quotes. A word that would pass column 80 goes to a new line, its space staying behind. After several
 * spaces there is no break, because it would be read back as one (ruamel breaks there and loses them).
 */
export function writePlain(pen: Pen, text: string, fold: Fold): void {
  put(pen, ' ', 1);
  let gap = ' ';
  for (const part of text.match(/ +|[^ ]+/g) ?? []) {
    const width = codePoints(part);
    const isGap = part.startsWith(' ');
    if (isGap && part === ' ' && pen.column >= WIDTH && fold.split) {
      breakLine(pen, fold.indent);
      gap = ' ';
      continue;
    }
    const tooLong = !isGap && pen.column + width > WIDTH && pen.column > fold.indent;
    if (tooLong && gap === ' ' && fold.split) breakLine(pen, fold.indent);
    if (isGap) gap = part;
    put(pen, part, width);
  }
}

/** Writes a space and the text in single quotes; a single space past column 80, not the first or last character, becomes a break. */
export function writeSingleQuoted(pen: Pen, text: string, fold: Fold): void {
  put(pen, " '", 2);
  const parts = text.match(/ +|[^ ]+/g) ?? [];
  parts.forEach((part, i) => {
    const inner = i > 0 && i < parts.length - 1;
    if (part === ' ' && inner && pen.column > WIDTH && fold.split) breakLine(pen, fold.indent);
    else put(pen, part.replaceAll("'", "''"));
  });
  put(pen, "'", 1);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '0',
  '\u0007': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\u001b': 'e',
  '"': '"',
  '\\': '\\',
  '\u0085': 'N',
  '\u2028': 'L',
  '\u2029': 'P',
};

const ESCAPED = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]/;

/** The escape of one code point, or undefined when it may stand as it is. */
function escapeOf(char: string): string | undefined {
  if (char.length === 2 || !ESCAPED.test(char)) return undefined;
  const short = ESCAPES[char];
  if (short !== undefined) return `\\${short}`;
  const code = char.charCodeAt(0).toString(16).toUpperCase();
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`;
}

/**
 * Writes a space and the text in double quotes. Where the line has passed column 80 it breaks, at a space or right after an escape; a backslash
 * at the line's end (and before a leading space) keeps the text when reading the break back would change it.
 */
export function writeDoubleQuoted(pen: Pen, text: string, fold: Fold): void {
  put(pen, ' "', 2);
  const chars = [...text];
  let start = 0;
  for (let end = 0; end <= chars.length; end += 1) {
    const char = chars[end];
    start = writeEscape(pen, chars, start, end);
    const mayBreak = fold.split && end > 0 && end < chars.length - 1 && (char === ' ' || start >= end);
    if (mayBreak && pen.column + (end - start) > WIDTH)
      start = writeBreak(pen, chars, { start, end, indent: fold.indent });
  }
  put(pen, '"', 1);
}

/** At a character that needs an escape, or at the end, writes what waits from `start` on and the escape; gives the new start. */
function writeEscape(pen: Pen, chars: readonly string[], start: number, end: number): number {
  const char = chars[end];
  const escape = char === undefined ? '' : escapeOf(char);
  if (escape === undefined) return start;
  put(pen, chars.slice(start, end).join(''));
  put(pen, escape);
  return Math.max(start, char === undefined ? end : end + 1);
}

/** Writes what waits and a break after it; gives the new start, past a space that the break stands for. */
function writeBreak(pen: Pen, chars: readonly string[], at: { start: number; end: number; indent: number }): number {
  const next = Math.max(at.start, at.end);
  // A break is read back as a space, so without a backslash it must stand for one (ruamel forgets this right after an escape).
  const backslash = chars[next] !== ' ' || needsBackslash(chars, at.start, at.end);
  put(pen, chars.slice(at.start, next).join(''));
  if (backslash) put(pen, '\\', 1);
  breakLine(pen, at.indent);
  if (chars[next] !== ' ') return next;
  if (!backslash) return next + 1;
  put(pen, '\\', 1);
  return next;
}

/** Whether a break at `end` would be read back as more or less than the text, in the cautious way of ruamel. */
function needsBackslash(chars: readonly string[], start: number, end: number): boolean {
  let stop = chars.indexOf(' ', end);
  if (stop < 0) return true;
  const newline = chars.indexOf('\n', end);
  if (newline >= 0 && newline < stop) stop = newline;
  const next = chars[stop + 1];
  if (next === undefined || next === ' ' || next === '\n') return true;
  if (chars[stop] === '\n' || start === end) return true;
  const ahead = chars.slice(end, stop);
  return ahead.includes('"') || ahead.includes("'") || (chars[end - 1] === ' ' && chars[end] === ' ');
}
