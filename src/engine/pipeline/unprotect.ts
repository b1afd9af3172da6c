/**
 * Makes an output that stays in place while its stage runs (`persist`) the workspace's own: a link into the cache, or a file that shares its
 * bytes with an object, becomes a writable copy, so that a command that appends cannot change the cache (dvc.md §4.3).
 */

import { absolute } from '../data/repo';
import { listFolder } from '../data/listFolder';
import { type Task } from '../data/task';

/** Bytes copied at once. */
const BLOCK = 4 * 1024 * 1024;

/** Turns what lies at a path (from the root) into files of its own; one that is absent is fine. */
export async function unprotect(task: Task, path: string): Promise<void> {
  const stat = await task.repo.host.fs.stat(absolute(task.repo, path));
  if (stat?.kind === 'file') await ownFile(task, path);
  if (stat?.kind !== 'folder') return;
  for (const file of await listFolder(task, path)) await ownFile(task, `${path}/${file.relpath}`);
}

async function ownFile(task: Task, path: string): Promise<void> {
  const { fs } = task.repo.host;
  const at = absolute(task.repo, path);
  const [own, target] = [await fs.lstat(at), await fs.stat(at)];
  if (!own || !target || (own.kind === 'file' && own.nlink === 1 && (own.mode & 0o200) !== 0)) return;
  const temporary = `${at}.${task.repo.host.randomHex(6)}.tmp`;
  try {
    await fs.append(temporary, new Uint8Array());
    for (let from = 0; from < target.size; from += BLOCK)
      await fs.append(temporary, await fs.readRange(at, from, BLOCK));
    await fs.chmod(temporary, 0o644 | (target.mode & 0o100));
    await fs.rename(temporary, at);
  } finally {
    await fs.unlink(temporary);
  }
}
