/** What every act that writes goes through: DVC's repository lock, a look at its path locks, and staging for Git when configured. */

import { join } from '../../base/paths';
import { withRepoLock } from '../cache/locks';
import { checkPaths } from '../cache/rwlock';
import { StrataError } from '../errors';
import { configBool } from '../formats/dvcConfig';
import { gitPath } from './paths';
import { absolute } from './repo';
import { type Task } from './task';

/** Runs `act` while holding the repository lock. Fails with `data.notTrusted` in a workspace that may not be written. */
export async function whileLocked<T>(task: Task, act: () => Promise<T>): Promise<T> {
  const { repo, call } = task;
  if (!repo.trusted) throw new StrataError('data.notTrusted', { path: repo.root });
  const hardlink = configBool(repo.config, 'core', 'hardlink_lock', false);
  return withRepoLock(join(repo.root, '.dvc'), { command: repo.command, hardlink, signal: call.signal }, act);
}

/** Fails with `lock.paths` when a running stage of another process reads or writes one of these paths (from the root). */
export async function refuseBusy(task: Task, paths: readonly string[]): Promise<void> {
  const write = paths.map((path) => absolute(task.repo, path));
  // Process 0 is nobody: whoever has registered a path is in the way, a run of this very process too.
  const blocker = await checkPaths(join(task.repo.root, '.dvc'), { read: [], write }, 0);
  if (blocker) throw new StrataError('lock.paths', { path: blocker.path, pid: blocker.pid, cmd: blocker.cmd });
}

/** Hands changed files (from the root) to Git's index when `core.autostage` is on; deleted ones too, where Git has them. */
export async function autostage(task: Task, files: readonly string[]): Promise<void> {
  const { git, config, host } = task.repo;
  if (!git || files.length === 0 || !configBool(config, 'core', 'autostage', false)) return;
  const known: string[] = [];
  for (const file of files) {
    const there = (await host.fs.lstat(absolute(task.repo, file))) !== undefined;
    if (there || (await git.isTracked(gitPath(git, file)))) known.push(gitPath(git, file));
  }
  if (known.length > 0) await git.stage(known);
}
