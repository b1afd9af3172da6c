/**
 * What the lanes of the pool do with files, one file at a time: hash it, stage it into the cache, or stage an object for the
 * workspace. Runs in a worker thread or in the engine's own; plain values only, so that jobs and answers can be posted.
 *
 * Nothing here renames: temporaries are made, and `write.ts` puts them into place once all are on disk.
 */

import * as fs from 'node:fs';
import { dirname } from '../../base/paths';
import { errno, fsError, StrataError, type ErrorData } from '../errors';
import { type Hash, type HashName, type LinkType } from './cache';
import { restoreOne } from './laneRestore';
import { hashOne, stageOne } from './laneStage';

/** What the state index compares. */
export interface Fingerprint {
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** A batch of files of one kind of work. */
export type Job = HashJob | StageJob | RestoreJob;

/** Hash files. */
export interface HashJob {
  readonly kind: 'hash';
  readonly paths: readonly string[];
  /** Files bigger than a block are handed back with their sizes: nobody knew these before. */
  readonly handBack?: boolean;
  readonly hashName: HashName;
}

/** Hash files and write what the cache lacks to temporaries in it. */
export interface StageJob {
  readonly kind: 'stage';
  readonly paths: readonly string[];
  /** As for {@link HashJob}. */
  readonly handBack?: boolean;
  /** `<cache>/files/md5`; it exists. */
  readonly base: string;
  /** Names of the folders in it before this work began: no object lies in another one. */
  readonly shelves: ReadonlySet<string>;
  /** Makes temporary names unique. */
  readonly token: string;
  /** `cache.shared = group`: folders get 2775. */
  readonly shared: boolean;
  /** The process's umask; asking for it anew would change it for a moment in every thread. */
  readonly umask: number;
}

/** An object on its way into the workspace. */
export interface RestoreItem {
  readonly hash: Hash;
  readonly hashName: HashName;
  readonly object: string;
  /** Where it shall lie in the end. */
  readonly path: string;
  /** Where it is made. */
  readonly temporary: string;
  readonly executable: boolean;
  /** Never a link to the object. */
  readonly own: boolean;
  /** The state index vouches for the object: linking needs no reading. */
  readonly vouched: boolean;
}

/** Verify objects and write them to temporaries from where they can be renamed to their places. */
export interface RestoreJob {
  readonly kind: 'restore';
  readonly items: readonly RestoreItem[];
  readonly links: readonly LinkType[];
  readonly umask: number;
  /** Mode of what is made, whatever the umask; for the workspace the usual one unless given. */
  readonly mode?: number;
}

/** What became of one file. */
export interface Done {
  readonly md5: string;
  readonly mode: number;
  /** Facts of the file that was read, taken before reading and unchanged after it. */
  readonly print: Fingerprint;
  /** Milliseconds since 1970 just before it was read. */
  readonly started: number;
  /** The temporary to rename; absent when nothing has to be renamed. */
  readonly temporary?: string;
  /** The object that lay there has other bytes than its name says. */
  readonly corrupt?: boolean;
  /** Facts of the object that lay there, when its bytes were found good. */
  readonly object?: Fingerprint;
  /** How the temporary was made, when not copied. */
  readonly linked?: LinkType;
}

/** An error as it travels. */
export interface JobError {
  readonly code: string;
  readonly data: ErrorData;
}

/** Answer for one file. `size` in bytes of a file that was handed back undone. */
export type Outcome = { readonly done: Done } | { readonly failed: JobError } | { readonly size: number };

/** Why a file was not done. */
export function failureOf(outcome: Outcome | undefined): JobError {
  return outcome && 'failed' in outcome ? outcome.failed : { code: 'cache.failed', data: {} };
}

/** Ends the work on a file that the job shall hand back. */
export class HandedBack extends Error {
  /** @param size in bytes */
  constructor(readonly size: number) {
    super('handed back');
  }
}

/** What a long file asks between blocks: counts bytes, throws when cancelled. */
export type Tick = (bytes: number) => Promise<void> | undefined;

/** How many files a job has. */
export function jobLength(job: Job): number {
  return job.kind === 'restore' ? job.items.length : job.paths.length;
}

/** Does the `index`th file of a job. A small file is done at once, a big one in steps; failures are answers, cancel is thrown. */
export function runOne(job: Job, index: number, tick: Tick): Outcome | Promise<Outcome> {
  let path = '';
  try {
    if (job.kind === 'restore') {
      const item = job.items[index];
      if (!item) throw new RangeError('no such item');
      path = item.object;
      return settle(restoreOne(item, job, tick), path);
    }
    path = job.paths[index] ?? '';
    return settle(job.kind === 'hash' ? hashOne(path, job, tick) : stageOne(path, job, index, tick), path);
  } catch (error) {
    return failure(error, path);
  }
}

function settle(result: Done | Promise<Done>, path: string): Outcome | Promise<Outcome> {
  if (!(result instanceof Promise)) return { done: result };
  return result.then(
    (done): Outcome => ({ done }),
    (error: unknown) => failure(error, path),
  );
}

function failure(error: unknown, path: string): Outcome {
  if (error instanceof HandedBack) return { size: error.size };
  if (error instanceof Error && error.name === 'Cancelled') throw error;
  const ours = fsError(error, culprit(error, path));
  if (ours instanceof StrataError) return { failed: { code: ours.code, data: ours.data } };
  const message = ours instanceof Error ? ours.message : String(ours);
  return { failed: { code: 'cache.failed', data: { path, reason: errno(error) ?? message } } };
}

const OF_FOLDERS: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT']);

/** The path that a refusal is about: where a temporary could not be made it is its folder, in the cache or in the workspace, not the file at hand. */
function culprit(error: unknown, path: string): string {
  const at = (error as NodeJS.ErrnoException | null)?.path;
  return typeof at === 'string' && at !== path && OF_FOLDERS.has(errno(error) ?? '') ? dirname(at) : path;
}

/** Removes the temporaries of outcomes that nobody will use. */
export function dropOutcomes(outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) {
    const temporary = 'done' in outcome ? outcome.done.temporary : undefined;
    if (temporary !== undefined) fs.rmSync(temporary, { force: true });
  }
}
