/** `unprotect`: what lies at a path becomes the user's own: links into the cache turn into files that may be written to (dvc.md §4.3). */

import { type Call } from '../../base/cancel';
import { StrataError } from '../errors';
import { type PathsArgs, type UnprotectAnswer } from '../verbs/upkeep';
import { listFolder } from './listFolder';
import { fromArgument, shown } from './paths';
import { guardName } from './placement';
import { absolute, type Repo } from './repo';
import { startTask, type Task } from './task';
import { refuseBusy, whileLocked } from './writing';

/** Makes paths writable. Everything is checked first. Fails with `data.missing` {path}, `data.outside`. */
export async function unprotect(repo: Repo, args: PathsArgs, call: Call): Promise<UnprotectAnswer> {
  const task = startTask(repo, call);
  return whileLocked(task, async () => {
    const paths = args.targets.map((target) => fromArgument(repo, target));
    for (const path of paths) {
      guardName(repo, path);
      if (!(await repo.host.fs.stat(absolute(repo, path))))
        throw new StrataError('data.missing', { path: shown(repo, path) });
    }
    await refuseBusy(task, paths);
    let unprotected = 0;
    for (const path of paths) unprotected += await unprotectOutput(task, path);
    return { unprotected };
  });
}

/** Turns what lies at a path (from the root) into files of its own; one that is absent is fine. Answers how many files changed. */
export async function unprotectOutput(task: Task, path: string): Promise<number> {
  const { host, store } = task.repo;
  const stat = await host.fs.stat(absolute(task.repo, path));
  if (!stat) return 0;
  if (stat.kind !== 'folder') return store.ownFiles([absolute(task.repo, path)], task.call);
  const files = await listFolder(task, path);
  return store.ownFiles(
    files.map((file) => absolute(task.repo, `${path}/${file.relpath}`)),
    task.call,
  );
}
