/**
 * `commit`: records what lies in the workspace in `.dvc` files, and takes it into the cache (dvc.md §18). Data that differs from what is
 * recorded is committed only when forced or confirmed. Stages of a dvc.yaml are the pipeline's business: it hands in how.
 */

import { isCancelled, type Call } from '../../base/cancel';
import { StrataError } from '../errors';
import { type CommitAnswer, type CommitArgs } from '../verbs/data';
import { refreshed } from './add';
import { collectProject } from './collect';
import { ignoreOutputs } from './ignoreOutputs';
import { stamped } from './importHash';
import { noteLinks } from './links';
import { type Output, type ProjectFiles, type Selection } from './model';
import { measureOutput, sameContent } from './outState';
import { shown, shownStage } from './paths';
import { readPointer, recordOf, recordOutput, requireObjects, writePointer, type NewRecord } from './pointer';
import { absolute, type Repo } from './repo';
import { saveInside } from './saveInside';
import { saveOutput } from './saveOutput';
import { requireLoaded, selectOutputs } from './select';
import { startTask, type Task } from './task';
import { autostage, refuseBusy, whileLocked } from './writing';

/** What a committer of stages did. */
export interface StageCommit {
  readonly changed: boolean;
  /** Files it wrote, from the root. */
  readonly files: readonly string[];
}

/** Commits stages of dvc.yaml files, called under the repository lock: addressing from the root, and whether it is forced. */
export type CommitStages = (
  task: Task,
  files: ProjectFiles,
  stages: readonly string[],
  force: boolean,
) => Promise<ReadonlyMap<string, StageCommit>>;

/** Commits targets, or everything. Fails with `data.commitChanged` when data differs and nobody agreed. */
export async function commit(
  repo: Repo,
  args: CommitArgs,
  call: Call,
  commitStages?: CommitStages,
): Promise<CommitAnswer> {
  const task = startTask(repo, call);
  return whileLocked(task, async () => {
    const files = await collectProject(repo, call);
    requireLoaded(files);
    const selected = await selectOutputs(repo, files, args.targets, args);
    await refuseBusy(
      task,
      selected.map((one) => one.output.path),
    );
    await requirePresent(
      task,
      selected.filter((one) => one.output.file.endsWith('.dvc') && one.inside === undefined),
    );
    const answer: CommitAnswer = { committed: [], files: [] };
    const written = new Set<string>();
    for (const [file, parts] of byDvcFile(selected)) {
      const changed = await commitFile(task, file, { parts, force: args.force === true }, written);
      answer.committed.push({ name: shown(repo, file), changed });
    }
    const stages = stageNames(files, args, selected);
    if (commitStages && stages.length > 0) {
      for (const [name, done] of await commitStages(task, files, stages, args.force === true)) {
        answer.committed.push({ name: shownStage(repo, fileOf(files, name), name), changed: done.changed });
        for (const file of done.files) written.add(file);
      }
    }
    await autostage(task, [...written]);
    return { ...answer, files: [...written].map((path) => shown(repo, path)) };
  });
}

/** Fails with `data.missing` before anything is written when data to be recorded is not there. */
async function requirePresent(task: Task, parts: readonly Selection[]): Promise<void> {
  const { repo } = task;
  for (const { output } of parts) {
    if (!(await repo.host.fs.stat(absolute(repo, output.path))))
      throw new StrataError('data.missing', { path: shown(repo, output.path) });
  }
}

function byDvcFile(selected: readonly Selection[]): Map<string, Selection[]> {
  const out = new Map<string, Selection[]>();
  for (const one of selected) {
    if (!one.output.file.endsWith('.dvc')) continue;
    out.set(one.output.file, [...(out.get(one.output.file) ?? []), one]);
  }
  return out;
}

/** Stages meant by the targets; without targets all, those without outputs too. */
function stageNames(files: ProjectFiles, args: CommitArgs, selected: readonly Selection[]): string[] {
  const all = files.stages.filter((stage) => !stage.file.endsWith('.dvc'));
  if (args.targets.length === 0) return all.map((stage) => stage.name);
  const wanted = new Set(selected.map((one) => one.output.stage));
  return all.filter((stage) => wanted.has(stage.name)).map((stage) => stage.name);
}

