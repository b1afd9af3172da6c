/** Records a part of a tracked folder: only that subtree is replaced in the folder's list (dvc.md §7, granular add). */

import { compareCodePoints } from '../../base/paths';
import { type DirEntry } from '../cache/cache';
import { is, StrataError } from '../errors';
import { listFolder } from './listFolder';
import { filePaths, folderOf } from './measure';
import { type Output, type Recorded } from './model';
import { shown } from './paths';
import { guardName, guardPlace } from './placement';
import { type NewRecord } from './pointer';
import { absolute } from './repo';
import { refuseHidden, saveFiles, saveList } from './saveOutput';
import { type Task } from './task';

/** The record of a folder after a part of it was saved, and the size of that part's files in bytes. */
export interface SavedInside {
  readonly record: NewRecord;
  readonly size: number;
}

/** Which part of which folder is saved, and whether its files go into the cache or are hashed only. */
interface Part {
  readonly output: Output;
  /** From the root. */
  readonly inside: string;
  readonly cache: boolean;
  /** A list of the part alone is stored too, as DVC's `add` does. */
  readonly ownList: boolean;
}

/** Saves a file or folder below a tracked folder; a path that is gone is taken out of the list. */
export async function saveInside(task: Task, part: Part): Promise<SavedInside> {
  const { output, inside, cache } = part;
  const { recorded } = output;
  if (!recorded) throw new StrataError('data.neverRecorded', { path: shown(task.repo, output.path) });
  const below = inside.slice(output.path.length + 1);
  const old = await oldList(task, output, recorded);
  const fresh = await saveSubtree(task, part, below);
  const gone = old.filter((entry) => isAt(entry.relpath, below));
  if (fresh === undefined && gone.length === 0)
    throw new StrataError('data.missing', { path: shown(task.repo, inside) });
  const kept = old.filter((entry) => !isAt(entry.relpath, below) && !isAt(below, entry.relpath));
  const entries = [...kept, ...(fresh?.entries ?? [])].sort((a, b) => compareCodePoints(a.relpath, b.relpath));
  const folder = folderOf(entries, 'md5');
  if (cache) await saveList(task, folder);
  const size = sizeAfter(recorded, folder.hash, { gone, size: fresh?.size ?? 0 });
  const record = { hash: folder.hash, hashName: 'md5' as const, nfiles: entries.length };
  return { record: size === undefined ? record : { ...record, size }, size: fresh?.size ?? 0 };
}

/** What the folder's list says now. Fails with `cache.missing` or `cache.corrupt` in the folder's name. */
async function oldList(task: Task, output: Output, recorded: Recorded): Promise<readonly DirEntry[]> {
  try {
    return await task.repo.store.readDir(recorded.hash, recorded.hashName);
  } catch (error) {
    if (!is(error)) throw error;
    throw new StrataError(error.code, { ...error.data, path: shown(task.repo, output.path) }, { cause: error });
  }
}

function isAt(path: string, at: string): boolean {
  return path === at || path.startsWith(`${at}/`);
}

interface Subtree {
  readonly entries: readonly DirEntry[];
  readonly size: number;
}

/** Saves what lies at the path now; undefined when nothing does. */
async function saveSubtree(
  task: Task,
  { output, inside: path, cache, ownList }: Part,
  below: string,
): Promise<Subtree | undefined> {
  const stat = await task.repo.host.fs.stat(absolute(task.repo, path));
  if (!stat) return undefined;
  await refuseHidden(task, path, stat.kind === 'folder');
  await guardPlace(task.repo, path);
  const isFolder = stat.kind === 'folder';
  const link = (await task.repo.host.fs.lstat(absolute(task.repo, path)))?.kind === 'link';
  const files = isFolder
    ? (await listFolder(task, path)).map((file) => ({ ...file, relpath: `${below}/${file.relpath}` }))
    : [{ relpath: below, link }];
  for (const file of files) guardName(task.repo, `${output.path}/${file.relpath}`);
  const hashed = cache
    ? await saveFiles(task, output.path, files)
    : await task.repo.store.hashFiles(filePaths(task, output.path, files), task.call);
  const entries = files.map((file, i) => ({ relpath: file.relpath, md5: hashed[i]?.md5 ?? '' }));
  if (isFolder && cache && ownList) {
    const own = entries.map((entry) => ({ ...entry, relpath: entry.relpath.slice(below.length + 1) }));
    await saveList(task, { entries: own });
  }
  return { entries, size: hashed.reduce((sum, file) => sum + file.size, 0) };
}

/** DVC's rule: known only when nothing changed, or when paths were only added to a folder of known size. */
function sizeAfter(
  recorded: Recorded,
  hash: string,
  change: { readonly gone: readonly DirEntry[]; readonly size: number },
): number | undefined {
  if (hash === recorded.hash) return recorded.size;
  if (change.gone.length > 0 || recorded.size === undefined) return undefined;
  return recorded.size + change.size;
}
