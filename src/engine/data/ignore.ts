/**
 * The ignore files of a working tree, read as a walk comes to their folders. `.dvcignore` and `.gitignore` have one syntax and one rule
 * (the last match wins, nothing below an ignored folder comes back), so both are read here.
 */

import { dirname, isInside, join } from '../../base/paths';
import { createDvcIgnore, type DvcIgnore, type IgnoreFile, type IgnoreMatch } from '../formats/dvcIgnore';
import { type FileEntry, type HostFs } from '../host/host';

/** Answers for paths below `top`, given from there. A path's folder must have been entered first. */
export interface Ignores {
  /** Reads the ignore file of a folder, and notes projects inside it; `entries` spare a look when the caller has them. */
  enter(folder: string, entries?: readonly FileEntry[]): Promise<void>;
  /** Enters a folder and everything above it. */
  enterAll(folder: string): Promise<void>;
  /** True when the path, or a folder above it, is ignored. */
  ignored(path: string, isFolder: boolean): boolean;
  /** The rules of all entered folders above a path, in one text that differs when they do. */
  above(path: string): string;
  /** The pattern that decides about a path. */
  match(path: string, isFolder: boolean): IgnoreMatch | undefined;
}

/** Names that only the built-in rules know; while no file holds a rule, every other path is seen. */
const BUILT_IN = /(?:^|\/)\.(?:git|hg|dvc)(?:\/|$)/;

function holdsRules(text: string): boolean {
  return text.split('\n').some((line) => line.trim() !== '' && !line.trim().startsWith('#'));
}

/** Opens the rules of the files called `name` below the absolute folder `top`; `first` holds rules that come before all of them. */
export function openIgnores(
  fs: Pick<HostFs, 'readText'>,
  top: string,
  name: string,
  first: readonly IgnoreFile[] = [],
): Ignores {
  const files: IgnoreFile[] = [...first];
  const entered = new Set<string>();
  let rules: DvcIgnore = createDvcIgnore(files);
  let hasRules = first.some(({ text }) => holdsRules(text));
  const enter = async (folder: string, entries?: readonly FileEntry[]): Promise<void> => {
    if (entered.has(folder)) return;
    entered.add(folder);
    if (entries && !entries.some((entry) => entry.name === name)) return;
    const text = await fs.readText(join(top, folder, name));
    if (text === undefined) return;
    files.push({ dir: folder, text });
    rules = createDvcIgnore(files);
    hasRules ||= holdsRules(text);
  };
  const enterAll = async (folder: string): Promise<void> => {
    // What lies elsewhere is none of these rules' business.
    if (folder.startsWith('/')) return;
    if (folder !== '.') await enterAll(dirname(folder));
    await enter(folder);
  };
  return {
    enter,
    enterAll,
    ignored: (path, isFolder) => (hasRules || BUILT_IN.test(path)) && rules.ignored(path, isFolder),
    above: (path) => JSON.stringify(files.filter(({ dir }) => dir === '.' || isInside(path, dir))),
    match: (path, isFolder) => rules.match(path, isFolder),
  };
}

/** The pattern that hides a path, or undefined when it is seen. Paths outside the tree are always seen. */
export async function hidingRule(ignores: Ignores, path: string, isFolder: boolean): Promise<IgnoreMatch | undefined> {
  if (path === '.' || path.startsWith('/') || path.startsWith('../')) return undefined;
  await ignores.enterAll(dirname(path));
  return ignores.ignored(path, isFolder) ? ignores.match(path, isFolder) : undefined;
}
