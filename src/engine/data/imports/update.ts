/**
 * `update`: looks at the source of an import again and records what it is now (formats §19): the newest commit of the branch, tag or default
 * branch it follows, or what lies at its URL. An import whose source and data are as recorded stays as it is.
 */

import { type Call } from '../../../base/cancel';
import { dirname, join } from '../../../base/paths';
import { StrataError } from '../../errors';
import { type DepEntry, type DvcFile } from '../../formats/dvcFile';
import { withoutSecrets } from '../../git/clone';
import { type UpdateAnswer, type UpdateArgs } from '../../verbs/imports';
import { refreshed } from '../add';
import { collectProject } from '../collect';
import { importHash } from '../importHash';
import { noteLinks } from '../links';
import { type Measured, type Output } from '../model';
import { outState } from '../outState';
import { shown } from '../paths';
import { readPointer, requireObjects, withoutRecord, withRecord, writePointer, type Pointer } from '../pointer';
import { type Repo } from '../repo';
import { planRestore } from '../restoreOutput';
import { removeOutput } from '../removeOutput';
import { requireLoaded, selectOutputs } from '../select';
import { startTask, type Task } from '../task';
import { autostage, refuseBusy, whileLocked } from '../writing';
import { importRecord, putThere } from './goal';
import { bringFrom, nearProject } from './importRepo';
import { factsOf, needFacts, sendOn, withFacts } from './importUrl';
import { currentCommit } from './otherRepo';
import { openSource } from './sources';

type Updated = UpdateAnswer['updated'][number];

/** An import as its file records it now. */
interface Known {
  readonly pointer: Pointer;
  readonly output: Output;
  readonly dep: DepEntry;
}

/** What a source has become. `content` is absent when only the source was looked at. */
interface Renewed {
  readonly dep: DepEntry;
  readonly content?: Measured;
}

/** Updates imports. Fails with `import.notImport` {path} for any other target, before anything is written. */
export async function update(repo: Repo, args: UpdateArgs, call: Call): Promise<UpdateAnswer> {
  if (args.toRemote && args.noDownload) throw new StrataError('import.mixed', { a: '--to-remote', b: '--no-download' });
  if (args.remote !== undefined && !args.toRemote) throw new StrataError('import.remoteAlone', {});
  const task = startTask(repo, call);
  return whileLocked(task, async () => {
    const imports = await selectImports(task, args);
    await refuseBusy(
      task,
      imports.map((one) => one.output.path),
    );
    const answer: UpdateAnswer = { updated: [], files: [] };
    const changed: string[] = [];
    for (const [n, one] of imports.entries()) {
      call.progress({
        phase: 'progress.updating',
        done: n,
        total: imports.length,
        unit: 'files',
        item: one.pointer.path,
      });
      answer.updated.push(await updateOne(task, one, args, changed));
    }
    await autostage(task, changed);
    return { ...answer, files: changed.map((path) => shown(repo, path)) };
  });
}

async function selectImports(task: Task, args: UpdateArgs): Promise<Known[]> {
  const { repo } = task;
  const files = await collectProject(repo, task.call);
  requireLoaded(files);
  const found = new Map<string, Known>();
  for (const { output } of await selectOutputs(repo, files, args.targets, args)) {
    const pointer = output.file.endsWith('.dvc') ? await readPointer(repo, output.file) : undefined;
    const dep = pointer?.file.deps[0];
    if (!pointer || !dep) {
      // Of a folder with -R those that are imports are meant.
      if (args.recursive) continue;
      throw new StrataError('import.notImport', { path: shown(repo, output.path) });
    }
    refuseForeign(repo, pointer.path, dep);
    if (dep.repo && args.toRemote) throw new StrataError('import.repoToRemote', { path: shown(repo, pointer.path) });
    found.set(pointer.path, { pointer, dep, output: await refreshed(task, output) });
  }
  return [...found.values()];
}

/** Databases and versioned object stores are left to DVC: their fields are kept, not understood. */
function refuseForeign(repo: Repo, path: string, dep: DepEntry): void {
  for (const field of ['db', 'version_id', 'files', 'cloud'])
    if (dep.extra.has(field)) throw new StrataError('import.foreign', { path: shown(repo, path), field });
}

