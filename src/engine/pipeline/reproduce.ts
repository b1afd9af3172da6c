/**
 * Brings one stage up to date, in DVC's order of locks (dvc.md §3): repository lock, claims on the paths, release, command, repository lock,
 * record, claims withdrawn. A result that is known is restored instead of made again.
 */

import { Cancelled, type Call } from '../../base/cancel';
import { join } from '../../base/paths';
import { registerPaths, type PathHandle } from '../cache/rwlock';
import { shown } from '../data/paths';
import { guardName } from '../data/placement';
import { removeOutput } from '../data/removeOutput';
import { absolute, type Repo } from '../data/repo';
import { startTask, type Task } from '../data/task';
import { unprotectOutput } from '../data/unprotect';
import { autostage } from '../data/writing';
import { is, StrataError } from '../errors';
import { configBool } from '../formats/dvcConfig';
import { type LockEntry } from '../formats/dvcLock';
import { type Runner } from '../runners/runners';
import { commandLines } from '../runners/shell';
import { type ReproArgs } from '../verbs/pipeline';
import { isFresh, statusItems, type DepChange, type Examiner, type Staleness } from './examine';
import { claimsOf, nameOf, newExaminer, type Pipelines } from './load';
import { type GitBook } from './gitBook';
import { type RunLock } from './runLock';
import { recordSource } from './recordSource';
import { recordStage, readInputs } from './record';
import { findResult, hasUncachedOut, isCacheable } from './runCache';
import { restoreResult } from './restoreResult';
import { type StepEnd } from './schedule';
import { hasCommand, isPipelineStage, type Stage } from './stage';

/** What all stages of a run share. */
export interface RunContext {
  readonly repo: Repo;
  readonly pipelines: Pipelines;
  readonly call: Call;
  readonly args: ReproArgs;
  readonly runner: Runner;
  /** Ids of the stages in their order. */
  readonly order: readonly string[];
  /** Ids of the stages that were recorded in this run. */
  readonly recorded: Set<string>;
  /** Files changed so far that belong to Git, from the root. */
  readonly changedFiles: Set<string>;
  readonly lock: RunLock;
  readonly git: GitBook;
  /** Told when a stage's command is about to start; answers the absolute folder for its log. */
  starting(stage: Stage, reasons: unknown): Promise<string>;
}

/** How a stage ended, and why it was looked at. */
export interface StageEnd extends StepEnd {
  readonly reasons?: unknown;
}

/** Brings a stage up to date. Its failures are thrown; a command that failed is an answer. */
export async function reproduceStage(run: RunContext, stage: Stage): Promise<StageEnd> {
  const task = startTask(run.repo, run.call);
  const { ready, claims } = await whileInside(run, false, () => begin(run, stage, task));
  if (ready.end) return ready.end;
  try {
    const end = await runCommand(run, stage, ready.reasons);
    await whileInside(run, true, async () => {
      if (end.state === 'ran') await recordRun(run, stage, newExaminer(withoutCancel(task), run.pipelines.files));
      await claims.release();
    });
    return end;
  } finally {
    await claims.release();
  }
}

/** Everything before the command; claims stay when there is one to run. */
async function begin(
  run: RunContext,
  stage: Stage,
  task: Task,
): Promise<{ readonly ready: Prepared; readonly claims: PathHandle }> {
  const claims = await claim(run, stage);
  try {
    const ready = await prepare(run, stage, task);
    if (ready.end) await claims.release();
    return { ready, claims };
  } catch (error) {
    await claims.release();
    throw error;
  }
}

/** Does something while no other stage of the run is looked at or recorded, and no other process changes the project. */
async function whileInside<T>(run: RunContext, patient: boolean, act: () => Promise<T>): Promise<T> {
  await run.lock.enter(run.call.signal, patient);
  try {
    return await act();
  } finally {
    run.lock.leave();
  }
}

/** Once a command has ended well, its result is kept, whatever happens meanwhile. */
function withoutCancel(task: Task): Task {
  return { ...task, call: { ...task.call, signal: new AbortController().signal } };
}

function claim(run: RunContext, stage: Stage): Promise<PathHandle> {
  return registerPaths(join(run.repo.root, '.dvc'), claimsOf(run.repo, stage), {
    pid: process.pid,
    cmd: run.repo.command,
    hardlink: configBool(run.repo.config, 'core', 'hardlink_lock', false),
    signal: run.call.signal,
  });
}

interface Prepared {
  /** Set when there is nothing to run. */
  readonly end?: StageEnd;
  readonly reasons: unknown;
}

/** Everything before the command: is it stale, is the result known, are the inputs there; then the old outputs go. */
async function prepare(run: RunContext, stage: Stage, task: Task): Promise<Prepared> {
  const { repo, args } = run;
  const examiner = newExaminer(task, run.pipelines.files);
  const found = await examiner.staleness(stage);
  const reasons = statusItems(found, (path) => shown(repo, path));
  if (args.force !== true && isSettled(run.pipelines, stage, found, args))
    return { end: { state: stage.frozen && isPipelineStage(stage) ? 'frozen' : 'unchanged' }, reasons };
  if (stage.frozen || !hasCommand(stage)) {
    await verify(run, stage, examiner);
    return { end: { state: stage.frozen ? 'frozen' : 'ran', reasons }, reasons };
  }
  if (args.force !== true && (await restore(run, stage, examiner, found)))
    return { end: { state: 'cached', reasons }, reasons };
  for (const { output } of stage.outs) guardName(repo, output.path);
  await readInputs(stage, examiner);
  await checkWdir(run, stage);
  for (const { output } of stage.outs) await (output.persist ? unprotectOutput : removeOutput)(task, output.path);
  return { reasons };
}

