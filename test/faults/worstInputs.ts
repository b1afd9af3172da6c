/**
 * What a regular expression likes least: texts that its loops can share among themselves in many ways, and that then do not match after all. The
 * expression is taken apart as far as that needs: sequences, choices, loops, and single characters, which the language's own engine judges.
 */

type Piece =
  | { readonly kind: 'char'; readonly fits: readonly string[] }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'choice'; readonly options: readonly (readonly Piece[])[] }
  | { readonly kind: 'loop'; readonly body: Piece; readonly min: number; readonly max: number };

/** A text before what is repeated, what is repeated, and what comes after it. */
export interface Attack {
  readonly before: string;
  readonly unit: string;
  readonly after: string;
}

/** A regular expression, and where it is written. */
export interface Written {
  readonly where: string;
  readonly source: string;
  readonly flags: string;
}

/** One that takes too long. */
export interface Slow extends Written {
  readonly attack: Attack;
  readonly ms: number;
  /** Characters of the text that took so long. */
  readonly size: number;
}

/** So many characters stand for a class. */
const FEW = 6;
/** Loops that end by this many rounds cost nothing. */
const SMALL = 30;
/** Ways to read a part of an expression that are tried. */
const MANY = 8;
const PREFERRED = [...'a0 \n\t./-_"\'\\:*#=,;[]{}()<>!?+@%&|~^$`Az9fFxe\u0000\r\u00e9\u0085\u2028\ud800'];
const ALL = [...PREFERRED, ...Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code))];
/** What makes a text fail in the end. */
const ENDS = ['', '\u0001', '\n', '!', ' x'];

/** The attacks on an expression, without those that are equal. */
export function attacksOn(source: string, flags: string): Attack[] {
  const whole = new ExpressionReader(source, flags).read();
  const found = new Map<string, Attack>();
  const add = (before: string, unit: string, rest: string): void => {
    if (unit === '') return;
    for (const after of new Set([...ENDS, `${rest}\u0001`]))
      found.set(JSON.stringify([before, unit, after]), { before, unit, after });
  };
  for (const { before, units, rest } of loopsOf(whole, [''], '')) {
    for (const unit of units) {
      for (const start of before) {
        add(start, unit, rest);
        add('', start + unit, rest);
      }
      add('', unit, rest);
    }
  }
  for (const unit of readings(whole)) add('', unit, '');
  for (const unit of PREFERRED.slice(0, 14)) add('', unit, '');
  return [...found.values()];
}

interface Loop {
  readonly before: readonly string[];
  readonly units: readonly string[];
  readonly rest: string;
}

/** Every loop without an end that matters, with a text that leads to it and one that would end the match. */
function loopsOf(piece: Piece, before: readonly string[], rest: string): Loop[] {
  if (piece.kind === 'choice') return piece.options.flatMap((option) => loopsIn(option, before, rest));
  if (piece.kind !== 'loop') return [];
  const inner = loopsOf(piece.body, before, rest);
  return piece.max <= SMALL ? inner : [{ before, units: readings(piece.body), rest }, ...inner];
}

function loopsIn(sequence: readonly Piece[], before: readonly string[], rest: string): Loop[] {
  return sequence.flatMap((piece, i) =>
    loopsOf(piece, waysTo(before, sequence.slice(0, i)), shortest(sequence.slice(i + 1)) + rest),
  );
}

/** The shortest way past a sequence, and one through all that it may leave out. */
function waysTo(before: readonly string[], sequence: readonly Piece[]): string[] {
  const full = sequence.map((piece) => readings(piece).reduce((a, b) => (b.length > a.length ? b : a), '')).join('');
  return [...new Set(before.flatMap((start) => [start + shortest(sequence), start + full]))].slice(0, MANY);
}

function shortest(sequence: readonly Piece[]): string {
  return sequence.map((piece) => readings(piece, true)[0] ?? '').join('');
}

