/**
 * `add`: tracks files and folders (dvc.md §4–§8, §18). Contents go into the cache first, then `.gitignore`, then the `.dvc` file. A path
 * that is tracked already is recorded anew; a path inside a tracked folder changes only that part of the folder's list.
 */

import { type Call } from '../../base/cancel';
import { basename, isInside } from '../../base/paths';
import { StrataError } from '../errors';
import { type DirEntry } from '../cache/cache';
import { type DvcFile } from '../formats/dvcFile';
import { type AddAnswer, type AddArgs } from '../verbs/data';
import { collectProject } from './collect';
import { refuseOverlaps } from './graphCheck';
import { ignoreOutputs, refuseGitTracked } from './ignoreOutputs';
import { stamped } from './importHash';
import { noteLinks } from './links';
import { type Output, type ProjectFiles } from './model';
import { isCached, measureOutput, sameContent } from './outState';
import { recordedOf } from './outputs';
import { fromArgument, shown } from './paths';
import { guardName, guardPlace, refuseTwins } from './placement';
import {
  newDvcFile,
  readPointer,
  recordOf,
  recordOutput,
  requireObjects,
  writePointer,
  type NewRecord,
  type Pointer,
} from './pointer';
import { absolute, type Repo } from './repo';
import { saveInside } from './saveInside';
import { refuseHidden, saveOutput } from './saveOutput';
import { requireLoaded } from './select';
import { startTask, type Task } from './task';
import { autostage, refuseBusy, whileLocked } from './writing';

type Added = AddAnswer['added'][number];

/** A target understood. */
interface Target {
  /** From the root. */
  readonly path: string;
  readonly file: string;
  /** What tracks the path now. */
  readonly output?: Output;
  /** Only a part of that output. */
  readonly inside: boolean;
}

/** Tracks paths. Everything is checked before the first file is touched. Fails with `data.missing`, `data.trackedByGit`, `data.overlap` … */
export async function add(repo: Repo, args: AddArgs, call: Call): Promise<AddAnswer> {
  const task = startTask(repo, call);
  return whileLocked(task, async () => {
    const files = await collectProject(repo, call);
    requireLoaded(files);
    const targets = args.targets.map((target) => understand(repo, files, target, args));
    for (const target of targets) await check(task, target, args.force === true);
    checkGraph(files, targets);
    refuseTwins(
      repo,
      [...files.outputs, ...targets].map((one) => one.path),
    );
    await refuseGitTracked(
      repo,
      targets.filter((one) => !one.inside).map((one) => one.path),
    );
    await refuseBusy(
      task,
      targets.map((one) => one.path),
    );
    const added: Added[] = [];
    const changed = new Set<string>();
    for (const target of targets) added.push(await addOne(task, target, args.noCommit === true, changed));
    await autostage(task, [...changed]);
    await noteLinks(
      repo,
      targets.map((one) => one.output?.path ?? one.path),
    );
    return { added, files: [...changed].map((path) => shown(repo, path)) };
  });
}

function understand(repo: Repo, files: ProjectFiles, argument: string, args: AddArgs): Target {
  const path = fromArgument(repo, argument);
  const output = files.outputs.find((one) => one.path === path) ?? files.outputs.find((one) => surrounds(one, path));
  if (output && !output.source && !isImportOf(files, output)) {
    throw new StrataError('data.madeByStage', {
      path: shown(repo, path),
      stage: output.stage,
      file: shown(repo, output.file),
    });
  }
  if (output) return { path, file: output.file, output, inside: output.path !== path };
  if (path !== '.dvc' && basename(path).endsWith('.dvc'))
    throw new StrataError('data.pointerAsOutput', { path: shown(repo, path) });
  return { path, file: pointerPath(repo, path, args), inside: false };
}

function surrounds(output: Output, path: string): boolean {
  return isInside(path, output.path) && output.recorded?.hash.endsWith('.dir') === true;
}

function isImportOf(files: ProjectFiles, output: Output): boolean {
  return files.dvcFiles.some((entry) => entry.path === output.file);
}

function pointerPath(repo: Repo, path: string, args: AddArgs): string {
  if (args.file === undefined) return `${path}.dvc`;
  if (args.targets.length > 1) throw new StrataError('data.oneFile', { file: args.file });
  const file = fromArgument(repo, args.file);
  if (!file.endsWith('.dvc') || basename(file) === '.dvc')
    throw new StrataError('data.pointerName', { path: args.file });
  return file;
}

