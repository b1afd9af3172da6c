/**
 * dvc.yaml: stages, and the files that are metrics, params and plots (dvc.md §10). Reading goes parse → check ({@link readDvcYaml}) → templates
 * (`data/templating`) → collect ({@link collectDvcYaml}).
 */

import { textOf } from './dataEntry';
import { readFlags, type OutEntry, type PlotProps } from './dvcFile';
import { parseFast } from './fastYaml';
import { valueText } from './interpolation';
import {
  anyList,
  anyMap,
  anything,
  bool,
  either,
  listOf,
  mapOf,
  orNull,
  shape,
  someOf,
  text as textCheck,
  validate,
  type Check,
} from './schema';
import { isDict, isList, keyText, type Dict, type Value } from './values';
import { parseYamlSlowly } from './yaml';
import { YamlPlaces } from './yamlPlaces';

/** Parameters that a stage reads from one file. */
export interface ParamsDep {
  /** Relative to the stage's working folder. */
  readonly path: string;
  /** Dotted keys as written; empty: the whole file. */
  readonly keys: readonly string[];
}

/** One stage. Paths are relative to `wdir`. */
export interface StageDef {
  readonly name: string;
  readonly cmd: string | readonly string[];
  /** Relative to the folder of the dvc.yaml; `.` unless given. */
  readonly wdir: string;
  readonly deps: readonly string[];
  readonly params: readonly ParamsDep[];
  /** In the order outs, metrics, plots. */
  readonly outs: readonly OutEntry[];
  readonly frozen: boolean;
  readonly alwaysChanged: boolean;
  readonly desc?: string;
  readonly meta?: Value;
  /** Line of the stage's name, or of its group's, from 1. */
  readonly line: number;
  /** The `foreach` or `matrix` that made it. */
  readonly group?: string;
  /** Values that its templates took from files: by file from the project's root, then by dotted key. */
  readonly used?: UsedValues;
}

/** Values by file, then by dotted key. */
export type UsedValues = ReadonlyMap<string, ReadonlyMap<string, Value>>;

/** A plot of the top-level `plots`: its id (a path unless `y` is a map) and properties as written. */
export interface TopPlot {
  readonly id: string;
  readonly props: Dict;
}

/** A model or other artifact declared in dvc.yaml. */
export interface ArtifactDef {
  readonly name: string;
  readonly path: string;
  readonly type?: string;
  readonly desc?: string;
  readonly labels: readonly string[];
  readonly meta?: Value;
}

/** A whole dvc.yaml. */
export interface DvcYaml {
  readonly stages: readonly StageDef[];
  /** Names of `foreach` and `matrix` groups; one may have no stages. */
  readonly groups: readonly string[];
  readonly params: readonly string[];
  readonly metrics: readonly string[];
  readonly plots: readonly TopPlot[];
  readonly artifacts: readonly ArtifactDef[];
  readonly datasets?: Value;
}

const ANNOTATIONS = { desc: textCheck, type: textCheck, labels: listOf(textCheck), meta: anything };
const OUT_FLAGS = { ...ANNOTATIONS, cache: bool, persist: bool, checkpoint: bool, remote: textCheck, push: bool };
const PLOT_TEXTS = { template: textCheck, x_label: textCheck, y_label: textCheck, title: textCheck };
const PLOT_FLAGS = shape({ ...OUT_FLAGS, ...PLOT_TEXTS, x: textCheck, y: textCheck, header: bool });
const OUTS = listOf(either(textCheck, mapOf(shape(OUT_FLAGS))));
const VARS = listOf(either(anyMap, textCheck));
/** Keys of a file; what is empty stands for the whole file. */
const PARAM_KEYS: Check = (value, at, found) => {
  if (value !== null && value !== '' && value !== false && value !== 0) anyList(value, at, found);
};

