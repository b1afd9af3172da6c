/**
 * dvc.lock: what each stage last ran with (dvc.md §13). Reading checks the schema as DVC does; writing replaces or appends the entry of one
 * stage and leaves every other byte of the file as it is.
 */

import { compareCodePoints } from '../../base/paths';
import { StrataError } from '../errors';
import { ENTRY_FIELDS, entryFields, mapsOf, orderedEntry, readEntry, type DataEntry } from './dataEntry';
import { DEFAULT_PARAMS } from './dvcYaml';
import { parseFast } from './fastYaml';
import { anyList, anything, either, listOf, mapOf, shape, text as textCheck, validate, type Check } from './schema';
import { dict, isDict, isList, keyText, sameValue, toPlain, type Dict, type Scalar, type Value } from './values';
import { parseYaml } from './yaml';
import { updateYaml } from './yamlEdit';
import { renderInBlock, renderKey, renderYaml } from './yamlWriter';

/** What a stage last ran with. Written lists are sorted as DVC sorts them, whatever the order here. */
export interface LockEntry {
  readonly cmd: string | readonly string[];
  readonly deps: readonly DataEntry[];
  /** By file: values by dotted key. */
  readonly params: ReadonlyMap<string, ReadonlyMap<string, Value>>;
  readonly outs: readonly DataEntry[];
}

/** A whole dvc.lock. */
export interface DvcLock {
  readonly stages: ReadonlyMap<string, LockEntry>;
  readonly datasets?: Value;
}

const schemaVersion: Check = (value, at, found) => {
  if (value !== '2.0') found.push({ fault: 'schemaVersion', at });
};

const DATA = shape({ ...ENTRY_FIELDS, dataset: anything }, ['path']);
const SCHEMA = shape(
  {
    schema: schemaVersion,
    datasets: anything,
    stages: mapOf(
      shape(
        { cmd: either(textCheck, anyList), deps: listOf(DATA), params: mapOf(mapOf(anything)), outs: listOf(DATA) },
        ['cmd'],
      ),
    ),
  },
  ['schema'],
);

const CONFLICT = /^(?:<{7} |={7}$|>{7} )/m;

/**
 * Reads a dvc.lock. Fails with `formats.conflict` {path, line} on the marks of an unfinished merge, else as `parseYaml` and `validate` do. An
 * empty file is an error, as in DVC; an absent one is the caller's business.
 */
export function parseDvcLock(text: string, path: string): DvcLock {
  const map = readLock(text, path);
  const datasets = map.get('datasets');
  const stages = map.get('stages');
  const entries = isDict(stages) ? [...stages] : [];
  return {
    stages: new Map(entries.map(([name, entry]) => [keyText(name), readLockEntry(entry as Dict)])),
    ...(datasets === undefined ? {} : { datasets }),
  };
}

function readLock(text: string, path: string): Dict {
  const conflict = CONFLICT.exec(text);
  if (conflict) {
    const line = text.slice(0, conflict.index).split('\n').length;
    throw new StrataError('formats.conflict', { path, line, column: 1 });
  }
  const value = parseYaml(text, path) ?? new Map<string, Value>();
  validate(value, SCHEMA, { path, text });
  return value as Dict;
}

/** Reads one entry: the value under a stage's name, or a run-cache file. */
function readLockEntry(map: Dict): LockEntry {
  const cmd = map.get('cmd');
  const params = map.get('params');
  const files = isDict(params) ? [...params] : [];
  return {
    cmd: isList(cmd) ? cmd.map((item) => String(toPlain(item))) : typeof cmd === 'string' ? cmd : '',
    deps: mapsOf(map, 'deps').map((item) => readEntry(item)),
    params: new Map(
      files.map(([file, keys]) => [keyText(file), isDict(keys) ? (keys as ReadonlyMap<string, Value>) : new Map()]),
    ),
    outs: mapsOf(map, 'outs').map((item) => readEntry(item)),
  };
}

const ORDER = ['path', 'hash', 'md5', 'etag', 'checksum', 'size', 'nfiles', 'isexec'];