/** What must hold of one target before anything is written. */
async function check(task: Task, target: Target, force: boolean): Promise<void> {
  const { repo } = task;
  guardName(repo, target.path);
  const stat = await repo.host.fs.stat(absolute(repo, target.path));
  if (!stat && !target.inside) {
    const link = await repo.host.fs.lstat(absolute(repo, target.path));
    throw new StrataError(link ? 'data.brokenLink' : 'data.missing', { path: shown(repo, target.path) });
  }
  await refuseHidden(task, target.path, stat?.kind === 'folder');
  await guardPlace(repo, target.path);
  if (target.output || force) return;
  const other = await readPointer(repo, target.file);
  if (other && other.file.outs.length > 0) {
    throw new StrataError('data.pointerTaken', { path: shown(repo, target.path), file: shown(repo, target.file) });
  }
}

/** Refuses new outputs that equal, contain or lie in others; also when two targets of one call do. */
function checkGraph(files: ProjectFiles, targets: readonly Target[]): void {
  const fresh = targets.filter((one) => !one.output).map((one) => asOutput(one.path, one.file));
  refuseOverlaps([...files.outputs, ...new Map(fresh.map((one) => [one.path, one])).values()]);
}

function asOutput(path: string, file: string): Output {
  const flags = { kind: 'out', cache: true, persist: false, push: true } as const;
  return { ...flags, path, declared: basename(path), file, stage: file, source: true, repoImport: false };
}

async function addOne(task: Task, target: Target, noCommit: boolean, changed: Set<string>): Promise<Added> {
  const { repo } = task;
  // An earlier target of this call may have rewritten the file: what counts is what it says now.
  const output = target.output && (await refreshed(task, target.output));
  const saved = await saveTarget(task, target, output, noCommit);
  if (!target.inside) for (const file of await ignoreOutputs(repo, [target.path])) changed.add(file);
  const before = await readPointer(repo, target.file);
  const next = await nextFile(task, target, saved, { output, before });
  if (!noCommit && !saved.same) await requireObjects(task, shown(repo, target.path), saved.record, saved.entries);
  if (!saved.same || !before) await writePointer(repo, target.file, next, before);
  changed.add(target.file);
  return {
    path: shown(repo, target.path),
    file: shown(repo, target.file),
    hash: saved.record.hash,
    size: saved.size,
    ...(saved.record.nfiles === undefined ? {} : { nfiles: saved.record.nfiles }),
    state: saved.same ? 'unchanged' : output?.recorded ? 'modified' : 'added',
  };
}

/** What the `.dvc` file says afterwards. */
async function nextFile(
  task: Task,
  target: Target,
  saved: Saved,
  { output, before }: { readonly output: Output | undefined; readonly before: Pointer | undefined },
): Promise<DvcFile> {
  if (!before || !output) return newDvcFile(target.file, target.path, saved.record);
  return stamped(await recordOutput(task, before.file, output, saved));
}

/** An output as its file records it now. */
export async function refreshed(task: Task, output: Output): Promise<Output> {
  const pointer = await readPointer(task.repo, output.file);
  const entry = pointer?.file.outs.find((out) => out.path === output.declared);
  const recorded = entry && recordedOf(entry);
  return recorded ? { ...output, recorded } : output;
}

interface Saved {
  readonly record: NewRecord;
  readonly size: number;
  /** True when the file records exactly this already. */
  readonly same: boolean;
  /** What a folder's list says, where it was just made. */
  readonly entries?: readonly DirEntry[];
}

async function saveTarget(task: Task, target: Target, output: Output | undefined, noCommit: boolean): Promise<Saved> {
  if (target.inside && output) {
    const { record, size } = await saveInside(task, { output, inside: target.path, cache: !noCommit, ownList: true });
    return { record, size, same: sameContent(output.recorded, record) };
  }
  const legacy = output && (await keptLegacy(task, output));
  if (legacy) return legacy;
  const found = await saveOutput(task, target.path, { cache: !noCommit });
  const record = recordOf(found);
  const same = sameContent(output?.recorded, record) && output?.recorded?.isexec === record.isexec;
  return { record, size: record.size, same, ...(found.entries ? { entries: found.entries } : {}) };
}

/** A 2.x entry whose data is unchanged and in the cache stays as it is (dvc.md §7). */
async function keptLegacy(task: Task, output: Output): Promise<Saved | undefined> {
  const { recorded } = output;
  if (recorded?.hashName !== 'md5-dos2unix') return undefined;
  const found = await measureOutput(task, output);
  if (!found || !sameContent(recorded, found) || !(await isCached(task, recorded))) return undefined;
  return { record: recorded, size: recorded.size ?? found.size, same: true };
}
