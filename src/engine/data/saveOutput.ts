/**
 * Takes an output into the cache (dvc.md §4, §5): its files first, then for a folder the list of them. Afterwards the workspace files are
 * what `cache.type` wants: links, or files of their own.
 */

import { type Hashed, type LinkType } from '../cache/cache';
import { StrataError } from '../errors';
import { configList, type DvcConfig } from '../formats/dvcConfig';
import { renderDirObject } from '../formats/dirObject';
import { type FileStat } from '../host/host';
import { hidingRule } from './ignore';
import { listFolder, type FolderFile } from './listFolder';
import {
  fileMeasured,
  filePaths,
  folderMeasured,
  isExecutable,
  knownFolder,
  measure,
  rememberedFolder,
} from './measure';
import { type Measured } from './model';
import { shown } from './paths';
import { guardName, guardPlace } from './placement';
import { absolute } from './repo';
import { type Task } from './task';

/** How an output is saved. */
export interface SaveOptions {
  /** False for `cache: false` outputs and `--no-commit`: hashed only. True unless given. */
  readonly cache?: boolean;
  /** The workspace keeps files of its own, whatever links are configured: what Git holds must not lead into the cache. */
  readonly own?: boolean;
}

/**
 * Saves the file or folder at a path and answers what was saved. When it resolves, every object is on disk. Fails with `data.missing`,
 * `data.hidden` (a `.dvcignore` hides it), `data.behindLink`, `data.outside` and the errors of `listFolder`.
 */
export async function saveOutput(task: Task, path: string, options: SaveOptions = {}): Promise<Measured> {
  const stat = await task.repo.host.fs.stat(absolute(task.repo, path));
  if (!stat) throw new StrataError('data.missing', { path: shown(task.repo, path) });
  await refuseHidden(task, path, stat.kind === 'folder');
  if (options.cache === false) {
    const found = await measure(task, path);
    if (!found) throw new StrataError('data.missing', { path: shown(task.repo, path) });
    return found;
  }
  await guardPlace(task.repo, path);
  const own = options.own === true;
  return stat.kind === 'folder' ? saveFolder(task, path, own) : saveFile(task, path, stat, own);
}

/** Fails with `data.hidden` when `.dvcignore` hides a path. */
export async function refuseHidden(task: Task, path: string, isFolder: boolean): Promise<void> {
  const rule = await hidingRule(task.ignores, path, isFolder);
  if (!rule) return;
  // A rule without a line is built in: it hides what belongs to Git and DVC.
  if (rule.line === 0) guardName(task.repo, path);
  const { source, line, pattern } = rule;
  throw new StrataError('data.hidden', {
    path: shown(task.repo, path),
    source: shown(task.repo, source),
    line,
    pattern,
  });
}

async function saveFile(task: Task, path: string, stat: FileStat, own: boolean): Promise<Measured> {
  if (stat.kind !== 'file') throw new StrataError('data.notFile', { path: shown(task.repo, path) });
  const { store, host } = task.repo;
  const at = absolute(task.repo, path);
  const [hashed] = await store.addFiles([at], task.call);
  if (!hashed) throw new StrataError('data.missing', { path: shown(task.repo, path) });
  const saved = fileMeasured(hashed, 'md5', stat.mode);
  const link = (await host.fs.lstat(at))?.kind === 'link';
  const types = linkTypes(task.repo.config);
  if (!own && (link || isLinking(types))) await relink(task, [at], [hashed]);
  else if (isExecutable(stat.mode)) await host.fs.chmod(at, (stat.mode & 0o666) | 0o100);
  return saved;
}

async function saveFolder(task: Task, path: string, own: boolean): Promise<Measured> {
  const saved = (await saveKnown(task, path, own)) ?? (await saveWalked(task, path, own));
  await saveList(task, saved);
  return saved;
}

/** Saves what changed in a folder that holds the names it held; undefined when more has to be done than that. */
async function saveKnown(task: Task, path: string, own: boolean): Promise<Measured | undefined> {
  if (!own && isLinking(linkTypes(task.repo.config))) return undefined;
  const known = await knownFolder(task, path);
  if (!known || known.links) return undefined;
  for (const { relpath } of known.entries()) guardName(task.repo, `${path}/${relpath}`);
  await task.repo.store.addChanged(known, task.call);
  return rememberedFolder(task, known);
}

async function saveWalked(task: Task, path: string, own: boolean): Promise<Measured> {
  const files = await listFolder(task, path);
  for (const file of files) guardName(task.repo, `${path}/${file.relpath}`);
  return folderMeasured(files, await saveFiles(task, path, files, own), 'md5');
}

/** Takes files of a folder into the cache and links them as configured; answers their hashes in the same order. */
export async function saveFiles(
  task: Task,
  folder: string,
  files: readonly FolderFile[],
  own = false,
): Promise<Hashed[]> {
  const paths = filePaths(task, folder, files);
  const hashed = await task.repo.store.addFiles(paths, task.call);
  if (own) return hashed;
  const types = linkTypes(task.repo.config);
  const wanted = files.flatMap((file, i) => (needsRelink(types, file) ? [i] : []));
  await relink(
    task,
    wanted.map((i) => paths.at(i) ?? ''),
    wanted.map((i) => hashed[i]).filter((one) => one !== undefined),
  );
  return hashed;
}

/** Stores the list of a folder. */
export async function saveList(task: Task, folder: Pick<Measured, 'entries'>): Promise<string> {
  return task.repo.store.addBytes(renderDirObject(folder.entries ?? []), '.dir');
}

/** A copy stays when copies are among the wanted types; a link to a file elsewhere becomes a file of its own. */
function needsRelink(types: readonly LinkType[], file: FolderFile): boolean {
  if (file.link) return true;
  return !types.includes('copy') && !types.includes('reflink');
}

async function relink(task: Task, paths: readonly string[], hashed: readonly Hashed[]): Promise<void> {
  if (paths.length === 0) return;
  const files = hashed.map((one, i) => ({
    hash: one.md5,
    hashName: 'md5' as const,
    path: paths[i] ?? '',
    executable: isExecutable(one.mode) && paths.length === 1,
  }));
  const [failed] = await task.repo.store.restoreFiles(files, task.call);
  if (failed) throw failed.error;
}

/** The configured ways from cache to workspace, best first (dvc.md §4.3). */
export function linkTypes(config: DvcConfig): readonly LinkType[] {
  const known: readonly string[] = ['reflink', 'hardlink', 'symlink', 'copy'];
  const wanted = configList(config, 'cache', 'type') ?? ['reflink', 'copy'];
  return wanted.filter((type): type is LinkType => known.includes(type));
}

/** True where links are made: reflinks are not told from copies, and few file systems have them, so that the next type counts. */
function isLinking(types: readonly LinkType[]): boolean {
  const first = types.find((type) => type !== 'reflink');
  return first === 'hardlink' || first === 'symlink';
}
