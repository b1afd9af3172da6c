/**
 * A whole run inside its supervisor: plan, stage by stage, several at a time, and after each change the status that everybody else reads. What the
 * terminal, the views and the command line show of a run comes from the files written here and from nowhere else.
 */

import { isCancelled, type Call } from '../../base/cancel';
import { shown } from '../data/paths';
import { type Repo } from '../data/repo';
import { type Runner } from '../runners/runners';
import { type ReproAnswer, type RunPlan, type RunStage, type RunStatus } from '../verbs/pipeline';
import { endLeftovers } from './endLeftovers';
import { GitBook } from './gitBook';
import { loadPipelines, nameOf, type Pipelines } from './load';
import { dependents, planRepro, type ReproPlan } from './plan';
import { sortedPaths } from './record';
import { reproduceStage, type RunContext, type StageEnd } from './reproduce';
import { RunLock } from './runLock';
import { schedule } from './schedule';
import { type Stage } from './stage';
import { StatusBoard, toError } from './statusBoard';

/** What a run is carried out with. */
export interface RunParts {
  readonly repo: Repo;
  readonly plan: RunPlan;
  /** Absolute folder of the run. */
  readonly dir: string;
  readonly runner: Runner;
  readonly call: Call;
}

/** Carries out a plan to its end; never fails: what goes wrong is in the status. */
export async function executeRun(parts: RunParts): Promise<RunStatus> {
  const board = new StatusBoard(parts.repo.host, parts.dir, parts.plan.token);
  const lock = new RunLock(parts.repo);
  await board.write();
  try {
    await endLeftovers(parts.repo.host, parts.repo.root, parts.runner);
    // What is read here is what the run goes by: nobody may change it between the reading and the first stage.
    await lock.enter(parts.call.signal);
    const pipelines = await loadPipelines(parts.repo, parts.call);
    const plan = await planRepro(pipelines, parts.plan.args);
    await runPlan({ ...parts, lock }, pipelines, plan, board);
  } catch (error) {
    await board.close(isCancelled(error) ? 'cancelled' : 'failed', isCancelled(error) ? {} : { error: toError(error) });
  }
  lock.release();
  return board.status;
}

async function runPlan(
  parts: RunParts & { readonly lock: RunLock },
  pipelines: Pipelines,
  plan: ReproPlan,
  board: StatusBoard,
): Promise<void> {
  const { repo, call } = parts;
  const stages = new Map(plan.order.map((id) => [id, pipelines.byId.get(id) as Stage]));
  await board.open(plan.order);
  const run: RunContext = {
    repo,
    pipelines,
    call,
    args: parts.plan.args,
    runner: parts.runner,
    lock: parts.lock,
    git: new GitBook(repo),
    order: plan.order,
    recorded: new Set(),
    changedFiles: new Set(),
    starting: (stage, reasons) => board.starting(stage.id, reasons),
  };
  const cached = [...stages.values()].flatMap((stage) => stage.outs.filter(({ output }) => output.cache));
  await run.git.learn(cached.map(({ output }) => output.path));
  const reasons = new Map<string, unknown>();
  parts.lock.leave();
  const state = await schedule({
    order: plan.order,
    dependents: dependents(plan.graph),
    keepGoing: parts.plan.args.keepGoing === true,
    jobs: jobsOf(parts),
    signal: call.signal,
    act: async (id): Promise<StageEnd> => {
      const end = await reproduceStage(run, stages.get(id) as Stage);
      reasons.set(id, end.reasons);
      return end;
    },
    ended: (id, end) => board.ended(id, end, reasons.get(id)),
  });
  const answer = makeAnswer(parts, board.status.stages, stages, run.changedFiles, state === 'failed');
  await board.close(state, { answer });
}

/** One at a time unless more are asked for, in DVC's order: commands may count on it. */
function jobsOf({ plan, repo }: RunParts): number {
  const { jobs = 1 } = plan.args;
  return jobs === 0 ? repo.host.cpus : jobs;
}

/** The answer of `repro`: stages that never had their turn after a failure are left out. */
function makeAnswer(
  { repo, plan }: RunParts,
  done: readonly RunStage[],
  stages: ReadonlyMap<string, Stage>,
  files: ReadonlySet<string>,
  failed: boolean,
): ReproAnswer {
  const shownStages = done
    .filter((stage) => !(failed && stage.state === 'cancelled'))
    .map(({ name, state, start, end, exit, signal, reasons, msg, error }): ReproAnswer['stages'][number] => ({
      name: nameOf(repo, stages.get(name) as Stage),
      state: state as ReproAnswer['stages'][number]['state'],
      ...(start === undefined || end === undefined ? {} : { seconds: (end - start) / 1000 }),
      ...(exit === undefined ? {} : { exit }),
      ...(signal === undefined ? {} : { signal }),
      ...(reasons === undefined ? {} : { reasons }),
      ...(msg === undefined ? {} : { msg }),
      ...(error === undefined ? {} : { error }),
    }));
  return { stages: shownStages, files: sortedPaths(files).map((path) => shown(repo, path)), run: plan.token };
}
