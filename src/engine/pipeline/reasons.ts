/**
 * Why a stage would run again, as people ask: params and commands with their values before and now, data with its state, and stages before it
 * that would run first. And what helps to decide: is the result known already, how long did it take the last time.
 */

import { shown } from '../data/paths';
import { type Repo } from '../data/repo';
import { is, type StrataError } from '../errors';
import { type Reason, type RunStage, type WhyAnswer } from '../verbs/pipeline';
import { isFresh, type Staleness } from './examine';
import { needs, type Graph } from './graph';
import { nameOf, type Pipelines } from './load';
import { readInputs } from './record';
import { cachedVersions } from './restoreResult';
import { findResult, isCacheable } from './runCache';
import { listRuns, readStatus, runDir } from './runDir';
import { isPipelineStage, type Stage } from './stage';
import { plain } from './stageAnswer';

/** What is known of a stage: its own changes, and those it will inherit. */
export interface StageFacts {
  readonly stage: Stage;
  readonly found: Staleness;
  readonly reasons: readonly Reason[];
  readonly stale: boolean;
}

/** Facts of all stages by id. A stage whose present files cannot be read counts as stale without reasons. */
export async function gatherFacts(pipelines: Pipelines, graph: Graph<Stage>): Promise<Map<string, StageFacts>> {
  const own = new Map<string, Staleness>();
  for (const stage of pipelines.stages) own.set(stage.id, await examined(pipelines, stage));
  const up = needs(graph, true);
  const moved = new Map<string, boolean>();
  const facts = new Map<string, StageFacts>();
  // A cycle, which views have to survive, ends at the stage that is looked at already.
  const moves = (id: string): boolean => {
    const known = moved.get(id);
    if (known !== undefined) return known;
    moved.set(id, false);
    const found = own.get(id);
    const frozen = pipelines.byId.get(id)?.frozen === true;
    const answer = !frozen && ((found !== undefined && changesOutputs(found)) || up(id).some(moves));
    moved.set(id, answer);
    return answer;
  };
  for (const stage of pipelines.stages) {
    const found = own.get(stage.id) as Staleness;
    const upstream = up(stage.id).filter((id) => isMaker(pipelines, id) && moves(id));
    const reasons = [
      ...(found.unreadable ? [unreadableReason(found.unreadable)] : ownReasons(pipelines.repo, stage, found)),
      ...upstream.map((id) => upstreamReason(pipelines, id)),
    ];
    facts.set(stage.id, { stage, found, reasons, stale: !isFresh(found) || upstream.length > 0 });
  }
  return facts;
}

/** An examination that survives an unreadable params file: it says so, since nobody can tell what has changed in it. */
async function examined(pipelines: Pipelines, stage: Stage): Promise<Staleness> {
  try {
    return await pipelines.examiner.staleness(stage);
  } catch (error) {
    if (!is(error)) throw error;
    return { deps: [], outs: [], always: false, cmd: false, checksum: false, unreadable: error };
  }
}

/** A stage that runs always does not make everything after it stale for ever: only what it changed does, and that shows there. */
function changesOutputs(found: Staleness): boolean {
  return found.cmd || found.deps.length > 0 || found.outs.length > 0;
}

function isMaker(pipelines: Pipelines, id: string): boolean {
  const stage = pipelines.byId.get(id);
  return stage !== undefined && isPipelineStage(stage);
}

function upstreamReason(pipelines: Pipelines, id: string): Reason {
  const stage = pipelines.byId.get(id);
  return { kind: 'upstream', stage: stage ? nameOf(pipelines.repo, stage) : id };
}

function unreadableReason({ data }: StrataError): Reason {
  return { kind: 'dep', path: String(data['path'] ?? ''), state: 'unreadable' };
}