/**
 * Whether `repro` leaves the stage as it is. With `--allow-missing`, data that is merely absent is no change, unless the stage that makes it
 * has recorded another version; a frozen stage does not run always.
 */
export function isSettled(pipelines: Pipelines, stage: Stage, found: Staleness, args: ReproArgs): boolean {
  const always = found.always && !stage.frozen;
  if (args.allowMissing !== true) return isFresh({ ...found, always });
  return isFresh({
    ...found,
    always,
    deps: found.deps.filter((change) => change.state !== 'deleted' || isOutdated(pipelines, change)),
    outs: found.outs.filter((change) => change.state === 'modified'),
  });
}

/** True for an absent dependency whose maker has recorded something else than the stage last read. */
function isOutdated(pipelines: Pipelines, change: DepChange): boolean {
  if (change.kind !== 'dep') return false;
  const made = pipelines.files.outputs.find((output) => output.path === change.dep.path);
  return made !== undefined && made.recorded?.hash !== change.dep.recorded?.hash;
}

async function checkWdir(run: RunContext, stage: Stage): Promise<void> {
  const stat = await run.repo.host.fs.stat(absolute(run.repo, stage.wdir));
  if (stat?.kind !== 'folder')
    throw new StrataError('pipeline.wdirMissing', { path: shown(run.repo, stage.wdir), stage: stage.id });
}

/** A frozen stage, or data without a command: its outputs have to be there and are recorded as they are. */
async function verify(run: RunContext, stage: Stage, examiner: Examiner): Promise<void> {
  const missing: string[] = [];
  for (const path of stage.makes) {
    if (!(await run.repo.host.fs.stat(absolute(run.repo, path)))) missing.push(shown(run.repo, path));
  }
  if (missing.length > 0) throw new StrataError('pipeline.sourceMissing', { paths: missing });
  await record(run, stage, examiner);
}

/** Puts a known result into the workspace and records it; false when there is none. */
async function restore(run: RunContext, stage: Stage, examiner: Examiner, found: Staleness): Promise<boolean> {
  if (!isCacheable(stage)) return false;
  const entry = await knownResult(run, stage, examiner, found);
  if (!entry || !(await restoreResult(stage, entry, examiner.task))) return false;
  await record(run, stage, newExaminer(examiner.task, run.pipelines.files));
  return true;
}

/** The recorded result when nothing but outputs changed, else what the run cache has for the present inputs. */
async function knownResult(
  run: RunContext,
  stage: Stage,
  examiner: Examiner,
  found: Staleness,
): Promise<LockEntry | undefined> {
  const whole = stage.lock !== undefined && stage.outs.every(({ output }) => output.recorded !== undefined);
  if (whole && !found.cmd && found.deps.length === 0) return stage.lock;
  if (run.args.noRunCache === true) return undefined;
  const inputs = await readInputs(stage, examiner);
  const outs = stage.outs.map(({ output }) => ({ path: output.declared, hashName: 'md5' as const, extra: new Map() }));
  return findResult(run.repo, { ...inputs, outs });
}

/** {@link record} after the command; a dependency that was there before and is not now was taken away by the stage itself. */
async function recordRun(run: RunContext, stage: Stage, examiner: Examiner): Promise<void> {
  try {
    await record(run, stage, examiner);
  } catch (error) {
    if (!is(error, 'pipeline.depMissing')) throw error;
    throw new StrataError('pipeline.depDeleted', { ...error.data, stage: nameOf(run.repo, stage) }, { cause: error });
  }
}

async function record(run: RunContext, stage: Stage, examiner: Examiner): Promise<void> {
  const commit = run.args.noCommit !== true;
  const options = { commit, runCache: !hasUncachedOut(stage), git: run.git, later: laterEntries(run, stage) };
  const files = isPipelineStage(stage)
    ? (await recordStage(stage, examiner, options)).files
    : await recordSource(stage, examiner.task, commit);
  run.recorded.add(stage.id);
  for (const file of files) run.changedFiles.add(file);
  await autostage(examiner.task, files);
}

/** Names in the same dvc.lock that come later in the run and were recorded before: the file is to look as if one had come after the other. */
function laterEntries(run: RunContext, stage: Stage): ReadonlySet<string> {
  const at = run.order.indexOf(stage.id);
  const later = run.order.slice(at + 1).filter((id) => run.recorded.has(id));
  const stages = later.map((id) => run.pipelines.byId.get(id));
  return new Set(stages.flatMap((other) => (other?.file === stage.file && !other.lock ? [other.name] : [])));
}

/** Runs the commands of a stage, one shell each. */
async function runCommand(run: RunContext, stage: Stage, reasons: unknown): Promise<StageEnd> {
  const { signal } = run.call;
  if (signal.aborted) throw new Cancelled();
  const dir = await run.starting(stage, reasons);
  const [handle] = await run.runner.submit([
    {
      token: `${run.repo.host.randomHex(8)}`,
      name: stage.id,
      cmd: commandLines(stage.cmd ?? ''),
      cwd: absolute(run.repo, stage.wdir),
      dir,
      after: [],
      res: {},
      env: { DVC_ROOT: run.repo.host.env['DVC_ROOT'] ?? run.repo.root, DVC_STAGE: nameOf(run.repo, stage) },
      files: 'shared',
    },
  ]);
  if (!handle) throw new Error('the runner gave no handle');
  const cancel = (): void => void run.runner.cancel([handle]);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    const view = await run.runner.wait(handle);
    const state = view.state === 'succeeded' ? 'ran' : view.state === 'cancelled' ? 'cancelled' : 'failed';
    return {
      state,
      reasons,
      ...(view.exitCode === undefined ? {} : { exit: view.exitCode }),
      ...(view.signal === undefined ? {} : { signal: view.signal }),
    };
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
