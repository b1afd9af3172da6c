/**
 * From the files of one plot to its points (dvc.md §21): which fields are x and y, rows joined, one point per field where there are several.
 * Pure. What DVC refuses is a {@link PlotProblem}, with the name of DVC's own error.
 *
 * `y: {hist.csv: [loss, acc]}` gives each row of hist.csv twice, with `field: loss` and `field: acc`, the value in `dvc_inferred_y_value`.
 */

import { plain } from '../../pipeline/stageAnswer';
import { isDict, isList, keyText, type Dict, type Value } from '../../formats/values';
import { type PlainValue } from '../../verbs/pipeline';

/** Fields of an axis: one, several, or by file. */
export type Axis = string | readonly string[] | ReadonlyMap<string, string | readonly string[]>;

/** What is said about a plot. */
export interface PlotDef {
  readonly x?: Axis;
  readonly y?: Axis;
  readonly template?: string;
  readonly title?: string;
  readonly x_label?: string;
  readonly y_label?: string;
  readonly header?: boolean;
}

/** One point: values by field. */
export type Point = Map<string, PlainValue>;

/** Points of one revision, and how to draw them. */
export interface Points {
  readonly points: Point[];
  /** Field of each axis in the points; y is undefined when nothing tells it. */
  readonly x: string;
  readonly y: string | undefined;
  readonly xLabel: string;
  readonly yLabel: string | undefined;
  /** File (what they have in common left out) and field of each y. */
  readonly sources: readonly { readonly filename: string; readonly field: string }[];
}

/** Why a plot has no points. */
export class PlotProblem extends Error {
  constructor(
    /** DVC's name of the error. */
    readonly type: string,
    message: string,
  ) {
    super(message);
    this.name = 'PlotProblem';
  }
}

type Pair = readonly [file: string, field: string];

/** Name of the field that counts points where there is no x. */
const INDEX = 'step';
const MANY_Y = 'dvc_inferred_y_value';
const MANY_X = 'dvc_inferred_x_value';

/** Points of a plot with the id `id` out of the content of its files. Undefined when the files hold none. */
export function pointsOf(
  id: string,
  def: PlotDef,
  files: ReadonlyMap<string, Value>,
  revision: string,
): Points | undefined {
  const xAxis = inferX(id, def);
  const yAxis = inferY(id, def, files);
  const rows = new Map([...files].map(([file, content]) => [file, rowsIn(content)]));
  const xs = pairs(xAxis, rows);
  const ys = pairs(yAxis, rows);
  if (xs.length > 1 && xs.length !== ys.length)
    throw new PlotProblem(
      'DvcException',
      `Cannot have different number of x and y data sources. Found ${xs.length} x and ${ys.length} y data sources.`,
    );
  const x = xs[0] && new Set(xs.map(([, field]) => field)).size > 1 ? MANY_X : (xs[0]?.[1] ?? INDEX);
  const y = new Set(ys.map(([, field]) => field)).size > 1 ? MANY_Y : ys[0]?.[1];
  const prefix = commonFolder([...new Set(ys.map(([file]) => file))]);
  const sources = ys.map(([file, field]) => ({ filename: shortName(file, prefix), field }));
  const points = ys.flatMap((pair, i) => {
    const found = (rows.get(pair[0]) ?? []).map((row): Point => new Map(row));
    if (y === MANY_Y) copyField(found, MANY_Y, found, pair[1]);
    joinX(found, { x, from: xs.length > 1 ? xs[i] : xs[0], pair, rows });
    for (const point of found)
      point
        .set('rev', revision)
        .set('filename', sources[i]?.filename ?? '')
        .set('field', pair[1]);
    return found;
  });
  if (points.length === 0) return undefined;
  return { points, x, y, xLabel: labelOf(def.x_label, xAxis, 'x') ?? INDEX, yLabel: yLabel(def, yAxis), sources };
}

function inferX(id: string, { x, y }: PlotDef): Axis | undefined {
  if (typeof x !== 'string') return x instanceof Map ? x : undefined;
  if (!(y instanceof Map)) return new Map([[id, x]]);
  const fields = y as ReadonlyMap<string, string | readonly string[]>;
  return new Map([...fields].map(([file, field]) => [file, typeof field === 'string' ? x : field.map(() => x)]));
}

