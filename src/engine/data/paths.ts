/** Between the three ways a path is written here: as the user typed it, from the project's root, and as Git sees it. */

import { join, normalize, relative } from '../../base/paths';
import { type Git } from '../git/git';
import { type Repo } from './repo';

/** The path of an argument from the project's root; absolute when it lies outside. `./a`, `a//b`, `a/` and `b/../a` are all `a`. */
export function fromArgument(repo: Repo, argument: string): string {
  const typed = repo.host.platform === 'win32' ? argument.replaceAll('\\', '/') : argument;
  const path = typed.startsWith('/') ? normalize(typed) : join(repo.root, repo.cwd, typed);
  const found = fromRoot(repo.root, path);
  return found === path && repo.alias !== undefined ? fromRoot(repo.alias, path) : found;
}

/** An absolute path from the root; unchanged when it lies outside. */
export function fromRoot(root: string, path: string): string {
  if (path === root) return '.';
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}

/** A path from the root as answers show it: relative to the folder the verb was called from; absolute outside the project. */
export function shown(repo: Repo, path: string): string {
  return path.startsWith('/') ? path : relative(repo.cwd, path);
}

/** The addressing of a stage (from the root) as seen from the folder the verb was called from. */
export function shownStage(repo: Repo, file: string, name: string): string {
  if (file.endsWith('.dvc')) return shown(repo, file);
  const bare = name.slice(name.lastIndexOf(':') + 1);
  const path = shown(repo, file);
  return path === 'dvc.yaml' ? bare : `${path}:${bare}`;
}

/** A path from the root as Git's top folder sees it. */
export function gitPath(git: Git, path: string): string {
  return git.prefix === '' ? path : path === '.' ? git.prefix : `${git.prefix}/${path}`;
}

/** The reverse of {@link gitPath}; undefined when the path lies outside the project. */
export function fromGitPath(git: Git, path: string): string | undefined {
  if (git.prefix === '') return path;
  return path.startsWith(`${git.prefix}/`) ? path.slice(git.prefix.length + 1) : undefined;
}
