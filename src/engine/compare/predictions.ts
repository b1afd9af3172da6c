/**
 * Per-sample predictions of a run: a CSV, TSV or JSONL file with a line a sample, found where `.strata/compare.yaml` says, else by the name
 * `*predictions*` among outputs, metrics and plots, else by its columns (strata-files.md).
 */

import { pacer, type Call } from '../../base/cancel';
import { basename, dirname, isInside } from '../../base/paths';
import { csvRows, delimiterOf } from '../data/diff/csv';
import { is } from '../errors';
import { parseJson } from '../formats/json';
import { isDict, keyText, type Dict } from '../formats/values';
import { cellNumber } from '../metrics/numbers';
import { plain } from '../pipeline/stageAnswer';
import { type SampleRoles } from './compareConfig';
import { plainText } from './filter';
import { filesBelow, readAt, type Snapshot } from './snapshot';

/** Columns of a file of predictions; all of the same length. */
export interface Predictions {
  /** From the root. */
  readonly path: string;
  readonly n: number;
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** Names of the columns that play a role; absent ones are not there. */
  readonly id?: string;
  readonly truth?: string;
  readonly pred?: string;
  readonly cluster?: string;
  /** Hash of the data the samples came from, when all of it is recorded; see {@link dataKey}. */
  readonly data?: string;
}

/** What the search found. `lost` names a file whose object is missing in the cache. */
export interface Found {
  readonly predictions?: Predictions;
  readonly lost?: string;
}

const ROLES: Readonly<Record<'id' | 'truth' | 'pred' | 'cluster', readonly string[]>> = {
  id: ['id', 'sample_id', 'index'],
  truth: ['y_true', 'label', 'target', 'actual'],
  pred: ['y_pred', 'pred', 'prediction', 'predicted'],
  cluster: ['cluster', 'group'],
};
const TABLE = /\.(csv|tsv|jsonl|ndjson)$/i;

/** Finds and reads the predictions of a run. A half-written or unreadable file is none. */
export async function findPredictions(snapshot: Snapshot, roles: SampleRoles, call: Call): Promise<Found> {
  let lost: string | undefined;
  for (const { path, isCertain } of await candidates(snapshot, roles)) {
    const bytes = await readAt(snapshot, path);
    if (bytes === 'cache' && isCertain) lost ??= path;
    if (typeof bytes === 'string') continue;
    const table = await readTable(path, bytes, call);
    const found = table && withRoles(path, table, roles, await dataKey(snapshot, path));
    if (found && (isCertain || (found.truth !== undefined && found.pred !== undefined))) return { predictions: found };
  }
  return lost === undefined ? {} : { lost };
}

interface Candidate {
  readonly path: string;
  /** Chosen by hand or by its name: its columns need not look like predictions. */
  readonly isCertain: boolean;
}

