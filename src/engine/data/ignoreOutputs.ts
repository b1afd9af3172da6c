/**
 * Lines in .gitignore for outputs that the cache holds (dvc.md §8): `/name` in the folder of the output, unless Git ignores the path
 * already; taken out again when it is no longer tracked.
 */

import { basename, dirname, join } from '../../base/paths';
import { StrataError } from '../errors';
import { addGitIgnore, removeGitIgnore } from '../formats/gitIgnore';
import { deleteFile } from './deleteFile';
import { gitPath, shown } from './paths';
import { absolute, type Repo } from './repo';

/** Fails with `data.trackedByGit` when Git has one of the outputs: a path belongs to one of the two. */
export async function refuseGitTracked(repo: Repo, paths: readonly string[]): Promise<void> {
  if (!repo.git) return;
  for (const path of paths) {
    if (await repo.git.isTracked(gitPath(repo.git, path)))
      throw new StrataError('data.trackedByGit', { path: shown(repo, path) });
  }
}

/** Makes Git ignore the outputs. Answers the .gitignore files that changed, from the root. */
export async function ignoreOutputs(repo: Repo, paths: readonly string[]): Promise<string[]> {
  const { git } = repo;
  if (!git || paths.length === 0) return [];
  const ignored = await git.ignored(paths.map((path) => gitPath(git, path)));
  const changed = new Set<string>();
  for (const path of paths) {
    if (ignored.has(gitPath(git, path))) continue;
    const file = join(dirname(path), '.gitignore');
    const text = (await repo.host.fs.readText(absolute(repo, file))) ?? '';
    const next = addGitIgnore(text, basename(path));
    if (next === text) continue;
    await repo.host.fs.writeAtomic(absolute(repo, file), next);
    changed.add(file);
  }
  return [...changed];
}

/** Takes the line of an output out again; an emptied .gitignore is deleted. Answers the file when it changed. */
export async function unignoreOutput(repo: Repo, path: string): Promise<string | undefined> {
  if (!repo.git) return undefined;
  const file = join(dirname(path), '.gitignore');
  const text = await repo.host.fs.readText(absolute(repo, file));
  if (text === undefined) return undefined;
  const rest = removeGitIgnore(text, basename(path));
  if (rest === text) return undefined;
  if (rest === '') await deleteFile(repo, file);
  else await repo.host.fs.writeAtomic(absolute(repo, file), rest);
  return file;
}
