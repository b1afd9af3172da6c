/**
 * `log`: appends a step to a metric log in DVCLive's layout (dvc.md §23, metrics.md §3), byte for byte: one TSV a metric, the last values in
 * metrics.json, params.yaml, and the dvc.yaml that names them. What is there already goes on, whoever began it.
 *
 * `log train/loss=0.5 acc=2` → `plots/metrics/train/loss.tsv`, `plots/metrics/acc.tsv`, `{"train": {"loss": 0.5}, "acc": 2, "step": 0}`.
 */

import { basename, dirname, join, normalize, relative } from '../../base/paths';
import { StrataError } from '../errors';
import { asciiString, canonicalJson } from '../formats/canonicalJson';
import { readDvcYaml } from '../formats/dvcYaml';
import { parseJson } from '../formats/json';
import { pyStr } from '../formats/pyText';
import { asNumber, dict, float, int, isDict, isList, keyText, toPlain } from '../formats/values';
import { type Dict, type Scalar, type Value } from '../formats/values';
import { parseYaml } from '../formats/yaml';
import { updateYaml } from '../formats/yamlEdit';
import { renderYaml } from '../formats/yamlWriter';
import { type Host } from '../host/host';
import { type LogAnswer, type LogArgs } from '../verbs/log';
import { type PlainValue } from '../verbs/pipeline';

/** Where a log is written from: an absolute folder. */
interface Place {
  readonly dir: string;
  readonly host: Host;
}

/** One log on disk. Paths are absolute. */
interface Log extends Place {
  readonly folder: string;
  readonly changed: Set<string>;
}

/**
 * Logs metrics, params and summaries. Fails before anything is written with `log.nothing`, `log.noValue` {word}, `log.badName` {name},
 * `log.group` {name}, `log.badStep` {step}, `log.dvcyaml` {path}, or as the parsers do when a file of the log is damaged.
 */
export async function log(place: Place, args: LogArgs): Promise<LogAnswer> {
  const metrics = args.targets.map(readPair).map(([name, text]) => [checkName(name), metricValue(text)] as const);
  const summaries = (args.summary ?? [])
    .map(readPair)
    .map(([name, text]) => [checkName(name), metricValue(text)] as const);
  const params = (args.param ?? []).map(readPair).map(([name, text]) => [name, parseYaml(text, name)] as const);
  if (metrics.length + summaries.length + params.length === 0) throw new StrataError('log.nothing', {});
  const folder = join(place.dir, args.dir ?? 'dvclive');
  const one: Log = { ...place, folder, changed: new Set() };
  const before = await readSummary(one);
  const step = stepOf(args, before, metrics.length > 0);
  const after = [...metrics, ...summaries].reduce<Dict>((all, [name, value]) => withMetric(all, name, value), before);
  const dvcYaml = await nextDvcYaml(one, args, { params: params.length > 0, metrics: after.size > 0 });
  const plotted = metrics.filter(([name]) => args.noPlot?.includes(name) !== true);
  for (const [name, value] of plotted) await appendRow(one, { name, value, step: step ?? 0 }, args);
  const summary = step === undefined ? after : new Map(after).set('step', step);
  if (metrics.length + summaries.length > 0) await put(one, `${folder}/metrics.json`, `${jsonText(summary)}\n`);
  if (params.length > 0) await writeParams(one, params);
  if (dvcYaml) await put(one, dvcYaml.path, await dvcYaml.text());
  return {
    dir: relative(place.dir, folder),
    ...(step === undefined ? {} : { step }),
    metrics: toPlain(summary) as PlainValue,
    files: [...one.changed].map((path) => relative(place.dir, path)),
  };
}

function readPair(word: string): readonly [name: string, text: string] {
  const equals = word.indexOf('=');
  if (equals < 1) throw new StrataError('log.noValue', { word });
  return [word.slice(0, equals), word.slice(equals + 1)];
}

/** A name becomes a path below the log: it must not lead out of it. */
function checkName(name: string): string {
  const path = normalize(name);
  if (name.startsWith('/') || path === '.' || path.split('/').includes('..') || /[\0-\x1f]/.test(name))
    throw new StrataError('log.badName', { name });
  return path;
}

/** A number as Python reads it, `true`, `false`, or text; what is no finite number is kept as text, as DVCLive does. */
function metricValue(text: string): Value {
  if (/^[+-]?\d+$/.test(text)) return int(BigInt(text));
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? float(value) : `${text.startsWith('-') ? '-' : ''}inf`;
  }
  const special = /^([+-]?)(nan|inf|infinity)$/i.exec(text);
  if (special) return /nan/i.test(text) ? 'nan' : `${special[1] === '-' ? '-' : ''}inf`;
  if (/^(true|false)$/i.test(text)) return /true/i.test(text);
  return text;
}

async function readSummary({ folder, host }: Log): Promise<Dict> {
  const text = await host.fs.readText(`${folder}/metrics.json`);
  const value = text === undefined ? undefined : parseJson(text, `${folder}/metrics.json`);
  return isDict(value) ? value : new Map<Scalar, Value>();
}

