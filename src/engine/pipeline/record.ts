/**
 * Writes down what a stage ran with: hashes of dependencies and outputs, values of params, outputs into the cache, and the entry in dvc.lock.
 * Everything an entry names is on disk before the entry is (dvc.md §13, §17).
 */

import { compareCodePoints } from '../../base/paths';
import { isCached, measureOutput, sameContent } from '../data/outState';
import { refuseHidden, saveOutput } from '../data/saveOutput';
import { noteLinks } from '../data/links';
import { type Measured, type Output } from '../data/model';
import { recordedOf } from '../data/outputs';
import { shown } from '../data/paths';
import { requireObjects } from '../data/pointer';
import { absolute, type Repo } from '../data/repo';
import { type Task } from '../data/task';
import { StrataError } from '../errors';
import { type DataEntry } from '../formats/dataEntry';
import { setLockEntry, type LockEntry } from '../formats/dvcLock';
import { isDate, isDict, isList, isPyOther, type PyDate, type PyOther, type Value } from '../formats/values';
import { type Examiner } from './examine';
import { type GitBook } from './gitBook';
import { isCacheable, saveResult } from './runCache';
import { lockPath, type Dep, type ParamsFile, type Stage } from './stage';

/** Present hashes and values of what a stage reads. Fails with `pipeline.depMissing`, `pipeline.paramsMissing`. */
export async function readInputs(
  stage: Stage,
  examiner: Examiner,
): Promise<Pick<LockEntry, 'cmd' | 'deps' | 'params'>> {
  const deps: DataEntry[] = [];
  for (const dep of stage.deps) deps.push(await depEntry(dep, examiner));
  const params = new Map<string, ReadonlyMap<string, Value>>();
  for (const file of stage.params) params.set(file.declared, await paramsEntry(file, examiner));
  return { cmd: stage.cmd ?? '', deps, params };
}

async function depEntry(dep: Dep, examiner: Examiner): Promise<DataEntry> {
  if (dep.path.includes('://')) throw new StrataError('pipeline.urlDep', { path: dep.path });
  const recorded = dep.recorded && recordedOf(dep.recorded);
  const as2x = recorded?.hashName === 'md5-dos2unix' ? await examiner.measure(dep.path, 'md5-dos2unix') : undefined;
  if (dep.recorded && sameContent(recorded, as2x)) return { ...dep.recorded, path: dep.declared };
  const found = await examiner.measure(dep.path);
  if (!found) throw new StrataError('pipeline.depMissing', { path: shown(examiner.task.repo, dep.path) });
  return entryOf(dep.declared, found, sameContent(recorded, found) ? dep.recorded : undefined);
}

async function paramsEntry(file: ParamsFile, examiner: Examiner): Promise<ReadonlyMap<string, Value>> {
  const path = shown(examiner.task.repo, file.path);
  const values = await examiner.values(file);
  if (!values) throw new StrataError('pipeline.depMissing', { path });
  const missing = file.keys.filter((key) => !values.has(key));
  if (missing.length > 0) throw new StrataError('pipeline.paramsMissing', { path, keys: missing });
  for (const [key, value] of values) {
    const odd = unrecordable(value);
    if (isDate(odd)) throw new StrataError('pipeline.paramsDate', { path, key });
    if (odd) throw new StrataError('pipeline.paramsPython', { path, key, value: odd.$python });
  }
  return values;
}

/** The first date in a value, or what only Python has: neither can be written into the run cache. */
function unrecordable(value: Value): PyDate | PyOther | undefined {
  if (isDate(value) || isPyOther(value)) return value;
  const members = isList(value) ? value : isDict(value) ? [...value].flat() : [];
  for (const member of members) {
    const found = unrecordable(member);
    if (found) return found;
  }
  return undefined;
}

/** Measured data as dvc.lock writes it; fields that are kept stay while the content does. DVC's dvc.lock names a folder by its hash again. */
export function entryOf(declared: string, found: Measured, kept: DataEntry | undefined): DataEntry {
  return {
    path: declared,
    hash: found.hash,
    hashName: found.hashName,
    size: found.size,
    ...(found.nfiles === undefined ? {} : { nfiles: found.nfiles }),
    ...(found.isexec === true ? { isexec: true } : {}),
    extra: new Map([...(kept?.extra ?? [])].filter(([key]) => key !== 'files')),
  };
}

