/**
 * `move`: renames tracked data together with its `.dvc` file and its line in `.gitignore` (dvc.md §18). In an order that a crash cannot hurt:
 * the new pointer is there before the data moves, the old one goes last, and the same command again finishes what was begun.
 */

import { type Call } from '../../base/cancel';
import { basename, dirname, join, relative } from '../../base/paths';
import { errno, StrataError } from '../errors';
import { renderDvcFile, updateDvcFile, type DepEntry, type DvcFile } from '../formats/dvcFile';
import { type MoveAnswer, type MoveArgs } from '../verbs/upkeep';
import { collectProject } from './collect';
import { refuseOverlaps } from './graphCheck';
import { ignoreOutputs, refuseGitTracked, unignoreOutput } from './ignoreOutputs';
import { importHash } from './importHash';
import { noteLinks } from './links';
import { type DvcFileEntry, type Output, type ProjectFiles } from './model';
import { measureOutput, sameContent } from './outState';
import { deleteFile } from './deleteFile';
import { fromArgument, shown } from './paths';
import { guardPlace } from './placement';
import { absolute, type Repo } from './repo';
import { refuseHidden } from './saveOutput';
import { requireLoaded } from './select';
import { startTask, type Task } from './task';
import { autostage, refuseBusy, whileLocked } from './writing';

/**
 * Moves data that a `.dvc` file tracks. Fails with `data.notTracked`, `data.madeByStage`, `move.noFolder` {path}, `move.exists` {path},
 * `move.otherDisk` {path, to} and the guards of places.
 */
export async function move(repo: Repo, args: MoveArgs, call: Call): Promise<MoveAnswer> {
  const task = startTask(repo, call);
  return whileLocked(task, async () => {
    const plan = await planMove(task, args);
    await refuseBusy(task, [plan.output.path, plan.to]);
    const changed = new Set<string>();
    if (repo.git) for (const file of await ignoreOutputs(repo, [plan.to])) changed.add(file);
    await carryOut(task, plan, changed);
    await noteLinks(repo, [plan.to]);
    await autostage(task, [...changed]);
    return {
      from: shown(repo, plan.output.path),
      to: shown(repo, plan.to),
      file: shown(repo, plan.file),
      files: [...changed].map((path) => shown(repo, path)),
    };
  });
}

interface MovePlan {
  readonly output: Output;
  readonly entry: DvcFileEntry;
  /** Where the data goes, from the root. */
  readonly to: string;
  /** The `.dvc` file afterwards. */
  readonly file: string;
  /** Its text. */
  readonly text: string;
  /** Whether data lies at the old place. */
  readonly hasData: boolean;
}

async function planMove(task: Task, args: MoveArgs): Promise<MovePlan> {
  const { repo } = task;
  const [source = '', target = ''] = args.targets;
  const files = await collectProject(repo, task.call);
  requireLoaded(files);
  const from = fromArgument(repo, source);
  const { output, entry } = trackedBy(repo, files, from, source);
  const hasData = (await repo.host.fs.lstat(absolute(repo, from))) !== undefined;
  const planTo = (to: string): MovePlan => ({ output, entry, to, ...nextPointer(repo, entry, output, to), hasData });
  const named = fromArgument(repo, target);
  const plan = (await wasBegun(task, planTo(named))) ? planTo(named) : planTo(await destination(task, from, target));
  await checkTarget(task, files, plan);
  return plan;
}

function trackedBy(
  repo: Repo,
  files: ProjectFiles,
  from: string,
  typed: string,
): { readonly output: Output; readonly entry: DvcFileEntry } {
  const output = files.outputs.find((one) => one.path === from);
  if (!output) throw new StrataError('move.notTracked', { path: typed });
  const entry = files.dvcFiles.find((one) => one.path === output.file);
  if (entry) return { output, entry };
  throw new StrataError('move.madeByStage', {
    path: shown(repo, from),
    stage: output.stage,
    file: shown(repo, output.file),
  });
}

/** The full new path; a folder that is there means a place in it. */
async function destination(task: Task, from: string, target: string): Promise<string> {
  const { repo } = task;
  const named = fromArgument(repo, target);
  const isFolder = (await repo.host.fs.stat(absolute(repo, named)))?.kind === 'folder';
  const to = isFolder ? join(named, basename(from)) : named;
  const folder = dirname(to);
  if (target.endsWith('/') && !isFolder) throw new StrataError('move.noFolder', { path: target });
  if ((await repo.host.fs.stat(absolute(repo, folder)))?.kind !== 'folder')
    throw new StrataError('move.noFolder', { path: shown(repo, folder) });
  return to;
}

