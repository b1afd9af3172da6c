/** The half of `commit` that concerns stages: records present data of stages in dvc.lock and takes outputs into the cache (dvc.md §18). */

import { is, StrataError } from '../errors';
import { confirmCommit, type StageCommit } from '../data/commitData';
import { type ProjectFiles } from '../data/model';
import { measureOutput, sameContent } from '../data/outState';
import { shown, shownStage } from '../data/paths';
import { absolute } from '../data/repo';
import { type Task } from '../data/task';
import { type Examiner } from './examine';
import { GitBook } from './gitBook';
import { newExaminer } from './load';
import { recordStage } from './record';
import { collectStages, type Stage } from './stage';

/**
 * Commits stages by their addressing from the root. A stage that has changed is committed only when forced or confirmed; fails with
 * `data.commitChanged` otherwise. Called under the repository lock.
 */
export async function commitStages(
  task: Task,
  files: ProjectFiles,
  names: readonly string[],
  force: boolean,
): Promise<Map<string, StageCommit>> {
  const stages = new Map(collectStages(task.repo.root, files).map((stage) => [stage.id, stage]));
  const done = new Map<string, StageCommit>();
  const git = new GitBook(task.repo);
  for (const name of names) {
    const stage = stages.get(name);
    if (!stage) continue;
    const examiner = newExaminer(task, files);
    await requireOutputs(task, stage);
    const changed = await changedEntries(stage, examiner);
    if (!force && changed.length > 0) await confirm(task, stage, changed);
    const record = await recordStage(stage, examiner, { commit: true, runCache: force || changed.length > 0, git });
    done.set(name, { changed: record.changed, files: record.files });
  }
  return done;
}

/** What was never made cannot be recorded: fails with `pipeline.commitNoOut` {stage, path}. */
async function requireOutputs(task: Task, stage: Stage): Promise<void> {
  for (const { output } of stage.outs) {
    if (await task.repo.host.fs.stat(absolute(task.repo, output.path))) continue;
    throw new StrataError('pipeline.commitNoOut', {
      stage: shownStage(task.repo, stage.file, stage.id),
      path: shown(task.repo, output.path),
    });
  }
}

/** What differs from the record, as the caller writes it; what the cache has does not matter here. */
async function changedEntries(stage: Stage, examiner: Examiner): Promise<string[]> {
  const { task } = examiner;
  const found = await examiner.staleness({ ...stage, frozen: false, outs: [] });
  const deps = found.deps.map((change) => (change.kind === 'dep' ? change.dep.path : change.file.path));
  const outs: string[] = [];
  for (const { output } of stage.outs) {
    if (!sameContent(output.recorded, await measureOutput(task, output))) outs.push(output.path);
  }
  const paths = [...deps, ...outs].map((path) => shown(task.repo, path));
  return found.cmd ? [...paths, shown(task.repo, stage.file)] : paths;
}

/** Asks; a stage that nothing is recorded of gets a sentence of its own. */
async function confirm(task: Task, stage: Stage, items: readonly string[]): Promise<void> {
  const name = shownStage(task.repo, stage.file, stage.id);
  try {
    await confirmCommit(task.call, name, items);
  } catch (error) {
    throw is(error, 'data.commitChanged') && !stage.lock
      ? new StrataError('pipeline.commitNew', { stage: name })
      : error;
  }
}
