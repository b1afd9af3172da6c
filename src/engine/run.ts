/**
 * The supervisor of one run: `node dist/run.js RUNDIR`. Started detached, so that the run outlives the window and the terminal it was asked for
 * in. Reads `plan.json`, carries it out, writes `status.json`; ends its stages on SIGTERM or when a file `cancel` appears in RUNDIR.
 */

import { existsSync } from 'node:fs';
import { type Call } from '../base/cancel';
import { openRepo } from './data/openRepo';
import { nodeHost } from './host/node';
import { executeRun } from './pipeline/executeRun';
import { pruneRuns, readPlan, writeStatus } from './pipeline/runDir';
import { toError } from './pipeline/statusBoard';
import { localRunner } from './runners/local';

/** Milliseconds between two looks for the `cancel` file. */
const LOOK_MS = 100;

async function main(dir: string): Promise<void> {
  const host = nodeHost();
  const plan = await readPlan(host, dir);
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  // A terminal that closes does not end a run.
  process.on('SIGHUP', () => undefined);
  const look = setInterval(() => {
    if (existsSync(`${dir}/cancel`)) stop.abort();
  }, LOOK_MS);
  const call: Call = {
    signal: stop.signal,
    progress: () => undefined,
    ask: () => Promise.reject(new Error('a run asks nobody')),
  };
  try {
    const repo = await openRepo({ root: plan.root, cwd: plan.cwd, host, trusted: true, command: plan.command });
    await executeRun({ repo, plan, dir, runner: localRunner(host.env), call });
    repo.git?.close();
    await repo.store.close();
    await pruneRuns(host, plan.root);
  } catch (error) {
    const { token } = plan;
    const now = host.now();
    const status = { schema: 1, token, pid: process.pid, state: 'failed', start: now, end: now, stages: [] } as const;
    await writeStatus(host, dir, { ...status, stages: [], error: toError(error) });
  } finally {
    clearInterval(look);
  }
}

const dir = process.argv[2];
if (dir === undefined) {
  process.stderr.write('usage: run.js RUNDIR\n');
  process.exitCode = 2;
} else {
  void main(dir).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  });
}
