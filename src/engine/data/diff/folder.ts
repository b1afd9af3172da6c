/** What differs between two states of a folder: files that came, went, changed or were renamed. Pure. */

import { compareCodePoints } from '../../../base/paths';
import { type DiffContentAnswer } from '../../verbs/data';
import { type FolderSide } from '../contentVersion';

/** The answer for folders. */
export type FolderDiff = Extract<DiffContentAnswer, { kind: 'folder' }>;

type FileDiff = FolderDiff['files'][number];
type Files = FolderSide['files'];

/** Compares two lists of files; `a` and `b` in the answer are sizes in bytes, left out where unknown. */
export function diffFolders(path: string, a: Files, b: Files): FolderDiff {
  const files: FileDiff[] = [];
  let same = 0;
  for (const name of [...new Set([...a.keys(), ...b.keys()])].sort(compareCodePoints)) {
    const before = a.get(name);
    const after = b.get(name);
    if (before?.hash === after?.hash) same += 1;
    else files.push({ path: name, state: !before ? 'added' : !after ? 'removed' : 'changed', ...sizes(before, after) });
  }
  return { kind: 'folder', path, files: withRenames(files, a, b), same };
}

function sizes(a: { size?: number } | undefined, b: { size?: number } | undefined): { a?: number; b?: number } {
  return { ...(a?.size === undefined ? {} : { a: a.size }), ...(b?.size === undefined ? {} : { b: b.size }) };
}

/** A removed and an added file of one content are one rename. */
function withRenames(files: readonly FileDiff[], a: Files, b: Files): FileDiff[] {
  const gone = new Map<string, string[]>();
  for (const file of files) {
    const hash = file.state === 'removed' ? a.get(file.path)?.hash : undefined;
    if (hash !== undefined) gone.set(hash, [...(gone.get(hash) ?? []), file.path]);
  }
  const moved = new Set<string>();
  const out = files.map((file): FileDiff => {
    const from = file.state === 'added' ? gone.get(b.get(file.path)?.hash ?? '')?.shift() : undefined;
    if (from === undefined) return file;
    moved.add(from);
    return { ...file, state: 'renamed', from, ...sizes(a.get(from), b.get(file.path)) };
  });
  return out.filter((file) => file.state !== 'removed' || !moved.has(file.path));
}
