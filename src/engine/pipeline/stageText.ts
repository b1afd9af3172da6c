/**
 * A stage as `stage add` writes it (dvc.md §10): which keys in which order, and the text of the dvc.yaml with it. Pure.
 *
 * `-p lr,net.depth -p other.json:k -p r.toml:` gives `params: [lr, net.depth, {other.json: [k]}, {r.toml: }]`.
 */

import { compareCodePoints } from '../../base/paths';
import { type OutEntry } from '../formats/dvcFile';
import { DEFAULT_PARAMS, readDvcYaml, type StageDef } from '../formats/dvcYaml';
import { dict, isDict, type Dict, type Scalar, type Value } from '../formats/values';
import { updateYaml } from '../formats/yamlEdit';
import { renderYaml } from '../formats/yamlWriter';
import { type StageAddArgs } from '../verbs/stages';

/** An output as it is asked for, its path as typed. */
export interface AskedOut {
  readonly path: string;
  readonly kind: OutEntry['kind'];
  readonly cache: boolean;
  readonly persist: boolean;
}

const KINDS: readonly [keyof StageAddArgs, Omit<AskedOut, 'path'>][] = [
  ['outsPersist', { kind: 'out', cache: true, persist: true }],
  ['outsPersistNoCache', { kind: 'out', cache: false, persist: true }],
  ['metrics', { kind: 'metric', cache: true, persist: false }],
  ['metricsNoCache', { kind: 'metric', cache: false, persist: false }],
  ['plots', { kind: 'plot', cache: true, persist: false }],
  ['plotsNoCache', { kind: 'plot', cache: false, persist: false }],
  ['outsNoCache', { kind: 'out', cache: false, persist: false }],
  ['outs', { kind: 'out', cache: true, persist: false }],
];

/** All outputs that are asked for, in the order in which DVC makes Git ignore them. */
export function askedOuts(args: StageAddArgs): AskedOut[] {
  return KINDS.flatMap(([key, flags]) =>
    ((args[key] as string[] | undefined) ?? []).map((path) => ({ path, ...flags })),
  );
}

/** Params by file, in order of first mention. No keys: the whole file, which takes the place of single keys. */
export function askedParams(args: StageAddArgs): Map<string, readonly string[]> {
  const files = new Map<string, string[]>();
  for (const one of args.params ?? []) {
    const colon = one.lastIndexOf(':');
    const file = (colon < 0 ? '' : one.slice(0, colon)) || DEFAULT_PARAMS;
    const keys = one
      .slice(colon + 1)
      .split(',')
      .filter((key) => key !== '');
    files.set(file, [...(files.get(file) ?? []), ...keys]);
  }
  return files;
}

/** The words of a command as one line: a word with a space is put in double quotes unless it has some itself. */
export function commandLine(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  const quoted = (word: string): string =>
    word === '' ? '""' : word.includes(' ') && !word.includes('"') ? `"${word}"` : word;
  return words.map(quoted).join(' ');
}

/** What the new entry says. `wdir` is seen from the dvc.yaml's folder; of `old`, the stage of that name before, notes about it and its outputs stay. */
export function stageEntry(args: StageAddArgs, wdir: string, old: StageDef | undefined): Dict {
  const outs = [...askedOuts(args)].sort((a, b) => compareCodePoints(a.path, b.path));
  const before = new Map((old?.outs ?? []).map((out) => [out.path, out]));
  const ofKind = (kind: AskedOut['kind']): Value[] =>
    outs.filter((out) => out.kind === kind).map((out) => outItem(out, before.get(out.path)));
  const entry: [string, Value | undefined][] = [
    ['desc', args.desc ?? old?.desc],
    ['cmd', commandLine(args.targets)],
    ['wdir', wdir === '.' ? undefined : wdir],
    ['deps', [...(args.deps ?? [])].sort(compareCodePoints)],
    ['params', paramItems(askedParams(args))],
    ['outs', ofKind('out')],
    ['metrics', ofKind('metric')],
    ['plots', ofKind('plot')],
    ['always_changed', args.alwaysChanged === true ? true : undefined],
    ['meta', old?.meta],
  ];
  return dict(entry.filter(([, value]) => !isEmpty(value)));
}

/** DVC leaves out what is empty or false. */
function isEmpty(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  return Array.isArray(value) ? value.length === 0 : isDict(value) && value.size === 0;
}

function paramItems(files: ReadonlyMap<string, readonly string[]>): Value[] {
  const items: Value[] = [];
  for (const [file, keys] of [...files].sort(([a], [b]) => compareCodePoints(a, b))) {
    const sorted = [...keys].sort(compareCodePoints);
    if (file === DEFAULT_PARAMS && sorted.length > 0) items.unshift(...sorted);
    else items.push(dict([[file, sorted.length > 0 ? sorted : null]]));
  }
  return items;
}

function outItem(out: AskedOut, old: OutEntry | undefined): Value {
  const flags = dict([
    ['desc', old?.desc],
    ['type', old?.type],
    ['labels', old?.labels && old.labels.length > 0 ? [...old.labels] : undefined],
    ['meta', isEmpty(old?.meta) ? undefined : old?.meta],
    ['cache', out.cache ? undefined : false],
    ['persist', out.persist ? true : undefined],
    ['remote', old?.remote],
    ['push', old?.push === false ? false : undefined],
  ]);
  return flags.size === 0 ? out.path : dict([[out.path, flags]]);
}

/** The text of a dvc.yaml with the entry, in place of one of that name or behind the last one; undefined `text` is a file that is not there yet. */
export function withStage(text: string | undefined, file: string, name: string, entry: Dict): string {
  if (text === undefined) return renderYaml(dict([['stages', dict([[name, entry]])]]));
  const whole = readDvcYaml(text, file);
  const stages = whole.get('stages');
  const next = new Map<Scalar, Value>(isDict(stages) ? stages : []).set(name, entry);
  return updateYaml(text, file, new Map(whole).set('stages', next));
}
