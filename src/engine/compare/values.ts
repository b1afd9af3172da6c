/**
 * Values of metrics and params files at one moment, file by file, as DVC shows them (dvc.md §12, §21): metrics outputs of stages and top-level
 * `metrics:`; `params.yaml` whole, top-level `params:` whole, and the keys that stages name in other files.
 *
 * A file that cannot be read, perhaps half-written by a stage at this very moment, is an entry with an error, never a failure of the whole.
 */

import { compareCodePoints, extname } from '../../base/paths';
import { absolute } from '../data/repo';
import { errorCodec } from '../errors';
import { lookupParam, parseParams } from '../formats/params';
import { isDate, isDict, isList, keyText, type Scalar, type Value } from '../formats/values';
import { besides, filesBelow, readAt, type Snapshot } from './snapshot';

/** An error of one file, in DVC's words. */
interface ValueError {
  readonly type: string;
  readonly msg: string;
}

/** One file, path from the root. */
export interface ValueFile {
  readonly path: string;
  readonly data?: Value;
  readonly error?: ValueError;
  /** A stage is said to make it, but it was not found: its object is missing in the cache. */
  readonly lost?: boolean;
}

/** Which params are wanted. */
interface ParamsOptions {
  /** Only what stages name. */
  readonly deps?: boolean;
}

/** Paths of metrics as declared, each once: files and folders. */
export function declaredMetrics({ files, stages }: Snapshot): string[] {
  const ofStages = stages.flatMap((stage) =>
    stage.outs.filter(({ output }) => output.kind === 'metric').map(({ output }) => output.path),
  );
  const top = files.pipelines.flatMap(({ path, yaml }) => yaml.metrics.map((one) => besides(path, one)));
  return [...new Set([...ofStages, ...top])];
}

/** All metrics files with their values: numbers, texts, booleans and maps of them. */
export async function metricsAt(snapshot: Snapshot): Promise<ValueFile[]> {
  const found: ValueFile[] = [];
  for (const declared of declaredMetrics(snapshot)) {
    const paths = await filesBelow(snapshot, declared);
    for (const path of paths.length > 0 ? paths : [declared]) {
      const file = await readValues(snapshot, path);
      found.push(file.data === undefined ? file : { ...file, data: onlyMetrics(file.data) ?? new Map() });
    }
  }
  return sorted(found);
}

/** All params files with their values. */
export async function paramsAt(snapshot: Snapshot, options: ParamsOptions = {}): Promise<ValueFile[]> {
  const found: ValueFile[] = [];
  for (const [path, { keys, isNamed }] of wantedParams(snapshot, options)) {
    const file = await readValues(snapshot, path);
    if (!isNamed && file.error?.type === NOT_FOUND) continue;
    found.push(file.data === undefined || keys.length === 0 ? file : pickKeys(file, file.data, keys));
  }
  const listed = new Set(found.map((file) => file.path));
  return sorted([...found, ...usedParams(snapshot).filter((file) => !listed.has(file.path))]);
}

/** Values of files that templates use, by dotted key. */
function usedParams({ stages }: Snapshot): ValueFile[] {
  const files = new Map<string, Map<Scalar, Value>>();
  for (const [path, values] of stages.flatMap((stage) => [...(stage.used ?? [])])) {
    const data = files.get(path) ?? new Map<Scalar, Value>();
    for (const [key, value] of values) data.set(key, value);
    files.set(path, data);
  }
  return [...files].map(([path, data]) => ({ path, data }));
}

interface Wanted {
  /** Empty: the whole file. */
  keys: string[];
  /** Somebody counts on the file: then it is told when it is absent. */
  isNamed: boolean;
}