function inferY(id: string, { y }: PlotDef, files: ReadonlyMap<string, Value>): Axis | undefined {
  if (y instanceof Map) return y as Axis;
  if (y !== undefined) return new Map([[id, y as string | readonly string[]]]);
  const content = files.get(id);
  for (const found of content === undefined ? [] : listsIn(content)) {
    if (!found.every(isDict)) continue;
    const field = [...(firstOf(found) as Dict).keys()].at(-1);
    return new Map([[id, keyText(field ?? '')]]);
  }
  return undefined;
}

/** Every list in a value, those in lists aside; a value that is none and holds none is refused. */
function listsIn(content: Value): (readonly Value[])[] {
  if (isList(content)) return [content];
  if (!isDict(content)) throw new PlotProblem('AttributeError', 'the file holds neither a list nor a map');
  return [...content.values()].flatMap((value) => (isDict(value) || isList(value) ? listsIn(value) : []));
}

function firstOf(found: readonly Value[]): Value {
  const [first] = found;
  if (first === undefined) throw new PlotProblem('AttributeError', 'the file holds an empty list');
  return first;
}

/** Rows of all lists of maps with equal keys, joined by position. */
function rowsIn(content: Value): Point[] {
  const rows: Point[] = [];
  for (const found of listsIn(content)) {
    if (!found.every(isDict)) continue;
    const keys = new Set((firstOf(found) as Dict).keys());
    if (found.some((row) => [...row.keys()].some((key) => !keys.has(key)))) continue;
    found.forEach((row, i) => {
      const into = (rows[i] ??= new Map());
      for (const [key, value] of row) into.set(keyText(key), plain(value));
    });
  }
  return rows;
}

/** File and field of an axis. Fails with `FieldNotFoundError` when the first row has no such field. */
function pairs(axis: Axis | undefined, rows: ReadonlyMap<string, readonly Point[]>): Pair[] {
  if (!(axis instanceof Map)) return [];
  const found: Pair[] = [];
  for (const [file, fields] of axis as ReadonlyMap<string, string | readonly string[]>) {
    for (const field of typeof fields === 'string' ? [fields] : fields) {
      const known = rows.get(file);
      if (known && known[0]?.has(field) !== true) {
        const names = [...(known[0]?.keys() ?? [])].join(', ');
        throw new PlotProblem(
          known.length === 0 ? 'TypeError' : 'FieldNotFoundError',
          `Could not find provided field ('${field}') in data fields ('${names}').`,
        );
      }
      found.push([file, field]);
    }
  }
  return found;
}

interface Joining {
  readonly x: string;
  readonly from: Pair | undefined;
  readonly pair: Pair;
  readonly rows: ReadonlyMap<string, readonly Point[]>;
}

function joinX(points: Point[], { x, from, pair, rows }: Joining): void {
  if (!from) return points.forEach((point, i) => point.set(INDEX, i));
  const [file, field] = from;
  const source = rows.get(file) ?? [];
  if (source.length !== points.length)
    throw new PlotProblem(
      'DvcException',
      `Cannot join '${field}' from '${file}' and '${pair[1]}' from '${pair[0]}'. They have to have same length.`,
    );
  copyField(points, x, source, field);
}

function copyField(points: readonly Point[], name: string, source: readonly Point[], field: string): void {
  points.forEach((point, i) => {
    const value = source[i]?.get(field);
    if (value !== undefined) point.set(name, value);
  });
}

function fieldsOf(axis: Axis): Set<string> {
  return new Set(axis instanceof Map ? [...(axis as ReadonlyMap<string, string | string[]>).values()].flat() : []);
}

function labelOf(given: string | undefined, axis: Axis | undefined, many: string): string | undefined {
  if (given !== undefined || axis === undefined) return given;
  const fields = fieldsOf(axis);
  return fields.size === 1 ? [...fields][0] : many;
}

function yLabel(def: PlotDef, axis: Axis | undefined): string | undefined {
  return labelOf(def.y_label, axis, 'y');
}

/** The folder that all paths lie in; empty for one path alone. */
function commonFolder(paths: readonly string[]): string {
  if (paths.length < 2) return '';
  const [first = [], ...others] = paths.map((path) => path.split('/'));
  const differs = first.findIndex((part, i) => others.some((parts) => parts[i] !== part));
  return first.slice(0, differs < 0 ? first.length : differs).join('/');
}

function shortName(file: string, prefix: string): string {
  return file.slice(prefix.length).replace(/^\/+/, '');
}
