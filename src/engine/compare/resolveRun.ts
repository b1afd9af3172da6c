/** From what the user names (a commit, branch or tag, `MODEL@VERSION`, `MODEL#STAGE`, `workspace`, a run's token) to the run. */

import { type Call } from '../../base/cancel';
import { type Repo } from '../data/repo';
import { StrataError, is } from '../errors';
import { isOpen, readStatus, runDir } from '../pipeline/runDir';
import { type RunRow } from '../verbs/runs';
import { namedCommit } from './history';
import { stageCommit, versionTag } from './modelTags';
import { commitHead, lastRun, runHead } from './runRows';
import { commitSnapshot, workspaceSnapshot, type Snapshot } from './snapshot';

/** A run that was named. */
export interface NamedRun {
  readonly row: Omit<RunRow, 'params' | 'last' | 'best'>;
  /** Undefined: its files are those of the workspace. */
  readonly commit: string | undefined;
}

const TOKEN = /^\d{8}-\d{6}-[0-9a-f]{8}$/;
const STAGE = /^[^#]+#[^#!]+$/;

/**
 * Finds a run. Fails with `compare.unknownRun` {run}; with `compare.runGone` {run} for an ended run whose files a later one has replaced; with
 * `compare.nothingInStage` {run} when no version holds the stage.
 */
export async function resolveRun(repo: Repo, target: string): Promise<NamedRun> {
  if (target === 'workspace' || target === '')
    return {
      row: { id: 'workspace', source: 'workspace', name: 'workspace', state: 'none', labels: [] },
      commit: undefined,
    };
  if (TOKEN.test(target)) return { row: await runByToken(repo, target), commit: undefined };
  const commit = await commitOf(repo, target);
  const git = repo.git;
  if (commit === undefined || !git) throw new StrataError('compare.unknownRun', { run: target });
  const named = await namedCommit(git, commit);
  return { row: commitHead({ ...named, ...headName(target, named) }), commit };
}

/** Who asks for `v1` or `digits#prod` sees that name, not the id. */
function headName(
  target: string,
  named: { name: string; labels: readonly string[] },
): { name: string; labels: readonly string[] } {
  if (!named.labels.includes(target) || !/^[0-9a-f]{7}$/.test(named.name)) return named;
  return { name: target, labels: named.labels.filter((label) => label !== target) };
}

async function runByToken(repo: Repo, token: string): Promise<NamedRun['row']> {
  const status = await readStatus(repo.host, runDir(repo.root, token));
  if (!status) throw new StrataError('compare.unknownRun', { run: token });
  if (!isOpen(status) && (await lastRun(repo))?.token !== token)
    throw new StrataError('compare.runGone', { run: token });
  return runHead(status);
}

async function commitOf(repo: Repo, target: string): Promise<string | undefined> {
  const { git } = repo;
  if (!git) return undefined;
  if (STAGE.test(target) && !target.includes('^')) {
    const held = stageCommit(await git.refs(), target);
    if (held === undefined) throw new StrataError('compare.nothingInStage', { run: target });
    return held;
  }
  try {
    return await git.resolve(target.includes('@v') ? versionTag(target) : target);
  } catch (error) {
    if (is(error, 'git.badRevision')) return undefined;
    throw error;
  }
}

/** The files of a run. */
export function snapshotOf(repo: Repo, run: NamedRun, call: Call): Promise<Snapshot> {
  return run.commit === undefined ? workspaceSnapshot(repo, call) : commitSnapshot(repo, run.commit, false, call);
}