function fileOf(files: ProjectFiles, name: string): string {
  return files.stages.find((stage) => stage.name === name)?.file ?? 'dvc.yaml';
}

/** Commits the outputs of one `.dvc` file; answers whether the file changed. */
export async function commitFile(
  task: Task,
  path: string,
  what: { readonly parts: readonly Selection[]; readonly force: boolean },
  written: Set<string>,
): Promise<boolean> {
  const { repo } = task;
  const before = await readPointer(repo, path);
  if (!before) throw new StrataError('data.missing', { path: shown(repo, path) });
  let file = before.file;
  const changedOutputs = what.force ? [] : await changed(task, what.parts);
  if (changedOutputs.length > 0) await confirm(task, path, changedOutputs);
  const fresh: { path: string; record: NewRecord }[] = [];
  for (const part of what.parts) {
    const record = await commitPart(task, part);
    file = await recordOutput(task, file, part.output, { record });
    const isNew = !sameContent(part.output.recorded, record);
    if (part.output.cache && isNew) fresh.push({ path: shown(repo, part.output.path), record });
    if (part.output.cache) for (const one of await ignoreOutputs(repo, [part.output.path])) written.add(one);
  }
  file = stamped(file);
  for (const one of fresh) await requireObjects(task, one.path, one.record);
  const wrote = await writePointer(repo, path, file, before);
  if (wrote) written.add(path);
  await noteLinks(
    repo,
    what.parts.map((part) => part.output.path),
  );
  return wrote;
}

async function commitPart(task: Task, part: Selection): Promise<NewRecord> {
  const output = await refreshed(task, part.output);
  if (part.inside !== undefined) return commitInside(task, output, part.inside);
  const legacy = await unchangedLegacy(task, output);
  if (legacy) return legacy;
  return recordOf(await saveOutput(task, output.path, { cache: output.cache }));
}

/** A part of a folder. The size of the whole is known when nothing else of the folder has changed either. */
async function commitInside(task: Task, output: Output, inside: string): Promise<NewRecord> {
  const { record } = await saveInside(task, { output, inside, cache: true, ownList: false });
  if (record.size !== undefined) return record;
  const now = await measureOutput(task, output);
  return sameContent(record, now) && now ? { ...record, size: now.size } : record;
}

/** 2.x entries stay while their data is the same and in the cache. */
async function unchangedLegacy(task: Task, output: Output): Promise<NewRecord | undefined> {
  if (output.recorded?.hashName !== 'md5-dos2unix') return undefined;
  const found = await measureOutput(task, output);
  const kept = sameContent(output.recorded, found) && task.repo.store.has(output.recorded.hash, 'md5-dos2unix');
  return kept ? output.recorded : undefined;
}

/** Outputs whose data differs from what is recorded; the cache does not matter here. */
async function changed(task: Task, parts: readonly Selection[]): Promise<string[]> {
  const out: string[] = [];
  for (const { output } of parts) {
    const found = await measureOutput(task, output);
    if (!sameContent(output.recorded, found)) out.push(shown(task.repo, output.path));
  }
  return out;
}

async function confirm(task: Task, path: string, items: readonly string[]): Promise<void> {
  await confirmCommit(task.call, shown(task.repo, path), items);
}

/** Asks whether changed data is to be recorded; fails with `data.commitChanged` when nobody can answer or the answer is no. */
export async function confirmCommit(call: Call, path: string, items: readonly string[]): Promise<void> {
  const question = {
    kind: 'confirm',
    code: 'commitChanged',
    data: { path },
    choices: ['cancel', 'yes'],
    items,
  } as const;
  const answer = await call.ask(question).catch((error: unknown) => {
    if (isCancelled(error)) throw error;
    return 'cancel';
  });
  if (answer !== 'yes') throw new StrataError('data.commitChanged', { path });
}