function wantedParams({ files, stages }: Snapshot, options: ParamsOptions): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  const whole = (path: string, isNamed: boolean): void => {
    wanted.set(path, { keys: [], isNamed: isNamed || wanted.get(path)?.isNamed === true });
  };
  for (const { path, keys } of stages.flatMap((stage) => stage.params)) {
    const known = wanted.get(path);
    if (keys.length === 0) whole(path, true);
    else if (!known) wanted.set(path, { keys: [...keys], isNamed: true });
    else if (known.keys.length > 0) known.keys.push(...keys);
  }
  if (options.deps === true) return wanted;
  for (const { path, yaml } of files.pipelines) for (const one of yaml.params) whole(besides(path, one), true);
  whole('params.yaml', false);
  return wanted;
}

function pickKeys(file: ValueFile, data: Value, keys: readonly string[]): ValueFile {
  const picked = new Map<Scalar, Value>();
  try {
    for (const key of keys) {
      const value = lookupParam(data, key);
      if (value !== undefined) setNested(picked, key.split('.'), value);
    }
  } catch (error) {
    return { path: file.path, error: { type: 'KeyError', msg: errorCodec.toWire(error).message } };
  }
  return { path: file.path, data: picked };
}

/** `net.depth` → `{net: {depth: …}}`; a parent that was named itself is already whole. */
function setNested(into: Map<Scalar, Value>, steps: readonly string[], value: Value): void {
  const [step = '', ...rest] = steps;
  const inner = into.get(step);
  if (rest.length === 0) {
    into.set(step, value);
    return;
  }
  if (inner !== undefined && !isDict(inner)) return;
  const copy = new Map<Scalar, Value>(inner ?? []);
  setNested(copy, rest, value);
  into.set(step, copy);
}

const NOT_FOUND = 'FileNotFoundError';

async function readValues(snapshot: Snapshot, path: string): Promise<ValueFile> {
  const bytes = await readAt(snapshot, path);
  if (typeof bytes === 'string') {
    const msg = `[Errno 2] No such file or directory: '${absolute(snapshot.task.repo, path)}'`;
    return { path, error: { type: NOT_FOUND, msg }, ...(bytes === 'cache' ? { lost: true } : {}) };
  }
  try {
    return { path, data: await parseParams(new TextDecoder().decode(bytes), path) };
  } catch {
    return { path, error: parseError(path) };
  }
}

/** What DVC says of a file that it cannot parse. */
export function parseError(path: string): ValueError {
  const kind = { '.json': 'JSON', '.toml': 'TOML', '.py': 'Python' }[extname(path)] ?? 'YAML';
  return { type: `${kind}FileCorruptedError`, msg: `unable to read: '${path}', ${kind} file structure is corrupted` };
}

/** The value without lists, nulls and empty maps; undefined when nothing is left. */
function onlyMetrics(value: Value): Value | undefined {
  if (isDict(value)) {
    const kept = new Map<Scalar, Value>();
    for (const [key, member] of value) {
      const metric = onlyMetrics(member);
      if (metric !== undefined) kept.set(key, metric);
    }
    return kept.size > 0 ? kept : undefined;
  }
  return value === null || isList(value) || isDate(value) ? undefined : value;
}

function sorted(files: readonly ValueFile[]): ValueFile[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return [...byPath.values()].sort((a, b) => compareCodePoints(a.path, b.path));
}

/** Leaves by dotted key, `""` for a file that is one value; maps are walked, lists are leaves. */
export function flatten(value: Value, prefix = ''): Map<string, Value> {
  if (!isDict(value)) return new Map([[prefix, value]]);
  const flat = new Map<string, Value>();
  for (const [key, member] of value) {
    const name = prefix === '' ? keyText(key) : `${prefix}.${keyText(key)}`;
    for (const [leaf, leafValue] of flatten(member, name)) flat.set(leaf, leafValue);
  }
  return flat;
}

/** The first file of the project that cannot be loaded, as an error in DVC's words; undefined when all can. */
export function brokenProject({ files }: Snapshot): ValueError | undefined {
  const [first] = files.broken;
  if (!first) return undefined;
  const { message } = errorCodec.toWire(first.error);
  return {
    type: 'YAMLValidationError',
    msg: `'${first.path}' is invalid. ${message}`,
  };
}
