/**
 * Patterns with many wildcards, matched in time that grows with pattern times path. A regular expression would try every way of sharing the path
 * among the wildcards, which for `*a*a*a*a*b` and a long name takes longer than anybody waits. Between wildcards every piece has a fixed
 * length, so the leftmost place for each is as good as any: only the last wildcard ever has to take more.
 */

/** More wildcards than these in one part, or `**` in one pattern, are matched here: up to here a regular expression is quick on any name. */
const FEW = 3;

/** True for a pattern that is to be matched here. */
export function isCostly(pattern: string): boolean {
  const parts = pattern.split('/');
  const stars = parts.map((part) => (part === '**' ? 0 : part.replace(/\*+/g, '*').split('*').length - 1));
  return pattern.length > 4096 || stars.some((n) => n > FEW) || parts.filter((part) => part === '**').length > FEW;
}

/** Makes the answer for one pattern (without `!`): whether a path, with `/` at the end for a folder, or a folder above it matches. */
export function costlyMatcher(pattern: string): (path: string) => boolean {
  // Longer than any path, and so of no path's kind.
  if (pattern.length > 4096) return () => false;
  const body = pattern.replace(/\/$/, '');
  const anchored = body.includes('/');
  const parts = body.replace(/^\//, '').split('/');
  const wanted: readonly Part[] = (anchored ? parts : ['**', ...parts]).map((part) =>
    part === '**' ? ANY_FOLDERS : tokensOf(part),
  );
  return (path) => {
    const names = path.replace(/\/$/, '').split('/');
    for (let n = 1; n <= names.length; n += 1) {
      if (matches(wanted, names.slice(0, n), ANY_FOLDERS, (part, name) => matches(part, [...name], STAR, fits)))
        return true;
    }
    return false;
  };
}

/**
 * Whether a whole text fits a pattern of `*` and `?`, and with `classes` of `[seq]` and `[!seq]`, as Python's `fnmatch` reads it: no character has
 * another meaning.
 */
export function wildcards(pattern: string, classes?: 'classes'): (text: string) => boolean {
  const chars = [...pattern];
  const lastClose = classes ? chars.lastIndexOf(']') : -1;
  const tokens: Token[] = [];
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] as string;
    const end = char === '[' ? classEnd(chars, at, lastClose) : -1;
    if (char === '*') {
      if (tokens[tokens.length - 1] !== STAR) tokens.push(STAR);
    } else if (char === '?') tokens.push(/[^]/u);
    else if (end < 0) tokens.push(char);
    else {
      const not = chars[at + 1] === '!';
      tokens.push(classOf(not, chars.slice(at + (not ? 2 : 1), end).join('')));
      at = end;
    }
  }
  return (text) => matches(tokens, [...text], STAR, fits);
}

/** Where the class that begins here is closed, or -1; a `]` that comes first is a member. Nothing is looked for behind the last `]` of all. */
function classEnd(chars: readonly string[], at: number, lastClose: number): number {
  let from = at + (chars[at + 1] === '!' ? 2 : 1);
  if (chars[from] === ']') from += 1;
  return from > lastClose ? -1 : chars.indexOf(']', from);
}

const STAR = Symbol('*');
type Token = typeof STAR | string | RegExp;
type Part = readonly Token[];
const ANY_FOLDERS: Part = [];

function fits(token: Token, char: string): boolean {
  return typeof token === 'string' ? token === char : token !== STAR && token.test(char);
}

/** `[` begins a class when one is closed; `\` takes the next character as it is; a run of `*` is one. */
function tokensOf(part: string): Token[] {
  const tokens: Token[] = [];
  const shape = /\*+|\?|\\([^])|\[([!^]?)(\]?[^\]]{0,64})\]|[^]/gu;
  for (const [text, escaped, not, members] of part.matchAll(shape)) {
    if (text.startsWith('*')) tokens.push(STAR);
    else if (text === '?') tokens.push(/[^]/u);
    else if (escaped !== undefined) tokens.push(escaped);
    else tokens.push(members === undefined ? text : classOf(not !== '', members));
  }
  return tokens;
}

/** A class of characters; one that is none matches nothing. */
function classOf(not: boolean, members: string): RegExp {
  try {
    return new RegExp(`[${not ? '^' : ''}${members.replace(/[\\\]^[]/g, '\\$&')}]`, 'u');
  } catch {
    return /[]/u;
  }
}

/** Wildcard matching of any list against any list, going back to the last wildcard only. */
function matches<T, U>(
  pattern: readonly T[],
  input: readonly U[],
  star: T,
  fit: (wanted: T, found: U) => boolean,
): boolean {
  let [p, i, back, from] = [0, 0, -1, 0];
  while (i < input.length) {
    if (p < pattern.length && pattern[p] === star) {
      [back, from] = [p, i];
      p += 1;
    } else if (p < pattern.length && fit(pattern[p] as T, input[i] as U)) {
      p += 1;
      i += 1;
    } else if (back >= 0) {
      from += 1;
      [p, i] = [back + 1, from];
    } else return false;
  }
  while (p < pattern.length && pattern[p] === star) p += 1;
  return p === pattern.length;
}
