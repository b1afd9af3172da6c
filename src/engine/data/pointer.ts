/**
 * Writing `.dvc` files: the pointer comes last, after every object it names is stored, and only what changed is rewritten (dvc.md §7).
 */

import { basename, dirname, relative } from '../../base/paths';
import { StrataError } from '../errors';
import { type DirEntry, type HashName } from '../cache/cache';
import { parseDvcFile, renderDvcFile, updateDvcFile, type DvcFile, type OutEntry } from '../formats/dvcFile';
import { filesOf, recordedByFiles, withoutVersions } from './cloudVersions';
import { type Measured, type Output } from './model';
import { isCached } from './outState';
import { absolute, type Repo } from './repo';
import { type Task } from './task';

/** What is to be recorded about an output. */
export interface NewRecord {
  readonly hash: string;
  readonly hashName: HashName;
  /** Left out where a part of a folder changed and its size is not known. */
  readonly size?: number;
  readonly nfiles?: number;
  readonly isexec?: boolean;
}

/** A `.dvc` file as read just now. */
export interface Pointer {
  /** From the root. */
  readonly path: string;
  readonly text: string;
  readonly file: DvcFile;
}

/** Reads a `.dvc` file; undefined when it is absent. Fails as `parseDvcFile` does. */
export async function readPointer(repo: Repo, path: string): Promise<Pointer | undefined> {
  const text = await repo.host.fs.readText(absolute(repo, path));
  return text === undefined ? undefined : { path, text, file: parseDvcFile(text, path) };
}

/** What a measured file or folder is recorded as. */
export function recordOf(found: Measured): NewRecord & { readonly size: number } {
  const { hash, hashName, size, nfiles, isexec } = found;
  return { hash, hashName, size, ...(nfiles === undefined ? {} : { nfiles }), ...(isexec ? { isexec } : {}) };
}

const RECORDED: ReadonlySet<string> = new Set(['hash', 'hashName', 'hashField', 'size', 'nfiles', 'isexec']);

/** The entry with what is recorded replaced; annotations stay, and versions at remotes while the content is the same. */
export function withRecord(out: OutEntry, record: NewRecord): OutEntry {
  const kept = Object.fromEntries(Object.entries(out).filter(([key]) => !RECORDED.has(key)));
  const extra = out.hash === record.hash && !out.extra.has('files') ? out.extra : withoutVersions(out.extra);
  return { ...(kept as Omit<OutEntry, keyof NewRecord | 'hashField'>), ...record, extra };
}

/** The entry with nothing recorded: of an import whose data was not brought, or no longer is what it was. */
export function withoutRecord(out: OutEntry): OutEntry {
  const kept = Object.fromEntries(Object.entries(out).filter(([key]) => !RECORDED.has(key)));
  return { ...(kept as Omit<OutEntry, keyof NewRecord | 'hashField'>), hashName: 'md5', hashField: 'md5' };
}

/**
 * The file with one output's record replaced. A folder that is recorded file by file stays recorded so; `entries` spare reading its list.
 */
export async function recordOutput(
  task: Task,
  file: DvcFile,
  output: Pick<Output, 'path' | 'declared'>,
  now: { readonly record: NewRecord; readonly entries?: readonly DirEntry[] },
): Promise<DvcFile> {
  const old = file.outs.find((out) => out.path === output.declared);
  const byFiles = old && recordedByFiles(old) && now.record.hash.endsWith('.dir');
  const files = byFiles && (await filesOf(task, output.path, old, now));
  const replaced = (out: OutEntry): OutEntry =>
    files ? { ...withoutRecord(out), extra: new Map([...out.extra, ['files', files]]) } : withRecord(out, now.record);
  return { ...file, outs: file.outs.map((out) => (out.path === output.declared ? replaced(out) : out)) };
}

/** A new file that tracks one path; both from the root. */
export function newDvcFile(path: string, output: string, record: NewRecord): DvcFile {
  const folder = dirname(path);
  const declared = dirname(output) === folder ? basename(output) : relative(folder, output);
  const out: OutEntry = {
    path: declared,
    ...record,
    kind: 'out',
    cache: true,
    persist: false,
    push: true,
    extra: new Map(),
  };
  return { wdir: '.', frozen: false, alwaysChanged: false, deps: [], outs: [out] };
}

/** Writes a `.dvc` file (`before` absent: a new one) unless it says the same already. Answers whether it was written. */
export async function writePointer(repo: Repo, path: string, file: DvcFile, before?: Pointer): Promise<boolean> {
  const text = before ? updateDvcFile(before.text, path, file) : renderDvcFile(file);
  if (text === before?.text) return false;
  await repo.host.fs.writeAtomic(absolute(repo, path), text);
  return true;
}

/**
 * Just before a pointer is renamed into place: are its objects still there? Another program's garbage collection may have taken them
 * meanwhile. `entries` are a folder's, where they are known. Fails with `data.objectsGone`; adding again stores them again.
 */
export async function requireObjects(
  task: Task,
  path: string,
  record: NewRecord,
  entries?: readonly DirEntry[],
): Promise<void> {
  if (!(await isCached(task, record, entries && (() => entries))))
    throw new StrataError('data.objectsGone', { path, hash: record.hash });
}
