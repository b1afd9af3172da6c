/** A table drawn with lines, as GTO prints its own: scripts that read the one can read the other. */

/** Lines of a table; the first row is the head. Columns are as wide as their widest cell, and two wider than their head at least. */
export function boxLines(rows: readonly (readonly string[])[]): string[] {
  const [head = [], ...body] = rows;
  const widths = head.map((title, c) => Math.max(title.length + 2, ...body.map((row) => row[c]?.length ?? 0)));
  const rule = (left: string, middle: string, right: string): string =>
    left + widths.map((width) => '═'.repeat(width + 2)).join(middle) + right;
  const line = (row: readonly string[]): string =>
    `│ ${widths.map((width, c) => (row[c] ?? '').padEnd(width)).join(' │ ')} │`;
  return [rule('╒', '╤', '╕'), line(head), rule('╞', '╪', '╡'), ...body.map(line), rule('╘', '╧', '╛')];
}
