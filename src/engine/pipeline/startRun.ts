/**
 * Starts runs. What is up to date already needs no supervisor: then the run is over before it began, and its folder says so. Else the plan is
 * written, the supervisor started detached, and that is all: whoever is interested follows the folder.
 */

import { throwIfCancelled, type Call } from '../../base/cancel';
import { shown } from '../data/paths';
import { type Repo } from '../data/repo';
import { pull } from '../data/share';
import { StrataError } from '../errors';
import { configText } from '../formats/dvcConfig';
import { startSupervisor, type Supervisor } from '../runners/processes';
import { type ReproAnswer, type ReproArgs, type RunPlan, type RunStartAnswer } from '../verbs/pipeline';
import { isFresh, statusItems, type Staleness } from './examine';
import { overlapping } from './graph';
import { loadPipelines, nameOf, refuseBusy, type Pipelines } from './load';
import { planRepro, type ReproPlan } from './plan';
import { isSettled } from './reproduce';
import { newToken, pruneRuns, readStatus, runDir, writePlan, writeStatus } from './runDir';
import { fetchRunCache } from './shareRunCache';
import { isPipelineStage, type Stage } from './stage';

/** How runs are started. */
export interface RunOptions {
  /** The bundled supervisor; beside the running program unless given. */
  readonly supervisor?: string;
}

/** How long a supervisor may take to say that it is up, in milliseconds. */
const UP_MS = 15_000;

/** Starts a run and answers as soon as it is up. Fails as `planRepro` does, with `lock.paths`, `run.noSupervisor` or `run.died`, before anything is changed. */
export async function startRun(
  repo: Repo,
  args: ReproArgs,
  call: Call,
  options: RunOptions = {},
): Promise<RunStartAnswer> {
  if (!repo.trusted) throw new StrataError('trust.required', { verb: 'repro' });
  let pipelines = await loadPipelines(repo, call);
  let plan = await planRepro(pipelines, args);
  if (args.pull === true && (await pullMissing(pipelines, plan, args))) {
    pipelines = await loadPipelines(repo, call);
    plan = await planRepro(pipelines, args);
  }
  await refuseBusy(repo, stagesOf(pipelines, plan));
  const nothing = await answerWithoutRun(pipelines, plan, args);
  throwIfCancelled(call.signal);
  const token = newToken(repo.host);
  const dir = runDir(repo.root, token);
  const { root, cwd } = repo;
  const job: RunPlan = { schema: 1, token, root, created: repo.host.now(), args, cwd, command: 'strata repro' };
  await writePlan(repo.host, dir, job);
  if (nothing) await writeEnded(repo, dir, job, nothing, plan);
  else await launch(repo, dir, options);
  return { token, dir };
}

/** What `repro --dry` answers: nothing is started or written. Fails with `pipeline.depMissing` for what is not there and nobody makes. */
export async function dryRun(repo: Repo, args: ReproArgs, call: Call): Promise<ReproAnswer> {
  const pipelines = await loadPipelines(repo, call);
  const plan = await planRepro(pipelines, args);
  const moved = new Set<string>();
  const stages: ReproAnswer['stages'] = [];
  for (const stage of stagesOf(pipelines, plan)) {
    const found = await pipelines.examiner.staleness(stage);
    const reasons = statusItems(found, (path) => shown(repo, path));
    const upstream = !stage.frozen && plan.graph.upstream(stage.id).some((id) => moved.has(id));
    const would = args.force === true || upstream || !isSettled(pipelines, stage, found, args);
    if (would && !stage.frozen) {
      if (!args.allowMissing) refuseMissing(pipelines, found);
      moved.add(stage.id);
    }
    const state = stage.frozen && isPipelineStage(stage) ? 'frozen' : would ? 'would run' : 'unchanged';
    stages.push({ name: nameOf(repo, stage), state, ...(reasons.length > 0 ? { reasons } : {}) });
  }
  return { stages, files: [] };
}

