/**
 * Rows of CSV and TSV text: quotes doubled inside quotes, line breaks inside quotes, LF, CRLF or CR line ends, a byte order mark.
 * Cells stay text. Pure, and a generator, so that its reader can pace itself.
 */

/** The character between cells: tab for TSV, else the most frequent of `,` `;` and tab in the first line. */
export function delimiterOf(path: string, text: string): string {
  if (path.toLowerCase().endsWith('.tsv')) return '\t';
  const end = text.search(/[\r\n]/);
  const first = end < 0 ? text : text.slice(0, end);
  const counts = [',', ';', '\t'].map((mark) => ({ mark, n: first.split(mark).length }));
  return counts.reduce((best, next) => (next.n > best.n ? next : best)).mark;
}

/** Yields one row after another; blank lines are left out. */
export function* csvRows(text: string, delimiter: string): Generator<string[]> {
  const reader = new RowReader(text, delimiter);
  for (let row = reader.next(); row !== undefined; row = reader.next()) {
    if (row.length > 1 || row[0] !== '') yield row;
  }
}

/** Walks the text once; a row at a time. */
class RowReader {
  private at: number;

  constructor(
    private readonly text: string,
    private readonly delimiter: string,
  ) {
    this.at = text.startsWith('\ufeff') ? 1 : 0;
  }

  /** The next row, or undefined at the end. */
  next(): string[] | undefined {
    if (this.at >= this.text.length) return undefined;
    const row: string[] = [];
    for (;;) {
      row.push(this.text[this.at] === '"' ? this.quoted() : this.bare());
      if (this.text[this.at] !== this.delimiter) break;
      this.at += 1;
    }
    this.endOfLine();
    return row;
  }

  private bare(): string {
    const start = this.at;
    while (this.at < this.text.length && !this.stops(this.text[this.at])) this.at += 1;
    return this.text.slice(start, this.at);
  }

  private quoted(): string {
    let cell = '';
    this.at += 1;
    for (;;) {
      const quote = this.text.indexOf('"', this.at);
      const end = quote < 0 ? this.text.length : quote;
      cell += this.text.slice(this.at, end);
      this.at = end + 1;
      if (this.text[this.at] !== '"' || quote < 0) break;
      cell += '"';
      this.at += 1;
    }
    return cell + this.bare();
  }

  private endOfLine(): void {
    if (this.text[this.at] === '\r') this.at += 1;
    if (this.text[this.at] === '\n') this.at += 1;
  }

  private stops(unit: string | undefined): boolean {
    return unit === this.delimiter || unit === '\n' || unit === '\r';
  }
}
