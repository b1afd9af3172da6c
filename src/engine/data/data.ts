/**
 * The door of the data half: opening a project, and its verbs by id. What pipeline, comparison and registry build on besides is in the
 * files of this folder that are named after it: `collect`, `measure`, `outState`, `saveOutput`, `restoreOutput`, `removeOutput`,
 * `ignoreOutputs`, `commitData`, `share`, `remoteState`, `fileVersion`, `versions`.
 */

import { type Host } from '../host/host';
import { root } from './about';
import { add } from './add';
import { checkIgnore } from './checkIgnore';
import { checkout } from './checkout';
import { commit } from './commitData';
import { config } from './configure';
import { remoteVerbs } from './configureRemotes';
import { dataStatus } from './dataStatus';
import { dataTree } from './dataTree';
import { diff } from './diff';
import { diffContent } from './diffContent';
import { fileVersion } from './fileVersion';
import { freeze, unfreeze } from './freeze';
import { gc } from './gc';
import { history } from './history';
import { importRepo } from './imports/importRepo';
import { importUrl } from './imports/importUrl';
import { update } from './imports/update';
import { move } from './move';
import { findRoot as find, openRepo as open, type OpenOptions } from './openRepo';
import { remove } from './remove';
import { type Repo } from './repo';
import { restore } from './restore';
import { fetch, pull, push } from './share';
import { unprotect } from './unprotect';
import { verify } from './verify';

/** See `openRepo.ts`. */
export function openRepo(options: OpenOptions): Promise<Repo> {
  return open(options);
}

/** See `openRepo.ts`. */
export function findRoot(host: Pick<Host, 'fs'>, dir: string): Promise<string | undefined> {
  return find(host, dir);
}

/**
 * Verbs by id: each takes the project, its arguments and the call. `commit`, `push`, `fetch` and `pull` take what only the pipeline knows
 * as a fourth argument: how stages are committed, how the run cache is moved. `init` needs no project: `init.ts`.
 */
export const dataVerbs = {
  add,
  'data.status': dataStatus,
  commit,
  checkout,
  push,
  fetch,
  pull,
  diff,
  'diff.content': diffContent,
  history,
  restore,
  verify,
  import: importRepo,
  'import-url': importUrl,
  update,
  gc,
  move,
  remove,
  unprotect,
  freeze,
  unfreeze,
  root,
  ...remoteVerbs,
  config,
  'check-ignore': checkIgnore,
  dataTree,
  fileVersion,
};
