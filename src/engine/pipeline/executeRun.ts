/**
 * A whole run inside its supervisor: plan, one stage after another, and after each change the status that everybody else reads. What the
 * terminal, the views and the command line show of a run comes from the files written here and from nowhere else.
 */

import { isCancelled, type Call } from '../../base/cancel';
import { shown } from '../data/paths';
import { type Repo } from '../data/repo';
import { errorCodec } from '../errors';
import { type Runner } from '../runners/runners';
import { type ReproAnswer, type RunPlan, type RunStage, type RunStatus, type StageError } from '../verbs/pipeline';
import { GitBook } from './gitBook';
import { loadPipelines, nameOf, type Pipelines } from './load';
import { dependents, planRepro, type ReproPlan } from './plan';
import { sortedPaths } from './record';
import { reproduceStage, type RunContext, type StageEnd } from './reproduce';
import { writeStatus } from './runDir';
import { RunLock } from './runLock';
import { schedule, type StepEnd } from './schedule';
import { type Stage } from './stage';

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
  const board = new StatusBoard(parts);
  const lock = new RunLock(parts.repo);
  await board.write();
  try {
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
    changedFiles: new Set(),
    starting: (stage, reasons) => board.starting(stage.id, reasons),
  };
  const cached = [...stages.values()].flatMap((stage) => stage.outs.filter(({ output }) => output.cache));
  await run.git.learn(cached.map(({ output }) => output.path));
  const reasons = new Map<string, unknown>();
  const state = await schedule({
    order: plan.order,
    dependents: dependents(plan.graph),
    keepGoing: parts.plan.args.keepGoing === true,
    signal: call.signal,
    act: async (id): Promise<StageEnd> => {
      const end = await reproduceStage(run, stages.get(id) as Stage);
      reasons.set(id, end.reasons);
      return end;
    },
    ended: (id, end) => board.ended(id, end, reasons.get(id)),
  });
  await board.settled();
  const answer = makeAnswer(parts, board.status.stages, stages, run.changedFiles, state === 'failed');
  await board.close(state, { answer });
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
    .map(({ name, state, start, end, exit, reasons, msg, error }): ReproAnswer['stages'][number] => ({
      name: nameOf(repo, stages.get(name) as Stage),
      state: state as ReproAnswer['stages'][number]['state'],
      ...(start === undefined || end === undefined ? {} : { seconds: (end - start) / 1000 }),
      ...(exit === undefined ? {} : { exit }),
      ...(reasons === undefined ? {} : { reasons }),
      ...(msg === undefined ? {} : { msg }),
      ...(error === undefined ? {} : { error }),
    }));
  return { stages: shownStages, files: sortedPaths(files).map((path) => shown(repo, path)), run: plan.token };
}

/** An error as other processes read it. */
export function toError(error: unknown): StageError {
  const { code, data, message } = errorCodec.toWire(error);
  return { code, data, message };
}

/** The status of a run in memory; each change is written, one after another, each time the newest. */
class StatusBoard {
  status: RunStatus;
  private writing: Promise<void> = Promise.resolve();
  private dirs = 0;

  constructor(private readonly parts: RunParts) {
    const { plan, repo } = parts;
    this.status = {
      schema: 1,
      token: plan.token,
      pid: process.pid,
      state: 'starting',
      start: repo.host.now(),
      stages: [],
    };
  }

  write(): Promise<void> {
    this.writing = this.writing.then(() => writeStatus(this.parts.repo.host, this.parts.dir, this.status));
    return this.writing;
  }

  /** All that was asked for so far is on disk. */
  settled(): Promise<void> {
    return this.writing;
  }

  async open(order: readonly string[]): Promise<void> {
    this.status = { ...this.status, state: 'running', stages: order.map((name) => ({ name, state: 'queued' })) };
    await this.write();
  }

  /** A command starts; answers the folder of its log. */
  async starting(name: string, reasons: unknown): Promise<string> {
    this.dirs += 1;
    const dir = String(this.dirs).padStart(3, '0');
    const path = `${this.parts.dir}/${dir}`;
    await this.parts.repo.host.fs.mkdir(path);
    await this.change(name, { state: 'running', start: this.parts.repo.host.now(), dir, reasons });
    return path;
  }

  ended(name: string, end: StepEnd, reasons: unknown): void {
    const error = end.error === undefined ? undefined : toError(end.error);
    const ran = this.status.stages.find((stage) => stage.name === name)?.start !== undefined;
    void this.change(name, {
      state: end.state,
      ...(ran ? { end: this.parts.repo.host.now() } : {}),
      ...(end.exit === undefined ? {} : { exit: end.exit }),
      ...(end.signal === undefined ? {} : { signal: end.signal }),
      ...(reasons === undefined ? {} : { reasons }),
      ...(error === undefined ? {} : { error, msg: error.message }),
    });
  }

  async close(state: RunStatus['state'], more: Pick<RunStatus, 'answer' | 'error'>): Promise<void> {
    this.status = { ...this.status, state, end: this.parts.repo.host.now(), ...more };
    await this.write();
  }

  private change(name: string, fields: Partial<RunStage>): Promise<void> {
    const stages = this.status.stages.map((stage) => (stage.name === name ? { ...stage, ...fields } : stage));
    this.status = { ...this.status, stages };
    return this.write();
  }
}
