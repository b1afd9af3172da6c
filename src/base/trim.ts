/**
 * Texts without what stands at their end. An expression such as `/\/+$/` tries every place of the text anew, so that a long run that does not end
 * the text takes time with the square of its length; this looks at the end alone.
 */

/** The text without the characters of `marks` at its end: `a//` without `/` → `a`. */
export function withoutEnd(text: string, marks: string): string {
  let end = text.length;
  while (end > 0 && marks.includes(text[end - 1] ?? '')) end -= 1;
  return text.slice(0, end);
}
