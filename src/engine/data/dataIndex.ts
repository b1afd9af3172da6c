/**
 * Two states of the tracked data side by side: what a commit records, what the workspace's files record, what lies in the workspace.
 * `status --data` and `diff` are both comparisons of such states (dvc.md §16). Pure.
 */

import { compareCodePoints, dirname } from '../../base/paths';
import { type Hash, type HashName } from '../cache/cache';

/** What a state holds at the path of an output. */
export interface IndexRoot {
  readonly path: string;
  readonly folder: boolean;
  readonly hash?: Hash;
  readonly hashName?: HashName;
  /** Files of a folder by path below it; undefined when the folder's list is not in the cache. */
  readonly files?: ReadonlyMap<string, Hash>;
  /** Folders inside, by path below it, the empty ones too; only where they are told. */
  readonly folders?: readonly string[];
}

/** A state: its outputs by path. */
export type DataIndex = ReadonlyMap<string, IndexRoot>;

/** One path of a state. */
export interface IndexEntry {
  readonly path: string;
  readonly folder: boolean;
  readonly hash?: Hash;
  readonly hashName?: HashName;
}

/** How a path differs. `unknown`: a folder's list is missing, so nobody can tell. */
export type ChangeKind = 'added' | 'deleted' | 'modified' | 'renamed' | 'unchanged' | 'unknown';

/** A path that is in either state. */
export interface IndexChange {
  readonly kind: ChangeKind;
  readonly old?: IndexEntry;
  readonly new?: IndexEntry;
}

/** Choices of {@link diffIndexes}. */
export interface IndexDiffOptions {
  /** Look into folders. */
  readonly granular: boolean;
  /** Only outputs and files at or below one of these paths; none: all. */
  readonly targets: readonly string[];
}

/** All paths of both states with how they differ; a deleted and an added path of one content are a rename. */
export function diffIndexes(old: DataIndex, now: DataIndex, options: IndexDiffOptions): IndexChange[] {
  const changes: IndexChange[] = [];
  for (const path of union(old.keys(), now.keys())) {
    const a = old.get(path);
    const b = now.get(path);
    changes.push(change(a, b));
    if (options.granular) changes.push(...inside(a, b));
  }
  return renames(changes.filter((one) => isWanted(one, options.targets)));
}

/** A path as answers write it: folders end in `/`. */
export function entryPath(entry: IndexEntry): string {
  return entry.folder ? `${entry.path}/` : entry.path;
}

function change(a: IndexEntry | undefined, b: IndexEntry | undefined): IndexChange {
  return { kind: kindOf(a, b), ...(a ? { old: a } : {}), ...(b ? { new: b } : {}) };
}

function kindOf(a: IndexEntry | undefined, b: IndexEntry | undefined): ChangeKind {
  if (a?.hash === undefined) return b?.hash === undefined ? 'unchanged' : 'added';
  if (b?.hash === undefined) return 'deleted';
  return a.hash === b.hash && a.hashName === b.hashName ? 'unchanged' : 'modified';
}

/** Changes of the files in a folder of either state. */
function inside(a: IndexRoot | undefined, b: IndexRoot | undefined): IndexChange[] {
  const unknown = isUnreadable(a) || isUnreadable(b);
  const before = filesOf(a);
  const after = unknown ? withFolders(filesOf(b), b) : filesOf(b);
  return union(before.keys(), after.keys()).map((path) => {
    const one = change(before.get(path), after.get(path));
    return unknown ? { ...one, kind: 'unknown' } : one;
  });
}

/** True for a folder whose list is not in the cache. */
export function isUnreadable(root: IndexRoot | undefined): boolean {
  return root !== undefined && root.folder && root.hash !== undefined && root.files === undefined;
}

function filesOf(root: IndexRoot | undefined): Map<string, IndexEntry> {
  const out = new Map<string, IndexEntry>();
  for (const [below, hash] of root?.files ?? []) {
    const path = `${root?.path ?? ''}/${below}`;
    out.set(path, { path, folder: false, hash, ...(root?.hashName ? { hashName: root.hashName } : {}) });
  }
  return out;
}

/** The files with the folders between them and the root: where nobody can tell, DVC names these too. */
function withFolders(files: ReadonlyMap<string, IndexEntry>, root: IndexRoot | undefined): Map<string, IndexEntry> {
  const out = new Map(files);
  const top = root?.path ?? '';
  for (const below of root?.folders ?? []) out.set(`${top}/${below}`, { path: `${top}/${below}`, folder: true });
  for (const file of files.keys()) {
    for (let path = dirname(file); path.length > top.length && !out.has(path); path = dirname(path)) {
      out.set(path, { path, folder: true });
    }
  }
  return out;
}

function isWanted(one: IndexChange, targets: readonly string[]): boolean {
  if (targets.length === 0) return true;
  const path = (one.old ?? one.new)?.path ?? '';
  return targets.some((target) => path === target || path.startsWith(`${target}/`));
}

/** Pairs deleted with added paths of one hash, in the order of their paths. */
function renames(changes: readonly IndexChange[]): IndexChange[] {
  const gone = new Map<string, IndexEntry[]>();
  for (const { kind, old } of changes) {
    if (kind !== 'deleted' || !old) continue;
    const key = contentKey(old);
    gone.set(key, [...(gone.get(key) ?? []), old]);
  }
  const moved = new Set<string>();
  const out = changes.map((one): IndexChange => {
    const from = one.kind === 'added' && one.new ? gone.get(contentKey(one.new))?.shift() : undefined;
    if (!from || !one.new) return one;
    moved.add(from.path);
    return { kind: 'renamed', old: from, new: one.new };
  });
  return out.filter((one) => one.kind !== 'deleted' || !moved.has(one.old?.path ?? ''));
}

function contentKey(entry: IndexEntry): string {
  return `${entry.hashName ?? 'md5'}:${entry.hash ?? ''}`;
}

function union(a: Iterable<string>, b: Iterable<string>): string[] {
  return [...new Set([...a, ...b])].sort(compareCodePoints);
}
