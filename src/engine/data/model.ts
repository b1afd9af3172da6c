/**
 * What the data half of the engine speaks of: outputs as the files of a project record them, and what is found in the workspace.
 * Types only. Paths are relative to the project's root with `/`; an output outside the project has an absolute path.
 */

import { type DirEntry, type Hash, type HashName } from '../cache/cache';
import { type DvcFile } from '../formats/dvcFile';
import { type DvcLock } from '../formats/dvcLock';
import { type DvcYaml } from '../formats/dvcYaml';

/** A version as a `.dvc` file or dvc.lock records it. */
export interface Recorded {
  readonly hash: Hash;
  readonly hashName: HashName;
  readonly size?: number;
  readonly nfiles?: number;
  readonly isexec?: boolean;
}

/** How the file that declares an output wants it treated. */
export interface OutputFlags {
  readonly kind: 'out' | 'metric' | 'plot';
  /** False: the file belongs to Git, only its hash is recorded. */
  readonly cache: boolean;
  readonly persist: boolean;
  /** False: never pushed. */
  readonly push: boolean;
  /** The one remote it goes to. */
  readonly remote?: string;
}

/** One output of a `.dvc` file or of a stage. */
export interface Output extends OutputFlags {
  readonly path: string;
  /** The path as the file writes it. */
  readonly declared: string;
  /** The `.dvc` file or `dvc.yaml` that declares it. */
  readonly file: string;
  /** DVC's addressing seen from the root: `d.dvc`, `train`, `sub/dvc.yaml:train`. */
  readonly stage: string;
  /** True when a `.dvc` file without dependencies tracks it. */
  readonly source: boolean;
  /** True when the data is imported from another repository: never pushed. */
  readonly repoImport: boolean;
  /** Absent when nothing was ever recorded. */
  readonly recorded?: Recorded;
}

/** A stage as far as the data half needs it: what it makes and what it reads. */
export interface StageData {
  /** Addressing seen from the root. */
  readonly name: string;
  readonly file: string;
  readonly outs: readonly Output[];
  /** Dependencies, from the root. */
  readonly deps: readonly string[];
}

/** A loaded `.dvc` file. */
export interface DvcFileEntry {
  readonly path: string;
  readonly file: DvcFile;
  readonly text: string;
}

/** A loaded dvc.yaml with the dvc.lock beside it. */
export interface PipelineEntry {
  readonly path: string;
  readonly yaml: DvcYaml;
  /** Files that its templates read, there or not; none when it has no templates. */
  readonly reads: readonly string[];
  readonly text: string;
  /** Undefined when there is no dvc.lock. */
  readonly lock?: DvcLock;
}

/** A file that cannot be loaded; `error` names file, line and column. */
export interface BrokenFile {
  readonly path: string;
  readonly error: unknown;
}

/** Everything a project (or one commit of it) tracks. */
export interface ProjectFiles {
  readonly dvcFiles: readonly DvcFileEntry[];
  readonly pipelines: readonly PipelineEntry[];
  readonly stages: readonly StageData[];
  readonly outputs: readonly Output[];
  readonly broken: readonly BrokenFile[];
}

/** An output, whole or a part of it. */
export interface Selection {
  readonly output: Output;
  /** A path below the output's folder, from the root; absent: all of it. */
  readonly inside?: string;
}

/** What lies in the workspace at an output's path. */
export interface Measured {
  readonly hash: Hash;
  readonly hashName: HashName;
  readonly size: number;
  /** Only folders. */
  readonly nfiles?: number;
  /** Only files that are executable. */
  readonly isexec?: boolean;
  /** The files of a folder, sorted as stored; undefined for a file. */
  readonly entries?: readonly DirEntry[];
}

/** State of an output in DVC's words; `unchanged` is the absence of one. */
export type OutState = 'unchanged' | 'modified' | 'deleted' | 'not in cache';
