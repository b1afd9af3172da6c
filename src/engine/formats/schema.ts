/**
 * Checks of parsed files against the shapes DVC accepts, with DVC's words and places: `extra keys not allowed, in stages -> s -> foo,
 * line 1, column 13` (dvc.md §7, §10, §13). A schema is a function; the files that use it read like the tables of the format.
 */

import { closest } from '../../base/closest';
import { StrataError } from '../errors';
import { isDict, isInt, isList, keyText, type Value } from './values';
import { locate, type DataPath } from './yaml';

/** What can be wrong; also the last part of the error's code. */
type Fault =
  | 'extraKey'
  | 'extraKeyNear'
  | 'missingKey'
  | 'expectedText'
  | 'expectedBool'
  | 'expectedInt'
  | 'expectedList'
  | 'expectedMap'
  | 'noMembers'
  | 'badValue'
  | 'schemaVersion';

/** One finding: what is wrong, and the way to it. */
interface Problem {
  readonly fault: Fault;
  readonly at: DataPath;
  /** DVC's words where they are not those of the fault. */
  readonly words?: string;
  /** The key that was probably meant. */
  readonly near?: string;
}

/** Adds what is wrong with a value to `found`. */
export type Check = (value: Value, at: DataPath, found: Problem[]) => void;

/** DVC's words for each fault. */
const DVC_WORDS: Readonly<Record<Fault, string>> = {
  extraKey: 'extra keys not allowed',
  extraKeyNear: 'extra keys not allowed',
  missingKey: 'required key not provided',
  expectedText: 'expected str',
  expectedBool: 'expected bool',
  expectedInt: 'expected int',
  expectedList: 'expected a list',
  expectedMap: 'expected a dictionary',
  noMembers: 'required key not provided',
  badValue: 'not a valid value',
  schemaVersion: 'invalid schema version',
};

function expects(fault: Fault, accepts: (value: Value) => boolean, words?: string): Check {
  return (value, at, found) => {
    if (!accepts(value)) found.push({ fault, at, ...(words === undefined ? {} : { words }) });
  };
}

/** Any value at all. */
export const anything: Check = () => undefined;
/** Text. */
export const text = expects('expectedText', (value) => typeof value === 'string');
/** `true` or `false`. */
export const bool = expects('expectedBool', (value) => typeof value === 'boolean');
/** A whole number. */
export const whole = expects('expectedInt', isInt);
/** Any map. */
export const anyMap = expects('expectedMap', isDict, 'expected dict');
/** Any list. */
export const anyList = expects('expectedList', isList);

/** A list whose items pass `item`. */
export function listOf(item: Check): Check {
  return (value, at, found) => {
    if (isList(value)) value.forEach((member, i) => item(member, [...at, i], found));
    else found.push({ fault: 'expectedList', at });
  };
}

/** A map with any text keys whose values pass `member`. */
export function mapOf(member: Check): Check {
  return (value, at, found) => {
    if (!isDict(value)) {
      found.push({ fault: 'expectedMap', at });
      return;
    }
    for (const [key, item] of value) {
      if (typeof key === 'string') member(item, [...at, key], found);
      else found.push({ fault: 'expectedText', at: [...at, keyText(key)] });
    }
  };
}

/** A map with these keys only, `required` ones always there. */
export function shape(members: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  const known = new Map(Object.entries(members));
  return (value, at, found) => {
    if (!isDict(value)) {
      found.push({ fault: 'expectedMap', at });
      return;
    }
    for (const [key, item] of value) {
      const check = typeof key === 'string' ? known.get(key) : undefined;
      if (check) check(item, [...at, key as string], found);
      else found.push(extraKey(keyText(key), at, known.keys()));
    }
    for (const key of required) if (!value.has(key)) found.push({ fault: 'missingKey', at: [...at, key] });
  };
}

function extraKey(key: string, at: DataPath, known: Iterable<string>): Problem {
  const near = closest(key, known);
  return { fault: near === undefined ? 'extraKey' : 'extraKeyNear', at: [...at, key], ...(near ? { near } : {}) };
}

/** How DVC calls a key that may be any text. */
const ANY_KEY = "<class 'str'>";

/** A map that has members, each of which passes. */
export function someOf(member: Check): Check {
  const each = mapOf(member);
  return (value, at, found) => {
    if (isDict(value) && value.size === 0) found.push({ fault: 'noMembers', at: [...at, ANY_KEY] });
    else each(value, at, found);
  };
}

/** A value that passes one of the checks; otherwise the finding that went deepest is told, of equal ones the first. */
export function either(...checks: readonly Check[]): Check {
  return (value, at, found) => {
    let best: Problem[] = [];
    for (const check of checks) {
      const problems: Problem[] = [];
      check(value, at, problems);
      if (problems.length === 0) return;
      if (best.length === 0 || depth(problems) > depth(best)) best = problems;
    }
    found.push(...best);
  };
}

function depth(problems: readonly Problem[]): number {
  return problems.reduce((most, problem) => Math.max(most, problem.at.length), 0);
}

/** The check, or null. */
export function orNull(check: Check): Check {
  return (value, at, found) => {
    if (value !== null) check(value, at, found);
  };
}

/** What a file was read from, for messages. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/**
 * Fails with `formats.<fault>` when the value does not pass: {path, place, line, column} of the first problem, `more` for how many others, and
 * `problems`, all of them in DVC's words. An unknown key that is like a known one is `formats.extraKeyNear` {near}.
 */
export function validate(value: Value, check: Check, source: Source): void {
  const found: Problem[] = [];
  check(value, [], found);
  const first = found[0];
  if (!first) return;
  const exact = locate(source.text, first.at, true) ?? { line: 1, column: 1 };
  throw new StrataError(`formats.${first.fault}`, {
    path: source.path,
    place: first.at.filter((step) => step !== ANY_KEY).join(' -> '),
    ...(first.near === undefined ? {} : { near: first.near }),
    line: exact.line,
    column: exact.column,
    more: found.length - 1,
    problems: found.slice(0, 20).map((problem) => dvcMessage(problem, source)),
  });
}

/** A problem as DVC prints it. */
function dvcMessage(problem: Problem, source: Source): string {
  const words = [problem.words ?? DVC_WORDS[problem.fault]];
  if (problem.at.length > 0) words.push(`in ${problem.at.join(' -> ')}`);
  const place = locate(source.text, problem.at);
  if (place) words.push(`line ${place.line}`, `column ${place.column}`);
  return words.join(', ');
}
