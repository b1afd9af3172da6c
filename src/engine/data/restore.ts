/**
 * `restore`: puts an earlier version of a path into the workspace. What was there goes into the cache first and is named by an undo
 * (`.dvc/tmp/strata/undo/`, strata-files.md), so that nothing is lost; `--undo` takes the last restore back.
 */

import { type Call } from '../../base/cancel';
import { compareCodePoints } from '../../base/paths';
import { StrataError } from '../errors';
import { type RestoreAnswer, type RestoreArgs } from '../verbs/data';
import { folderOf } from './measure';
import { type Recorded } from './model';
import { readFolder } from './outState';
import { fromArgument, fromRoot, shown } from './paths';
import { recordOf } from './pointer';
import { absolute, type Repo } from './repo';
import { applyRestore, planRestore, type RestorePlan } from './restoreOutput';
import { saveList, saveOutput } from './saveOutput';
import { startTask, type Task } from './task';
import { filesAt, requireGit, resolveCommit, versionOf } from './versions';
import { refuseBusy, whileLocked } from './writing';

const FOLDER = '.dvc/tmp/strata/undo';

/** A kept state, as its file holds it. */
interface Undo {
  readonly schema: 1;
  /** From the root. */
  readonly path: string;
  /** ISO 8601. */
  readonly time: string;
  /** The commit that was restored; absent for the undo of an undo. */
  readonly from?: string;
  /** What was there; absent when nothing was. */
  readonly before?: Recorded;
}

/** Restores a version, or takes a restore back. Fails with `data.noVersion`, `data.versionNotCached`, `restore.noUndo`. */
export async function restore(repo: Repo, args: RestoreArgs, call: Call): Promise<RestoreAnswer> {
  const task = startTask(repo, call);
  const act = (): Promise<RestoreAnswer> => (args.undo ? takeBack(task, args) : restoreFrom(task, args));
  return args.dry ? act() : whileLocked(task, act);
}

async function restoreFrom(task: Task, args: RestoreArgs): Promise<RestoreAnswer> {
  const [target] = args.targets;
  if (target === undefined || args.from === undefined) throw new StrataError('restore.noTarget', {});
  const path = fromArgument(task.repo, target);
  const sha = await resolveCommit(requireGit(task), args.from);
  const version = await findVersion(task, path, sha);
  if (!version) throw new StrataError('data.noVersion', { path: shown(task.repo, path), rev: args.from });
  return putInPlace(task, { path, version, from: sha }, args.dry === true);
}

/** The record of a path at a commit; a folder inside a tracked folder gets a list of its own. */
async function findVersion(task: Task, path: string, sha: string): Promise<Recorded | undefined> {
  const found = await versionOf(task, await filesAt(task, sha), path);
  if (!found?.output.recorded || found.version) return found?.version;
  const { hash, hashName } = found.output.recorded;
  const start = `${found.below}/`;
  const entries = (await readFolder(task, hash, hashName))?.filter((entry) => entry.relpath.startsWith(start));
  if (!entries || entries.length === 0) return undefined;
  const folder = folderOf(
    entries.map((entry) => ({ ...entry, relpath: entry.relpath.slice(start.length) })),
    hashName,
  );
  await saveList(task, folder);
  return { hash: folder.hash, hashName };
}

/** The undo named, or the newest of all. */
async function takeBack(task: Task, args: RestoreArgs): Promise<RestoreAnswer> {
  const ids = await undoIds(task.repo);
  const id = args.targets[0] ?? ids.at(-1);
  if (id === undefined || !ids.includes(id)) throw new StrataError('restore.noUndo', { undo: id ?? '' });
  const undo = await readUndo(task.repo, id);
  const answer = await putInPlace(
    task,
    { path: undo.path, ...(undo.before ? { version: undo.before } : {}) },
    args.dry === true,
  );
  if (!args.dry) await task.repo.host.fs.unlink(undoFile(task.repo, id));
  return answer;
}

interface Wish {
  readonly path: string;
  readonly version?: Recorded;
  readonly from?: string;
}

