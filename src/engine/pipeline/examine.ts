/**
 * What has changed since a stage last ran: each dependency, param and output beside what dvc.lock or the `.dvc` file records, in DVC's words
 * and order (dvc.md §15). One examiner serves one look at the project: it reads and hashes each path once.
 */

import { type HashName } from '../cache/cache';
import { importHash } from '../data/importHash';
import { type Measured, type OutState } from '../data/model';
import { measure } from '../data/measure';
import { recordedOf } from '../data/outputs';
import { outState } from '../data/outState';
import { shown } from '../data/paths';
import { absolute } from '../data/repo';
import { type Task } from '../data/task';
import { StrataError } from '../errors';
import { type DvcFile } from '../formats/dvcFile';
import { parseParams, selectParams } from '../formats/params';
import { isList, isTuple, pyEqual, type Value } from '../formats/values';
import { type StatusAnswer } from '../verbs/data';
import { isCallback, type Dep, type ParamsFile, type Stage } from './stage';

/** How a param stands. */
export interface ParamChange {
  readonly key: string;
  readonly state: 'modified' | 'deleted' | 'new';
  readonly old?: Value;
  readonly new?: Value;
}

/** How a dependency stands when it has changed. */
export type DepChange =
  | { readonly kind: 'dep'; readonly dep: Dep; readonly state: 'modified' | 'deleted' }
  | { readonly kind: 'params'; readonly file: ParamsFile; readonly state: 'new' | 'deleted' | readonly ParamChange[] };

/** How an output stands when it has changed. */
export interface OutChange {
  readonly path: string;
  readonly state: Exclude<OutState, 'unchanged'>;
}

/** All that has changed of a stage. */
export interface Staleness {
  readonly deps: readonly DepChange[];
  readonly outs: readonly OutChange[];
  readonly always: boolean;
  readonly cmd: boolean;
  /** The definition of an import differs from its `md5`. */
  readonly checksum: boolean;
  /** Why the stage could not be looked at: a params file that cannot be read, for instance. */
  readonly unreadable?: StrataError;
}

/** True when nothing has changed. */
export function isFresh(found: Staleness): boolean {
  if (found.unreadable) return false;
  return found.deps.length === 0 && found.outs.length === 0 && !found.always && !found.cmd && !found.checksum;
}

/** A look at the project. */
export class Examiner {
  private readonly measured = new Map<string, Promise<Measured | undefined>>();
  private readonly params = new Map<string, Promise<Value | undefined>>();

  constructor(
    readonly task: Task,
    private readonly dvcFiles: ReadonlyMap<string, DvcFile>,
  ) {}

  /** Everything of a stage that has changed. */
  async staleness(stage: Stage): Promise<Staleness> {
    return {
      deps: stage.frozen ? [] : await this.depChanges(stage),
      outs: await this.outChanges(stage),
      always: isCallback(stage) || stage.alwaysChanged,
      cmd: stage.lock !== undefined && !sameCommand(stage.lock.cmd, stage.cmd),
      checksum: this.checksumChanged(stage),
    };
  }

  /** What lies at a path; undefined when nothing does. */
  measure(path: string, hashName: HashName = 'md5'): Promise<Measured | undefined> {
    const key = `${hashName}:${path}`;
    const known = this.measured.get(key) ?? measure(this.task, path, hashName);
    this.measured.set(key, known);
    return known;
  }

  /** Present values of a params file, absent keys left out; undefined when there is no such file. Fails with `pipeline.paramsFolder`. */
  async values(file: ParamsFile): Promise<Map<string, Value> | undefined> {
    const known = this.params.get(file.path) ?? this.readParams(file.path);
    this.params.set(file.path, known);
    const data = await known;
    return data === undefined ? undefined : selectParams(data, file.keys);
  }

  private async readParams(path: string): Promise<Value | undefined> {
    const { repo } = this.task;
    const stat = await repo.host.fs.stat(absolute(repo, path));
    if (!stat) return undefined;
    if (stat.kind === 'folder') throw new StrataError('pipeline.paramsFolder', { path: shown(repo, path) });
    return parseParams((await repo.host.fs.readText(absolute(repo, path))) ?? '', shown(repo, path));
  }

