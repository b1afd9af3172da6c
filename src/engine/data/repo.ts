/** An opened project: what every part of the engine works on. Made by `openRepo`, owned by `Project`. */

import { type DvcConfig } from '../formats/dvcConfig';
import { type Git } from '../git/git';
import { type Host } from '../host/host';
import { type ObjectStore } from '../cache/cache';

/** A project's parts. Paths inside the engine are relative to `root` with `/`, unless a name says otherwise. */
export interface Repo {
  /** Absolute path of the folder that holds `.dvc`. */
  readonly root: string;
  /** What the root was called by who opened it, where links led to it. */
  readonly alias?: string;
  readonly host: Host;
  /** Merged configuration; `reloadConfig` of Project refreshes it after a write. */
  readonly config: DvcConfig;
  readonly store: ObjectStore;
  /** Folder below `root` that paths in arguments and answers are relative to; `.` in the editor. */
  readonly cwd: string;
  /** Undefined outside Git, with `core.no_scm`, and in untrusted workspaces. */
  readonly git: Git | undefined;
  /** Whether acts that start a process or write may be done. */
  readonly trusted: boolean;
  /** What messages and locks call this process, such as `strata add`. */
  readonly command: string;
}

/** Absolute path of something in the project. */
export function absolute(repo: Repo, path: string): string {
  return path === '.' ? repo.root : path.startsWith('/') ? path : `${repo.root}/${path}`;
}
