/** Several engines at once, each in a process of its own (`engineLoop.mjs`), started together. */

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import { type VerbId } from '../../src/engine/verbs/verbs';

/** A verb, its targets, its other arguments. */
export type EngineCall = readonly [VerbId, readonly string[], Readonly<Record<string, unknown>>?];

/** What one engine shall do. */
export interface EngineJob {
  /** Absolute path by which it opens the project. */
  readonly dir: string;
  readonly calls: readonly EngineCall[];
  /** Longest pause between two calls, in milliseconds; none unless given. */
  readonly pause?: number;
}

/** How it went. */
export interface EngineTold {
  readonly done: number;
  /** How often it was told that the project is busy. */
  readonly busy: number;
  /** Calls that failed with anything else, or were busy to the end. */
  readonly failed: readonly string[];
}

/** Lets engines work side by side; answers when all have ended. An engine that dies is a failure. */
export async function runEngines(jobs: readonly EngineJob[]): Promise<EngineTold[]> {
  const engines = jobs.map(() => fork(path.join(__dirname, 'engineLoop.mjs'), { execArgv: [] }));
  try {
    await Promise.all(engines.map((engine) => once(engine, 'message')));
    return await Promise.all(engines.map((engine, n) => work(engine, jobs[n])));
  } finally {
    for (const engine of engines) engine.kill('SIGKILL');
  }
}

async function work(engine: ChildProcess, job: EngineJob | undefined): Promise<EngineTold> {
  const answer = once(engine, 'message');
  const death = once(engine, 'exit').then(([code, signal]) => {
    throw new Error(`an engine ended before its work did: ${code ?? signal}`);
  });
  death.catch(() => undefined);
  engine.send(job ?? {});
  const [told] = (await Promise.race([answer, death])) as [EngineTold];
  return told;
}
