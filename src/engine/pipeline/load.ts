/** Opens the pipelines of a project for one verb: everything collected, stages made of it, an examiner for what has changed. */

import { type Call } from '../../base/cancel';
import { collectProject } from '../data/collect';
import { type ProjectFiles } from '../data/model';
import { shown, shownStage } from '../data/paths';
import { absolute, type Repo } from '../data/repo';
import { startTask, type Task } from '../data/task';
import { checkPaths, cleanPaths, type PathClaims } from '../cache/rwlock';
import { errorCodec, is, StrataError } from '../errors';
import { configBool } from '../formats/dvcConfig';
import { type StagesAnswer } from '../verbs/pipeline';
import { Examiner } from './examine';
import { collectStages, type Stage } from './stage';

/** A project's pipelines as they stand now. */
export interface Pipelines {
  readonly repo: Repo;
  readonly task: Task;
  readonly files: ProjectFiles;
  readonly stages: readonly Stage[];
  readonly byId: ReadonlyMap<string, Stage>;
  readonly examiner: Examiner;
}

/** Loads all pipelines; files that cannot be loaded are in `files.broken`. */
export async function loadPipelines(repo: Repo, call: Call): Promise<Pipelines> {
  const files = await collectProject(repo, call);
  const stages = collectStages(repo.root, files);
  const task = startTask(repo, call);
  return {
    repo,
    task,
    files,
    stages,
    byId: new Map(stages.map((stage) => [stage.id, stage])),
    examiner: newExaminer(task, files),
  };
}

/** An examiner that has seen nothing yet. */
export function newExaminer(task: Task, files: ProjectFiles): Examiner {
  return new Examiner(task, new Map(files.dvcFiles.map((entry) => [entry.path, entry.file])));
}

/** Fails with the error of the first file that cannot be loaded: acting on the rest alone could be wrong. */
export function refuseBroken(pipelines: Pipelines): void {
  const [first] = pipelines.files.broken;
  if (first) throw first.error;
}

/** The broken files of an answer: the message in English, code and facts for a sentence in the reader's language. */
export function brokenFiles(pipelines: Pipelines): StagesAnswer['errors'] {
  return pipelines.files.broken.map(({ path, error }) => brokenFile(shown(pipelines.repo, path), error));
}

/** One of them. `path` is as the caller sees it. */
export function brokenFile(path: string, error: unknown): StagesAnswer['errors'][number] {
  const { code, data, message } = errorCodec.toWire(error);
  const { line, column } = is(error) ? error.data : {};
  return {
    path,
    message,
    code,
    data,
    ...(typeof line === 'number' ? { line } : {}),
    ...(typeof column === 'number' ? { column } : {}),
  };
}

/** A stage's addressing as the caller writes it. */
export function nameOf(repo: Repo, stage: Stage): string {
  return shownStage(repo, stage.file, stage.name);
}

/** What a stage reads and makes, as DVC's path locks name it. */
export function claimsOf(repo: Repo, stage: Stage): PathClaims {
  const local = (paths: readonly string[]): string[] => {
    return [...new Set(paths.filter((path) => !path.includes('://')).map((path) => absolute(repo, path)))];
  };
  return { read: local(stage.reads), write: local(stage.makes) };
}

/**
 * Fails with `lock.paths` while another process writes what these stages read or make. Waits for nothing; where writing is allowed, entries of
 * processes that are gone are taken out on the way.
 */
export async function refuseBusy(repo: Repo, stages: readonly Stage[]): Promise<void> {
  const read = stages.flatMap((stage) => {
    const claims = claimsOf(repo, stage);
    return [...claims.read, ...claims.write];
  });
  const blocker = await checkPaths(`${repo.root}/.dvc`, { read, write: [] }, 0);
  if (repo.trusted) await cleanClaims(repo);
  if (blocker) throw new StrataError('lock.paths', { path: blocker.path, pid: blocker.pid, cmd: blocker.cmd });
}

/** Somebody else at the same file means that it is being cleaned or used: then it is left alone. */
async function cleanClaims(repo: Repo): Promise<void> {
  const hardlink = configBool(repo.config, 'core', 'hardlink_lock', false);
  try {
    await cleanPaths(`${repo.root}/.dvc`, { pid: process.pid, cmd: repo.command, hardlink });
  } catch (error) {
    if (!is(error, 'lock.busy') && !is(error, 'lock.busyBy')) throw error;
  }
}
