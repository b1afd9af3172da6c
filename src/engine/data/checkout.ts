/**
 * `checkout`: makes the workspace match what is recorded (dvc.md §18). Everything is planned before anything is written; data that no cache
 * holds stops it unless forced. An object that is missing fails its output and leaves that output's files as they were.
 */

import { type Call } from '../../base/cancel';
import { compareCodePoints } from '../../base/paths';
import { is, StrataError } from '../errors';
import { comesFromSource } from './imports/fetchImports';
import { gitPath, shown } from './paths';
import { type CheckoutAnswer, type CheckoutArgs, type Failed } from '../verbs/data';
import { collectProject } from './collect';
import { readLinks, writeLinks } from './links';
import { measure } from './measure';
import { type ProjectFiles, type Selection } from './model';
import { isCached } from './outState';
import { refuseTwins } from './placement';
import { removeOutput } from './removeOutput';
import { absolute, type Repo } from './repo';
import { failureText } from './failures';
import { applyRestore, planRestore, type RestorePlan } from './restoreOutput';
import { requireLoaded, selectOutputs } from './select';
import { startTask, type Task } from './task';
import { refuseBusy, whileLocked } from './writing';

/** Restores targets, or everything. Fails with `data.unsaved` {paths, n} when data would be lost. */
export async function checkout(repo: Repo, args: CheckoutArgs, call: Call): Promise<CheckoutAnswer> {
  const task = startTask(repo, call);
  const act = async (): Promise<CheckoutAnswer> => {
    const files = await collectProject(repo, call);
    requireLoaded(files);
    return checkoutFiles(task, files, args);
  };
  return args.dry ? act() : whileLocked(task, act);
}

/** The plan for all outputs. */
interface Plans {
  readonly plans: readonly RestorePlan[];
  readonly failed: Failed[];
  /** Outputs that are tracked no longer and can be had back from the cache. */
  readonly unused: readonly string[];
}

/** {@link checkout} of a project that is collected already, under the lock. */
export async function checkoutFiles(task: Task, files: ProjectFiles, args: CheckoutArgs): Promise<CheckoutAnswer> {
  const { repo } = task;
  refuseTwins(
    repo,
    files.outputs.map((output) => output.path),
  );
  const selected = (await selectOutputs(repo, files, args.targets, args)).filter(
    // An import that was made without data has nothing to be restored.
    ({ output }) => output.cache && (output.recorded !== undefined || !comesFromSource(files, output)),
  );
  const unused = args.targets.length === 0 ? await unusedLinks(task, files) : [];
  const all = { ...(await planAll(task, selected, args)), unused };
  const unsaved = all.plans.flatMap((plan) => plan.unsaved).map((path) => shown(repo, path));
  if (args.dry) return { ...collectAnswer(task, all), unsaved };
  if (unsaved.length > 0 && !args.force)
    throw new StrataError('data.unsaved', { paths: unsaved, n: unsaved.length, path: unsaved[0] });
  await refuseBusy(
    task,
    all.plans.map((plan) => plan.wanted.path),
  );
  const answer = collectAnswer(task, all);
  const failed = await applyAll(task, all);
  await keepLinks(task, files, all);
  return withoutFailed(answer, failed, args.allowMissing === true);
}

async function planAll(task: Task, selected: readonly Selection[], args: CheckoutArgs): Promise<Omit<Plans, 'unused'>> {
  const plans: RestorePlan[] = [];
  const failed: Failed[] = [];
  for (const { output, inside } of selected) {
    const wanted = { path: output.path, ...(inside === undefined ? {} : { inside }), relink: args.relink === true };
    if (!output.recorded) {
      failed.push({
        path: shown(task.repo, output.path),
        msg: 'nothing is recorded for this output',
        code: 'data.neverRecorded',
      });
      continue;
    }
    try {
      plans.push(await planRestore(task, { ...wanted, version: output.recorded }));
    } catch (error) {
      if (!isObjectError(error)) throw error;
      failed.push(failureText(task, { path: output.path, hash: output.recorded.hash, error }));
    }
  }
  return { plans, failed };
}

function isObjectError(error: unknown): boolean {
  return ['cache.missing', 'cache.corrupt', 'cache.badDir'].some((code) => is(error, code));
}

/** Carries out the plans. An output with a failure is named once, by its own path. */
async function applyAll(task: Task, all: Plans): Promise<Failed[]> {
  const failed = [...all.failed];
  for (const plan of all.plans) {
    const [first] = await applyRestore(task, plan);
    if (first) failed.push({ ...failureText(task, first), path: shown(task.repo, plan.wanted.path) });
  }
  for (const path of all.unused) await removeOutput(task, path);
  return failed;
}

/** What the plans change, folders first as DVC prints them. */
function collectAnswer(task: Task, all: Plans): CheckoutAnswer {
  const named = (change: RestorePlan['change']): string[] =>
    all.plans
      .filter((plan) => plan.change === change)
      .map((plan) => shown(task.repo, plan.wanted.path) + (plan.folder ? '/' : ''));
  const deleted = [...named('deleted'), ...all.unused.map((path) => shown(task.repo, path))];
  const count = (part: (plan: RestorePlan) => { readonly length: number }): number =>
    all.plans.reduce((sum, plan) => sum + part(plan).length, 0);
  const stats = {
    added: count((plan) => plan.added),
    modified: count((plan) => plan.modified),
    deleted: count((plan) => plan.remove) + all.unused.length,
  };
  const sort = (paths: string[]): string[] => paths.sort(foldersFirst);
  const answer = { added: sort(named('added')), modified: sort(named('modified')), deleted: sort(deleted) };
  return { ...answer, failed: all.failed, stats };
}

function foldersFirst(a: string, b: string): number {
  return Number(b.endsWith('/')) - Number(a.endsWith('/')) || compareCodePoints(a, b);
}

function withoutFailed(answer: CheckoutAnswer, failed: readonly Failed[], allowMissing: boolean): CheckoutAnswer {
  const bad = new Set(failed.flatMap(({ path }) => [path, `${path}/`]));
  const good = (paths: readonly string[]): string[] => paths.filter((path) => !bad.has(path));
  return {
    ...answer,
    added: good(answer.added),
    modified: good(answer.modified),
    deleted: good(answer.deleted),
    failed: allowMissing ? [] : [...failed],
  };
}

/** Paths we put into the workspace that are tracked no longer, hold exactly what the cache holds, and are not Git's. */
async function unusedLinks(task: Task, files: ProjectFiles): Promise<string[]> {
  const { repo } = task;
  const tracked = files.outputs.map((output) => output.path);
  const unused: string[] = [];
  for (const path of await readLinks(repo)) {
    if (tracked.some((other) => other === path || other.startsWith(`${path}/`) || path.startsWith(`${other}/`)))
      continue;
    if (repo.git && (await repo.git.isTracked(gitPath(repo.git, path)))) continue;
    if (!(await repo.host.fs.lstat(absolute(repo, path)))) continue;
    const found = await measure(task, path);
    if (found && (await isCached(task, found))) unused.push(path);
  }
  return unused;
}

async function keepLinks(task: Task, files: ProjectFiles, all: Plans): Promise<void> {
  const tracked = new Set(files.outputs.map((output) => output.path));
  const placed = all.plans.map((plan) => plan.wanted.path);
  const known = (await readLinks(task.repo)).filter((path) => tracked.has(path));
  await writeLinks(task.repo, [...new Set([...known, ...placed])]);
}
