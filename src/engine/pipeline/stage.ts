/**
 * A stage as the pipeline half of the engine sees it: definition and lock entry brought together, every path from the project's root. A
 * `.dvc` file is a stage without a command. Built from what the data half has loaded; pure.
 */

import { dirname, join } from '../../base/paths';
import { type Output, type PipelineEntry, type ProjectFiles } from '../data/model';
import { stageName } from '../data/outputs';
import { fromRoot } from '../data/paths';
import { type DataEntry } from '../formats/dataEntry';
import { type DvcFile, type OutEntry, type RepoSource } from '../formats/dvcFile';
import { type LockEntry } from '../formats/dvcLock';
import { type StageDef, type UsedValues } from '../formats/dvcYaml';
import { type Value } from '../formats/values';
import { type GraphNode } from './graph';

/** A dependency on data. */
export interface Dep {
  /** From the root; absolute outside the project; a URL as written. */
  readonly path: string;
  readonly declared: string;
  readonly recorded?: DataEntry;
  /** Of an import from another repository. */
  readonly repo?: RepoSource;
}

/** A dependency on values in a file. */
export interface ParamsFile {
  readonly path: string;
  readonly declared: string;
  /** Dotted keys as written; empty: the whole file. */
  readonly keys: readonly string[];
  /** Values by key of the last run; absent when the file is not in the lock entry. */
  readonly recorded?: ReadonlyMap<string, Value>;
}

/** An output with what its file says about it. */
export interface Out {
  readonly output: Output;
  readonly entry: OutEntry;
}

/** A stage of a dvc.yaml, or a `.dvc` file. */
export interface Stage extends GraphNode {
  /** Name in its dvc.yaml; the file's path for a `.dvc` file. */
  readonly name: string;
  /** Null for `.dvc` files. */
  readonly cmd: string | readonly string[] | null;
  /** From the root. */
  readonly wdir: string;
  readonly deps: readonly Dep[];
  readonly params: readonly ParamsFile[];
  readonly outs: readonly Out[];
  readonly alwaysChanged: boolean;
  readonly desc?: string;
  readonly meta?: Value;
  /** A `.dvc` file with a dependency. */
  readonly isImport: boolean;
  /** What the stage last ran with. */
  readonly lock?: LockEntry;
  /** Line of the name of the stage, or of its group, in its file, from 1. */
  readonly line: number;
  /** The `foreach` or `matrix` that made it. */
  readonly group?: string;
  /** Values that its templates took from files. */
  readonly used?: UsedValues;
}

/** True for a stage of a dvc.yaml. */
export function isPipelineStage(stage: Stage): boolean {
  return stage.cmd !== null;
}

/** True when the stage runs at every turn: nothing it reads or makes could tell. */
export function isCallback(stage: Stage): boolean {
  return hasCommand(stage) && stage.deps.length === 0 && stage.params.length === 0 && stage.outs.length === 0;
}

/** True when there is something to run; `cmd: ""` is nothing. */
export function hasCommand(stage: Stage): boolean {
  return stage.cmd !== null && stage.cmd.length > 0;
}

/** The dvc.lock beside a dvc.yaml: same stem. `sub/dvc.yaml` → `sub/dvc.lock`. */
export function lockPath(file: string): string {
  return file.replace(/\.ya?ml$/, '.lock');
}

/** All stages, `.dvc` files first, then those of each dvc.yaml in its order. `root` is absolute. */
export function collectStages(root: string, files: ProjectFiles): Stage[] {
  const outputs = new Map(files.stages.map((stage) => [stage.name, stage.outs]));
  const sources = files.dvcFiles.map(({ path, file }) => fromDvcFile(root, path, file, outputs.get(path) ?? []));
  const made = files.pipelines.flatMap((entry) => {
    return entry.yaml.stages.map((def) =>
      fromDef(root, entry, def, outputs.get(stageName(entry.path, def.name)) ?? []),
    );
  });
  return [...sources, ...made];
}

function fromDvcFile(root: string, path: string, file: DvcFile, outputs: readonly Output[]): Stage {
  const wdir = join(dirname(path), file.wdir);
  const deps = file.deps.map((dep): Dep => {
    const at = dep.repo ? dep.path : place(root, wdir, dep.path);
    return { path: at, declared: dep.path, recorded: dep, ...(dep.repo ? { repo: dep.repo } : {}) };
  });
  const outs = joinOuts(outputs, file.outs);
  return {
    id: path,
    file: path,
    name: path,
    cmd: null,
    wdir,
    deps,
    params: [],
    outs,
    reads: deps.filter((dep) => !dep.repo).map((dep) => dep.path),
    makes: outs.map(({ output }) => output.path),
    frozen: file.frozen,
    repoImport: deps.some((dep) => dep.repo !== undefined),
    alwaysChanged: file.alwaysChanged,
    ...(file.desc === undefined ? {} : { desc: file.desc }),
    ...(file.meta === undefined ? {} : { meta: file.meta }),
    isImport: deps.length > 0,
    line: 1,
  };
}

function fromDef(root: string, entry: PipelineEntry, def: StageDef, outputs: readonly Output[]): Stage {
  const wdir = join(dirname(entry.path), def.wdir);
  const lock = entry.lock?.stages.get(def.name);
  const recorded = new Map((lock?.deps ?? []).map((dep) => [dep.path, dep]));
  const params = def.params.map(({ path, keys }) => ({
    path: place(root, wdir, path),
    declared: path,
    keys,
    ...recordedParams(path, keys, lock),
  }));
  const deps = def.deps.map((declared): Dep => {
    const known = recorded.get(declared);
    return { path: place(root, wdir, declared), declared, ...(known ? { recorded: known } : {}) };
  });
  const outs = joinOuts(outputs, def.outs);
  return {
    id: stageName(entry.path, def.name),
    file: entry.path,
    name: def.name,
    cmd: def.cmd,
    wdir,
    deps,
    params,
    outs,
    reads: [...deps.map((dep) => dep.path), ...params.map((file) => file.path)],
    makes: outs.map(({ output }) => output.path),
    frozen: def.frozen,
    repoImport: false,
    alwaysChanged: def.alwaysChanged,
    ...(def.desc === undefined ? {} : { desc: def.desc }),
    ...(def.meta === undefined ? {} : { meta: def.meta }),
    isImport: false,
    ...(lock ? { lock } : {}),
    line: def.line,
    ...(def.group === undefined ? {} : { group: def.group }),
    ...(def.used === undefined ? {} : { used: def.used }),
  };
}

/** Outputs and their declarations come in the same order. */
function joinOuts(outputs: readonly Output[], entries: readonly OutEntry[]): Out[] {
  return outputs.flatMap((output, i): Out[] => {
    const entry = entries[i];
    return entry ? [{ output, entry }] : [];
  });
}

function recordedParams(
  path: string,
  keys: readonly string[],
  lock: LockEntry | undefined,
): Pick<ParamsFile, 'recorded'> {
  const all = lock?.params.get(path);
  if (!all) return {};
  return { recorded: keys.length === 0 ? all : new Map([...all].filter(([key]) => keys.includes(key))) };
}

/** A path as written, from the root; URLs and what lies outside the project stay absolute. */
function place(root: string, wdir: string, path: string): string {
  return path.includes('://') ? path : fromRoot(root, join(root, wdir, path));
}
