/**
 * Outcomes on their way between threads. Copying an object for each file, with the name of each of its fields, costs more than hashing a
 * small file: what nearly all outcomes have goes as columns of numbers and digits, and only the others as they are.
 */

import { type Done, type Outcome } from './jobs';

/** Inode, size, mtime, ctime, mode, and when the reading began. */
const FIELDS = 6;
const DIGITS = 32;

/** Outcomes as columns. */
export interface PackedOutcomes {
  readonly count: number;
  /** {@link FIELDS} a file. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** {@link DIGITS} a file. */
  readonly digits: string;
  /** Where temporaries were made, by file; none when no file has one. */
  readonly temporaries: readonly (string | undefined)[];
  /** Outcomes that do not fit, by number. */
  readonly others: ReadonlyMap<number, Outcome>;
}

/** Packs outcomes. */
export function packOutcomes(outcomes: readonly Outcome[]): PackedOutcomes {
  const numbers = new Float64Array(outcomes.length * FIELDS);
  const others = new Map<number, Outcome>();
  const temporaries: (string | undefined)[] = [];
  const digits: string[] = [];
  outcomes.forEach((outcome, n) => {
    const done = 'done' in outcome ? outcome.done : undefined;
    if (!done || !isPlain(done)) {
      others.set(n, outcome);
      digits.push('0'.repeat(DIGITS));
      return;
    }
    const { print, mode, started, md5, temporary } = done;
    numbers.set([print.ino, print.size, print.mtimeMs, print.ctimeMs, mode, started], n * FIELDS);
    digits.push(md5);
    if (temporary !== undefined) temporaries[n] = temporary;
  });
  return { count: outcomes.length, numbers, digits: digits.join(''), temporaries, others };
}

function isPlain(done: Done): boolean {
  return done.md5.length === DIGITS && !done.corrupt && done.object === undefined && done.linked === undefined;
}

/** The outcomes as they were. */
export function unpackOutcomes(packed: PackedOutcomes): Outcome[] {
  const { numbers, digits, temporaries, others } = packed;
  return Array.from({ length: packed.count }, (_, n): Outcome => {
    const other = others.get(n);
    if (other) return other;
    const at = n * FIELDS;
    const temporary = temporaries[n];
    const print = { ino: field(at), size: field(at + 1), mtimeMs: field(at + 2), ctimeMs: field(at + 3) };
    const done = {
      md5: digits.slice(n * DIGITS, (n + 1) * DIGITS),
      mode: field(at + 4),
      print,
      started: field(at + 5),
    };
    return { done: temporary === undefined ? done : { ...done, temporary } };
  });

  function field(at: number): number {
    return numbers[at] ?? 0;
  }
}
