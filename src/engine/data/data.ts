/**
 * The door of the data half: opening a project, and its verbs by id. What pipeline, comparison and registry build on besides is in the
 * files of this folder that are named after it: `collect`, `measure`, `outState`, `saveOutput`, `restoreOutput`, `removeOutput`,
 * `ignoreOutputs`, `commitData`, `fileVersion`.
 */

import { add as addVerb } from './add';
import { findRoot as find, openRepo as open, type OpenOptions } from './openRepo';
import { type Repo } from './repo';
import { type HostFs } from '../host/host';

/** See `openRepo.ts`. */
export function openRepo(options: OpenOptions): Promise<Repo> {
  return open(options);
}

/** See `openRepo.ts`. */
export function findRoot(fs: HostFs, dir: string): Promise<string | undefined> {
  return find(fs, dir);
}

/** Verbs of data by id: each takes the project, its arguments and the call. */
export const dataVerbs = {
  add: addVerb,
};