/** An entry as the data that is written and hashed: `cmd, deps, params, outs`, empty ones absent, lists sorted by path. */
export function lockEntryValue(entry: LockEntry): Map<Scalar, Value> {
  return dict([
    ['cmd', entry.cmd],
    ['deps', entry.deps.length > 0 ? byPath(entry.deps) : undefined],
    ['params', entry.params.size > 0 ? sortedParams(entry.params) : undefined],
    ['outs', entry.outs.length > 0 ? byPath(entry.outs) : undefined],
  ]);
}

function byPath(list: readonly DataEntry[]): Value {
  const sorted = [...list].sort((a, b) => compareCodePoints(a.path, b.path));
  return sorted.map((entry) => orderedEntry(entryFields(entry), ORDER, entry.extra));
}

/** `params.yaml` first, other files sorted, keys sorted. */
function sortedParams(params: LockEntry['params']): Value {
  const files = [...params].sort(([a], [b]) => {
    if ((a === DEFAULT_PARAMS) !== (b === DEFAULT_PARAMS)) return a === DEFAULT_PARAMS ? -1 : 1;
    return compareCodePoints(a, b);
  });
  return new Map(
    files.map(([file, keys]) => [
      file,
      new Map([...keys].sort(([a], [b]) => compareCodePoints(keyText(a), keyText(b)))),
    ]),
  );
}

/** The text of an entry alone, as run-cache files hold it. */
export function renderLockEntry(entry: LockEntry): string {
  return renderYaml(lockEntryValue(entry));
}

/** Reads the text of a run-cache file. Fails as `parseYaml` does, or with `formats.expectedMap`. */
export function parseLockEntry(text: string, path: string): LockEntry {
  const value = parseYaml(text, path);
  if (!isDict(value)) throw new StrataError('formats.expectedMap', { path, place: '', line: 1, column: 1 });
  return readLockEntry(value);
}

/** The text of a new dvc.lock with these entries, in this order. */
export function renderDvcLock(stages: ReadonlyMap<string, LockEntry>): string {
  const entries = [...stages].map(([name, entry]): [string, Value] => [name, lockEntryValue(entry)]);
  return renderYaml(
    dict([
      ['schema', '2.0'],
      ['stages', new Map(entries)],
    ]),
  );
}

/**
 * The text with the entry of one stage replaced or, when it is new, appended, but before entries named in `later` where the file is of regular
 * shape; `undefined` as text makes a new file. Every other byte stays. Fails as {@link parseDvcLock} when the old text is not a valid dvc.lock.
 */
export function setLockEntry(
  text: string | undefined,
  path: string,
  [name, entry]: readonly [string, LockEntry],
  later: ReadonlySet<string> = new Set(),
): string {
  if (text === undefined) return renderDvcLock(new Map([[name, entry]]));
  const value = lockEntryValue(entry);
  const old = stagesOf(readLock(text, path));
  const known = old.get(name);
  if (known !== undefined && sameValue(known, value)) return text;
  return (
    setInPlace(text, name, value, later) ??
    updateYaml(text, path, withStages(text, path, new Map(old).set(name, value)))
  );
}

/** The text without the entry of one stage; other bytes stay. */
export function removeLockEntry(text: string, path: string, name: string): string {
  const stages = new Map(stagesOf(readLock(text, path)));
  if (!stages.delete(name)) return text;
  return updateYaml(text, path, withStages(text, path, stages));
}

function stagesOf(map: Dict): Dict {
  const stages = map.get('stages');
  return isDict(stages) ? stages : new Map<Scalar, Value>();
}

function withStages(text: string, path: string, stages: Dict): Value {
  return new Map(readLock(text, path)).set('stages', stages);
}

/** The quick way for files of regular shape, where the lines of each entry are known; undefined for others. */
function setInPlace(text: string, name: string, value: Dict, later: ReadonlySet<string>): string | undefined {
  const ranges = parseFast(text)?.sections.get('stages');
  const last = ranges && [...ranges.values()].pop();
  if (!last) return undefined;
  const next = [...ranges].find(([other]) => later.has(other))?.[1].start ?? last.end;
  const { start, end } = ranges.get(name) ?? { start: next, end: next };
  const margin = /^ */.exec(text.slice(last.start))?.[0] ?? '';
  const head = `${margin}${renderKey(name)}:`;
  const gap = start > 0 && text[start - 1] !== '\n' ? '\n' : '';
  return `${text.slice(0, start)}${gap}${head}${renderInBlock(value, margin.length, head.length)}\n${text.slice(end)}`;
}
