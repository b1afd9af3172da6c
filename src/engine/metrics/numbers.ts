/** Numbers as metric files spell them: NaN and the infinities in every spelling met, empty and `NA` as absent. Pure. */

const WORDS: Readonly<Record<string, number>> = {
  nan: NaN,
  inf: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  infinity: Infinity,
  '+infinity': Infinity,
  '-infinity': -Infinity,
};
const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;

/** The number of a cell; undefined when the cell is empty, says `NA`, or holds something else. `" 1e-3"` → 0.001, `"NAN"` → NaN. */
export function cellNumber(cell: string): number | undefined {
  const text = cell.trim();
  if (NUMBER.test(text)) return Number(text);
  return WORDS[text.toLowerCase()];
}

/** True for a cell in which nothing was logged: empty is neither 0 nor NaN. */
export function isAbsent(cell: string): boolean {
  const text = cell.trim();
  return text === '' || text === 'NA' || text === 'null' || text === 'None';
}

/** Seconds and milliseconds since 1970 are told apart by size: below this it is seconds. */
const MILLISECONDS_FROM = 1e11;
/** Smaller numbers are durations, not moments: 1e8 s is the year 1973. */
const MOMENT_FROM = 1e8;

/** Milliseconds since 1970 of a cell with a moment (seconds, milliseconds or ISO 8601); undefined for durations and other text. */
export function cellMoment(cell: string): number | undefined {
  const number = cellNumber(cell);
  if (number !== undefined) {
    if (!(number >= MOMENT_FROM) || number === Infinity) return undefined;
    return number < MILLISECONDS_FROM ? number * 1000 : number;
  }
  if (!/^\s*\d{4}-\d\d-\d\d/.test(cell)) return undefined;
  const moment = Date.parse(cell.trim().replace(/^(\d{4}-\d\d-\d\d) /, '$1T'));
  return Number.isNaN(moment) ? undefined : moment;
}