  private async depChanges(stage: Stage): Promise<DepChange[]> {
    const changes: DepChange[] = [];
    for (const dep of stage.deps) {
      if (dep.repo || dep.path.includes('://')) continue;
      const state = await this.depState(dep);
      if (state) changes.push({ kind: 'dep', dep, state });
    }
    for (const file of stage.params) {
      const state = await this.paramsState(file);
      if (state) changes.push({ kind: 'params', file, state });
    }
    return changes;
  }

  private async depState(dep: Dep): Promise<'modified' | 'deleted' | undefined> {
    const recorded = dep.recorded && recordedOf(dep.recorded);
    const found = await this.measure(dep.path, recorded?.hashName ?? 'md5');
    if (!found) return 'deleted';
    return recorded?.hash === found.hash ? undefined : 'modified';
  }

  private async paramsState(file: ParamsFile): Promise<'new' | 'deleted' | readonly ParamChange[] | undefined> {
    const now = await this.values(file);
    if (!now) return 'deleted';
    if (!file.recorded) return 'new';
    const changes = compareParams(file, file.recorded, now);
    return changes.length > 0 ? changes : undefined;
  }

  private async outChanges(stage: Stage): Promise<OutChange[]> {
    const changes: OutChange[] = [];
    for (const { output } of stage.outs) {
      const state = await outState(this.task, output);
      if (state !== 'unchanged') changes.push({ path: output.path, state });
    }
    return changes;
  }

  private checksumChanged(stage: Stage): boolean {
    const file = stage.isImport ? this.dvcFiles.get(stage.file) : undefined;
    return file !== undefined && file.md5 !== importHash(file);
  }
}

/** Params that differ, in the order of the keys as written; for a whole file that of the file, then of the lock. */
function compareParams(
  file: ParamsFile,
  old: ReadonlyMap<string, Value>,
  now: ReadonlyMap<string, Value>,
): ParamChange[] {
  const keys = file.keys.length > 0 ? file.keys : [...new Set([...now.keys(), ...old.keys()])];
  const changes: ParamChange[] = [];
  for (const key of keys) {
    const was = old.get(key);
    const is = now.get(key);
    if (is === undefined) changes.push({ key, state: 'deleted', ...(was === undefined ? {} : { old: was }) });
    else if (was === undefined) changes.push({ key, state: 'new', new: is });
    else if (!pyEqual(asRecorded(is), was)) changes.push({ key, state: 'modified', old: was, new: is });
  }
  return changes;
}

/** A tuple is recorded as a list and equals it; one inside another value does not. */
function asRecorded(value: Value): Value {
  return isList(value) && isTuple(value) ? [...value] : value;
}

/** Equality of commands: text with text, list with list. */
export function sameCommand(a: string | readonly string[], b: string | readonly string[] | null): boolean {
  if (typeof a === 'string' || typeof b === 'string' || b === null) return a === b;
  return a.length === b.length && a.every((line, i) => line === b[i]);
}

type StatusItems = Exclude<StatusAnswer[string], string>;

/** The items of `status` for a stage; empty when nothing has changed. `show` writes paths for the reader. */
export function statusItems(found: Staleness, show: (path: string) => string): StatusItems {
  const items: StatusItems = [];
  const deps = found.deps.map((change): [string, string | Record<string, string>] => {
    if (change.kind === 'dep') return [show(change.dep.path), change.state];
    if (typeof change.state === 'string') return [show(change.file.path), change.state];
    return [show(change.file.path), Object.fromEntries(change.state.map((one) => [one.key, one.state]))];
  });
  if (deps.length > 0) items.push({ 'changed deps': Object.fromEntries(deps) });
  const outs = found.outs.map((change): [string, string] => [show(change.path), change.state]);
  if (outs.length > 0) items.push({ 'changed outs': Object.fromEntries(outs) });
  if (found.always) items.push('always changed');
  if (found.cmd) items.push('changed command');
  if (found.checksum) items.push('changed checksum');
  return items;
}
