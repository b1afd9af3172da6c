/** `import-url`: a file or folder from a path or URL, tracked with where it came from (formats §19). */

import { type Call } from '../../../base/cancel';
import { dirname, isInside, relative } from '../../../base/paths';
import { StrataError } from '../../errors';
import { type DepEntry } from '../../formats/dvcFile';
import { dict, type Dict, type Scalar, type Value } from '../../formats/values';
import { withoutSecrets } from '../../git/clone';
import { openRemote, remoteName, schemeOf } from '../../remotes/remotes';
import { pushObjects } from '../../remotes/transfer';
import { type ImportAnswer, type ImportUrlArgs } from '../../verbs/imports';
import { type Measured } from '../model';
import { fromArgument, shown } from '../paths';
import { absolute, type Repo } from '../repo';
import { startTask, type Task } from '../task';
import { autostage, whileLocked } from '../writing';
import { begin } from './begun';
import { goalOf, importFile, importRecord, puttingOf, putThere, recordImport, type Goal } from './goal';
import { openSource, type Source, type SourceFacts } from './sources';

/** Imports. Fails with `import.noSource`, `import.exists` and the like before anything is written. */
export async function importUrl(repo: Repo, args: ImportUrlArgs, call: Call): Promise<ImportAnswer> {
  refuseMixed(args);
  const task = startTask(repo, call);
  const [url = '', out] = args.targets;
  return whileLocked(task, async () => {
    const goal = await goalOf(task, { named: url, source: url, out, force: args.force === true });
    refuseItself(repo, url, goal);
    const declared = declaredUrl(repo, url, dirname(goal.path));
    const settings = pairs(args.fsConfig ?? []);
    const bare: DepEntry = { path: declared, hashName: 'md5', extra: extraOf(settings) };
    const brought = args.noExec ? undefined : await bringIt(task, args, goal, { declared, settings });
    const dep = brought ? withFacts(bare, brought.facts) : { ...bare, hashField: 'md5' };
    const content = brought?.content;
    const record = { dep, hashed: brought !== undefined, ...(content ? { out: importRecord(content) } : {}) };
    const changed = await recordImport(task, goal, importFile(goal, record), args.toRemote ? undefined : content);
    await autostage(task, changed);
    return {
      path: shown(repo, goal.path),
      file: shown(repo, goal.file),
      source: withoutSecrets(url),
      ...factsOf(content),
      files: changed.map((path) => shown(repo, path)),
    };
  });
}

function refuseMixed(args: ImportUrlArgs): void {
  if (args.toRemote && (args.noExec || args.noDownload))
    throw new StrataError('import.mixed', { a: '--to-remote', b: args.noExec ? '--no-exec' : '--no-download' });
  if (args.noExec && args.noDownload) throw new StrataError('import.mixed', { a: '--no-exec', b: '--no-download' });
  if (args.remote !== undefined && !args.toRemote) throw new StrataError('import.remoteAlone', {});
}

/** Fails with `import.itself` when a path would be imported into itself, or into what lies in it. */
function refuseItself(repo: Repo, url: string, goal: Goal): void {
  if (schemeOf(url) !== '') return;
  const path = fromArgument(repo, url);
  if (isInside(goal.path, path) || isInside(path, goal.path) || isInside(repo.root, path))
    throw new StrataError('import.itself', { url, path: shown(repo, goal.path) });
}

/** How the `.dvc` file in the folder `wdir` names a source: as given, but seen from there where that differs (formats §19). */
function declaredUrl(repo: Repo, url: string, wdir: string): string {
  if (schemeOf(url) !== '' || url.startsWith('~')) return url;
  const path = fromArgument(repo, url);
  if (!path.startsWith('/')) return relative(wdir, path);
  return url.startsWith('/') || wdir === repo.cwd ? url : relative(absolute(repo, wdir), path);
}

interface Declared {
  readonly declared: string;
  readonly settings: Dict;
}

async function bringIt(
  task: Task,
  args: ImportUrlArgs,
  goal: Goal,
  { declared, settings }: Declared,
): Promise<{ readonly facts: SourceFacts; readonly content?: Measured }> {
  const options = dict([...settings, ['jobs', args.jobs === undefined ? undefined : String(args.jobs)]]);
  const source = await openSource(task, declared, dirname(goal.path), options);
  try {
    if (args.noDownload) return { facts: await needFacts(source, declared) };
    const brought = await source.bring();
    if (args.toRemote) await sendOn(task, args.remote, brought.content, goal.path);
    else {
      await begin(task.repo, { path: goal.path, source: args.targets[0] ?? '' });
      await putThere(task, goal.path, brought.content, puttingOf(goal, args.force === true));
    }
    return brought;
  } finally {
    await source.close();
  }
}

/** What a source is now. Fails with `import.noSource`. */
export async function needFacts(source: Source, url: string): Promise<SourceFacts> {
  const facts = await source.facts();
  if (!facts) throw new StrataError('import.noSource', { url: withoutSecrets(url) });
  return facts;
}

/** Copies what was brought to a remote; fails with the first thing that did not get there. */
export async function sendOn(task: Task, name: string | undefined, content: Measured, path: string): Promise<void> {
  const { repo, call } = task;
  const remote = await openRemote(repo.config, remoteName(repo.config, name), repo.host, call);
  try {
    const wanted = [{ hash: content.hash, hashName: content.hashName, path: shown(repo, path) }];
    const { failed } = await pushObjects({ store: repo.store, remote }, wanted, call);
    if (failed[0]) throw failed[0].error;
  } finally {
    await remote.close();
  }
}

/** A dependency with what its source is. */
export function withFacts(dep: DepEntry, facts: SourceFacts): DepEntry {
  const { path, extra, repo } = dep;
  return { path, extra, ...(repo ? { repo } : {}), hashField: 'md5', ...facts };
}

/** Facts of content as answers have them. */
export function factsOf(content: Measured | undefined): Pick<ImportAnswer, 'hash' | 'size' | 'nfiles'> {
  if (!content) return {};
  const { hash, size, nfiles } = content;
  return { hash, size, ...(nfiles === undefined ? {} : { nfiles }) };
}

/** `name=value` words as settings. Fails with `import.badSetting`. */
export function pairs(list: readonly string[]): Dict {
  return new Map<Scalar, Value>(
    list.map((word) => {
      const cut = word.indexOf('=');
      if (cut < 1) throw new StrataError('import.badSetting', { setting: word });
      return [word.slice(0, cut), word.slice(cut + 1)];
    }),
  );
}

function extraOf(settings: Dict): Dict {
  return settings.size === 0 ? new Map() : new Map([['fs_config', settings]]);
}
