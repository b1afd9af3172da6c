/** Where an output may lie: guards of everything that reads for the cache or writes to the workspace (reliability: Names). */

import { dirname, findTwin, isInside, unsafePath } from '../../base/paths';
import { StrataError } from '../errors';
import { shown } from './paths';
import { absolute, type Repo } from './repo';

// Control characters in names are awkward, not dangerous: DVC records them, so they may come back.
const CONTROL = /[\u0001-\u001f\u007f]/g;

/** Fails with `data.wholeProject`, with `data.outside` when a path lies outside the project, with `data.unsafePath` when its name is one that must not be written. */
export function guardName(repo: Repo, path: string): void {
  if (path === '.') throw new StrataError('data.wholeProject', { path: shown(repo, path) });
  if (path.startsWith('/') || path.startsWith('../') || path.includes('://'))
    throw new StrataError('data.outside', { path: shown(repo, path) });
  const reason = unsafePath(path.replace(CONTROL, '_'));
  if (reason !== undefined) throw new StrataError('data.unsafePath', { path: shown(repo, path), reason });
}

/** {@link guardName}, and fails with `data.behindLink` when a folder above the path, or the folder itself, is a link. */
export async function guardPlace(repo: Repo, path: string): Promise<void> {
  guardName(repo, path);
  const { fs } = repo.host;
  const above: string[] = [];
  for (let at = dirname(path); at !== '.'; at = dirname(at)) above.unshift(at);
  for (const at of above) {
    if ((await fs.lstat(absolute(repo, at)))?.kind === 'link')
      throw new StrataError('data.behindLink', { path: shown(repo, path), link: shown(repo, at) });
  }
  const own = await fs.lstat(absolute(repo, path));
  if (own?.kind === 'link' && (await fs.stat(absolute(repo, path)))?.kind === 'folder')
    throw new StrataError('data.behindLink', { path: shown(repo, path), link: shown(repo, path) });
}

/** Fails with `data.twin` {path, other} when this machine's file system would take two of the paths (from the root) for one file. */
export function refuseTwins(repo: Repo, paths: Iterable<string>): void {
  const twin = repo.host.platform === 'linux' ? undefined : findTwin(paths);
  if (twin) throw new StrataError('data.twin', { path: shown(repo, twin.path), other: shown(repo, twin.other) });
}

/** True when one of two paths is the other or lies inside it. */
export function overlaps(a: string, b: string): boolean {
  return isInside(a, b) || isInside(b, a);
}
