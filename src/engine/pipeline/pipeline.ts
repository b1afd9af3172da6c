/**
 * The door of the pipeline half: verbs by id, each taking the project, its arguments and the call; how a run is followed; how stages take part
 * in `commit`. Runs are carried out by their own process, `run.ts`; what is here starts them and reads what they write.
 */

import { Cancelled, isCancelled, type Call } from '../../base/cancel';
import { commit as commitData } from '../data/commitData';
import { cloudStatus } from '../data/remoteState';
import { type Repo } from '../data/repo';
import { fetch as fetchData, pull as pullData, push as pushData } from '../data/share';
import { StrataError } from '../errors';
import { type Host } from '../host/host';
import {
  type CommitAnswer,
  type CommitArgs,
  type FetchAnswer,
  type PullAnswer,
  type PullArgs,
  type PushAnswer,
  type ShareArgs,
  type StatusAnswer,
  type StatusArgs,
} from '../verbs/data';
import {
  type DagAnswer,
  type DagArgs,
  type PipelineAnswer,
  type ReproAnswer,
  type ReproArgs,
  type RunLogAnswer,
  type RunLogArgs,
  type RunStartAnswer,
  type RunStatus,
  type RunTokenArgs,
  type StagesAnswer,
  type StagesArgs,
  type WhyAnswer,
  type WhyArgs,
} from '../verbs/pipeline';
import { commitStages } from './commitStages';
import { stageGraph } from './dag';
import { followRun as follow, type RunEvent } from './follow';
import { linkStages } from './graph';
import { brokenFiles, loadPipelines } from './load';
import { gatherFacts, readMemory, whyAnswer } from './reasons';
import { isOpen, listRuns, readStatus, runDir } from './runDir';
import { stageAnswer } from './stageAnswer';
import { fetchRunCache, pushRunCache } from './shareRunCache';
import { dryRun, startRun, type RunOptions } from './startRun';
import { stageStatus } from './status';
import { resolveTarget, resolveTargets } from './targets';
import { viewAnswer } from './view';

/** Every stage of every dvc.yaml and every `.dvc` file; files that cannot be loaded are in `errors`. */
export async function stages(repo: Repo, args: StagesArgs, call: Call): Promise<StagesAnswer> {
  const pipelines = await loadPipelines(repo, call);
  const wanted = await resolveTargets(pipelines, args.targets);
  const answer: StagesAnswer = { stages: [], errors: brokenFiles(pipelines) };
  for (const stage of wanted) answer.stages.push(await stageAnswer(repo, stage, pipelines.examiner));
  return answer;
}

/** Who feeds whom. */
export function dag(repo: Repo, args: DagArgs, call: Call): Promise<DagAnswer> {
  return stageGraph(repo, args, call);
}

/** What changed in the workspace; with `cloud` or `remote` what cache and remote do not have in common. */
export function status(repo: Repo, args: StatusArgs, call: Call): Promise<StatusAnswer> {
  if (args.cloud === true || args.remote !== undefined) return cloudStatus(repo, args, call);
  return stageStatus(repo, args, call);
}

/** Records present data: `.dvc` files and stages. */
export function commit(repo: Repo, args: CommitArgs, call: Call): Promise<CommitAnswer> {
  return commitData(repo, args, call, commitStages);
}

/** The data half's `push`, which can take the run cache along. */
export function push(repo: Repo, args: ShareArgs, call: Call): Promise<PushAnswer> {
  return pushData(repo, args, call, pushRunCache);
}

/** The data half's `fetch`, which can bring the run cache along. */
export function fetch(repo: Repo, args: ShareArgs, call: Call): Promise<FetchAnswer> {
  return fetchData(repo, args, call, fetchRunCache);
}

/** The data half's `pull`, which can bring the run cache along. */
export function pull(repo: Repo, args: PullArgs, call: Call): Promise<PullAnswer> {
  return pullData(repo, args, call, fetchRunCache);
}

/** Why a stage would run again. Fails with `pipeline.noStage`. */
export async function why(repo: Repo, args: WhyArgs, call: Call): Promise<WhyAnswer> {
  const pipelines = await loadPipelines(repo, call);
  const target = args.targets[0] ?? '';
  const [stage] = resolveTarget(pipelines, target).stages;
  const facts = stage && (await gatherFacts(pipelines, linkStages(pipelines.stages))).get(stage.id);
  if (!facts) throw new StrataError('pipeline.noStage', { target });
  return whyAnswer(pipelines, facts, await readMemory(repo));
}