async function putInPlace(task: Task, wish: Wish, dry: boolean): Promise<RestoreAnswer> {
  const { repo } = task;
  const plan = await planRestore(task, wish);
  requireCached(task, plan, wish);
  const answer = {
    added: Array.from({ length: plan.added.length }, (_, n) => shown(repo, plan.added.at(n) ?? '')),
    modified: plan.modified.map((path) => shown(repo, path)),
    deleted: plan.remove.map((path) => shown(repo, path)),
  };
  if (dry) return answer;
  await refuseBusy(task, [wish.path]);
  const kept = await keep(task, wish);
  const [failed] = await applyRestore(task, plan);
  if (failed) throw failed.error;
  return { ...answer, kept };
}

/** Every object must be there before the first file changes. */
function requireCached(task: Task, plan: RestorePlan, wish: Wish): void {
  const { repo } = task;
  const missing = plan.write.find((file) => !repo.store.has(file.hash, file.hashName));
  if (!missing) return;
  const path = shown(repo, fromRoot(repo.root, missing.path));
  throw new StrataError('data.versionNotCached', { path, hash: missing.hash, rev: wish.from ?? '' });
}

/** Takes the present state into the cache and writes down how to get it back. Answers the undo's name. */
async function keep(task: Task, wish: Wish): Promise<string> {
  const { repo } = task;
  const there = await repo.host.fs.lstat(absolute(repo, wish.path));
  const before = there ? await present(task, wish.path) : undefined;
  const now = new Date(repo.host.now()).toISOString();
  const id = `${now.replace(/\D/g, '').slice(0, 17)}-${repo.host.randomHex(2)}`;
  const undo: Undo = {
    schema: 1,
    path: wish.path,
    time: now,
    ...(wish.from === undefined ? {} : { from: wish.from }),
    ...(before ? { before } : {}),
  };
  await repo.host.fs.writeAtomic(undoFile(repo, id), `${JSON.stringify(undo, null, 2)}\n`);
  return id;
}

async function present(task: Task, path: string): Promise<Recorded> {
  return recordOf(await saveOutput(task, path));
}

function undoFile(repo: Repo, id: string): string {
  return absolute(repo, `${FOLDER}/${id}.json`);
}

async function undoIds(repo: Repo): Promise<string[]> {
  const entries = (await repo.host.fs.readdir(absolute(repo, FOLDER))) ?? [];
  const names = entries.map((entry) => entry.name).filter((name) => /^\d{17}-[0-9a-f]+\.json$/.test(name));
  return names.map((name) => name.slice(0, -'.json'.length)).sort(compareCodePoints);
}

/** So long an undo keeps what it names. */
const KEPT_MS = 7 * 24 * 3600 * 1000;

/** What undos that are not older than seven days name, for whoever deletes objects. A broken undo names nothing. */
export async function keptByUndo(repo: Repo): Promise<{ readonly path: string; readonly before: Recorded }[]> {
  const kept: { path: string; before: Recorded }[] = [];
  for (const id of await undoIds(repo)) {
    const undo = await readUndo(repo, id).catch(() => undefined);
    if (undo?.before && isKept(repo, undo)) kept.push({ path: undo.path, before: undo.before });
  }
  return kept;
}

/** Forgets undos whose objects nobody keeps any longer. */
export async function dropOldUndos(repo: Repo): Promise<void> {
  for (const id of await undoIds(repo)) {
    const undo = await readUndo(repo, id).catch(() => undefined);
    if (undo && !isKept(repo, undo)) await repo.host.fs.unlink(undoFile(repo, id));
  }
}

function isKept(repo: Repo, undo: Undo): boolean {
  return !(Date.parse(undo.time) < repo.host.now() - KEPT_MS);
}

async function readUndo(repo: Repo, id: string): Promise<Undo> {
  const text = await repo.host.fs.readText(undoFile(repo, id));
  try {
    const data = JSON.parse(text ?? '') as Partial<Undo>;
    if (data.schema === 1 && typeof data.path === 'string') return data as Undo;
  } catch {
    // Told below: a broken file is no undo.
  }
  throw new StrataError('restore.badUndo', { path: `${FOLDER}/${id}.json` });
}