/** The step of this call; of one that logs no metric the last one, which may be none. */
function stepOf({ step }: LogArgs, before: Dict, logs: boolean): number | undefined {
  if (step !== undefined && (!Number.isSafeInteger(step) || step < 0)) throw new StrataError('log.badStep', { step });
  const last = asNumber(before.get('step'));
  if (!logs) return step ?? last;
  return step ?? (last === undefined ? 0 : last + 1);
}

/** `a/b` is `b` in the group `a`. Fails with `log.group` when one name would be both a value and a group. */
function withMetric(all: Dict, name: string, value: Value): Dict {
  const slash = name.indexOf('/');
  const head = slash < 0 ? name : name.slice(0, slash);
  const old = all.get(head);
  if (slash < 0) {
    if (isDict(old)) throw new StrataError('log.group', { name });
    return new Map(all).set(head, value);
  }
  if (old !== undefined && !isDict(old)) throw new StrataError('log.group', { name: head });
  return new Map(all).set(head, withMetric(old ?? new Map<Scalar, Value>(), name.slice(slash + 1), value));
}

interface Row {
  readonly name: string;
  readonly value: Value;
  readonly step: number;
}

async function appendRow(one: Log, { name, value, step }: Row, { timestamp }: LogArgs): Promise<void> {
  const { fs } = one.host;
  const path = `${one.folder}/plots/metrics/${name}.tsv`;
  const time = timestamp === true ? [['timestamp', String(one.host.now())]] : [];
  const cells = [...time, ['step', String(step)], [basename(name), pyStr(value)]];
  const line = (which: 0 | 1): string => `${cells.map((cell) => tsvCell(cell[which] ?? '')).join('\t')}\n`;
  const isNew = (await fs.stat(path)) === undefined;
  if (isNew) await fs.mkdir(dirname(path));
  await fs.append(path, `${isNew ? line(0) : ''}${line(1)}`);
  one.changed.add(path);
}

/** Quotes only where they are needed, as Python's csv writes. */
function tsvCell(text: string): string {
  return /[\t"\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function put(one: Log, path: string, text: string): Promise<void> {
  if ((await one.host.fs.readText(path)) === text) return;
  await one.host.fs.writeAtomic(path, text, { durable: false });
  one.changed.add(path);
}

async function writeParams(one: Log, params: readonly (readonly [string, Value])[]): Promise<void> {
  const path = `${one.folder}/params.yaml`;
  const text = await one.host.fs.readText(path);
  const old = text === undefined ? undefined : parseYaml(text, path);
  const all = new Map<Scalar, Value>([...(isDict(old) ? old : []), ...params]);
  await put(one, path, text === undefined ? renderYaml(all) : updateYaml(text, path, all));
}

/** JSON with an indent of four, all ASCII, numbers as Python writes them. */
function jsonText(value: Value, margin = ''): string {
  const inner = `${margin}    `;
  const block = (items: readonly string[], [open = '', close = '']: string): string =>
    items.length === 0 ? `${open}${close}` : `${open}\n${inner}${items.join(`,\n${inner}`)}\n${margin}${close}`;
  if (isList(value))
    return block(
      value.map((item) => jsonText(item, inner)),
      '[]',
    );
  if (!isDict(value)) return canonicalJson(value);
  return block(
    [...value].map(([key, item]) => `${asciiString(keyText(key))}: ${jsonText(item, inner)}`),
    '{}',
  );
}

interface NextFile {
  readonly path: string;
  /** Made when the log's own files are there. */
  text(): Promise<string>;
}

/** The dvc.yaml with all parts of the log in it; those it names already stay where they are. Undefined when none is wanted. */
async function nextDvcYaml(
  one: Log,
  args: LogArgs,
  has: { readonly params: boolean; readonly metrics: boolean },
): Promise<NextFile | undefined> {
  if (args.noDvcyaml === true) return undefined;
  const { fs } = one.host;
  const path = join(one.dir, args.dvcyaml ?? 'dvc.yaml');
  if (basename(path) !== 'dvc.yaml') throw new StrataError('log.dvcyaml', { path: args.dvcyaml });
  const text = await fs.readText(path);
  const whole = text === undefined ? new Map<Scalar, Value>() : readDvcYaml(text, path);
  const seen = (name: string): string => relative(dirname(path), `${one.folder}/${name}`);
  return {
    path,
    text: async () => {
      const isThere = async (name: string): Promise<boolean> => (await fs.stat(`${one.folder}/${name}`)) !== undefined;
      const next = new Map(whole);
      if (has.params || (await isThere('params.yaml'))) addEntry(next, 'params', seen('params.yaml'));
      if (has.metrics) addEntry(next, 'metrics', seen('metrics.json'));
      if (await isThere('plots/metrics')) addEntry(next, 'plots', seen('plots/metrics'), dict([['x', 'step']]));
      return text === undefined ? renderYaml(next) : updateYaml(text, path, next);
    },
  };
}

function addEntry(into: Map<Scalar, Value>, section: string, path: string, look?: Dict): void {
  const old = into.get(section);
  const items = isList(old) ? old : [];
  if (items.some((item) => item === path || (isDict(item) && item.has(path)))) return;
  into.set(section, [...items, look ? dict([[path, look]]) : path]);
}