const STAGE = shape(
  {
    cmd: either(textCheck, anyList),
    wdir: textCheck,
    deps: listOf(textCheck),
    params: listOf(either(textCheck, mapOf(PARAM_KEYS))),
    vars: VARS,
    frozen: bool,
    meta: anything,
    desc: textCheck,
    always_changed: bool,
    outs: OUTS,
    metrics: OUTS,
    plots: listOf(either(textCheck, mapOf(either(PLOT_FLAGS, listOf(PLOT_FLAGS))))),
    matrix: mapOf(either(textCheck, anyList)),
  },
  ['cmd'],
);

const FOREACH = shape({ foreach: either(anyMap, anyList, textCheck), do: STAGE }, ['foreach', 'do']);

const stageOrForeach: Check = (value, at, found) => {
  const grouped = isDict(value) && (value.has('foreach') || value.has('do'));
  return (grouped ? FOREACH : STAGE)(value, at, found);
};

const TOP_PLOT = shape({
  ...PLOT_TEXTS,
  x: either(textCheck, mapOf(textCheck)),
  y: either(textCheck, listOf(textCheck), mapOf(either(textCheck, listOf(textCheck)))),
});

const SCHEMA = shape({
  datasets: anything,
  plots: listOf(either(textCheck, someOf(orNull(TOP_PLOT)))),
  stages: mapOf(stageOrForeach),
  vars: VARS,
  params: listOf(textCheck),
  metrics: listOf(textCheck),
  artifacts: mapOf(shape({ path: textCheck, ...ANNOTATIONS }, ['path'])),
});

/** The checked data of a dvc.yaml, templates unresolved. Fails as `parseYaml` and `validate` do. An empty file has no stages. */
export function readDvcYaml(text: string, path: string): Dict {
  return readWithLines(text, path).data;
}

/** {@link readDvcYaml}, and what tells the line of each stage's or group's name, from 1. */
export function readWithLines(text: string, path: string): { data: Dict; lines: () => ReadonlyMap<string, number> } {
  const fast = parseFast(text);
  const data = (fast ? fast.value : parseYamlSlowly(text, path)) ?? new Map<string, Value>();
  validate(data, SCHEMA, { path, text });
  const known = [...(fast?.sections.get('stages') ?? [])].map(([name, { line }]) => [name, line] as const);
  return { data: data as Dict, lines: () => (fast ? new Map(known) : linesIn(text, data as Dict)) };
}

function linesIn(text: string, data: Dict): ReadonlyMap<string, number> {
  const places = new YamlPlaces(text);
  const names = entries(data.get('stages')).map(([name]) => name);
  return new Map(names.map((name) => [name, places.place({ at: ['stages', name], isKey: true }).line]));
}

/** What a text and its templates say beside the resolved data. */
export interface DvcYamlFacts {
  /** Of each stage's or group's name, from 1. */
  readonly lines: ReadonlyMap<string, number>;
  readonly groups: readonly string[];
  /** By stage. */
  readonly origins: ReadonlyMap<string, Pick<StageDef, 'group' | 'used'>>;
}

/** The stages and sections of checked data whose templates are resolved. */
export function collectDvcYaml(data: Dict, { lines, groups, origins }: DvcYamlFacts): DvcYaml {
  const stages = data.get('stages');
  const artifacts = data.get('artifacts');
  const datasets = data.get('datasets');
  return {
    stages: entries(stages).map(([name, stage]) => {
      const origin = origins.get(name) ?? {};
      return { ...collectStage(name, stage as Dict, lines.get(origin.group ?? name) ?? 1), ...origin };
    }),
    groups,
    params: texts(data.get('params')),
    metrics: texts(data.get('metrics')),
    plots: items(data.get('plots')).flatMap(collectTopPlots),
    artifacts: entries(artifacts).map(([name, map]) => collectArtifact(name, map as Dict)),
    ...(datasets === undefined ? {} : { datasets }),
  };
}

