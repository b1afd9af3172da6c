/**
 * Objects on their way into the workspace: verified, then staged as reflink, hardlink, symlink or copy, in the
 * order of `cache.type` (formats §4.3). A link type that the file systems do not support is left out for the rest of the job.
 */

import * as fs from 'node:fs';
import { errno, StrataError } from '../errors';
import { writeWhole } from '../host/node';
import { type LinkType } from './cache';
import { digestOf } from './digest';
import { type Done, type RestoreItem, type RestoreJob, type Tick } from './jobs';
import { copyBlocks, digestFile, finish, look, openNew, printOf, readSmall, readWhole, withOpen } from './laneIo';
import { digits } from './layout';

/** What file systems answer to a link type they do not know. */
const UNSUPPORTED = new Set(['EXDEV', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EINVAL', 'ENOTTY', 'EMLINK']);

/** What makes a file that shares nothing with its object. */
const OWN: readonly LinkType[] = ['reflink', 'copy'];

const refused = new WeakMap<RestoreJob, Set<LinkType>>();

interface Aim {
  readonly item: RestoreItem;
  readonly temporary: string;
  readonly mode: number;
  /** The umask would take something from the mode, and shall not. */
  readonly exact: boolean;
  readonly tick: Tick;
}

/** Stages one object. The temporary has the wanted content for sure, or it is gone and the error says why. */
export function restoreOne(item: RestoreItem, job: RestoreJob, tick: Tick): Done | Promise<Done> {
  const { temporary } = item;
  const mode = job.mode ?? (item.executable ? 0o766 : 0o666) & ~job.umask;
  const exact = job.mode !== undefined && (job.mode & job.umask) !== 0;
  const aim: Aim = { item, temporary, mode, exact, tick };
  const no = refused.get(job) ?? new Set<LinkType>();
  refused.set(job, no);
  // A link shares its mode with the object, which stays read-only: what is to be executable is a file of its own.
  for (const type of item.own || item.executable ? OWN : job.links) {
    if (type === 'copy') break;
    if (no.has(type)) continue;
    if (!tryLink(type, aim)) {
      no.add(type);
      continue;
    }
    return linked(type, aim);
  }
  return copy(aim);
}

/** Makes the link, or gives false when this type cannot be had here. Empty files are made, never hardlinked. */
function tryLink(type: Exclude<LinkType, 'copy'>, aim: Aim): boolean {
  try {
    if (type === 'reflink') {
      fs.copyFileSync(aim.item.object, aim.temporary, fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE_FORCE);
    } else if (type === 'symlink') fs.symlinkSync(aim.item.object, aim.temporary);
    else if (fs.statSync(aim.item.object).size === 0) fs.closeSync(openNew(aim.temporary, aim.mode));
    else fs.linkSync(aim.item.object, aim.temporary);
    return true;
  } catch (error) {
    if (UNSUPPORTED.has(errno(error) ?? '')) return false;
    throw missing(error, aim.item);
  }
}

/** Verifies what a link leads to and gives a clone its own mode. */
function linked(type: LinkType, aim: Aim): Done | Promise<Done> {
  const started = Date.now();
  const finishUp = (md5: string): Done => {
    if (md5 !== digits(aim.item.hash)) throw corrupt(aim.item);
    if (type === 'reflink') fs.chmodSync(aim.temporary, aim.mode);
    const stat = fs.statSync(aim.temporary);
    return { md5, mode: stat.mode & 0o7777, print: printOf(stat), started, temporary: aim.temporary, linked: type };
  };
  const clean = (error: unknown): never => {
    fs.rmSync(aim.temporary, { force: true });
    throw error;
  };
  try {
    if (aim.item.vouched) return finishUp(digits(aim.item.hash));
    return digestFile(aim.temporary, aim.item.hashName, aim.tick).then(finishUp).catch(clean);
  } catch (error) {
    return clean(error);
  }
}

function copy(aim: Aim): Done | Promise<Done> {
  const { item, temporary } = aim;
  const started = Date.now();
  const done = (fd: number, md5: string, stat = fs.fstatSync(fd)): Done => {
    return { md5, mode: stat.mode & 0o7777, print: printOf(stat), started, temporary };
  };
  try {
    return withOpen(item.object, (fd) => {
      const whole = readWhole(fd);
      const bytes = whole?.bytes ?? readSmall(look(fd, item.object));
      if (!bytes) return copyBig(fd, aim).then((md5) => done(fd, md5));
      const md5 = digestOf(bytes, item.hashName);
      if (md5 !== digits(item.hash)) throw corrupt(item);
      const pause = aim.tick(bytes.length);
      const out = openNew(temporary, aim.mode);
      finish(out, temporary, () => {
        writeWhole(out, bytes);
        if (aim.exact) fs.fchmodSync(out, aim.mode);
      });
      return pause ? pause.then(() => done(fd, md5, whole?.stat)) : done(fd, md5, whole?.stat);
    });
  } catch (error) {
    throw missing(error, item);
  }
}

async function copyBig(fd: number, aim: Aim): Promise<string> {
  const md5 = await copyBlocks(fd, aim.temporary, { mode: aim.mode, name: aim.item.hashName, tick: aim.tick });
  if (md5 === digits(aim.item.hash)) {
    if (aim.exact) fs.chmodSync(aim.temporary, aim.mode);
    return md5;
  }
  fs.rmSync(aim.temporary, { force: true });
  throw corrupt(aim.item);
}

function corrupt(item: RestoreItem): StrataError {
  return new StrataError('cache.corrupt', { path: item.path, hash: item.hash, object: item.object });
}

function missing(error: unknown, item: RestoreItem): unknown {
  if (errno(error) !== 'ENOENT' || fs.existsSync(item.object)) return error;
  return new StrataError('cache.missing', { path: item.path, hash: item.hash });
}
