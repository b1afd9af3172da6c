/** A remote that is a folder: a disk, a mounted share. Files arrive as temporaries, are synced and renamed; objects get mode 0444 as DVC's. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { pacer, throwIfCancelled, type Call } from '../../base/cancel';
import { errno, fsError, StrataError } from '../errors';
import { commitStaged, dropTemporaries, makeFolders } from '../cache/write';
import { type Host } from '../host/host';
import { syncFolder, withRoom } from '../host/node';
import { isTemporaryName, type Leftover, type Moving, type Remote, type RemoteFile } from './remotes';

const BLOCK = 1024 * 1024;
/** As DVC leaves objects on a remote that is a folder, and results of runs, which it may replace. */
const OBJECT_MODE = 0o444;
const RESULT_MODE = 0o644;

interface Upload {
  readonly from: string;
  readonly to: string;
  readonly key: string;
}

/** Opens a folder, absolute, as a remote. It is made with the first upload. */
export function openFolder(folder: string, host: Host, jobs: number): Remote {
  const at = (key: string): string => path.join(folder, ...checkKey(key).split('/'));
  return {
    url: folder,
    jobs,
    has: async (keys, call) => {
      const found = new Set<string>();
      const pace = pacer(call.signal);
      for (const key of keys) {
        const pause = pace();
        if (pause) await pause;
        if (isFile(at(key))) found.add(key);
      }
      return found;
    },
    list: (prefix, call, left) => listFolder(folder, prefix, call, left),
    upload: async (from, key, moving) => {
      const to = at(key);
      const sizes = (): number[] => [fs.statSync(from).size];
      await guarded(to, () => put({ from, to, key }, `.${host.randomHex(8)}.tmp`, moving), sizes);
    },
    pathOf: at,
    download: async (key, to, moving) => {
      throwIfCancelled(moving.signal);
      if (!isFile(at(key))) throw new StrataError('remotes.missing', { key, url: folder });
      await copy(at(key), to, 0o644, moving).catch((error: unknown) => {
        const failure = fsError(error, culprit(error, at(key), path.dirname(to)));
        throw withRoom(failure, to, () => [fs.statSync(at(key)).size]);
      });
    },
    remove: async (keys, call) => {
      const pace = pacer(call.signal);
      const folders = new Set<string>();
      for (const key of keys) {
        const pause = pace();
        if (pause) await pause;
        await guarded(at(key), () => Promise.resolve(fs.rmSync(at(key), { force: true })));
        folders.add(path.dirname(at(key)));
      }
      // What is deleted next may have been promised by these.
      for (const one of folders) if (fs.existsSync(one)) await guarded(one, () => Promise.resolve(syncFolder(one)));
    },
    close: () => Promise.resolve(),
  };
}

/** Keys come from hashes; anything else would leave the folder. */
function checkKey(key: string): string {
  const bad = key.split('/').some((part) => part === '' || part === '.' || part === '..' || part.includes('\\'));
  if (bad) throw new StrataError('remotes.badKey', { key });
  return key;
}

function modeOf(key: string): number {
  return key.startsWith('runs/') ? RESULT_MODE : OBJECT_MODE;
}

function isFile(at: string): boolean {
  try {
    return fs.statSync(at, { throwIfNoEntry: false })?.isFile() === true;
  } catch (error) {
    if (errno(error) === 'ENOTDIR') return false;
    throw fsError(error, at);
  }
}

async function guarded<T>(at: string, act: () => Promise<T>, sizes: () => number[] = () => []): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw withRoom(fsError(error, at), at, sizes);
  }
}

/** Which end a download failed at: the object here, or the folder it was to come to. */
function culprit(error: unknown, object: string, folder: string): string {
  const code = errno(error) ?? '';
  if (['ENOSPC', 'EDQUOT', 'EROFS'].includes(code)) return folder;
  return ['EACCES', 'EPERM'].includes(code) && isReadable(object) ? folder : object;
}

function isReadable(at: string): boolean {
  try {
    fs.accessSync(at, fs.constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Copies one file to its place: temporary, sync, rename, sync of the folder. */
async function put({ from, to, key }: Upload, temporary: string, moving: Moving): Promise<void> {
  const parents = makeFolders(path.dirname(to));
  const staged = { temporary: path.join(path.dirname(to), temporary), path: to };
  try {
    await copy(from, staged.temporary, modeOf(key), moving);
  } catch (error) {
    dropTemporaries([staged]);
    throw error;
  }
  const [failure] = await commitStaged([staged], { signal: moving.signal, parents });
  if (failure) throw failure.error;
}

/** Copies without syncing; a small file at once, a big one block by block, so that other transfers get their turn. */
async function copy(from: string, to: string, mode: number, moving: Moving): Promise<void> {
  throwIfCancelled(moving.signal);
  const { size } = fs.statSync(from);
  if (size <= BLOCK) {
    fs.copyFileSync(from, to, fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE);
    fs.chmodSync(to, mode);
    moving.moved(size);
    return;
  }
  const source = await fs.promises.open(from, 'r');
  try {
    const goal = await fs.promises.open(to, 'wx', mode);
    try {
      await pump(source, goal, moving);
    } finally {
      await goal.close();
    }
  } finally {
    await source.close();
  }
}

async function pump(source: fs.promises.FileHandle, goal: fs.promises.FileHandle, moving: Moving): Promise<void> {
  const { size } = await source.stat();
  const block = Buffer.allocUnsafe(Math.max(1, Math.min(BLOCK, size)));
  for (;;) {
    throwIfCancelled(moving.signal);
    const { bytesRead } = await source.read(block, 0, block.length, null);
    if (bytesRead === 0) return;
    for (let at = 0; at < bytesRead;) at += (await goal.write(block, at, bytesRead - at)).bytesWritten;
    moving.moved(bytesRead);
  }
}

async function* listFolder(
  root: string,
  prefix: string,
  call: Call,
  left?: (file: Leftover) => void,
): AsyncGenerator<RemoteFile> {
  const folder = prefix === '' ? root : path.join(root, ...checkKey(prefix).split('/'));
  throwIfCancelled(call.signal);
  let names: fs.Dirent[];
  try {
    names = await fs.promises.readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (errno(error) === 'ENOENT') return;
    throw fsError(error, folder);
  }
  for (const entry of names) {
    const key = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) yield* listFolder(root, key, call, left);
    else if (entry.isFile() && !entry.name.endsWith('.tmp')) {
      yield { key, size: fs.statSync(path.join(folder, entry.name)).size };
    } else if (left && entry.isFile() && isTemporaryName(entry.name)) {
      const stat = fs.statSync(path.join(folder, entry.name), { throwIfNoEntry: false });
      if (stat) left({ key, modified: stat.mtimeMs });
    }
  }
}
