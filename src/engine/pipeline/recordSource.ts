/** Records data that was added by hand, when `repro` finds it changed: into the cache, and its `.dvc` file. */

import { commitFile } from '../data/commitData';
import { ignoreOutputs, refuseGitTracked } from '../data/ignoreOutputs';
import { stamped } from '../data/importHash';
import { shown } from '../data/paths';
import { readPointer, recordOutput, writePointer } from '../data/pointer';
import { saveOutput } from '../data/saveOutput';
import { type Task } from '../data/task';
import { StrataError } from '../errors';
import { type Stage } from './stage';

/**
 * Saves the outputs of a `.dvc` file as they lie there; without `commit` they are only hashed. Answers the files that changed, from the root.
 * Fails with `pipeline.importChanged` on an import that is not frozen: fetching its source again is the business of `update`.
 */
export async function recordSource(stage: Stage, task: Task, commit: boolean): Promise<string[]> {
  if (stage.isImport && !stage.frozen)
    throw new StrataError('pipeline.importChanged', { path: shown(task.repo, stage.file) });
  const written = new Set<string>();
  if (commit) {
    const parts = stage.outs.map(({ output }) => ({ output }));
    await commitFile(task, stage.file, { parts, force: true }, written);
    return [...written];
  }
  const before = await readPointer(task.repo, stage.file);
  if (!before) throw new StrataError('data.missing', { path: shown(task.repo, stage.file) });
  const cached = stage.outs.filter(({ output }) => output.cache).map(({ output }) => output.path);
  await refuseGitTracked(task.repo, cached);
  for (const path of await ignoreOutputs(task.repo, cached)) written.add(path);
  let { file } = before;
  for (const { output } of stage.outs) {
    const { hash, hashName, size, nfiles, isexec, entries } = await saveOutput(task, output.path, { cache: false });
    const more = { ...(nfiles === undefined ? {} : { nfiles }), ...(isexec === undefined ? {} : { isexec }) };
    const record = { hash, hashName, size, ...more };
    file = await recordOutput(task, file, output, { record, ...(entries ? { entries } : {}) });
  }
  file = stamped(file);
  if (await writePointer(task.repo, stage.file, file, before)) written.add(stage.file);
  return [...written];
}
