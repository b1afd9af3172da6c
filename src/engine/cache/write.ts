/**
 * Puts many temporaries into place so that a crash or power cut leaves each name old or new, never half (reliability: Write):
 * all bytes on disk first (one `sync -f` for a file system, or an fsync for each where that is absent), then all renames, then the
 * folders.
 */

import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { throwIfCancelled } from '../../base/cancel';
import { fsError } from '../errors';
import { mkdirs, syncFolder } from '../host/node';

/** A temporary and the name it shall get. */
export interface Staged {
  readonly temporary: string;
  readonly path: string;
}

/** What {@link commitStaged} does beside renaming. */
export interface CommitOptions {
  readonly signal: AbortSignal;
  /** Folders made on the way, whose own names have to reach the disk: their parents are synced too. */
  readonly parents?: readonly string[];
  /** Gets the folders whose names changed, for a caller that puts those of several commits on disk at once with {@link syncFolders}. */
  readonly later?: Set<string>;
  /** Called just before the renames into a folder; what it throws is the failure of the files there. */
  readonly guard?: (folder: string) => HeldFolder;
}

/** A folder that was found to be where it should be, and stays the same one until it is released, whatever its name leads to meanwhile. */
export interface HeldFolder {
  /** Leads to the folder. */
  readonly path: string;
  release(): void;
}

/** Up to so many files a plain fsync each is cheaper than starting `sync`. */
const FEW = 8;
/** So many folders are synced one by one. */
const MANY_FOLDERS = 32;

/** Syncs, renames and syncs folders. Gives the files that failed; their temporaries are removed. A cancel before the renames removes all. */
export async function commitStaged(
  staged: readonly Staged[],
  options: CommitOptions,
): Promise<{ readonly path: string; readonly error: unknown }[]> {
  const failed: { path: string; error: unknown }[] = [];
  try {
    await syncFiles(staged.map((one) => one.temporary));
    throwIfCancelled(options.signal);
  } catch (error) {
    dropTemporaries(staged);
    throw error;
  }
  const folders = new Set<string>();
  for (const [folder, files] of byFolder(staged)) {
    const error = renameInto(folder, files, options.guard, failed);
    if (error === undefined) folders.add(folder);
    else for (const one of files) failed.push({ path: one.path, error });
  }
  const changed = [...folders, ...(options.parents ?? [])];
  if (options.later) for (const folder of changed) options.later.add(folder);
  else await syncFolders([...new Set(changed)]);
  return failed;
}

function byFolder(staged: readonly Staged[]): Map<string, Staged[]> {
  const folders = new Map<string, Staged[]>();
  for (const one of staged) {
    const folder = path.dirname(one.path);
    const known = folders.get(folder);
    if (known) known.push(one);
    else folders.set(folder, [one]);
  }
  return folders;
}

/** Renames the files of one folder; what fails is added to `failed`. Gives the refusal of the folder itself, with all temporaries removed. */
function renameInto(
  folder: string,
  files: readonly Staged[],
  guard: CommitOptions['guard'],
  failed: { path: string; error: unknown }[],
): unknown {
  let held: HeldFolder | undefined;
  try {
    held = guard?.(folder);
    for (const one of files) {
      const error = rename(one, held ? `${held.path}/${path.basename(one.path)}` : one.path);
      if (error !== undefined) failed.push({ path: one.path, error });
    }
    return undefined;
  } catch (error) {
    dropTemporaries(files);
    return error;
  } finally {
    held?.release();
  }
}

function rename(one: Staged, to: string): unknown {
  try {
    fs.renameSync(one.temporary, to);
    return undefined;
  } catch (error) {
    fs.rmSync(one.temporary, { force: true });
    return fsError(error, one.path);
  }
}

/** Removes temporaries that will not be used; one that is gone is fine. */
export function dropTemporaries(staged: readonly Staged[]): void {
  for (const one of staged) {
    try {
      fs.rmSync(one.temporary, { force: true });
    } catch {
      // The file system that failed us may fail here too; the name ends in .tmp and is swept later.
    }
  }
}

/** Puts the bytes of files on disk. */
async function syncFiles(files: readonly string[]): Promise<void> {
  if (
    files.length > FEW &&
    process.platform === 'linux' &&
    (await syncFileSystems(files.map((file) => path.dirname(file))))
  )
    return;
  await inParallel(files, 16, syncFile);
}

/** One `sync -f` for each file system that holds one of the folders; false when the program is not there or refuses. */
async function syncFileSystems(all: readonly string[]): Promise<boolean> {
  const program = ['/usr/bin/sync', '/bin/sync'].find((at) => fs.existsSync(at));
  if (program === undefined) return false;
  const folders = new Map<number, string>();
  for (const folder of new Set(all)) {
    const stat = fs.statSync(folder, { throwIfNoEntry: false });
    if (!stat) return false;
    folders.set(stat.dev, folder);
  }
  return new Promise((resolve) => {
    const child = spawn(program, ['-f', ...folders.values()], { stdio: 'ignore', env: { LC_ALL: 'C' } });
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
}

async function syncFile(file: string): Promise<void> {
  const stat = fs.lstatSync(file);
  if (!stat.isFile()) return;
  const handle = await fs.promises.open(file, 'r').catch((error: unknown) => {
    throw fsError(error, file);
  });
  try {
    await handle.sync();
  } catch (error) {
    throw fsError(error, file);
  } finally {
    await handle.close();
  }
}

/** Puts the names in folders on disk: by an fsync each, or where they are many by one sync of their file system, which is quicker then. */
export async function syncFolders(folders: readonly string[]): Promise<void> {
  if (folders.length > MANY_FOLDERS && process.platform === 'linux' && (await syncFileSystems(folders))) return;
  for (const folder of folders) {
    try {
      syncFolder(folder);
    } catch (error) {
      throw fsError(error, folder);
    }
  }
  return Promise.resolve();
}

async function inParallel<T>(items: readonly T[], width: number, act: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next]; next < items.length; item = items[next]) {
      next += 1;
      if (item !== undefined) await act(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}

/** Makes a folder and its parents, for a group's shared use with mode 2775. Gives the folders that got a new name in them. */
export function makeFolders(folder: string, shared = false): string[] {
  const first = mkdirs(folder);
  const changed: string[] = [];
  if (first === undefined) return changed;
  for (let at = folder; ; at = path.dirname(at)) {
    if (shared) fs.chmodSync(at, 0o2775);
    changed.push(path.dirname(at));
    if (at === first || at === path.dirname(at)) return changed;
  }
}