async function candidates(snapshot: Snapshot, roles: SampleRoles): Promise<Candidate[]> {
  if (roles.path !== undefined) return [{ path: roles.path, isCertain: true }];
  const paths = new Set<string>();
  for (const output of snapshot.stages.flatMap((stage) => stage.outs.map((out) => out.output))) {
    if (output.path.includes('://')) continue;
    const isFolder = output.recorded?.hash.endsWith('.dir') === true || !basename(output.path).includes('.');
    const files = isFolder ? await filesBelow(snapshot, output.path) : [output.path];
    for (const path of files) if (TABLE.test(path)) paths.add(path);
  }
  const byName = [...paths].filter((path) => /predictions/i.test(basename(path)));
  const others = [...paths].filter((path) => !byName.includes(path) && !/plots\/metrics\//.test(path));
  const certain = byName.map((path) => ({ path, isCertain: true }));
  return [...certain, ...others.map((path) => ({ path, isCertain: false }))];
}

type Table = ReadonlyMap<string, readonly string[]>;

async function readTable(path: string, bytes: Uint8Array, call: Call): Promise<Table | undefined> {
  const text = new TextDecoder().decode(bytes);
  return /\.(jsonl|ndjson)$/i.test(path) ? readJsonLines(path, text, call) : readCsv(path, text, call);
}

async function readCsv(path: string, text: string, call: Call): Promise<Table | undefined> {
  const pace = pacer(call.signal);
  const rows = csvRows(text, delimiterOf(path, text));
  const header = rows.next();
  if (header.done === true) return undefined;
  const names = header.value.map((name) => name.trim());
  const columns = names.map((): string[] => []);
  let n = 0;
  for (const row of rows) {
    if ((n += 1) % 1024 === 0) await pace();
    for (let i = 0; i < columns.length; i += 1) columns[i]?.push((row[i] ?? '').trim());
  }
  return new Map(names.map((name, i) => [name, columns[i] ?? []]));
}

async function readJsonLines(path: string, text: string, call: Call): Promise<Table | undefined> {
  const pace = pacer(call.signal);
  const columns = new Map<string, string[]>();
  let n = 0;
  for (const line of text.split('\n')) {
    if (n % 1024 === 0) await pace();
    const row = line.trim() === '' ? undefined : jsonRow(path, line);
    if (!row) continue;
    for (const [key, value] of row) {
      const column = columns.get(keyText(key)) ?? [];
      columns.set(keyText(key), column);
      while (column.length < n) column.push('');
      column.push(value === null ? '' : plainText(plain(value)));
    }
    n += 1;
  }
  for (const column of columns.values()) while (column.length < n) column.push('');
  return n === 0 ? undefined : columns;
}

/** A line that is cut or broken is none. */
function jsonRow(path: string, line: string): Dict | undefined {
  try {
    const value = parseJson(line, path);
    return isDict(value) ? value : undefined;
  } catch (error) {
    if (is(error)) return undefined;
    throw error;
  }
}

function withRoles(path: string, columns: Table, roles: SampleRoles, data: string | undefined): Predictions {
  const names = [...columns.keys()];
  const role = (which: keyof typeof ROLES): string | undefined => {
    const declared = roles[which];
    if (declared !== undefined) return names.find((name) => name === declared);
    return ROLES[which]
      .map((usual) => names.find((name) => name.toLowerCase() === usual))
      .find((name) => name !== undefined);
  };
  const found = { truth: role('truth'), pred: role('pred'), cluster: role('cluster') };
  const taken = new Set(Object.values(found));
  const id = role('id') ?? names.find((name) => !taken.has(name) && isIdLike(name, columns.get(name) ?? []));
  return {
    path,
    n: columns.get(names[0] ?? '')?.length ?? 0,
    columns,
    ...(id === undefined ? {} : { id }),
    ...(found.truth === undefined ? {} : { truth: found.truth }),
    ...(found.pred === undefined ? {} : { pred: found.pred }),
    ...(found.cluster === undefined ? {} : { cluster: found.cluster }),
    ...(data === undefined ? {} : { data }),
  };
}

/** Values that never repeat and are not measured: a loss can be unique by chance. */
function isIdLike(name: string, cells: readonly string[]): boolean {
  if (isMeasure(name) || cells.length === 0 || cells.includes('')) return false;
  if (cells.some((cell) => /[.eE]/.test(cell) && cellNumber(cell) !== undefined)) return false;
  return new Set(cells).size === cells.length;
}

const MEASURE =
  /^(loss|nll|log_?loss|cross_entropy|error|err|abs_error|absolute_error|squared_error|sq_error|brier|reward|ndcg|ap|rr|f1|judge_score)$/i;

/** True for names of columns that hold a number per sample worth comparing. */
export function isMeasure(name: string): boolean {
  return MEASURE.test(name);
}

const MODEL =
  /(^|\/)(models?|weights|checkpoints?|ckpts?)(\/|$)|\.(pt|pth|ckpt|onnx|pkl|joblib|safetensors|h5|keras|bin|gguf|model)$/i;
const CODE = /\.(py|pyi|ipynb|sh|r|jl|js|ts|ya?ml|toml|cfg|ini)$/i;

/**
 * Hashes of what the stage that makes the predictions reads, without code and models: two runs with the same key were evaluated on the same
 * data. Undefined when nothing of that kind is recorded.
 */
function dataKey({ stages, files }: Snapshot, path: string): Promise<string | undefined> {
  const stage = stages.find((one) => one.outs.some(({ output }) => isInside(path, output.path)));
  const artifacts = new Set(
    files.pipelines.flatMap(({ path: file, yaml }) => {
      return yaml.artifacts.map((one) => (dirname(file) === '.' ? one.path : `${dirname(file)}/${one.path}`));
    }),
  );
  const data = (stage?.deps ?? []).filter(
    (dep) => !CODE.test(dep.path) && !MODEL.test(dep.path) && !artifacts.has(dep.path),
  );
  if (data.length === 0 || data.some((dep) => dep.recorded?.hash === undefined)) return Promise.resolve(undefined);
  return Promise.resolve(
    data
      .map((dep) => `${dep.path} ${dep.recorded?.hash ?? ''}`)
      .sort()
      .join('\n'),
  );
}
