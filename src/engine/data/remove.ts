/**
 * `remove`: a `.dvc` file or a stage is no longer tracked (dvc.md §18). Data stays in the workspace as files of its own unless `outs` asks for it
 * to go, and then never what no cache holds without `force`. What declares a stage goes last, so that the same command finishes what was begun.
 */

import { Cancelled, isCancelled, type Call } from '../../base/cancel';
import { dirname, join } from '../../base/paths';
import { StrataError } from '../errors';
import { parseDvcLock, removeLockEntry } from '../formats/dvcLock';
import { type RemoveAnswer, type RemoveArgs } from '../verbs/upkeep';
import { collectProject } from './collect';
import { deleteFile } from './deleteFile';
import { unignoreOutput } from './ignoreOutputs';
import { type Output } from './model';
import { planRestore } from './restoreOutput';
import { gitPath, shown, shownStage } from './paths';
import { removeOutput } from './removeOutput';
import { absolute, type Repo } from './repo';
import { requireLoaded } from './select';
import { editStage, stageEntries, type StageEntry } from './stageEntries';
import { stageName } from './outputs';
import { startTask, type Task } from './task';
import { unprotectOutput } from './unprotect';
import { autostage, refuseBusy, whileLocked } from './writing';

/**
 * Stops tracking. Everything is checked first. Fails as `stageEntries`, and with `remove.unsaved` {path, n} when data would be lost and nobody
 * agreed.
 */
export async function remove(repo: Repo, args: RemoveArgs, call: Call): Promise<RemoveAnswer> {
  const task = startTask(repo, call);
  return whileLocked(task, async () => {
    const files = await collectProject(repo, call);
    requireLoaded(files);
    const entries = new Map<string, StageEntry>();
    for (const target of args.targets) {
      for (const entry of await stageEntries(repo, files, target)) entries.set(nameOf(entry), entry);
    }
    const outs = [...entries.values()].flatMap((entry) => entry.outs);
    await refuseBusy(
      task,
      outs.map((output) => output.path),
    );
    if (args.outs && !args.force) await confirmLoss(task, outs);
    const answer: RemoveAnswer = { removed: [], deleted: [], files: [] };
    const changed = new Set<string>();
    for (const entry of entries.values()) {
      for (const output of entry.outs) await release(task, output, { args, changed, deleted: answer.deleted });
      await forget(repo, entry, changed);
      answer.removed.push(shownStage(repo, entry.file, nameOf(entry)));
    }
    await autostage(task, [...changed]);
    return { ...answer, files: [...changed].map((path) => shown(repo, path)) };
  });
}

function nameOf({ file, name }: StageEntry): string {
  return name === undefined ? file : stageName(file, name);
}

/** Lets go of an output: its data, and its line in `.gitignore`. */
async function release(
  task: Task,
  output: Output,
  what: { readonly args: RemoveArgs; readonly changed: Set<string>; readonly deleted: string[] },
): Promise<void> {
  const { repo } = task;
  if (isElsewhere(output.path)) return;
  const there = (await repo.host.fs.lstat(absolute(repo, output.path))) !== undefined;
  if (there && what.args.outs) {
    await removeOutput(task, output.path);
    await repo.host.fs.syncFolder(absolute(repo, dirname(output.path)));
    what.deleted.push(shown(repo, output.path));
  } else if (there && output.cache) await unprotectOutput(task, output.path);
  const file = output.cache ? await unignoreOutput(repo, output.path) : undefined;
  if (file !== undefined) what.changed.add(file);
}

/** Outside the project, where nothing is touched. */
function isElsewhere(path: string): boolean {
  return path.startsWith('/') || path.startsWith('../') || path.includes('://');
}

/** Asks before data goes that no cache holds and Git does not have as it is. */
async function confirmLoss(task: Task, outs: readonly Output[]): Promise<void> {
  const { repo, call } = task;
  const lost: string[] = [];
  for (const output of outs) {
    if (isElsewhere(output.path) || (!output.cache && (await isInGit(repo, output.path)))) continue;
    const plan = await planRestore(task, { path: output.path });
    lost.push(...plan.unsaved.map((path) => shown(repo, path)));
  }
  const [path = ''] = lost;
  if (lost.length === 0) return;
  const question = {
    kind: 'confirm',
    code: 'removeUnsaved',
    data: { path, n: lost.length },
    choices: ['cancel', 'yes'],
    items: lost,
  } as const;
  const answer = await call.ask(question).catch((error: unknown) => {
    if (isCancelled(error)) throw error;
    throw new StrataError('remove.unsaved', { path, n: lost.length, paths: lost }, { cause: error });
  });
  if (answer !== 'yes') throw new Cancelled();
}

async function isInGit(repo: Repo, path: string): Promise<boolean> {
  const { git } = repo;
  if (!git || !(await git.isTracked(gitPath(git, path)))) return false;
  const changes = await git.changes();
  return !changes.some((one) => one.path === gitPath(git, path) || one.path.startsWith(`${gitPath(git, path)}/`));
}

/** Takes the stage out of its files: dvc.lock first, then what declares it. */
async function forget(repo: Repo, { file, name }: StageEntry, changed: Set<string>): Promise<void> {
  const { fs } = repo.host;
  if (name === undefined) {
    changed.add(file);
    return deleteFile(repo, file);
  }
  const lock = join(dirname(file), 'dvc.lock');
  const locked = await fs.readText(absolute(repo, lock));
  if (locked !== undefined) {
    const next = withoutEntry(locked, lock, name);
    if (next !== locked) changed.add(lock);
    await replace(repo, lock, locked, next);
  }
  const text = await fs.readText(absolute(repo, file));
  changed.add(file);
  if (text !== undefined)
    await replace(
      repo,
      file,
      text,
      editStage(text, file, name, () => undefined),
    );
}

/** The dvc.lock without a stage; undefined when that was all it held. */
function withoutEntry(text: string, path: string, name: string): string | undefined {
  const lock = parseDvcLock(text, path);
  const isAll = lock.stages.size === 1 && lock.stages.has(name) && lock.datasets === undefined;
  return isAll ? undefined : removeLockEntry(text, path, name);
}

async function replace(repo: Repo, path: string, before: string, next: string | undefined): Promise<void> {
  if (next === before) return;
  if (next === undefined) await deleteFile(repo, path);
  else await repo.host.fs.writeAtomic(absolute(repo, path), next);
}
