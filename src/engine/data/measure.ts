/** What lies in the workspace at a path, as an output or dependency would record it: hash, size, number of files (dvc.md §4, §5). */

import { pacer } from '../../base/cancel';
import { dirname } from '../../base/paths';
import { type DirEntry, type Hashed, type HashName, type Paths } from '../cache/cache';
import { BLOCK, createDigest, digestOf } from '../cache/digest';
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
  const at = absolute(task.repo, path);
  await task.ignores.enterAll(dirname(path));
  const rules = task.ignores.above(path);
  const known = hashName === 'md5' ? await store.knownFolder(at, rules, task.call) : undefined;
  if (known) {
    const { hash, size, nfiles } = known;
    return {
      ...{ hash, hashName, size, nfiles },
      get entries() {
        return known.entries();
      },
    };
  }
  const started = task.repo.host.now();
  const { files, folders, plain } = await walkFolder(task, path);
  const found = folderMeasured(files, await hashAll(task, filePaths(task, path, files), hashName), hashName);
  if (hashName === 'md5' && plain) store.noteFolder(at, rules, { ...found, folders, started });
  return found;
}

/** Absolute paths of a folder's files, made when asked for: of a million of them no list is kept. */
export function filePaths(task: Task, folder: string, files: readonly FolderFile[]): Paths {
  const base = absolute(task.repo, folder);
  return { length: files.length, at: (n) => `${base}/${files[n]?.relpath}` };
}

function hashAll(task: Task, paths: Paths, hashName: HashName): Promise<Hashed[]> {
  if (hashName !== 'md5') return hashLegacy(task, paths);
  return task.repo.store.hashFiles(paths, task.call);
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
