/**
 * The entries that `.dvc` files and dvc.lock share: a path with what is recorded about its data (dvc.md §7, §13). One reader and the fields in
 * both orders; `.dvc` files begin with the hash, dvc.lock with the path.
 */

import { anyMap, anything, bool, either, listOf, mapOf, orNull, shape, text, whole, type Check } from './schema';
import { dict, isDict, isInt, keyText, type Dict, type Scalar, type Value } from './values';

/** How a hash was made. `md5-dos2unix` is DVC 2.x's, written without a `hash` field (dvc.md §4.1). */
export type HashName = 'md5' | 'md5-dos2unix' | 'etag' | 'checksum';

/** A path and what is recorded about its data. */
export interface DataEntry {
  /** As written; relative to the stage's working folder. */
  readonly path: string;
  /** The recorded hash, with `.dir` at the end for folders. */
  readonly hash?: string;
  readonly hashName: HashName;
  /** The `hash` field as written; left out it follows from `hashName`. */
  readonly hashField?: string;
  /** Bytes. */
  readonly size?: number;
  /** Files in a folder. */
  readonly nfiles?: number;
  readonly isexec?: boolean;
  /** Fields that are kept: `version_id`, `cloud` and `files` of remotes that keep versions (see `data/cloudVersions`), `fs_config`, `db`. */
  readonly extra: Dict;
}

const hashValue: Check = (value, at, found) => {
  if (value === null || value === '') return;
  const written = isInt(value) ? String(value) : value;
  if (typeof written !== 'string' || written.length < 3) found.push({ fault: 'badValue', at });
};

const HASHES = { md5: hashValue, etag: hashValue, checksum: hashValue };
const META = { size: whole, nfiles: whole, isexec: bool, version_id: text };
const VERSIONS = mapOf(shape({ ...META, ...HASHES }));
const CLOUD: Check = (value, at, found) => {
  VERSIONS(value, at, found);
  if (isDict(value) && value.size > 1) found.push({ fault: 'badValue', at });
};
const FILES = listOf(shape({ ...HASHES, ...META, relpath: text, cloud: CLOUD }, ['relpath']));

/** Fields of every entry, with their checks. */
export const ENTRY_FIELDS: Readonly<Record<string, Check>> = {
  ...HASHES,
  ...META,
  path: text,
  hash: text,
  cloud: CLOUD,
  files: FILES,
};

/** Fields of an output in a `.dvc` file. */
export const OUT_FIELDS: Readonly<Record<string, Check>> = {
  ...ENTRY_FIELDS,
  persist: bool,
  cache: bool,
  push: bool,
  remote: text,
  fs_config: anyMap,
  desc: text,
  type: text,
  labels: listOf(text),
  meta: anything,
};

/** Fields of a dependency in a `.dvc` file. */
export const DEP_FIELDS: Readonly<Record<string, Check>> = {
  ...ENTRY_FIELDS,
  persist: bool,
  fs_config: anyMap,
  repo: shape({ url: text, rev: text, rev_lock: text, config: either(text, anyMap), remote: either(text, anyMap) }, [
    'url',
  ]),
  db: anyMap,
};

/** A hash field: null, or text (digits alone may be read as a number) of three characters and more. */
export const hashField = orNull(hashValue);

const KNOWN = new Set(['path', 'hash', 'size', 'nfiles', 'isexec']);
const HASH_FIELDS = new Set(['md5', 'etag', 'checksum']);

/** True for a field that the entry has a member for; beside an `md5` an `etag` is one of a version at a remote, and is kept as it is. */
function known(key: string, hash: string | undefined): boolean {
  return KNOWN.has(key) || (HASH_FIELDS.has(key) && (hash === undefined || key === hash));
}

/** Reads the shared fields; fields not in `taken` and not shared are kept in `extra`. */
export function readEntry(map: Dict, taken: ReadonlySet<string> = new Set()): DataEntry {
  const declared = textOf(map, 'hash');
  const found = (['md5', 'etag', 'checksum'] as const).find((name) => hashText(map.get(name)) !== undefined);
  const hash = found && hashText(map.get(found));
  const size = numberOf(map, 'size');
  const nfiles = numberOf(map, 'nfiles');
  const isexec = map.get('isexec');
  return {
    path: textOf(map, 'path') ?? '',
    ...(hash === undefined ? {} : { hash }),
    hashName: hashNameOf(found, declared),
    ...(declared === undefined ? {} : { hashField: declared }),
    ...(size === undefined ? {} : { size }),
    ...(nfiles === undefined ? {} : { nfiles }),
    ...(isexec === true ? { isexec } : {}),
    extra: new Map([...map].filter(([key]) => !known(keyText(key), found) && !taken.has(keyText(key)))),
  };
}

function hashNameOf(found: 'md5' | 'etag' | 'checksum' | undefined, declared: string | undefined): HashName {
  if (found === 'etag' || found === 'checksum') return found;
  return found === 'md5' && declared === undefined ? 'md5-dos2unix' : 'md5';
}

function hashText(value: Value | undefined): string | undefined {
  if (isInt(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The fields of an entry by name; undefined where absent. */
export function entryFields(entry: DataEntry): Readonly<Record<string, Value | undefined>> {
  const name = entry.hashName === 'md5-dos2unix' ? 'md5' : entry.hashName;
  const implied = entry.hashName === 'md5' && entry.hash !== undefined ? 'md5' : undefined;
  return {
    path: entry.path,
    hash: entry.hashName === 'md5-dos2unix' ? undefined : (entry.hashField ?? implied),
    [name]: entry.hash,
    size: entry.size,
    nfiles: entry.nfiles,
    isexec: entry.isexec === true ? true : undefined,
  };
}

/** A map of the fields in this order, then the kept ones. */
export function orderedEntry(
  fields: Readonly<Record<string, Value | undefined>>,
  order: readonly string[],
  extra: Dict,
): Map<Scalar, Value> {
  return dict([...order.map((key) => [key, fields[key]] as const), ...extra]);
}

/** The text under a key, or undefined when there is none. */
export function textOf(map: Dict, key: string): string | undefined {
  const value = map.get(key);
  return typeof value === 'string' ? value : undefined;
}

/** The whole number under a key, or undefined. */
export function numberOf(map: Dict, key: string): number | undefined {
  const value = map.get(key);
  return isInt(value) ? Number(value) : undefined;
}

/** The list of maps under a key; empty when absent. */
export function mapsOf(map: Dict, key: string): readonly Dict[] {
  const value = map.get(key);
  return Array.isArray(value) ? (value as readonly Value[]).filter(isDict) : [];
}