async function updateOne(task: Task, known: Known, args: UpdateArgs, changed: string[]): Promise<Updated> {
  const { repo } = task;
  const { pointer, output, dep } = known;
  const renewed = dep.repo ? await renewRepo(task, known, args) : await renewUrl(task, known, args);
  const source = dep.repo ? `${dep.path} (${withoutSecrets(dep.repo.url)})` : withoutSecrets(dep.path);
  const base = { path: shown(repo, output.path), file: shown(repo, pointer.path), source };
  if (!renewed) {
    const rev = dep.repo?.revLock;
    return { ...base, ...factsOf(recordedContent(output)), ...(rev === undefined ? {} : { rev }), state: 'unchanged' };
  }
  const { content } = renewed;
  if (args.noDownload) await takeAway(task, output, args.force === true);
  else if (content && !args.toRemote) {
    await putThere(task, output.path, content, args.force ? 'force' : 'careful');
    await requireObjects(task, shown(repo, output.path), importRecord(content), content.entries);
  }
  if (await writePointer(repo, pointer.path, nextFile(known, renewed), pointer)) changed.push(pointer.path);
  await noteLinks(repo, [output.path]);
  const rev = renewed.dep.repo?.revLock;
  return { ...base, ...factsOf(content), ...(rev === undefined ? {} : { rev }), state: 'updated' };
}

function recordedContent({ recorded }: Output): Measured | undefined {
  return recorded && { ...recorded, size: recorded.size ?? 0 };
}

/** The file afterwards. Without data its hash is the one DVC leaves: over the source as it is now and the data as it was. */
function nextFile({ pointer, output }: Known, { dep, content }: Renewed): DvcFile {
  const withDep = { ...pointer.file, deps: [dep, ...pointer.file.deps.slice(1)] };
  const outs = withDep.outs.map((out) => {
    if (out.path !== output.declared) return out;
    return content ? withRecord(out, importRecord(content)) : withoutRecord(out);
  });
  const next = { ...withDep, outs };
  return { ...next, md5: importHash(content ? next : withDep) };
}

/** With `--no-download` data that is no longer what the source is does not stay, unless no cache holds it: then this fails with `data.unsaved`. */
async function takeAway(task: Task, output: Output, force: boolean): Promise<void> {
  const { unsaved } = await planRestore(task, { path: output.path });
  const paths = unsaved.map((path) => shown(task.repo, path));
  if (paths.length > 0 && !force) throw new StrataError('data.unsaved', { paths, n: paths.length, path: paths[0] });
  await removeOutput(task, output.path);
}

/** True when neither the file nor the data have to change as long as the source has not. */
async function isWhole(task: Task, { pointer, output }: Known): Promise<boolean> {
  if (pointer.file.md5 !== importHash(pointer.file)) return false;
  return output.recorded !== undefined && (await outState(task, output)) === 'unchanged';
}

async function renewRepo(task: Task, known: Known, args: UpdateArgs): Promise<Renewed | undefined> {
  const { dep, pointer } = known;
  const old = dep.repo;
  if (!old) return undefined;
  const source = args.rev === undefined ? old : { ...old, rev: args.rev };
  const near = nearProject(task, dirname(pointer.path));
  const same = source.rev === old.rev && (await isWhole(task, known));
  if (same && (await currentCommit(near, source)) === old.revLock) return undefined;
  const wanted = { ...dep, repo: source };
  const { commit, content } = await bringFrom(task, near, wanted, args.noDownload !== true);
  if (same && commit === old.revLock) return undefined;
  return { dep: { ...wanted, repo: { ...source, revLock: commit } }, ...(content ? { content } : {}) };
}

async function renewUrl(task: Task, known: Known, args: UpdateArgs): Promise<Renewed | undefined> {
  const { dep, pointer } = known;
  const base = join(dirname(pointer.path), pointer.file.wdir);
  const source = await openSource(task, dep.path, base, dep.extra.get('fs_config'));
  try {
    const facts = await needFacts(source, dep.path);
    const same = facts.hash === dep.hash && facts.hashName === dep.hashName;
    if (same && !args.toRemote && (await isWhole(task, known))) return undefined;
    if (args.noDownload) return same ? undefined : { dep: withFacts(dep, facts) };
    const brought = await source.bring();
    if (args.toRemote) await sendOn(task, args.remote, brought.content, known.output.path);
    return { dep: withFacts(dep, brought.facts), content: brought.content };
  } finally {
    await source.close();
  }
}
