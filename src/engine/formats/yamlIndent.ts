/**
 * Python's YAML readers do not ask how far quoted text and flow collections are indented when they go on over lines; YAML 1.2 does. This gives
 * such lines an indent that satisfies both, and a comment right behind a quote or bracket the space that it lacks, so that what DVC reads we read: `deps: [\n  a,\n]` inside a nested map. Values do not change,
 * because the space at the start of these lines means nothing.
 */

/** Deeper than anything a file is indented. */
const MARGIN = ' '.repeat(400);

/** The text with every line that begins inside quotes or brackets moved far to the right. */
export function indentContinued(text: string): string {
  return new Indenter(text).run();
}

const WORD_END = new Set([' ', '\n', '\r', '\t', '']);

class Indenter {
  private readonly out: string[] = [];
  private at = 0;
  private depth = 0;
  /** True where a value or key may begin, so that a quote or bracket counts as one. */
  private fresh = true;

  constructor(private readonly text: string) {}

  run(): string {
    while (this.at < this.text.length) this.step();
    return this.out.join('');
  }

  private step(): void {
    const char = this.text[this.at] ?? '';
    if (char === '#' && WORD_END.has(this.text[this.at - 1] ?? '')) return this.comment();
    if (this.fresh && this.value(char)) return;
    const depth = this.depth;
    this.count(char);
    this.fresh = this.begins(char);
    this.take(this.at + 1);
    if (this.depth < depth || (char === ',' && depth > 0)) this.gapBeforeComment();
    if (char === '\n' && this.depth > 0) this.out.push(MARGIN);
  }

  /** Takes what may begin a value and is more than one character; false for all else. */
  private value(char: string): boolean {
    if (char === "'" || char === '"') this.quoted(char);
    else if (this.depth === 0 && (char === '|' || char === '>')) this.blockScalar();
    else if (char === '&' || char === '!') this.property();
    else return false;
    return true;
  }

  private comment(): void {
    this.take(this.lineEnd());
    this.fresh = true;
    if (this.depth > 0) this.out.push(MARGIN);
  }

  /** An anchor or tag; the value may still begin behind it. */
  private property(): void {
    let to = this.at + 1;
    while (!WORD_END.has(this.text[to] ?? '')) to += 1;
    this.take(to);
  }

  private count(char: string): void {
    if (this.depth === 0 && !this.fresh) return;
    if (char === '[' || char === '{') this.depth += 1;
    else if ((char === ']' || char === '}') && this.depth > 0) this.depth -= 1;
  }

  /** Whether a value may begin after this character. */
  private begins(char: string): boolean {
    if (char === '\n') return true;
    if (char === ' ' || char === '\t') return this.fresh;
    if (this.depth > 0 && '[{,'.includes(char)) return true;
    return ':-?'.includes(char) && WORD_END.has(this.text[this.at + 1] ?? '') && (char === ':' || this.fresh);
  }

  private quoted(quote: string): void {
    this.take(this.at + 1);
    while (this.at < this.text.length) {
      const char = this.text[this.at];
      const pair = char === quote && quote === "'" && this.text[this.at + 1] === quote;
      this.take(this.at + (pair || (char === '\\' && quote === '"' && this.text[this.at + 1] !== '\n') ? 2 : 1));
      if (char === quote && !pair) break;
      if (char === '\n') this.out.push(MARGIN);
    }
    this.fresh = false;
    this.gapBeforeComment();
  }

  /** Python's readers take a `#` right behind a quote, bracket or comma for a comment. */
  private gapBeforeComment(): void {
    if (this.text[this.at] !== '#') return;
    this.out.push(' ');
    this.comment();
  }

  /** A block scalar goes on while lines are empty or more indented than the line it began on. */
  private blockScalar(): void {
    const start = this.text.lastIndexOf('\n', this.at) + 1;
    const indent = /^ */.exec(this.text.slice(start, start + 1000))?.[0].length ?? 0;
    this.take(this.lineEnd());
    while (this.at < this.text.length) {
      const line = this.text.slice(this.at, this.lineEnd());
      const deeper = line.length - line.trimStart().length > indent;
      if (line.trim() !== '' && !deeper) break;
      this.take(this.lineEnd());
    }
    this.fresh = true;
  }

  private lineEnd(): number {
    const end = this.text.indexOf('\n', this.at);
    return end < 0 ? this.text.length : end + 1;
  }

  private take(to: number): void {
    this.out.push(this.text.slice(this.at, to));
    this.at = to;
  }
}
