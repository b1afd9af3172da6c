/**
 * Finds and deletes what the cache holds and nobody needs: one walk over `files/md5` and the 2.x layout, then deletions in steps, lists of
 * folders first. Only names that are objects are ever touched, and temporaries of ours that are older than a day: `runs/`, quarantine and
 * whatever else lies there stay.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { pacer, type Call } from '../../base/cancel';
import { fsError } from '../errors';
import { syncFolder } from '../host/node';
import { type Hash, type HashName } from './cache';
import { isTemporary, namesIn, noteTemporary } from './leftovers';

/** An object that may go. */
export interface Unused {
  readonly hash: Hash;
  readonly hashName: HashName;
  /** Size in bytes. */
  readonly size: number;
}

/** What a walk found. */
export interface CacheSurvey {
  readonly unused: readonly Unused[];
  /** Absolute paths of temporaries that nobody will take up again. */
  readonly temporaries: readonly string[];
}

/** How a walk judges. */
export interface SurveyRules {
  /** True for what has to stay. */
  keeps(hash: Hash, hashName: HashName, size: () => number): boolean;
  /** Objects that appeared at this moment or later, in milliseconds since 1970, stay: somebody is just adding them. */
  readonly bornBefore: number;
  readonly now: number;
}

/** Clocks of file systems tick up to so much behind the clock that programs read. */
const TICK_MS = 10;

const SHELF = /^[0-9a-f]{2}$/;
const REST = /^[0-9a-f]{30}(\.dir)?$/;

/** Walks the cache folder `dir` (absolute); an absent one is empty. */
export async function surveyCache(dir: string, rules: SurveyRules, call: Call): Promise<CacheSurvey> {
  const survey = { unused: [] as Unused[], temporaries: [] as string[] };
  const pace = pacer(call.signal);
  let seen = 0;
  for (const [base, hashName] of [
    [path.join(dir, 'files', 'md5'), 'md5'],
    [dir, 'md5-dos2unix'],
  ] as const) {
    for (const shelf of namesIn(base)) {
      if (isTemporary(shelf)) noteTemporary(path.join(base, shelf), rules.now, survey.temporaries);
      if (!SHELF.test(shelf)) continue;
      for (const rest of namesIn(path.join(base, shelf))) {
        const pause = pace();
        if (pause) await pause;
        seen += 1;
        const at = path.join(base, shelf, rest);
        if (isTemporary(rest)) noteTemporary(at, rules.now, survey.temporaries);
        else if (REST.test(rest)) judge(at, { hash: shelf + rest, hashName }, rules, survey.unused);
      }
      call.progress({ phase: 'progress.gcLooking', done: seen, unit: 'files' });
    }
  }
  return survey;
}

function judge(at: string, object: Omit<Unused, 'size'>, rules: SurveyRules, unused: Unused[]): void {
  let stat: fs.Stats | undefined;
  const facts = (): fs.Stats | undefined => (stat ??= fs.lstatSync(at, { throwIfNoEntry: false }));
  if (rules.keeps(object.hash, object.hashName, () => facts()?.size ?? 0)) return;
  const found = facts();
  if (!found?.isFile() || found.ctimeMs + TICK_MS >= rules.bornBefore) return;
  unused.push({ ...object, size: found.size });
}

/** What became of a deletion. */
export interface Deleted {
  readonly removed: number;
  readonly bytes: number;
  readonly failed: readonly { readonly hash: Hash; readonly error: unknown }[];
}

/** So many objects go between two looks at what is needed by now. */
const STEP = 20_000;
/** After so many the progress is told. */
const TELL = 256;

/**
 * Deletes objects, lists of folders first. Before each step `stillUnused` says which of its objects nobody needs at this very moment. What
 * cannot be deleted is in the answer, the rest is done.
 */
export async function removeUnused(
  unused: readonly Unused[],
  pathOf: (hash: Hash, hashName: HashName) => string,
  stillUnused: (step: readonly Unused[]) => Promise<readonly Unused[]>,
  call: Call,
): Promise<Deleted> {
  const pace = pacer(call.signal);
  const done = { removed: 0, bytes: 0, failed: [] as { hash: Hash; error: unknown }[] };
  const tell = (): void => {
    const { removed, bytes } = done;
    call.progress({ phase: 'progress.gcRemoving', done: removed, total: unused.length, unit: 'files', bytes });
  };
  for (const part of [unused.filter(isList), unused.filter((one) => !isList(one))]) {
    const folders = new Set<string>();
    for (let at = 0; at < part.length; at += STEP) {
      for (const one of await stillUnused(part.slice(at, at + STEP))) {
        const pause = pace();
        if (pause) await pause;
        const object = pathOf(one.hash, one.hashName);
        const error = unlinkQuietly(object);
        if (error !== undefined) done.failed.push({ hash: one.hash, error });
        else {
          done.removed += 1;
          done.bytes += one.size;
          folders.add(path.dirname(object));
        }
        if (done.removed % TELL === 0) tell();
      }
      tell();
    }
    for (const folder of folders) syncFolder(folder);
  }
  return done;
}

/** Deletes a file; one that is gone already is fine. */
function unlinkQuietly(at: string): unknown {
  try {
    fs.rmSync(at, { force: true });
    return undefined;
  } catch (error) {
    return fsError(error, at);
  }
}

function isList(one: Unused): boolean {
  return one.hash.endsWith('.dir');
}
