/** Files that plots take their points from: read at one moment and parsed, or an error in DVC's words; pictures as files. */

import { basename, extname, join } from '../../../base/paths';
import { digestOf } from '../../cache/digest';
import { fromArgument, shown } from '../../data/paths';
import { absolute, type Repo } from '../../data/repo';
import { is } from '../../errors';
import { parseRows } from '../../formats/csv';
import { parseParams } from '../../formats/params';
import { isDict, isList, type Scalar, type Value } from '../../formats/values';
import { parseError } from '../values';
import { readAt, type Snapshot } from '../snapshot';

/** What a file holds: a value, or the bytes of a picture. */
export type Source =
  | { readonly value: Value }
  | { readonly image: Uint8Array }
  | { readonly error: { readonly type: string; readonly msg: string } };

const IMAGES = new Set(['.jpg', '.jpeg', '.gif', '.png', '.svg']);
const VALUES = new Set(['.json', '.yaml', '.yml', '.toml', '.py']);

/** True for paths of pictures. */
export function isImage(path: string): boolean {
  return IMAGES.has(extname(path));
}

/** Reads the file at a path (as shown); `header` false for a table whose first line is a row as well. */
export async function readSource(snapshot: Snapshot, path: string, header: boolean): Promise<Source> {
  const { repo } = snapshot.task;
  const bytes = await readAt(snapshot, fromArgument(repo, path));
  if (typeof bytes === 'string')
    return { error: { type: 'FileNotFoundError', msg: `[Errno 2] No such file or directory: '${path}'` } };
  if (isImage(path)) return { image: bytes };
  return parseSource(path, bytes, header);
}

async function parseSource(path: string, bytes: Uint8Array, header: boolean): Promise<Source> {
  const ending = extname(path);
  const isTable = ending === '.csv' || ending === '.tsv';
  if (!isTable && !VALUES.has(ending)) {
    const msg = `'${path}' - file type error\nOnly JSON, YAML, CSV and TSV formats are supported.`;
    return { error: { type: 'PlotMetricTypeError', msg } };
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { error: { type: 'EncodingError', msg: `'${path}' is not valid utf8` } };
  }
  try {
    return { value: isTable ? tableRows(text, path, header) : await parseParams(text, path) };
  } catch (error) {
    if (!is(error)) throw error;
    return { error: isTable ? { type: 'CSVFileCorruptedError', msg: `unable to read: '${path}'` } : parseError(path) };
  }
}

/** Rows by column; cells stay text. */
function tableRows(text: string, path: string, header: boolean): Value {
  const lines = parseRows(text, path, extname(path) === '.tsv' ? '\t' : ',');
  const [first = []] = lines;
  const names = header ? first : first.map((_, i) => String(i));
  return (header ? lines.slice(1) : lines).map((row) => {
    const map = new Map<Scalar, Value>(names.map((name, i) => [name, row[i] ?? null]));
    // Cells beyond the last column have no name.
    return row.length > names.length ? map.set(null, row.slice(names.length)) : map;
  });
}

/** True for a file that holds nothing to draw. */
export function isEmpty(value: Value): boolean {
  if (isDict(value)) return value.size === 0;
  return isList(value) ? value.length === 0 : value === null || value === false || value === 0 || value === '';
}

/** How pictures are handed out. */
export interface ImagePlace {
  readonly repo: Repo;
  /** Folder that gets copies, as typed; undefined: what lies in the workspace is named there. */
  readonly out: string | undefined;
}

/**
 * A file that holds a picture of a revision, as the caller sees it. What is not in the workspace is written below `.dvc/tmp/strata/plots` under its
 * hash. Undefined where nothing may be written.
 */
export async function imageFile(
  { repo, out }: ImagePlace,
  rev: string,
  path: string,
  bytes: Uint8Array,
): Promise<string | undefined> {
  const { fs } = repo.host;
  const at = fromArgument(repo, path);
  if (out === undefined && rev === 'workspace' && (await fs.stat(absolute(repo, at)))?.kind === 'file') return path;
  if (!repo.trusted) return undefined;
  const target =
    out === undefined
      ? `.dvc/tmp/strata/plots/${digestOf(bytes)}/${basename(path)}`
      : join(fromArgument(repo, out), `${rev}_${path}`.replaceAll('/', '_'));
  if (out !== undefined || !(await fs.stat(absolute(repo, target))))
    await fs.writeAtomic(absolute(repo, target), bytes, { durable: false });
  return shown(repo, target);
}
