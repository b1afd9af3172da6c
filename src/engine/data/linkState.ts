/** Whether a workspace file is tied to its object as `cache.type` wants it first (dvc.md §4.3): `checkout --relink` leaves such files alone. */

import { type FileToRestore } from '../cache/cache';
import { type FileStat } from '../host/host';
import { linkTypes } from './saveOutput';
import { type Task } from './task';

/** True when the file at `file.path` need not be made anew. Executables are files of their own: a link shares its mode with the object. */
export async function isLinkedAsWanted(task: Task, file: FileToRestore): Promise<boolean> {
  const { config, host, store } = task.repo;
  const [first = 'copy'] = linkTypes(config);
  const own = await host.fs.lstat(file.path);
  if (!own || (own.kind !== 'file' && own.kind !== 'link')) return false;
  const isLinking = first === 'hardlink' || first === 'symlink';
  const wanted = isLinking && !file.executable && !file.own ? first : 'copy';
  const object = store.pathOf(file.hash, file.hashName);
  if (own.kind === 'link') return wanted === 'symlink' && (await host.fs.readlink(file.path)) === object;
  if (isSame(own, await host.fs.lstat(object))) return wanted === 'hardlink';
  return wanted === 'copy' || (wanted === 'hardlink' && own.size === 0);
}

function isSame(a: FileStat, b: FileStat | undefined): boolean {
  return b !== undefined && a.ino === b.ino && a.dev === b.dev;
}
