/**
 * Makes workspace files their user's own (dvc.md §4.3): a link to an object, or a file that is one with it, becomes a copy that may be written
 * to. The copy is made aside and renamed, so that the name never has anything but the whole content.
 */

import * as fs from 'node:fs';
import { pacer, type Call } from '../../base/cancel';
import { fsError } from '../errors';
import { copyBlocks, withFile } from './laneIo';
import { RestoreFolders } from './restoreFolders';
import { type StoreParts } from './storeParts';
import { commitStaged, dropTemporaries, type HeldFolder, type Staged } from './write';

/** Makes `ownFiles` of the store. */
export function createOwner(parts: StoreParts): (paths: readonly string[], call: Call) => Promise<number> {
  return async (paths, call) => {
    const folders = new RestoreFolders(parts.root, parts.staging, parts.host.randomHex(6));
    const staged: Staged[] = [];
    try {
      let changed = 0;
      const pace = pacer(call.signal);
      for (const [n, at] of paths.entries()) {
        const pause = pace();
        if (pause) await pause;
        const temporary = await stageCopy(parts, at, folders, call);
        if (temporary !== undefined) staged.push({ temporary, path: at });
        else if (makeWritable(at)) changed += 1;
        call.progress({ phase: 'progress.unprotecting', done: n + 1, total: paths.length, unit: 'files' });
      }
      const guard = (folder: string): HeldFolder => folders.hold(folder);
      const [failed] = await commitStaged(staged, { signal: call.signal, parents: folders.changed, guard });
      if (failed) throw failed.error;
      return changed + staged.length;
    } catch (error) {
      dropTemporaries(staged);
      throw error;
    } finally {
      folders.dispose();
    }
  };
}

/** Copies what a link leads to, or what has several names; undefined for a file that is its own already. */
async function stageCopy(
  parts: StoreParts,
  at: string,
  folders: RestoreFolders,
  call: Call,
): Promise<string | undefined> {
  try {
    const own = fs.lstatSync(at);
    if (own.isFile() && own.nlink === 1) return undefined;
    const temporary = folders.place(at);
    const mode = (0o666 | (fs.statSync(at).mode & 0o100)) & ~parts.umask;
    if (clone(at, temporary)) fs.chmodSync(temporary, mode);
    else {
      const tick = pacer(call.signal);
      await withFile(at, ({ fd }) => copyBlocks(fd, temporary, { mode, name: 'md5', tick: () => tick() }));
    }
    return temporary;
  } catch (error) {
    throw fsError(error, at);
  }
}

/** Shares blocks where the file system can. */
function clone(from: string, to: string): boolean {
  try {
    fs.copyFileSync(from, to, fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  }
}

/** Answers whether it had to. */
function makeWritable(at: string): boolean {
  const { mode } = fs.statSync(at);
  if ((mode & 0o200) !== 0) return false;
  fs.chmodSync(at, (mode & 0o7777) | 0o200);
  return true;
}