/** How a stage is recorded. */
export interface RecordOptions {
  /** False: hash only, nothing into the cache. */
  readonly commit: boolean;
  /** Keep the result in the run cache where possible. */
  readonly runCache: boolean;
  readonly git: GitBook;
  /** Entries of the same dvc.lock before which a new one is put. */
  readonly later?: ReadonlySet<string>;
}

/** What recording a stage changed. */
export interface Recording {
  readonly entry: LockEntry;
  /** Files to hand to Git, from the root. */
  readonly files: readonly string[];
  /** True when the lock entry is another one now. */
  readonly changed: boolean;
}

/**
 * Records a stage of a dvc.yaml. Fails with `pipeline.outMissing`, `data.trackedByGit`, `data.hidden` and what storing fails with. To be called
 * while the repository lock is held.
 */
export async function recordStage(stage: Stage, examiner: Examiner, options: RecordOptions): Promise<Recording> {
  const { task } = examiner;
  const inputs = await readInputs(stage, examiner);
  await checkOuts(stage, task);
  const cached = stage.outs.filter(({ output }) => output.cache).map(({ output }) => output.path);
  const files = await options.git.ignore(cached);
  const keep = options.runCache && options.commit && isCacheable(stage);
  const saved: SavedOut[] = [];
  for (const { output } of stage.outs) saved.push(await saveOut(stage, output, task, { ...options, runCache: keep }));
  const entry: LockEntry = { ...inputs, outs: saved.map((one) => one.entry) };
  if (keep) await saveResult(task.repo, entry);
  if (options.commit) await noteLinks(task.repo, cached);
  for (const { path, fresh } of saved) if (fresh) await requireObjects(task, path, fresh, fresh.entries);
  const changed = await writeEntry(task.repo, stage, entry, options.later);
  return { entry, files: changed ? [...files, lockPath(stage.file)] : files, changed };
}

async function checkOuts(stage: Stage, task: Task): Promise<void> {
  for (const { output } of stage.outs) {
    const stat = await task.repo.host.fs.stat(absolute(task.repo, output.path));
    if (!stat) throw new StrataError('pipeline.outMissing', { path: shown(task.repo, output.path), stage: stage.id });
    await refuseHidden(task, output.path, stat.kind === 'folder');
  }
}

/** An output that was saved. */
interface SavedOut {
  readonly entry: DataEntry;
  /** As the caller writes it. */
  readonly path: string;
  /** What was stored that nothing has recorded so far. */
  readonly fresh?: Measured;
}

/** Saves one output. An output outside the cache is stored too when the run cache is to keep the result. */
async function saveOut(stage: Stage, output: Output, task: Task, options: RecordOptions): Promise<SavedOut> {
  const path = shown(task.repo, output.path);
  const kept = stage.lock?.outs.find((entry) => entry.path === output.declared);
  if (output.recorded?.hashName === 'md5-dos2unix' && kept && (await stays2x(task, output)))
    return { entry: kept, path };
  const store = options.commit && (output.cache || options.runCache);
  const found = await saveOutput(task, output.path, { cache: store, own: !output.cache });
  const same = sameContent(output.recorded, found);
  const entry = entryOf(output.declared, found, same ? kept : undefined);
  return { entry, path, ...(store && !same ? { fresh: found } : {}) };
}

/** A 2.x output that is as recorded, and in the cache, keeps its entry. */
async function stays2x(task: Task, output: Output): Promise<boolean> {
  const { recorded } = output;
  if (!recorded || (output.cache && !(await isCached(task, recorded)))) return false;
  return sameContent(recorded, await measureOutput(task, output));
}

/** Puts the entry into dvc.lock; false when the file says so already. */
async function writeEntry(repo: Repo, stage: Stage, entry: LockEntry, later?: ReadonlySet<string>): Promise<boolean> {
  const path = lockPath(stage.file);
  const text = await repo.host.fs.readText(absolute(repo, path));
  const next = setLockEntry(text, shown(repo, path), [stage.name, entry], later);
  if (next === text) return false;
  await repo.host.fs.writeAtomic(absolute(repo, path), next);
  return true;
}

/** Paths sorted as DVC sorts them. */
export function sortedPaths(paths: Iterable<string>): string[] {
  return [...new Set(paths)].sort(compareCodePoints);
}
