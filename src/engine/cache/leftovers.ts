/**
 * What a command that was killed leaves lying: temporaries beside what it was about to replace, and claims of locks. Nothing reads them; `gc`
 * sweeps those that are older than a day, since a younger one may belong to work that is still going on. Only names of our own making count.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { errno, fsError } from '../errors';
import { syncFolder } from '../host/node';

/** So long a temporary may belong to work that is still going on. */
const DAY_MS = 24 * 3600 * 1000;

/** Names of temporaries in folders that are a tool's own: ours, and those that DVC makes in a cache. */
const TEMPORARY = /^\.[\w-]{8,64}\.tmp$/;
/** The name that an atomic write makes beside the file it replaces: among the user's files no other name counts. */
const ATOMIC = /^\.[0-9a-f]{16}\.tmp$/;
/** A file of a run under way is replaced by way of this name. */
const OF_RUN = /^[\w-]+\.\w+\.\d+\.tmp$/;
/** Files that a restore prepares. */
const STAGED = /^\d+\.tmp$/;
/** A claim on a lock by links (formats §3). */
const CLAIM = /^[0-9a-f]{32}\.lock$/;

/** Names in a folder; none where there is no folder. */
export function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return [];
    throw fsError(error, folder);
  }
}

/** True for names of temporaries in the cache. */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/** Notes a temporary that is old, by when it was last written; `now` in milliseconds since 1970. */
export function noteTemporary(at: string, now: number, old: string[]): void {
  const stat = fs.lstatSync(at, { throwIfNoEntry: false });
  if (stat?.isFile() && stat.mtimeMs < now - DAY_MS) old.push(at);
}

/** Where to look, all absolute. */
export interface LeftoverPlaces {
  /** The project's `.dvc`. */
  readonly dvc: string;
  /** The cache folder. */
  readonly cache: string;
  /** Folders of the workspace in which files of the project lie. */
  readonly workspace: readonly string[];
}

/** Absolute paths of leftovers beside the objects of the cache, older than a day at `now`. To be called under the repository's lock. */
export function findLeftovers(places: LeftoverPlaces, now: number): string[] {
  const old: string[] = [];
  const tmp = path.join(places.dvc, 'tmp');
  for (const folder of [places.dvc, tmp, ...places.workspace]) note(folder, ATOMIC, now, old);
  for (const name of namesIn(tmp)) if (CLAIM.test(name)) noteClaim(path.join(tmp, name), now, old);
  for (const folder of foldersIn(path.join(tmp, 'strata')))
    for (const pattern of [TEMPORARY, OF_RUN, ...(isStaging(folder) ? [STAGED] : [])]) note(folder, pattern, now, old);
  for (const folder of foldersIn(path.join(places.cache, 'runs'))) note(folder, ATOMIC, now, old);
  return old;
}

function note(folder: string, pattern: RegExp, now: number, old: string[]): void {
  for (const name of namesIn(folder)) if (pattern.test(name)) noteTemporary(path.join(folder, name), now, old);
}

/** A claim is given a time in the future; what counts is when it was made. One that is linked to a lock's name holds that lock. */
function noteClaim(at: string, now: number, old: string[]): void {
  const stat = fs.lstatSync(at, { throwIfNoEntry: false });
  if (stat?.isFile() && stat.nlink === 1 && stat.ctimeMs < now - DAY_MS) old.push(at);
}

/** What is kept for its user: wrong objects, as they were found. */
const KEPT = 'quarantine';

/** A folder and all below it, but what is kept; links are not followed. */
function foldersIn(folder: string): string[] {
  const found = [folder];
  for (const at of found) {
    let entries: fs.Dirent[];
    try {
      entries = fs.readdirSync(at, { withFileTypes: true });
    } catch {
      continue;
    }
    for (const entry of entries) if (entry.isDirectory() && entry.name !== KEPT) found.push(path.join(at, entry.name));
  }
  return found;
}

function isStaging(folder: string): boolean {
  return folder.includes(`${path.sep}staging${path.sep}`);
}

/** Removes leftovers; one that is gone or cannot be removed is left for the next time. Gives how many went. */
export function removeLeftovers(leftovers: readonly string[]): number {
  let removed = 0;
  const folders = new Set<string>();
  for (const at of leftovers) {
    if (!unlinked(at)) continue;
    removed += 1;
    folders.add(path.dirname(at));
  }
  for (const folder of folders) {
    syncFolder(folder);
    if (isStaging(folder)) for (const empty of [folder, path.dirname(folder)]) dropEmpty(empty);
  }
  return removed;
}

function unlinked(at: string): boolean {
  try {
    fs.rmSync(at, { force: true });
    return true;
  } catch {
    // Somebody else's may stay: nothing depends on it.
    return false;
  }
}

function dropEmpty(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch {
    // Something younger lies in it.
  }
}