/** All stages with their state, for views. */
export async function pipelineView(repo: Repo, _args: Record<string, never>, call: Call): Promise<PipelineAnswer> {
  return viewAnswer(await loadPipelines(repo, call));
}

/** Starts a run and answers once it is up; what is up to date already is answered without one. */
export function runStart(repo: Repo, args: ReproArgs, call: Call, options?: RunOptions): Promise<RunStartAnswer> {
  return startRun(repo, args, call, options);
}

/** A run from start to end; aborting the call cancels it. With `dry` only what would be done. */
export async function repro(
  repo: Repo,
  args: ReproArgs,
  call: Call,
  options: RunOptions & { readonly onChange?: (event: RunEvent) => void } = {},
): Promise<ReproAnswer> {
  if (args.dry === true) return dryRun(repo, args, call);
  const { token, dir } = await startRun(repo, args, call, options);
  let done = 0;
  const onChange = (event: RunEvent): void => {
    options.onChange?.(event);
    if (event.kind !== 'stage') return;
    call.progress({ phase: 'progress.running', done, unit: 'stages', item: event.stage.name });
    if (event.stage.state !== 'running') done += 1;
  };
  try {
    return answerOf(await follow(repo.host, dir, onChange, call.signal));
  } catch (error) {
    if (!isCancelled(error)) throw error;
    await runCancel(repo, { token });
    return answerOf(await follow(repo.host, dir, () => undefined, AbortSignal.timeout(10_000)));
  }
}

/** The answer in a run's last status. Fails with the error that ended the run, with `run.lost`, or as cancelled. */
export function answerOf(last: RunStatus): ReproAnswer {
  if (last.state === 'cancelled') throw new Cancelled();
  if (last.error) throw new StrataError(last.error.code, last.error.data as never);
  if (!last.answer) throw new StrataError('run.lost', { run: last.token });
  return last.answer;
}

/** Follows the run in the absolute folder `dir` to its end; see `follow.ts`. */
export function followRun(
  host: Host,
  dir: string,
  onChange: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<RunStatus> {
  return follow(host, dir, onChange, signal);
}

/** How a run stands. Fails with `run.unknown`. */
export async function runStatus(repo: Repo, args: RunTokenArgs): Promise<RunStatus> {
  const found = await readStatus(repo.host, runDir(repo.root, args.token));
  if (!found) throw new StrataError('run.unknown', { run: args.token });
  return found;
}

/** Most bytes of a log in one answer. */
const LOG_BYTES = 256 * 1024;

/** Output of a stage's commands from a byte offset on; at most 256 KiB at once. Fails with `run.unknown`. */
export async function runLog(repo: Repo, args: RunLogArgs): Promise<RunLogAnswer> {
  const dir = runDir(repo.root, args.token);
  const found = await runStatus(repo, args);
  const stage = found.stages.find((one) => one.name === args.stage);
  const log = `${dir}/${stage?.dir ?? ''}/out.log`;
  if (stage?.dir === undefined || !(await repo.host.fs.stat(log))) return { text: '', next: args.from };
  const bytes = await repo.host.fs.readRange(log, args.from, LOG_BYTES);
  const whole = wholeCharacters(bytes);
  return { text: new TextDecoder().decode(bytes.subarray(0, whole)), next: args.from + whole };
}

/** How many bytes to give so that no UTF-8 character is cut; a broken tail is given as it is. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Asks a run to end; asking again is fine, and so is a run that has ended. Fails with `run.unknown`. */
export async function runCancel(repo: Repo, args: RunTokenArgs): Promise<Record<string, never>> {
  const dir = runDir(repo.root, args.token);
  if (!(await repo.host.fs.stat(dir))) throw new StrataError('run.unknown', { run: args.token });
  await repo.host.fs.writeAtomic(`${dir}/cancel`, '', { durable: false });
  return {};
}

/** Runs whose supervisor is alive, newest first. */
export async function runsActive(repo: Repo): Promise<{ runs: RunStatus[] }> {
  const runs: RunStatus[] = [];
  for (const token of await listRuns(repo.host, repo.root)) {
    const found = await readStatus(repo.host, runDir(repo.root, token));
    if (found && isOpen(found)) runs.push(found);
  }
  return { runs };
}