/** Reasons in the order of `status`; a stage that never ran has this one. */
function ownReasons(repo: Repo, stage: Stage, found: Staleness): Reason[] {
  if (isPipelineStage(stage) && stage.lock === undefined && !isFresh(found) && !found.always) return [{ kind: 'new' }];
  const reasons: Reason[] = [];
  if (found.cmd) reasons.push({ kind: 'cmd', old: commandValue(stage.lock?.cmd), new: commandValue(stage.cmd) });
  for (const change of found.deps) {
    if (change.kind === 'dep') reasons.push({ kind: 'dep', path: shown(repo, change.dep.path), state: change.state });
    else if (typeof change.state === 'string')
      reasons.push({ kind: 'dep', path: shown(repo, change.file.path), state: change.state });
    else for (const one of change.state) reasons.push(paramReason(shown(repo, change.file.path), one));
  }
  for (const { path, state } of found.outs) reasons.push({ kind: 'out', path: shown(repo, path), state });
  if (found.always) reasons.push({ kind: 'always' });
  if (found.checksum) reasons.push({ kind: 'dep', path: shown(repo, stage.file), state: 'modified' });
  return reasons;
}

function paramReason(path: string, change: { key: string; state: string; old?: unknown; new?: unknown }): Reason {
  return {
    kind: 'param',
    path,
    key: change.key,
    state: change.state,
    ...(change.old === undefined ? {} : { old: plain(change.old as never) }),
    ...(change.new === undefined ? {} : { new: plain(change.new as never) }),
  };
}

function commandValue(cmd: string | readonly string[] | null | undefined): string | string[] {
  return typeof cmd === 'string' ? cmd : [...(cmd ?? [])];
}

/** True when the result for the present inputs is known, so that running would only restore it. */
export async function hasResult(pipelines: Pipelines, { stage, found, stale }: StageFacts): Promise<boolean> {
  if (!stale || found.unreadable || !isCacheable(stage) || stage.frozen) return false;
  const { task, examiner, repo } = pipelines;
  try {
    if (stage.lock && !found.cmd && found.deps.length === 0)
      return (await cachedVersions(stage, stage.lock, task)) !== undefined;
    const inputs = await readInputs(stage, examiner);
    const outs = stage.outs.map(({ output }) => ({
      path: output.declared,
      hashName: 'md5' as const,
      extra: new Map(),
    }));
    const entry = await findResult(repo, { ...inputs, outs });
    return entry !== undefined && (await cachedVersions(stage, entry, task)) !== undefined;
  } catch (error) {
    if (is(error)) return false;
    throw error;
  }
}

/** What the kept runs tell of the stages, by id. */
export interface RunMemory {
  /** Seconds that the last successful run of the command took. */
  readonly seconds: ReadonlyMap<string, number>;
  /** Stages whose last turn failed. */
  readonly failed: ReadonlySet<string>;
  /** State in the run that goes on. */
  readonly active: ReadonlyMap<string, 'running' | 'queued'>;
}

/** Reads the kept runs, newest first. */
export async function readMemory(repo: Repo): Promise<RunMemory> {
  const memory = { seconds: new Map(), failed: new Set<string>(), active: new Map(), judged: new Set<string>() };
  for (const token of await listRuns(repo.host, repo.root)) {
    const status = await readStatus(repo.host, runDir(repo.root, token));
    for (const stage of status?.stages ?? []) remember(memory, stage);
  }
  return memory;
}

interface Remembered {
  readonly seconds: Map<string, number>;
  readonly failed: Set<string>;
  readonly active: Map<string, 'running' | 'queued'>;
  /** Stages about whose last turn enough is known. */
  readonly judged: Set<string>;
}

/** Adds what an older run tells of a stage and no newer one did. */
function remember({ seconds, failed, active, judged }: Remembered, { name, state, start, end }: RunStage): void {
  if (state === 'running' || state === 'queued') {
    if (!active.has(name)) active.set(name, state);
    return;
  }
  const took = state === 'ran' && start !== undefined && end !== undefined ? (end - start) / 1000 : undefined;
  if (took !== undefined && !seconds.has(name)) seconds.set(name, took);
  if (state === 'cancelled' || state === 'blocked' || judged.has(name)) return;
  judged.add(name);
  if (state === 'failed') failed.add(name);
}

/** The answer of `why` for one stage. */
export async function whyAnswer(pipelines: Pipelines, facts: StageFacts, memory: RunMemory): Promise<WhyAnswer> {
  const seconds = memory.seconds.get(facts.stage.id);
  return {
    stage: nameOf(pipelines.repo, facts.stage),
    stale: facts.stale,
    reasons: [...facts.reasons],
    cached: await hasResult(pipelines, facts),
    ...(seconds === undefined ? {} : { seconds }),
  };
}
