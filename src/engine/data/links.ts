/**
 * Which outputs this program put into the workspace or took from it, so that `checkout` can clear away those no longer tracked (dvc.md §1).
 * A list beside the state index: losing it loses nothing but that tidiness.
 */

import { is } from '../errors';
import { absolute, type Repo } from './repo';

const FILE = '.dvc/tmp/strata/index/links';

/** Paths noted so far, from the root. */
export async function readLinks(repo: Repo): Promise<string[]> {
  const text = await repo.host.fs.readText(absolute(repo, FILE));
  if (text === undefined) return [];
  try {
    const data: unknown = JSON.parse(text);
    return Array.isArray(data) ? data.filter((path) => typeof path === 'string') : [];
  } catch {
    return [];
  }
}

/** Adds paths to the list. */
export async function noteLinks(repo: Repo, paths: readonly string[]): Promise<void> {
  const old = await readLinks(repo);
  const next = [...new Set([...old, ...paths])];
  if (next.length > old.length) await writeLinks(repo, next);
}

/** Replaces the list. Where it cannot be written, as on a full disk, the work that it tells of is done all the same. */
export async function writeLinks(repo: Repo, paths: readonly string[]): Promise<void> {
  const text = JSON.stringify(paths);
  await repo.host.fs.writeAtomic(absolute(repo, FILE), text, { durable: false }).catch((error: unknown) => {
    if (!is(error)) throw error;
  });
}
