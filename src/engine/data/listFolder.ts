/**
 * The files that make up a tracked folder (dvc.md §5): everything in it except what `.dvcignore` hides, other projects inside, and links
 * to folders. Links to files count as the file they lead to.
 */

import { pacer } from '../../base/cancel';
import { compareCodePoints, dirname } from '../../base/paths';
import { StrataError } from '../errors';
import { type FileEntry, type FileStat } from '../host/host';
import { shown } from './paths';
import { absolute } from './repo';
import { type Task } from './task';

/** A file of a folder. */
export interface FolderFile {
  /** Below the folder, with `/`. */
  readonly relpath: string;
  readonly link: boolean;
}

/** What a walk found. */
export interface WalkedFolder {
  /** Sorted by code point. */
  readonly files: FolderFile[];
  /** Every folder that was listed, with its facts from before; `''` is the folder itself. */
  readonly folders: { readonly relpath: string; readonly print: FileStat }[];
  /** False when something was left out whose change would not show in the times of these folders: a link to a folder. */
  readonly plain: boolean;
}

/** Files below a folder; see {@link walkFolder}. */
export async function listFolder(task: Task, folder: string): Promise<FolderFile[]> {
  return (await walkFolder(task, folder)).files;
}

/**
 * Walks a folder. Fails with `data.ignoreInside` on a `.dvcignore` in it, `data.brokenLink` on a link that
 * leads nowhere, `data.notFile` on a socket, pipe or device.
 */
export async function walkFolder(task: Task, folder: string): Promise<WalkedFolder> {
  const files: FolderFile[] = [];
  const folders: WalkedFolder['folders'] = [];
  let plain = true;
  await task.ignores.enterAll(dirname(folder));
  const pace = pacer(task.call.signal);
  const open = [''];
  for (let below = open.pop(); below !== undefined; below = open.pop()) {
    const pause = pace();
    if (pause) await pause;
    const at = below === '' ? folder : inFolder(folder, below);
    const print = await task.repo.host.fs.stat(absolute(task.repo, at));
    if (print) folders.push({ relpath: below, print });
    const entries = (await task.repo.host.fs.readdir(absolute(task.repo, at))) ?? [];
    if (below !== '' && entries.some((entry) => entry.name === '.dvc' && entry.kind === 'folder')) continue;
    await task.ignores.enter(at, entries);
    for (const entry of entries) {
      const relpath = below === '' ? entry.name : `${below}/${entry.name}`;
      const path = inFolder(folder, relpath);
      const kind = plainKind(task, path, entry) ?? (await kindInside(task, path, entry));
      if (kind === 'folder') open.push(relpath);
      else if (kind === 'skip') plain &&= entry.kind !== 'link';
      else files.push({ relpath, link: kind === 'link' });
    }
  }
  files.sort((a, b) => compareCodePoints(a.relpath, b.relpath));
  return { files, folders, plain };
}

function inFolder(folder: string, below: string): string {
  return folder === '.' ? below : `${folder}/${below}`;
}

/** What an entry counts as; `skip` when it does not belong to the folder's data. */
type Counted = 'file' | 'link' | 'folder' | 'skip';

/** The common cases, answered without a promise; undefined for the others. */
function plainKind(task: Task, path: string, entry: FileEntry): Counted | undefined {
  if (task.ignores.ignored(path, entry.kind === 'folder')) return 'skip';
  if (entry.kind === 'folder') return 'folder';
  return entry.kind === 'file' && entry.name !== '.dvcignore' ? 'file' : undefined;
}

async function kindInside(task: Task, path: string, entry: FileEntry): Promise<Counted> {
  const at = { path: shown(task.repo, path) };
  if (entry.name === '.dvcignore') throw new StrataError('data.ignoreInside', at);
  if (entry.kind === 'other') throw new StrataError('data.notFile', at);
  const target = await task.repo.host.fs.stat(absolute(task.repo, path));
  if (!target) throw new StrataError('data.brokenLink', at);
  if (target.kind === 'other') throw new StrataError('data.notFile', at);
  return target.kind === 'folder' ? 'skip' : 'link';
}
