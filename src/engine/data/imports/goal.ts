/**
 * Where an import goes: the path in the workspace, its `.dvc` file, and what must hold before anything is brought. Putting it there is a restore
 * like any other: checked, each file in one step, nothing overwritten that no cache holds.
 */

import { basename, dirname, join, normalize } from '../../../base/paths';
import { StrataError } from '../../errors';
import { type DepEntry, type DvcFile, type OutEntry } from '../../formats/dvcFile';
import { collectProject } from '../collect';
import { refuseOverlaps } from '../graphCheck';
import { ignoreOutputs, refuseGitTracked } from '../ignoreOutputs';
import { importHash } from '../importHash';
import { noteLinks } from '../links';
import { type Measured, type Output, type ProjectFiles } from '../model';
import { fromArgument, shown } from '../paths';
import { guardName, guardPlace } from '../placement';
import {
  readPointer,
  requireObjects,
  withoutRecord,
  withRecord,
  writePointer,
  type NewRecord,
  type Pointer,
} from '../pointer';
import { absolute, type Repo } from '../repo';
import { applyRestore, planRestore, type RestorePlan } from '../restoreOutput';
import { refuseHidden } from '../saveOutput';
import { requireLoaded } from '../select';
import { type Task } from '../task';
import { refuseBusy } from '../writing';
import { finish, hasBegun } from './begun';

/** The place of an import, understood and checked. */
export interface Goal {
  /** From the root. */
  readonly path: string;
  /** Its `.dvc` file, from the root. */
  readonly file: string;
  /** What that file said before. */
  readonly before?: Pointer;
  /** What lies there was put there by the same import, which did not come to its end. */
  readonly begun: boolean;
}

/** How data is put into place: over anything, never over what no cache holds, or only beside what is the same already. */
export type Putting = 'force' | 'careful' | 'fill';

