/** The half of `gc` that reaches remotes: opens them, lists them, deletes there. Lists of folders go first, since they promise their files. */

import { type Call } from '../../base/cancel';
import { type HashName } from '../cache/cache';
import { type Unused } from '../cache/collect';
import { objectKey } from '../cache/layout';
import { StrataError } from '../errors';
import { openRemote, remoteName, type Leftover, type Remote } from '../remotes/remotes';
import { type GcArgs } from '../verbs/upkeep';
import { type Task } from './task';

/** What a remote has that nobody needs. */
export interface RemoteSurvey {
  readonly remote: Remote;
  readonly unused: readonly Unused[];
  /** Keys of temporaries that a killed upload left, older than a day. */
  readonly leftovers: readonly string[];
}

/** A temporary is nobody's any more after so long, in milliseconds: uploads that are under way may be another's. */
const ABANDONED_MS = 24 * 3_600_000;

/**
 * Opens remotes by name (`''`: the default one, or the one asked for) that are not open yet. With `--remote` there is only that one. Fails with
 * `remotes.none` and as `openRemote`, and for `--cloud` with `remotes.cannotList` {name}.
 */
export async function openRemotes(
  task: Task,
  args: GcArgs,
  open: Map<string, Remote>,
  names: readonly string[],
): Promise<void> {
  const { config, host } = task.repo;
  const main = remoteName(config, args.remote);
  for (const name of names) {
    const real = name === '' ? main : name;
    const key = real === main ? '' : real;
    if (open.has(key) || (key !== '' && args.remote !== undefined)) continue;
    const remote = await openRemote(config, real, host, task.call);
    open.set(key, remote);
    if (args.cloud && !remote.list) throw new StrataError('remotes.cannotList', { name: real, url: remote.url });
  }
}

/** Where objects and results of runs lie: what else a folder holds is not ours. */
const PLACE = /^(?:(?:files\/md5\/)?[0-9a-f]{2}|runs\/[0-9a-f]{2}\/[0-9a-f]{64})\/[^/]+$/;
const KEY = /^(files\/md5\/)?([0-9a-f]{2})\/([0-9a-f]{30}(?:\.dir)?)$/;

/** What decides about what a remote holds. */
interface Survey {
  readonly keeps: (hash: string, hashName: HashName, size: () => number) => boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Lists a remote once and tells what may go. Only names of objects count: results of runs and foreign files stay. */
export async function surveyRemote(
  name: string,
  remote: Remote,
  { keeps, now }: Survey,
  call: Call,
): Promise<RemoteSurvey> {
  if (!remote.list) throw new StrataError('remotes.cannotList', { name, url: remote.url });
  const unused: Unused[] = [];
  const leftovers: string[] = [];
  const left = ({ key, modified }: Leftover): void => {
    if (now - modified > ABANDONED_MS && PLACE.test(key)) leftovers.push(key);
  };
  let seen = 0;
  for await (const file of remote.list('', call, left)) {
    const [, base, shelf = '', rest = ''] = KEY.exec(file.key) ?? [];
    if (rest === '') continue;
    seen += 1;
    if (seen % 1000 === 0) call.progress({ phase: 'progress.gcListing', done: seen, unit: 'files' });
    const hash = shelf + rest;
    const hashName = base === undefined ? 'md5-dos2unix' : 'md5';
    if (!keeps(hash, hashName, () => file.size ?? 0)) unused.push({ hash, hashName, size: file.size ?? 0 });
  }
  return { remote, unused, leftovers };
}

/** So many names go to the remote at once: it may ask in smaller parts. */
const STEP = 20_000;

/** Deletes what a survey found. Lists of folders are gone, all of them, before the first file is. */
export async function removeFromRemote(
  { remote, unused, leftovers }: RemoteSurvey,
  call: Call,
): Promise<{ removed: number; bytes: number }> {
  const done = { removed: 0, bytes: 0 };
  if (leftovers.length > 0) await remote.remove(leftovers, call);
  const lists = unused.filter(({ hash }) => hash.endsWith('.dir'));
  const files = unused.filter(({ hash }) => !hash.endsWith('.dir'));
  for (const part of [lists, files]) {
    for (let at = 0; at < part.length; at += STEP) {
      const step = part.slice(at, at + STEP);
      await remote.remove(
        step.map(({ hash, hashName }) => objectKey(hash, hashName)),
        call,
      );
      done.removed += step.length;
      done.bytes += step.reduce((sum, { size }) => sum + size, 0);
      const progress = { done: done.removed, total: unused.length, bytes: done.bytes } as const;
      call.progress({ phase: 'progress.gcRemoving', unit: 'files', ...progress });
    }
  }
  return done;
}
