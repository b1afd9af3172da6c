/** `freeze` and `unfreeze`: a frozen stage does not run, whatever changes; a frozen import stays at its version (dvc.md §10, §18). */

import { type Call } from '../../base/cancel';
import { updateDvcFile } from '../formats/dvcFile';
import { type Dict } from '../formats/values';
import { type FreezeAnswer, type PathsArgs } from '../verbs/upkeep';
import { collectProject } from './collect';
import { importHash } from './importHash';
import { shown, shownStage } from './paths';
import { readPointer } from './pointer';
import { absolute, type Repo } from './repo';
import { requireLoaded } from './select';
import { editStage, stageEntries, type StageEntry } from './stageEntries';
import { stageName } from './outputs';
import { startTask } from './task';
import { autostage, whileLocked } from './writing';

/** Freezes stages and `.dvc` files. Fails as `stageEntries`. */
export function freeze(repo: Repo, args: PathsArgs, call: Call): Promise<FreezeAnswer> {
  return setFrozen(repo, args, true, call);
}

/** Takes that back. */
export function unfreeze(repo: Repo, args: PathsArgs, call: Call): Promise<FreezeAnswer> {
  return setFrozen(repo, args, false, call);
}

async function setFrozen(repo: Repo, args: PathsArgs, frozen: boolean, call: Call): Promise<FreezeAnswer> {
  const task = startTask(repo, call);
  return whileLocked(task, async () => {
    const files = await collectProject(repo, call);
    requireLoaded(files);
    const entries: StageEntry[] = [];
    for (const target of args.targets) entries.push(...(await stageEntries(repo, files, target)));
    const answer: FreezeAnswer = { changed: [], files: [] };
    const written = new Set<string>();
    for (const entry of entries) {
      if (!(await setOne(repo, entry, frozen))) continue;
      written.add(entry.file);
      const name = entry.name === undefined ? entry.file : stageName(entry.file, entry.name);
      answer.changed.push(shownStage(repo, entry.file, name));
    }
    await autostage(task, [...written]);
    return { ...answer, files: [...written].map((path) => shown(repo, path)) };
  });
}

/** Rewrites one file; false when it says so already. */
async function setOne(repo: Repo, { file, name }: StageEntry, frozen: boolean): Promise<boolean> {
  const before = (await repo.host.fs.readText(absolute(repo, file))) ?? '';
  const next = name === undefined ? await dvcFileText(repo, file, frozen) : editStage(before, file, name, mark(frozen));
  if (next === undefined || next === before) return false;
  await repo.host.fs.writeAtomic(absolute(repo, file), next);
  return true;
}

async function dvcFileText(repo: Repo, path: string, frozen: boolean): Promise<string | undefined> {
  const pointer = await readPointer(repo, path);
  if (!pointer || pointer.file.frozen === frozen) return pointer?.text;
  const file = { ...pointer.file, frozen };
  return updateDvcFile(pointer.text, path, file.md5 === undefined ? file : { ...file, md5: importHash(file) });
}

function mark(frozen: boolean): (stage: Dict) => Dict {
  return (stage) => {
    const next = new Map(stage);
    next.delete('frozen');
    return frozen ? (stage.get('frozen') === true ? stage : next.set('frozen', true)) : next;
  };
}