/** The last part of a path or URL, as DVC names what it brings. Fails with `import.noName`. */
export function nameOf(source: string): string {
  const path = /^[a-zA-Z][\w+.-]*:\/\/[^/?#]*([^?#]*)/.exec(source)?.[1] ?? source;
  const name = basename(normalize(path));
  if (['', '.', '..', '/'].includes(name)) throw new StrataError('import.noName', { url: source });
  return name;
}

/** What an import is asked for. */
export interface Asked {
  /** What gives the data its name. */
  readonly named: string;
  /** The whole of it, to know the same import by. */
  readonly source: string;
  readonly out: string | undefined;
  readonly force: boolean;
}

/** The path an import gets: `out`, inside it when it is a folder that was not made by this very import, else the source's own name. */
async function outPath(repo: Repo, { named, source, out }: Asked): Promise<string> {
  if (out === undefined) return fromArgument(repo, nameOf(named));
  const path = fromArgument(repo, out);
  const isFolder = (await repo.host.fs.stat(absolute(repo, path)))?.kind === 'folder';
  return isFolder && !(await hasBegun(repo, { path, source })) ? join(path, nameOf(named)) : path;
}

/**
 * Understands where an import goes, under the lock. Fails with `import.exists` {path} unless forced, `data.pointerTaken`, `data.trackedByGit`,
 * `data.overlap` and what `add` refuses besides.
 */
export async function goalOf(task: Task, asked: Asked): Promise<Goal> {
  const { repo } = task;
  const { source, force } = asked;
  const path = await outPath(repo, asked);
  guardName(repo, path);
  const file = `${path}.dvc`;
  if (basename(path).endsWith('.dvc')) throw new StrataError('data.pointerAsOutput', { path: shown(repo, path) });
  await guardPlace(repo, path);
  const parent = await repo.host.fs.stat(absolute(repo, dirname(path)));
  if (parent?.kind !== 'folder') throw new StrataError('import.noFolder', { path: shown(repo, dirname(path)) });
  const before = await readPointer(repo, file);
  const taken = (await repo.host.fs.lstat(absolute(repo, path))) !== undefined;
  const begun = taken && !before && (await hasBegun(repo, { path, source }));
  if (!force && taken && !begun) throw new StrataError('import.exists', { path: shown(repo, path) });
  await refuseHidden(task, path, false);
  const files = await collectProject(repo, task.call);
  requireLoaded(files);
  if (!force && before?.file.outs.some((out) => normalize(join(before.file.wdir, out.path)) !== basename(path)))
    throw new StrataError('data.pointerTaken', { path: shown(repo, path), file: shown(repo, file) });
  refuseOthers(files, path, file);
  await refuseGitTracked(repo, [path]);
  await refuseBusy(task, [path]);
  return { path, file, begun, ...(before ? { before } : {}) };
}

/** Refuses what overlaps outputs of other files. */
function refuseOthers(files: ProjectFiles, path: string, file: string): void {
  const flags = { kind: 'out', cache: true, persist: false, push: true } as const;
  const own: Output = { ...flags, path, declared: basename(path), file, stage: file, source: false, repoImport: false };
  refuseOverlaps([...files.outputs.filter((one) => one.file !== file), own]);
}

/**
 * Puts what was brought into the workspace, and says how that changed it. Fails with `data.unsaved` or `import.exists` where something else is in
 * the way, and with the first thing that could not be written.
 */
export async function putThere(
  task: Task,
  path: string,
  content: Measured,
  how: Putting,
): Promise<RestorePlan['change']> {
  const { hash, hashName, size, nfiles } = content;
  const version = { hash, hashName, size, ...(nfiles === undefined ? {} : { nfiles }) };
  const plan = await planRestore(task, { path, version });
  const unsaved = plan.unsaved.map((one) => shown(task.repo, one));
  if (how === 'fill' && plan.modified.length + plan.remove.length > 0)
    throw new StrataError('import.exists', { path: shown(task.repo, path) });
  if (unsaved.length > 0 && how !== 'force')
    throw new StrataError('data.unsaved', { paths: unsaved, n: unsaved.length, path: unsaved[0] });
  const [failed] = await applyRestore(task, plan);
  if (failed) throw failed.error;
  return plan.change;
}

/** What an import's `.dvc` file says. */
export interface ImportRecord {
  readonly dep: DepEntry;
  /** Absent: nothing is recorded of the data, only of the source. */
  readonly out?: NewRecord;
  /** False with `--no-exec`: nothing was looked at, so there is no hash over the file either. */
  readonly hashed: boolean;
}

/** The file of an import; what an older one says in words (desc, meta, labels) stays. */
export function importFile(goal: Goal, record: ImportRecord): DvcFile {
  const old = goal.before?.file;
  const fresh = { kind: 'out', cache: true, persist: false, push: true, extra: new Map() } as const;
  const entry = old?.outs[0];
  const kept: OutEntry = entry ? { ...entry, extra: new Map() } : { ...fresh, hashName: 'md5', path: '' };
  const out = { ...(record.out ? withRecord(kept, record.out) : withoutRecord(kept)), path: basename(goal.path) };
  const file: DvcFile = {
    wdir: '.',
    frozen: true,
    alwaysChanged: false,
    ...(old?.desc === undefined ? {} : { desc: old.desc }),
    ...(old?.meta === undefined ? {} : { meta: old.meta }),
    deps: [record.dep],
    outs: [out],
  };
  return record.hashed ? { ...file, md5: importHash(file) } : file;
}

/**
 * Writes `.gitignore` and the `.dvc` file, in this order. `stored`: what was brought into the cache, which has to be there still. Answers the files
 * that changed, from the root.
 */
export async function recordImport(
  task: Task,
  goal: Goal,
  file: DvcFile,
  stored: Measured | undefined,
): Promise<string[]> {
  const changed = await ignoreOutputs(task.repo, [goal.path]);
  if (stored) await requireObjects(task, shown(task.repo, goal.path), importRecord(stored), stored.entries);
  if (await writePointer(task.repo, goal.file, file, goal.before)) changed.push(goal.file);
  await noteLinks(task.repo, [goal.path]);
  await finish(task.repo, goal.path);
  return changed;
}

/** What is recorded of content that was brought: an import keeps no executable bit. */
export function importRecord({ hash, hashName, size, nfiles }: Measured): NewRecord {
  return { hash, hashName, size, ...(nfiles === undefined ? {} : { nfiles }) };
}

/** How an import's data is put into place. */
export function puttingOf(goal: Goal, force: boolean): Putting {
  if (force) return 'force';
  return goal.begun ? 'fill' : 'careful';
}