function collectStage(name: string, map: Dict, line: number): StageDef {
  const cmd = map.get('cmd');
  const desc = textOf(map, 'desc');
  const meta = map.get('meta');
  return {
    name,
    cmd: isList(cmd) ? cmd.map(commandText) : commandText(cmd ?? null),
    wdir: textOf(map, 'wdir') ?? '.',
    deps: texts(map.get('deps')),
    params: collectParams(items(map.get('params'))),
    outs: [
      ...items(map.get('outs')).flatMap((item) => collectOuts(item, 'out')),
      ...items(map.get('metrics')).flatMap((item) => collectOuts(item, 'metric')),
      ...items(map.get('plots')).flatMap((item) => collectOuts(item, 'plot')),
    ],
    frozen: map.get('frozen') === true,
    alwaysChanged: map.get('always_changed') === true,
    ...(desc === undefined ? {} : { desc }),
    ...(meta === undefined ? {} : { meta }),
    line,
  };
}

/** A command is text, but a template may have made something else of it. */
function commandText(cmd: Value): string {
  return typeof cmd === 'string' ? cmd : valueText(cmd);
}

/** File that keys without a file belong to. */
export const DEFAULT_PARAMS = 'params.yaml';

/** Gathers `params:` items by file, in order of first mention; a file named whole has no keys. */
function collectParams(list: readonly Value[]): ParamsDep[] {
  const files = new Map<string, { keys: string[]; whole: boolean }>();
  const file = (path: string): { keys: string[]; whole: boolean } => {
    const known = files.get(path) ?? { keys: [], whole: false };
    files.set(path, known);
    return known;
  };
  for (const item of list) {
    if (typeof item === 'string') file(DEFAULT_PARAMS).keys.push(item);
    for (const [path, keys] of entries(item)) {
      const wanted = texts(keys);
      const entry = file(path);
      if (wanted.length === 0) entry.whole = true;
      entry.keys.push(...wanted);
    }
  }
  return [...files].map(([path, { keys, whole }]) => ({ path, keys: whole ? [] : [...new Set(keys)] }));
}

function collectOuts(item: Value, kind: OutEntry['kind']): OutEntry[] {
  if (typeof item === 'string') return [outOf(item, new Map(), kind)];
  return entries(item).map(([path, flags]) => outOf(path, flags, kind));
}

function outOf(path: string, flags: Value, kind: OutEntry['kind']): OutEntry {
  const sets = items(flags).filter(isDict);
  const map = isDict(flags) ? flags : (sets[0] ?? new Map<string, Value>());
  const meta = map.get('meta');
  const plots = kind === 'plot' ? (isDict(flags) ? [flags] : sets).map(plotProps) : [];
  return {
    path,
    hashName: 'md5',
    extra: new Map(),
    ...readFlags(map),
    ...(meta === undefined ? {} : { meta }),
    kind,
    ...(plots.length > 1 ? { plot: plots } : plots[0] && Object.keys(plots[0]).length > 0 ? { plot: plots[0] } : {}),
  };
}

const PLOT_WORDS = ['template', 'x', 'y', 'x_label', 'y_label', 'title'] as const;

function plotProps(map: Dict): PlotProps {
  const header = map.get('header');
  const named = PLOT_WORDS.map((word) => [word, textOf(map, word)] as const).filter(([, value]) => value !== undefined);
  return { ...(Object.fromEntries(named) as PlotProps), ...(typeof header === 'boolean' ? { header } : {}) };
}

function collectTopPlots(item: Value): TopPlot[] {
  if (typeof item === 'string') return [{ id: item, props: new Map() }];
  return entries(item).map(([id, props]) => ({ id, props: isDict(props) ? props : new Map<string, Value>() }));
}

function collectArtifact(name: string, map: Dict): ArtifactDef {
  const type = textOf(map, 'type');
  const desc = textOf(map, 'desc');
  const meta = map.get('meta');
  return {
    name,
    path: textOf(map, 'path') ?? '',
    ...(type === undefined ? {} : { type }),
    ...(desc === undefined ? {} : { desc }),
    labels: texts(map.get('labels')),
    ...(meta === undefined ? {} : { meta }),
  };
}

function items(value: Value | undefined): readonly Value[] {
  return isList(value) ? value : [];
}

function texts(value: Value | undefined): readonly string[] {
  return items(value).filter((item): item is string => typeof item === 'string');
}

function entries(value: Value | undefined): readonly (readonly [string, Value])[] {
  return isDict(value) ? [...value].map(([key, member]) => [keyText(key), member] as const) : [];
}
