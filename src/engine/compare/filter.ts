/**
 * The filter of the runs table. Words must all be found (name, labels, message, author, id, params); `-word` must not; `key>0.9` compares a
 * metric or param (`<`, `<=`, `>=`, `=`, `!=`); `/…/` is a regular expression; `or` between groups: one group must hold.
 *
 * `digits accuracy>=0.9 or /seed-\d+/`
 */

import { type PlainValue } from '../verbs/pipeline';
import { type RunRow } from '../verbs/runs';

/** Decides about one row. */
type RowTest = (row: RunRow) => boolean;

/** Reads a filter; a regular expression that is broken is looked for as text. */
export function parseFilter(filter: string): RowTest {
  const groups: RowTest[][] = [[]];
  for (const term of filter.match(/-?\/(?:\\.|[^/\\])+\/i?|"[^"]*"|\S+/g) ?? []) {
    if (/^(or|\|\||\|)$/i.test(term)) groups.push([]);
    else if (!/^(and|&&)$/i.test(term)) groups[groups.length - 1]?.push(toTest(term));
  }
  const filled = groups.filter((group) => group.length > 0);
  return (row) => filled.length === 0 || filled.some((group) => group.every((test) => test(row)));
}

function toTest(term: string): RowTest {
  if (term.startsWith('-') && term.length > 1) {
    const test = toTest(term.slice(1));
    return (row) => !test(row);
  }
  const pattern = /^\/(.+)\/i?$/.exec(term)?.[1];
  const regex = pattern === undefined ? undefined : toRegex(pattern);
  if (regex) return (row) => regex.test(textOf(row));
  const [, key = '', operator, value = ''] = /^([^<>=!"]+)(<=|>=|!=|<|>|==?)(.+)$/.exec(term) ?? [];
  if (operator !== undefined) return (row) => compareValue(valueOf(row, key), operator, value);
  const word = term.replaceAll('"', '').toLowerCase();
  return (row) => textOf(row).toLowerCase().includes(word);
}

function toRegex(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'i');
  } catch {
    return undefined;
  }
}

/** Everything of a row that can be searched; cut, so that no pattern can take long. */
function textOf(row: RunRow): string {
  const params = Object.entries(row.params).map(([key, value]) => `${key}=${plainText(value)}`);
  const parts = [
    row.name,
    ...row.labels,
    row.id,
    row.state,
    row.author ?? '',
    (row.message ?? '').slice(0, 500),
    ...params,
  ];
  return parts.join('\n').slice(0, 4000);
}

/** A metric or param by its name or the end of its name. */
function valueOf(row: RunRow, key: string): PlainValue | undefined {
  const all: Record<string, PlainValue> = { ...row.params, ...row.last };
  if (Object.hasOwn(all, key)) return all[key];
  const lower = key.toLowerCase();
  const found = Object.keys(all).find(
    (name) => name.toLowerCase() === lower || name.toLowerCase().endsWith(`.${lower}`),
  );
  return found === undefined ? undefined : all[found];
}

function compareValue(value: PlainValue | undefined, operator: string, wanted: string): boolean {
  if (value === undefined) return operator === '!=';
  const number = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
  const limit = Number(wanted);
  if (number === undefined || Number.isNaN(limit)) {
    const same = plainText(value).toLowerCase() === wanted.toLowerCase();
    return operator === '!=' ? !same : operator.startsWith('=') && same;
  }
  const tests: Readonly<Record<string, boolean>> = {
    '<': number < limit,
    '>': number > limit,
    '<=': number <= limit,
    '>=': number >= limit,
    '!=': number !== limit,
  };
  return tests[operator] ?? number === limit;
}

/** A value as text that can be searched and compared. */
export function plainText(value: PlainValue): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? member.toString() : member));
}
