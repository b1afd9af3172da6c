/**
 * `.dvc` files: what is tracked by `add` and by imports (dvc.md §7). `parseDvcFile` checks the schema as DVC does; `renderDvcFile` writes a new
 * file; `updateDvcFile` changes an existing one and keeps its comments, order and unknown fields.
 */

import {
  DEP_FIELDS,
  entryFields,
  hashField,
  mapsOf,
  orderedEntry,
  OUT_FIELDS,
  readEntry,
  textOf,
  type DataEntry,
} from './dataEntry';
import { anything, bool, listOf, orNull, shape, text as textCheck, validate } from './schema';
import { dict, isDict, isList, type Dict, type Value } from './values';
import { parseYaml } from './yaml';
import { updateYaml } from './yamlEdit';
import { renderYaml } from './yamlWriter';

/** How a plot output is to be drawn (dvc.md §10). */
export interface PlotProps {
  readonly template?: string;
  readonly x?: string;
  readonly y?: string;
  readonly x_label?: string;
  readonly y_label?: string;
  readonly title?: string;
  readonly header?: boolean;
}

/** An output of a `.dvc` file or stage; defaults are filled in. */
export interface OutEntry extends DataEntry {
  readonly cache: boolean;
  readonly persist: boolean;
  readonly push: boolean;
  readonly remote?: string;
  readonly desc?: string;
  readonly type?: string;
  readonly labels?: readonly string[];
  readonly meta?: Value;
  readonly kind: 'out' | 'metric' | 'plot';
  /** Of a plot in dvc.yaml: one set of properties, or several. */
  readonly plot?: PlotProps | readonly PlotProps[];
}

/** The other repository of an import. */
export interface RepoSource {
  readonly url: string;
  readonly rev?: string;
  readonly revLock?: string;
  readonly config?: Value;
  readonly remote?: Value;
}

/** A dependency of a `.dvc` file: the source of an import. */
export interface DepEntry extends DataEntry {
  readonly repo?: RepoSource;
}

/** A whole `.dvc` file; defaults are filled in. */
export interface DvcFile {
  /** Hash of an import's definition; wrong or missing means `changed checksum`. */
  readonly md5?: string;
  /** Relative to the file's folder; `.` unless given. */
  readonly wdir: string;
  readonly frozen: boolean;
  readonly alwaysChanged: boolean;
  readonly desc?: string;
  readonly meta?: Value;
  readonly deps: readonly DepEntry[];
  readonly outs: readonly OutEntry[];
}

const SCHEMA = shape({
  md5: hashField,
  wdir: orNull(textCheck),
  deps: orNull(listOf(shape(DEP_FIELDS))),
  outs: orNull(listOf(shape(OUT_FIELDS))),
  locked: bool,
  frozen: bool,
  meta: anything,
  always_changed: bool,
  desc: textCheck,
});

/** Reads a `.dvc` file. Fails as `parseYaml` and `validate` do, each time with path, line and column. An empty file has no outputs. */
export function parseDvcFile(text: string, path: string): DvcFile {
  const value = parseYaml(text, path) ?? new Map<string, Value>();
  validate(value, SCHEMA, { path, text });
  const map = value as Dict;
  const meta = map.get('meta');
  const desc = textOf(map, 'desc');
  const md5 = textOf(map, 'md5');
  return {
    ...(md5 === undefined ? {} : { md5 }),
    wdir: textOf(map, 'wdir') ?? '.',
    frozen: map.get('frozen') === true || map.get('locked') === true,
    alwaysChanged: map.get('always_changed') === true,
    ...(desc === undefined ? {} : { desc }),
    ...(meta === undefined ? {} : { meta }),
    deps: mapsOf(map, 'deps').map(readDep),
    outs: mapsOf(map, 'outs').map(readOut),
  };
}

const OUT_TAKEN = new Set(['cache', 'persist', 'push', 'remote', 'desc', 'type', 'labels', 'meta']);

