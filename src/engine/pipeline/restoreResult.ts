/** Puts the outputs of a known result into the workspace. All of them are in the cache, or nothing is touched. */

import { type Output, type Recorded } from '../data/model';
import { recordedOf } from '../data/outputs';
import { isCached } from '../data/outState';
import { applyRestore, planRestore } from '../data/restoreOutput';
import { type Task } from '../data/task';
import { type LockEntry } from '../formats/dvcLock';
import { type Stage } from './stage';

/** The recorded versions of a stage's outputs in an entry, when all are there and in the cache. */
export async function cachedVersions(
  stage: Stage,
  entry: LockEntry,
  task: Task,
): Promise<{ output: Output; version: Recorded }[] | undefined> {
  const found: { output: Output; version: Recorded }[] = [];
  for (const { output } of stage.outs) {
    const recorded = entry.outs.find((out) => out.path === output.declared);
    const version = recorded && recordedOf(recorded);
    if (!version || !(await isCached(task, version))) return undefined;
    found.push({ output, version });
  }
  return found;
}

/** True when the outputs are now in the workspace as the entry says; false when something of it is not in the cache. */
export async function restoreResult(stage: Stage, entry: LockEntry, task: Task): Promise<boolean> {
  const versions = await cachedVersions(stage, entry, task);
  if (!versions) return false;
  for (const { output, version } of versions) {
    const plan = await planRestore(task, { path: output.path, version, own: !output.cache });
    const [failure] = await applyRestore(task, plan);
    if (failure) return false;
  }
  return true;
}