/** Refuses a run that would end at once: a dependency is absent, and no stage or `.dvc` file brings it. */
function refuseMissing(pipelines: Pipelines, found: Staleness): void {
  const made = pipelines.stages.flatMap((stage) => stage.makes);
  for (const change of found.deps) {
    if (change.kind !== 'dep' || change.state !== 'deleted') continue;
    const { path } = change.dep;
    if (made.some((out) => overlapping(out, path))) continue;
    throw new StrataError('pipeline.depMissing', { path: shown(pipelines.repo, path) });
  }
}

function stagesOf(pipelines: Pipelines, plan: ReproPlan): Stage[] {
  return plan.order.flatMap((id) => pipelines.byId.get(id) ?? []);
}

/**
 * `--pull`: brings the run cache, and the data of stages that lack nothing but data. What the remote does not have is made by the run. Answers
 * whether anything was asked for. Without a remote there is nothing to bring.
 */
async function pullMissing(pipelines: Pipelines, plan: ReproPlan, args: ReproArgs): Promise<boolean> {
  const { repo, task, examiner } = pipelines;
  if (!configText(repo.config, 'core', 'remote')) return false;
  const lacking: string[] = [];
  for (const stage of stagesOf(pipelines, plan)) {
    const found = await examiner.staleness(stage);
    if (!isFresh(found) && isSettled(pipelines, stage, found, { ...args, allowMissing: true }))
      lacking.push(nameOf(repo, stage));
  }
  const share = { targets: lacking, allowMissing: true, runCache: args.noRunCache !== true };
  if (lacking.length === 0) return false;
  await pull(repo, share, task.call, fetchRunCache);
  return true;
}

/** The answer when every stage is up to date; undefined as soon as one is not. Cheap signs are looked at first. */
async function answerWithoutRun(
  pipelines: Pipelines,
  plan: ReproPlan,
  args: ReproArgs,
): Promise<ReproAnswer | undefined> {
  const stages = stagesOf(pipelines, plan);
  if (args.force === true) return undefined;
  if (stages.some((stage) => isPipelineStage(stage) && stage.lock === undefined)) return undefined;
  for (const stage of stages) {
    if (!isSettled(pipelines, stage, await pipelines.examiner.staleness(stage), args)) return undefined;
  }
  return {
    stages: stages.map((stage) => ({
      name: nameOf(pipelines.repo, stage),
      state: stage.frozen && isPipelineStage(stage) ? 'frozen' : 'unchanged',
    })),
    files: [],
  };
}

async function writeEnded(repo: Repo, dir: string, job: RunPlan, answer: ReproAnswer, plan: ReproPlan): Promise<void> {
  const now = repo.host.now();
  await writeStatus(repo.host, dir, {
    schema: 1,
    token: job.token,
    pid: process.pid,
    state: 'succeeded',
    start: job.created,
    end: now,
    stages: plan.order.map((name, i) => ({ name, state: answer.stages[i]?.state ?? 'unchanged' })),
    answer: { ...answer, run: job.token },
  });
  await pruneRuns(repo.host, repo.root);
}

/** Where the bundled supervisor lies. */
function bundledSupervisor(): string | undefined {
  return typeof __dirname === 'string' ? `${__dirname}/run.js` : undefined;
}

async function launch(repo: Repo, dir: string, options: RunOptions): Promise<void> {
  const script = options.supervisor ?? bundledSupervisor();
  if (script === undefined || !(await repo.host.fs.stat(script)))
    throw new StrataError('run.noSupervisor', { path: script ?? 'run.js' });
  const log = `${dir}/run.log`;
  let supervisor: Supervisor;
  try {
    supervisor = await startSupervisor(script, dir, log);
  } catch (error) {
    throw new StrataError('run.noSupervisor', { path: script }, { cause: error });
  }
  await untilUp(repo, dir, supervisor, log);
}

/** Waits for the first status, no longer than until the supervisor has ended. */
async function untilUp(repo: Repo, dir: string, supervisor: Supervisor, log: string): Promise<void> {
  let ended = false;
  void supervisor.exited.then(() => (ended = true));
  const until = repo.host.now() + UP_MS;
  while (repo.host.now() < until) {
    const gone = ended;
    if (await readStatus(repo.host, dir)) return;
    if (gone) throw new StrataError('run.died', { path: log });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new StrataError('run.died', { path: log });
}
