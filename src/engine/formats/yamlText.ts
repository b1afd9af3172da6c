/**
 * The text of a YAML file as Python's loader takes it: every line end is a line feed, and what cannot be printed is refused. The places of all
 * characters stay what they are.
 */

/** A carriage return alone, which Python's text files turn into a line feed. */
const OTHER_ENDS = /\r(?!\n)/g;
/** Also NEL and Unicode's own separators, which end a line for some and not for others. */
const UNPRINTABLE = /[^\t\n\r\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** The text with line feeds for other line ends; as long as before. */
export function withLineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(OTHER_ENDS, '\n') : text;
}

/** The first character that a YAML file may not hold: its offset, and how it is shown. Undefined when there is none. */
export function findUnprintable(text: string): { readonly at: number; readonly shown: string } | undefined {
  const found = UNPRINTABLE.exec(text);
  if (!found) return undefined;
  const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return { at: found.index, shown: `U+${code}` };
}
