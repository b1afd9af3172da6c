/** What lies in the workspace at a path, as an output or dependency would record it: hash, size, number of files (dvc.md §4, §5). */

import { pacer } from '../../base/cancel';
import { dirname } from '../../base/paths';
import { type DirEntry, type Hashed, type HashName, type Paths, type Prints } from '../cache/cache';
import { BLOCK, createDigest, digestOf } from '../cache/digest';
import { newPrints, type KnownFolder } from '../cache/folderIndex';
import { StrataError } from '../errors';
import { renderDirObject } from '../formats/dirObject';
import { type FileStat } from '../host/host';
import { walkFolder, type FolderFile } from './listFolder';
import { type Measured } from './model';
import { shown } from './paths';
import { absolute } from './repo';
import { type Task } from './task';

/** True for a file its owner may execute. */
export function isExecutable(mode: number): boolean {
  return (mode & 0o100) !== 0;
}

/**
 * Hashes the file or folder at a path; undefined when nothing is there. Files whose hash the state index vouches for are not read.
 * `hashName` chooses 2.x's hash for entries that were recorded with it. `.dvcignore` is asked about what
 * is in a folder, not about the path itself: a hidden dependency is still read (dvc.md §9).
 */
export async function measure(task: Task, path: string, hashName: HashName = 'md5'): Promise<Measured | undefined> {
  const stat = await task.repo.host.fs.stat(absolute(task.repo, path));
  if (!stat) return undefined;
  if (stat.kind === 'folder') return measureFolder(task, path, hashName);
  if (stat.kind !== 'file') throw new StrataError('data.notFile', { path: shown(task.repo, path) });
  return measureFile(task, path, stat, hashName);
}

async function measureFile(task: Task, path: string, stat: FileStat, hashName: HashName): Promise<Measured> {
  const [hashed] = await hashAll(task, [absolute(task.repo, path)], hashName);
  if (!hashed) throw new StrataError('fs.notFound', { path: shown(task.repo, path) });
  return fileMeasured(hashed, hashName, stat.mode);
}

async function measureFolder(task: Task, path: string, hashName: HashName): Promise<Measured> {
  const { store } = task.repo;
  const known = hashName === 'md5' ? await knownFolder(task, path) : undefined;
  if (known) {
    if (known.changed.length > 0) await store.hashChanged(known, task.call);
    return rememberedFolder(task, known);
  }
  const started = task.repo.host.now();
  const { files, folders, plain } = await walkFolder(task, path);
  const prints = newPrints(files.length);
  const found = folderMeasured(files, await hashAll(task, filePaths(task, path, files), hashName, prints), hashName);
  const links = files.some((file) => file.link);
  if (hashName === 'md5' && plain) {
    store.noteFolder(
      absolute(task.repo, path),
      task.ignores.above(path),
      { ...found, folders, links, started },
      prints,
    );
  }
  return found;
}

/** So many changed files are looked at one by one; a folder of which more changed is walked anew. */
const FEW = 8192;

/** What is remembered of a folder, when it holds the same names still and only a few files changed. */
export async function knownFolder(task: Task, path: string): Promise<KnownFolder | undefined> {
  const { store } = task.repo;
  await task.ignores.enterAll(dirname(path));
  const known = await store.knownFolder(absolute(task.repo, path), task.ignores.above(path), task.call);
  return known && known.changed.length <= FEW ? known : undefined;
}

/** A remembered folder as measured, its changed files hashed. Its list is made when it is asked for. */
export function rememberedFolder(task: Task, known: KnownFolder): Measured {
  const { size, nfiles } = known;
  let entries: readonly DirEntry[] | undefined;
  const list = (): readonly DirEntry[] => (entries ??= known.entries());
  const hash = known.changed.length === 0 ? known.hash : folderOf(list(), 'md5').hash;
  if (known.changed.length > 0 || known.moved) task.repo.store.noteKnown(known, hash);
  return {
    ...{ hash, hashName: 'md5', size, nfiles },
    get entries() {
      return list();
    },
  };
}

/** Absolute paths of a folder's files, made when asked for: of a million of them no list is kept. */
export function filePaths(task: Task, folder: string, files: readonly FolderFile[]): Paths {
  const base = absolute(task.repo, folder);
  return { length: files.length, at: (n) => `${base}/${files[n]?.relpath}` };
}

function hashAll(task: Task, paths: Paths, hashName: HashName, prints?: Prints): Promise<Hashed[]> {
  if (hashName !== 'md5') return hashLegacy(task, paths);
  return task.repo.store.hashFiles(paths, task.call, prints);
}

/** Hashes of DVC 2.x, which the store does not make: read block by block, never indexed. */
async function hashLegacy(task: Task, paths: Paths): Promise<Hashed[]> {
  const { fs } = task.repo.host;
  const pace = pacer(task.call.signal);
  const out: Hashed[] = [];
  for (let n = 0; n < paths.length; n += 1) {
    const path = paths.at(n) ?? '';
    const digest = createDigest('md5-dos2unix');
    let size = 0;
    for (;;) {
      const block = await fs.readRange(path, size, BLOCK);
      digest.update(block);
      size += block.length;
      const pause = pace();
      if (pause) await pause;
      if (block.length < BLOCK) break;
    }
    const stat = await fs.stat(path);
    out.push({ md5: digest.hex(), size, mode: stat?.mode ?? 0 });
  }
  return out;
}

/** A measured file. */
export function fileMeasured(hashed: Hashed, hashName: HashName, mode: number): Measured {
  return { hash: hashed.md5, hashName, size: hashed.size, ...(isExecutable(mode) ? { isexec: true } : {}) };
}

/** A measured folder: its list is known. */
type MeasuredFolder = Measured & { readonly entries: readonly DirEntry[] };

/** A measured folder from its hashed files, which come in the order of `files`. */
export function folderMeasured(
  files: readonly FolderFile[],
  hashed: readonly Hashed[],
  hashName: HashName,
): MeasuredFolder {
  const entries: DirEntry[] = files.map((file, i) => ({ relpath: file.relpath, md5: hashed[i]?.md5 ?? '' }));
  const size = hashed.reduce((sum, file) => sum + file.size, 0);
  return { ...folderOf(entries, hashName), size };
}

/** Hash and number of files of a list; its size is not known from the list. */
export function folderOf(
  entries: readonly DirEntry[],
  hashName: HashName,
): Omit<Measured, 'size'> & { entries: readonly DirEntry[] } {
  const bytes = renderDirObject(entries);
  return { hash: `${digestOf(bytes)}.dir`, hashName, nfiles: entries.length, entries };
}
