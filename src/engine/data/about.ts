/** `root` and `version`: where this is, and what is running. */

import { join, relative } from '../../base/paths';
import { remoteNames } from '../formats/dvcConfig';
import { type Host } from '../host/host';
import { type RootAnswer, type VersionAnswer } from '../verbs/upkeep';
import { findRoot, openRepo } from './openRepo';
import { type Repo } from './repo';
import { linkTypes } from './saveOutput';

declare const STRATA_VERSION: string | undefined;

/** The project's root as seen from the current folder, as DVC prints it. */
export function root(repo: Repo): Promise<RootAnswer> {
  return Promise.resolve({ root: relative(join(repo.root, repo.cwd), repo.root) });
}

/** Versions of program and surroundings, and of the project around `dir` (absolute) how it is set up. */
export async function version(surroundings: { readonly dir: string; readonly host: Host }): Promise<VersionAnswer> {
  const { dir, host } = surroundings;
  const answer = {
    strata: typeof STRATA_VERSION === 'string' ? STRATA_VERSION : '0',
    platform: host.platform,
  };
  const at = await findRoot(host, dir);
  if (at === undefined) return answer;
  const repo = await openRepo({ root: at, cwd: '.', host, trusted: false, command: 'strata version' });
  try {
    const git = (await host.fs.lstat(join(at, '.git'))) !== undefined;
    const remotes = [...remoteNames(repo.config)];
    const project = { root: at, cache: repo.store.dir, links: [...linkTypes(repo.config)], remotes, git };
    return { ...answer, project };
  } finally {
    await repo.store.close();
  }
}
