/** From parsed `.dvc`, dvc.yaml and dvc.lock files to the outputs and stages they declare. Pure. */

import { dirname, join } from '../../base/paths';
import { type HashName } from '../cache/cache';
import { type DataEntry } from '../formats/dataEntry';
import { type OutEntry } from '../formats/dvcFile';
import {
  type DvcFileEntry,
  type Output,
  type OutputFlags,
  type PipelineEntry,
  type Recorded,
  type StageData,
} from './model';
import { recordedByFiles } from './cloudVersions';
import { fromRoot } from './paths';

/** What outputs of one file share. */
interface Owner {
  readonly root: string;
  readonly file: string;
  /** Folder that paths in the file start from, absolute. */
  readonly folder: string;
  readonly stage: string;
  readonly source: boolean;
  readonly repoImport: boolean;
}

/** The one stage of a `.dvc` file. `root` is absolute. */
export function dvcFileStage(root: string, entry: DvcFileEntry): StageData {
  const { file, path } = entry;
  const folder = join(root, dirname(path), file.wdir);
  const repoImport = file.deps.some((dep) => dep.repo !== undefined);
  const owner = { root, file: path, folder, stage: path, source: file.deps.length === 0, repoImport };
  return {
    name: path,
    file: path,
    outs: file.outs.map((out) => toOutput(owner, out, out)),
    deps: file.deps.filter((dep) => !dep.repo).map((dep) => place(owner, dep.path)),
  };
}

/** The stages of a dvc.yaml. `root` is absolute. */
export function pipelineStages(root: string, entry: PipelineEntry): StageData[] {
  return entry.yaml.stages.map((stage) => {
    const folder = join(root, dirname(entry.path), stage.wdir);
    const name = stageName(entry.path, stage.name);
    const owner = { root, file: entry.path, folder, stage: name, source: false, repoImport: false };
    const locked = new Map((entry.lock?.stages.get(stage.name)?.outs ?? []).map((out) => [out.path, out]));
    return {
      name,
      file: entry.path,
      outs: stage.outs.map((out) => toOutput(owner, out, locked.get(out.path))),
      deps: stage.deps.map((path) => place(owner, path)),
    };
  });
}

/** DVC's addressing of a stage seen from the root. */
export function stageName(file: string, name: string): string {
  return file === 'dvc.yaml' ? name : `${file}:${name}`;
}

function toOutput(owner: Owner, out: OutEntry, found: DataEntry | undefined): Output {
  const recorded = found && recordedOf(found);
  return {
    ...flagsOf(out),
    path: place(owner, out.path),
    declared: out.path,
    file: owner.file,
    stage: owner.stage,
    source: owner.source,
    repoImport: owner.repoImport,
    ...(recorded ? { recorded } : {}),
  };
}

function flagsOf(out: OutEntry): OutputFlags {
  const { kind, cache, persist, push, remote } = out;
  return { kind, cache, persist, push, ...(remote === undefined ? {} : { remote }) };
}

/** A path as written, from the root; URLs and paths outside the project stay absolute. */
function place(owner: Owner, path: string): string {
  if (/^[a-z][\w+.-]*:\/\//i.test(path)) return path;
  return fromRoot(owner.root, join(owner.folder, path));
}

/** What an entry records; undefined when it has no hash of ours (never recorded, or an etag of a remote file). */
export function recordedOf(entry: DataEntry): Recorded | undefined {
  const { hash, hashName, size, nfiles, isexec } = { ...entry, ...recordedByFiles(entry) };
  if (hash === undefined || !isOurs(hashName)) return undefined;
  return {
    hash,
    hashName,
    ...(size === undefined ? {} : { size }),
    ...(nfiles === undefined ? {} : { nfiles }),
    ...(isexec === undefined ? {} : { isexec }),
  };
}

function isOurs(name: DataEntry['hashName']): name is HashName {
  return name === 'md5' || name === 'md5-dos2unix';
}