function readOut(map: Dict): OutEntry {
  const meta = map.get('meta');
  return {
    ...readEntry(map, OUT_TAKEN),
    ...readFlags(map),
    ...(meta === undefined ? {} : { meta }),
    kind: 'out',
  };
}

/** Reads the flags and annotations that outputs have in `.dvc` files and in dvc.yaml alike, `meta` aside. */
export function readFlags(
  map: Dict,
): Pick<OutEntry, 'cache' | 'persist' | 'push' | 'remote' | 'desc' | 'type' | 'labels'> {
  const remote = textOf(map, 'remote');
  const desc = textOf(map, 'desc');
  const type = textOf(map, 'type');
  const labels = map.get('labels');
  return {
    cache: map.get('cache') !== false,
    persist: map.get('persist') === true,
    push: map.get('push') !== false,
    ...(remote === undefined ? {} : { remote }),
    ...(desc === undefined ? {} : { desc }),
    ...(type === undefined ? {} : { type }),
    ...(isList(labels) ? { labels: labels as readonly string[] } : {}),
  };
}

function readDep(map: Dict): DepEntry {
  const repo = map.get('repo');
  return { ...readEntry(map, new Set(['repo'])), ...(isDict(repo) ? { repo: readRepo(repo) } : {}) };
}

function readRepo(map: Dict): RepoSource {
  const rev = textOf(map, 'rev');
  const revLock = textOf(map, 'rev_lock');
  const config = map.get('config');
  const remote = map.get('remote');
  return {
    url: textOf(map, 'url') ?? '',
    ...(rev === undefined ? {} : { rev }),
    ...(revLock === undefined ? {} : { revLock }),
    ...(config === undefined ? {} : { config }),
    ...(remote === undefined ? {} : { remote }),
  };
}

/** The text of a new `.dvc` file, fields in DVC's order, defaults left out. */
export function renderDvcFile(file: DvcFile): string {
  return renderYaml(dvcFileValue(file));
}

/** The text with only what differs from `file` changed: comments, order of keys and spelling elsewhere stay (dvc.md §6). */
export function updateDvcFile(text: string, path: string, file: DvcFile): string {
  return updateYaml(text, path, dvcFileValue(file));
}

/** A `.dvc` file as the data that is written, hashed (top-level `md5` of imports) and compared. */
export function dvcFileValue(file: DvcFile): Map<string, Value> {
  const map = dict([
    ['desc', file.desc],
    ['md5', file.md5],
    ['wdir', file.wdir === '.' ? undefined : file.wdir],
    ['frozen', file.frozen ? true : undefined],
    ['deps', file.deps.length > 0 ? file.deps.map(depValue) : undefined],
    ['outs', file.outs.length > 0 ? file.outs.map(outValue) : undefined],
    ['always_changed', file.alwaysChanged ? true : undefined],
    ['meta', file.meta],
  ]);
  return map as Map<string, Value>;
}

const HEAD = ['md5', 'etag', 'checksum', 'size', 'nfiles', 'isexec', 'hash', 'path'];
const OUT_ORDER = [...HEAD, 'desc', 'type', 'labels', 'meta', 'cache', 'persist', 'remote', 'push'];

function outValue(out: OutEntry): Value {
  const fields = {
    ...entryFields(out),
    desc: out.desc,
    type: out.type,
    labels: out.labels,
    meta: out.meta,
    cache: out.cache ? undefined : false,
    persist: out.persist ? true : undefined,
    remote: out.remote,
    push: out.push ? undefined : false,
  };
  return orderedEntry(fields, OUT_ORDER, out.extra);
}

function depValue(dep: DepEntry): Value {
  const repo = dep.repo;
  const source =
    repo &&
    dict([
      ['url', repo.url],
      ['rev', repo.rev],
      ['config', repo.config],
      ['remote', repo.remote],
      ['rev_lock', repo.revLock],
    ]);
  return orderedEntry({ ...entryFields(dep), repo: source }, [...HEAD, 'repo'], dep.extra);
}
