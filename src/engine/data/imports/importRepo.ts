/** `import`: a file or folder of another repository at a commit, tracked with where it came from (formats §19). */

import { type Call } from '../../../base/cancel';
import { dirname, join } from '../../../base/paths';
import { StrataError } from '../../errors';
import { type DepEntry, type RepoSource } from '../../formats/dvcFile';
import { type Scalar, type Value } from '../../formats/values';
import { checkRepoUrl, withoutSecrets } from '../../git/clone';
import { type ImportAnswer, type ImportArgs, type SourceArgs } from '../../verbs/imports';
import { type Measured } from '../model';
import { shown } from '../paths';
import { absolute, type Repo } from '../repo';
import { startTask, type Task } from '../task';
import { autostage, whileLocked } from '../writing';
import { bring } from './bring';
import { begin } from './begun';
import { goalOf, importFile, importRecord, puttingOf, putThere, recordImport } from './goal';
import { factsOf, pairs } from './importUrl';
import { OtherFiles } from './otherFiles';
import { type Near } from './otherRepo';

/** Imports. Fails with `import.noPath`, `import.exists` and the like before anything is written. */
export async function importRepo(repo: Repo, args: ImportArgs, call: Call): Promise<ImportAnswer> {
  if (args.noExec && args.noDownload) throw new StrataError('import.mixed', { a: '--no-exec', b: '--no-download' });
  const task = startTask(repo, call);
  const [url = '', path = ''] = args.targets;
  const force = args.force === true;
  return whileLocked(task, async () => {
    const asked = `${url} ${path} ${args.rev ?? ''}`;
    const goal = await goalOf(task, { named: path, source: asked, out: args.out, force });
    const source = sourceOf(url, args);
    const bare: DepEntry = { path, hashName: 'md5', extra: new Map(), repo: source };
    const near = nearProject(task, dirname(goal.path));
    const found = args.noExec ? undefined : await bringFrom(task, near, bare, args.noDownload !== true);
    const content = found?.content;
    if (content) {
      await begin(repo, { path: goal.path, source: asked });
      await putThere(task, goal.path, content, puttingOf(goal, force));
    }
    const dep = found ? { ...bare, repo: { ...source, revLock: found.commit } } : bare;
    const record = { dep, hashed: found !== undefined, ...(content ? { out: importRecord(content) } : {}) };
    const changed = await recordImport(task, goal, importFile(goal, record), content);
    await autostage(task, changed);
    return {
      path: shown(repo, goal.path),
      file: shown(repo, goal.file),
      source: `${path} (${withoutSecrets(url)})`,
      ...factsOf(content),
      ...(found ? { rev: found.commit } : {}),
      files: changed.map((file) => shown(repo, file)),
    };
  });
}

/** The source as a `.dvc` file names it. */
export function sourceOf(url: string, args: SourceArgs): RepoSource {
  checkRepoUrl(url);
  const { rev, remote, config } = args;
  const options = args.remoteConfig && args.remoteConfig.length > 0 ? pairs(args.remoteConfig) : undefined;
  const base = { url, ...(rev === undefined ? {} : { rev }) };
  if (!options) {
    return { ...base, ...(config === undefined ? {} : { config }), ...(remote === undefined ? {} : { remote }) };
  }
  if (remote === undefined) return { ...base, ...(config === undefined ? {} : { config }), remote: options };
  if (config !== undefined) throw new StrataError('import.mixed', { a: '--config', b: '--remote-config' });
  const settings = new Map<Scalar, Value>([
    ['core', new Map([['remote', remote]])],
    ['remote', new Map<Scalar, Value>([[remote, options]])],
  ]);
  return { ...base, config: settings };
}

/** Where the addresses of a project's imports start: the folder of the call, the root, the folder of the `.dvc` file. */
export function nearProject(task: Task, folder: string): Near {
  const { repo, call } = task;
  const bases = [...new Set([absolute(repo, repo.cwd), repo.root, absolute(repo, folder)])];
  return { host: repo.host, call, bases, scratch: join(repo.root, '.dvc/tmp/strata/imports') };
}

/**
 * Looks a dependency up in its repository, at `rev` unless its own revision counts, and stores what it stands for. Without `data` only that it is
 * there is looked at.
 */
export async function bringFrom(
  task: Task,
  near: Near,
  dep: DepEntry,
  data: boolean,
  rev = dep.repo?.rev,
): Promise<{ readonly commit: string; readonly content?: Measured }> {
  const files = await OtherFiles.open(task, near, { dep, rev });
  try {
    const { commit } = files.other;
    if (data) return { commit, content: await bring(task, await files.find(dep.path)) };
    await files.expect(dep.path);
    return { commit };
  } finally {
    await files.close();
  }
}