/** Some texts that a piece matches, the shortest first; optional parts are left out when only that is asked. */
function readings(piece: Piece, short = false): string[] {
  switch (piece.kind) {
    case 'char':
      return [...piece.fits];
    case 'nothing':
      return [''];
    case 'loop': {
      const once = readings(piece.body, short);
      if (piece.min > 0) return once.map((text) => text.repeat(piece.min));
      return short ? [''] : ['', ...once];
    }
    case 'choice':
      return piece.options.flatMap((option) => joined(option, short)).slice(0, MANY * 2);
  }
}

function joined(sequence: readonly Piece[], short: boolean): string[] {
  let texts = [''];
  for (const piece of sequence) {
    const next = readings(piece, short);
    texts = [...new Set(texts.flatMap((text) => next.map((more) => text + more)))].slice(0, MANY);
  }
  return texts;
}

/** Takes an expression apart. */
class ExpressionReader {
  private at = 0;

  constructor(
    private readonly source: string,
    private readonly flags: string,
  ) {}

  read(): Piece {
    const whole = this.choice();
    if (this.at < this.source.length) throw new Error(`not understood from ${this.at} on: ${this.source}`);
    return whole;
  }

  private choice(): Piece {
    const options: Piece[][] = [[]];
    while (this.at < this.source.length && this.source[this.at] !== ')') {
      if (this.take('|')) options.push([]);
      else options[options.length - 1]?.push(this.quantified());
    }
    return { kind: 'choice', options };
  }

  private quantified(): Piece {
    const piece = this.atom();
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(this.source.slice(this.at, this.at + 20));
    if (!found) return piece;
    this.at += found[0].length;
    const [sign, from, comma, to] = found;
    const min = from === undefined ? (sign.startsWith('+') ? 1 : 0) : Number(from);
    const open = comma === ',' && to === '' ? Infinity : Number(to === '' ? from : to);
    return { kind: 'loop', body: piece, min, max: from === undefined ? (sign.startsWith('?') ? 1 : Infinity) : open };
  }

  private atom(): Piece {
    if (this.take('(')) return this.group();
    if (this.take('^') || this.take('$')) return { kind: 'nothing' };
    const from = this.at;
    if (this.source[from] === '[') this.at = this.classEnd();
    else if (this.source[from] === '\\') return this.escape();
    else this.at += this.flags.includes('u') ? ([...this.source.slice(from, from + 2)][0]?.length ?? 1) : 1;
    return this.char(this.source.slice(from, this.at));
  }

  /** A group of any kind; what looks around is read as if it had to be there. */
  private group(): Piece {
    this.at += /^\?(?:[:=!]|<[=!]|<\w+>)/.exec(this.source.slice(this.at, this.at + 40))?.[0].length ?? 0;
    const inner = this.choice();
    if (!this.take(')')) throw new Error(`a group is not closed: ${this.source}`);
    return inner;
  }

  private classEnd(): number {
    let at = this.at + 1;
    while (at < this.source.length && this.source[at] !== ']') at += this.source[at] === '\\' ? 2 : 1;
    return at + 1;
  }

  private escape(): Piece {
    const found = /^\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|u\{[\da-fA-F]+\}|[pP]\{[^}]*\}|k<\w+>|c[A-Za-z]|\d+|[^])/u.exec(
      this.source.slice(this.at, this.at + 60),
    );
    const text = found?.[0] ?? '\\';
    this.at += text.length;
    return /^\\(?:[bB]|k<|[1-9])/.test(text) ? { kind: 'nothing' } : this.char(text);
  }

  private char(written: string): Piece {
    const one = new RegExp(`^${written}$`, this.flags.replace(/[gy]/g, ''));
    const fits: string[] = [];
    for (const char of ALL) {
      if (fits.length === FEW) break;
      if (one.test(char) && !fits.includes(char)) fits.push(char);
    }
    return { kind: 'char', fits: fits.length > 0 ? fits : [written] };
  }

  private take(char: string): boolean {
    if (this.source[this.at] !== char) return false;
    this.at += 1;
    return true;
  }
}
