/** A remote that is a folder: a disk, a mounted share. Files arrive as temporaries, are synced and renamed; objects get mode 0444 as DVC's. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { pacer, throwIfCancelled, type Call } from '../../base/cancel';
import { errno, fsError, StrataError } from '../errors';
import { type Host } from '../host/host';
import { syncFolder } from '../host/node';
import { type Moving, type Remote, type RemoteFile } from './remotes';

const BLOCK = 1024 * 1024;

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
    list: (prefix, call) => listFolder(folder, prefix, call),
    upload: async (from, key, moving) => {
      const to = at(key);
      await guarded(to, () => put(from, to, `.${host.randomHex(8)}.tmp`, moving));
    },
    download: async (key, to, moving) => {
      if (!isFile(at(key))) throw new StrataError('remotes.missing', { key, url: folder });
      await guarded(at(key), () => copy(at(key), to, 0o666, moving));
    },
    remove: async (keys, call) => {
      const pace = pacer(call.signal);
      for (const key of keys) {
        const pause = pace();
        if (pause) await pause;
        await guarded(at(key), () => Promise.resolve(fs.rmSync(at(key), { force: true })));
      }
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

function isFile(at: string): boolean {
  try {
    return fs.statSync(at, { throwIfNoEntry: false })?.isFile() === true;
  } catch (error) {
    if (errno(error) === 'ENOTDIR') return false;
    throw fsError(error, at);
  }
}

async function guarded<T>(at: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw fsError(error, at);
  }
}

async function put(from: string, to: string, temporary: string, moving: Moving): Promise<void> {
  const folder = path.dirname(to);
  const first = fs.mkdirSync(folder, { recursive: true });
  const staged = path.join(folder, temporary);
  try {
    await copy(from, staged, 0o444, moving);
    fs.renameSync(staged, to);
  } catch (error) {
    fs.rmSync(staged, { force: true });
    throw error;
  }
  syncFolder(folder);
  if (first === undefined) return;
  for (let at = path.dirname(folder); ; at = path.dirname(at)) {
    syncFolder(at);
    if (at === path.dirname(first) || at === path.dirname(at)) return;
  }
}

/** Copies block by block and syncs the copy; other transfers get their turn between blocks. */
async function copy(from: string, to: string, mode: number, moving: Moving): Promise<void> {
  const source = await fs.promises.open(from, 'r');
  try {
    const goal = await fs.promises.open(to, 'wx', mode);
    try {
      await pump(source, goal, moving);
      await goal.sync();
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

async function* listFolder(root: string, prefix: string, call: Call): AsyncGenerator<RemoteFile> {
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
    if (entry.isDirectory()) yield* listFolder(root, key, call);
    else if (entry.isFile() && !entry.name.endsWith('.tmp')) {
      yield { key, size: fs.statSync(path.join(folder, entry.name)).size };
    }
  }
}
