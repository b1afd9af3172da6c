/**
 * Which imports have begun to put data into place and are not recorded yet. A command that was killed there leaves a part of its data behind; the
 * same command again finds it named here and goes on, where it would else refuse what exists, or take the folder it had made for one to put data
 * into.
 */

import { absolute, type Repo } from '../repo';

const FILE = '.dvc/tmp/strata/imports/begun.json';

/** An import: the path it makes, from the root, and what it was asked for. */
export interface Begun {
  readonly path: string;
  readonly source: string;
}

async function read(repo: Repo): Promise<Begun[]> {
  const text = await repo.host.fs.readText(absolute(repo, FILE));
  try {
    const data: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(data) ? data.filter(isBegun) : [];
  } catch {
    return [];
  }
}

function isBegun(value: unknown): value is Begun {
  if (typeof value !== 'object' || value === null) return false;
  return 'path' in value && typeof value.path === 'string' && 'source' in value && typeof value.source === 'string';
}

/** True when this very import has begun before. */
export async function hasBegun(repo: Repo, { path, source }: Begun): Promise<boolean> {
  return (await read(repo)).some((one) => one.path === path && one.source === source);
}

/** Notes that an import begins. */
export async function begin(repo: Repo, begun: Begun): Promise<void> {
  const others = (await read(repo)).filter((one) => one.path !== begun.path);
  await repo.host.fs.writeAtomic(absolute(repo, FILE), JSON.stringify([...others, begun]));
}

/** The import is recorded. */
export async function finish(repo: Repo, path: string): Promise<void> {
  const others = (await read(repo)).filter((one) => one.path !== path);
  if (others.length > 0) await repo.host.fs.writeAtomic(absolute(repo, FILE), JSON.stringify(others));
  else await repo.host.fs.unlink(absolute(repo, FILE));
}