/** The `.dvc` file after the move. One that is named after the data moves along and is written afresh; of any other only the path changes. */
function nextPointer(
  repo: Repo,
  entry: DvcFileEntry,
  output: Output,
  to: string,
): { readonly file: string; readonly text: string } {
  const own = basename(entry.path) === `${basename(output.path)}.dvc` && entry.file.outs.length === 1;
  const file = own ? `${to}.dvc` : entry.path;
  const folder = own ? join(repo.root, dirname(to)) : join(repo.root, dirname(entry.path), entry.file.wdir);
  const declared = relative(folder, absolute(repo, to));
  const outs = entry.file.outs.map((out) => (out.path === output.declared ? { ...out, path: declared } : out));
  const before = join(repo.root, dirname(entry.path), entry.file.wdir);
  const deps = own ? entry.file.deps.map((dep) => seenFrom(dep, before, folder)) : entry.file.deps;
  const moved: DvcFile = { ...entry.file, ...(own ? { wdir: '.' } : {}), outs, deps };
  const next = entry.file.md5 === undefined ? moved : { ...moved, md5: importHash(moved) };
  return { file, text: own ? renderDvcFile(next) : updateDvcFile(entry.text, entry.path, next) };
}

/** A dependency as another folder names it; what another repository or a URL holds keeps its name. */
function seenFrom(dep: DepEntry, before: string, now: string): DepEntry {
  if (dep.repo !== undefined || dep.path.startsWith('/') || /^[a-z][\w+.-]*:\/\//i.test(dep.path)) return dep;
  return { ...dep, path: relative(now, join(before, dep.path)) };
}

async function checkTarget(task: Task, files: ProjectFiles, plan: MovePlan): Promise<void> {
  const { repo } = task;
  const { output, to, file } = plan;
  const { fs } = repo.host;
  if (to === output.path) throw new StrataError('move.exists', { path: shown(repo, to) });
  await guardPlace(repo, to);
  const isFolder = output.recorded?.hash.endsWith('.dir') === true;
  await refuseHidden(task, to, isFolder);
  await refuseGitTracked(repo, [to]);
  const isWritten = await hasPointer(task, plan);
  if (file !== output.file && !isWritten && (await fs.lstat(absolute(repo, file))))
    throw new StrataError('move.exists', { path: shown(repo, file) });
  if ((await fs.lstat(absolute(repo, to))) && !(await wasBegun(task, plan)))
    throw new StrataError('move.exists', { path: shown(repo, to) });
  const others = files.outputs.filter((one) => one !== output && !(isWritten && one.path === to));
  refuseOverlaps([...others, { ...output, path: to }]);
}

/** The new pointer is there already and says what it shall. */
async function hasPointer(task: Task, { entry, file, text }: MovePlan): Promise<boolean> {
  const { repo } = task;
  return file !== entry.path && (await repo.host.fs.readText(absolute(repo, file))) === text;
}

/**
 * What lies at the new place was put there by the same command, which did not come to its end: nothing is left at the old one, and the new
 * pointer is there, or the data is what is recorded.
 */
async function wasBegun(task: Task, plan: MovePlan): Promise<boolean> {
  const { repo } = task;
  const { output, to, hasData } = plan;
  if (hasData || to === output.path || !(await repo.host.fs.lstat(absolute(repo, to)))) return false;
  if (await hasPointer(task, plan)) return true;
  return plan.file === output.file && sameContent(output.recorded, await measureOutput(task, { ...output, path: to }));
}

async function carryOut(task: Task, plan: MovePlan, changed: Set<string>): Promise<void> {
  const { repo } = task;
  const { output, entry, to, file, text } = plan;
  const { fs } = repo.host;
  const renamed = file !== entry.path;
  if (renamed && (await fs.readText(absolute(repo, file))) !== text) await fs.writeAtomic(absolute(repo, file), text);
  if (plan.hasData) await rename(repo, output.path, to);
  const unignored = await unignoreOutput(repo, output.path);
  if (unignored !== undefined) changed.add(unignored);
  changed.add(file);
  if (!renamed) await fs.writeAtomic(absolute(repo, file), text);
  else {
    changed.add(entry.path);
    await deleteFile(repo, entry.path);
  }
}

async function rename(repo: Repo, from: string, to: string): Promise<void> {
  try {
    await repo.host.fs.rename(absolute(repo, from), absolute(repo, to));
  } catch (error) {
    if (errno(error) !== 'EXDEV') throw error;
    throw new StrataError('move.otherDisk', { path: shown(repo, from), to: shown(repo, to) }, { cause: error });
  }
}
