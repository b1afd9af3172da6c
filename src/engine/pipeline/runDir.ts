/**
 * The folder of a run, `.dvc/tmp/strata/runs/TOKEN/`: what was asked (`plan.json`), how it stands (`status.json`, replaced whole at each
 * change), a folder for each stage that ran (`001/out.log`, `001/verdict.json`), `cancel` once somebody wants it to end, and `run.log` for
 * what the supervisor says when it cannot even write its status.
 */

import { StrataError } from '../errors';
import { type Host } from '../host/host';
import { isRunning } from '../runners/processes';
import { type RunPlan, type RunStage, type RunStatus } from '../verbs/pipeline';

/** How many folders of ended runs are kept. */
export const KEPT_RUNS = 20;

const TOKEN = /^\d{8}-\d{6}-[0-9a-f]{8}$/;

/** A new run's name: its time in UTC, so that names sort by age, and a random part. */
export function newToken(host: Host): string {
  const iso = new Date(host.now()).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', '')}-${iso.slice(11, 19).replaceAll(':', '')}-${host.randomHex(4)}`;
}

/** Absolute path of the folder of all runs. */
export function runsDir(root: string): string {
  return `${root}/.dvc/tmp/strata/runs`;
}

/** Absolute path of a run's folder. Fails with `run.unknown` for what cannot be a token. */
export function runDir(root: string, token: string): string {
  if (!TOKEN.test(token)) throw new StrataError('run.unknown', { run: token });
  return `${runsDir(root)}/${token}`;
}

/** The plan of a run. Fails with `run.unknown` when the folder holds none. */
export async function readPlan(host: Host, dir: string): Promise<RunPlan> {
  const plan = await readJson<RunPlan>(host, `${dir}/plan.json`);
  if (plan?.schema !== 1) throw new StrataError('run.unknown', { run: dir });
  return plan;
}

/**
 * How a run stands; undefined before its supervisor has said so. A run that says it goes on although its supervisor is gone is `lost`, and so
 * are the stages that were under way.
 */
export async function readStatus(host: Host, dir: string): Promise<RunStatus | undefined> {
  const status = await readJson<RunStatus>(host, `${dir}/status.json`);
  if (status?.schema !== 1) return undefined;
  if (!isOpen(status) || isRunning(status.pid, status.token)) return status;
  // It may have ended between the two looks.
  const again = (await readJson<RunStatus>(host, `${dir}/status.json`)) ?? status;
  return isOpen(again) ? { ...again, state: 'lost', stages: again.stages.map(lose) } : again;
}

/** True while a run goes on, as far as its status says. */
export function isOpen(status: RunStatus): boolean {
  return status.state === 'starting' || status.state === 'running';
}

function lose(stage: RunStage): RunStage {
  return stage.state === 'running' || stage.state === 'queued' ? { ...stage, state: 'cancelled' } : stage;
}

/** Replaces the status. It may be lost in a power cut: then the run is lost too. */
export async function writeStatus(host: Host, dir: string, status: RunStatus): Promise<void> {
  await host.fs.writeAtomic(`${dir}/status.json`, toJson(status), { durable: false });
}

/** Writes the plan of a new run. */
export async function writePlan(host: Host, dir: string, plan: RunPlan): Promise<void> {
  await host.fs.mkdir(dir);
  await host.fs.writeAtomic(`${dir}/plan.json`, toJson(plan), { durable: false });
}

/** Tokens of all runs, newest first. */
export async function listRuns(host: Host, root: string): Promise<string[]> {
  const entries = (await host.fs.readdir(runsDir(root))) ?? [];
  const names = entries.filter((entry) => entry.kind === 'folder' && TOKEN.test(entry.name)).map((entry) => entry.name);
  return names.sort().reverse();
}

/** How many folders of runs that found nothing to do are kept: their callers may still be reading them. */
const KEPT_IDLE = 3;

/**
 * Removes the folders of the oldest ended runs beyond {@link KEPT_RUNS}. A run that goes on is never touched; runs that found nothing to do
 * crowd nobody out.
 */
export async function pruneRuns(host: Host, root: string): Promise<void> {
  let kept = 0;
  let idle = 0;
  for (const token of await listRuns(host, root)) {
    const dir = runDir(root, token);
    const status = await readStatus(host, dir);
    if (status && isOpen(status)) continue;
    if (status && isIdle(status)) idle += 1;
    else kept += 1;
    if (kept > KEPT_RUNS || (status && isIdle(status) && idle > KEPT_IDLE)) await host.fs.remove(dir);
  }
}

function isIdle(status: RunStatus): boolean {
  return status.state === 'succeeded' && status.stages.every((stage) => stage.dir === undefined);
}

/** JSON that holds what values of YAML can be: big integers become text with all digits. */
function toJson(value: unknown): string {
  return `${JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? member.toString() : member))}\n`;
}

async function readJson<T>(host: Host, path: string): Promise<T | undefined> {
  const text = await host.fs.readText(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
