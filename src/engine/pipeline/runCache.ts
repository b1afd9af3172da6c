/**
 * DVC's run cache: results of earlier runs by what went in (dvc.md §14). An entry is the lock entry of a stage under
 * `runs/<key[:2]>/<key>/<value>`; key and value are SHA-256 of canonical JSON without sizes, the key with only the paths of the outputs.
 */

import { compareCodePoints } from '../../base/paths';
import { isList, type Dict, type Value, isDict } from '../formats/values';
import { canonicalJson } from '../formats/canonicalJson';
import { lockEntryValue, parseLockEntry, renderLockEntry, type LockEntry } from '../formats/dvcLock';
import { type Repo } from '../data/repo';
import { is } from '../errors';
import { hasCommand, isCallback, type Stage } from './stage';

/** Name of the folder that holds results of the same command, dependencies, params and output paths. */
export function runCacheKey(entry: LockEntry): Promise<string> {
  const value = new Map(lockEntryValue(entry));
  value.set('outs', [...entry.outs.map((out) => out.path)].sort(compareCodePoints));
  return digest(value);
}

/** Name of the file of one result. */
export function runCacheValue(entry: LockEntry): Promise<string> {
  return digest(lockEntryValue(entry));
}

async function digest(value: Dict): Promise<string> {
  const text = canonicalJson(withoutSizes(value));
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Leaves out `size` and `nfiles` at every depth, among the values of params too: DVC does. */
function withoutSizes(value: Value): Value {
  if (isList(value)) return value.map(withoutSizes);
  if (!isDict(value)) return value;
  const kept = [...value].filter(([key]) => key !== 'size' && key !== 'nfiles');
  return new Map(kept.map(([key, member]) => [key, withoutSizes(member)]));
}

/** May results of this stage be kept and restored at all? */
export function isCacheable(stage: Stage): boolean {
  if (!hasCommand(stage) || isCallback(stage) || stage.alwaysChanged) return false;
  if (stage.deps.length + stage.params.length === 0 || stage.outs.length === 0) return false;
  if (stage.deps.some((dep) => dep.path.includes('://'))) return false;
  return stage.outs.every(
    ({ output }) => !output.persist && !output.path.startsWith('/') && !output.path.startsWith('../'),
  );
}

/**
 * True when a plain output stays outside the cache: a run's result is not saved then (metrics and plots are cached for this purpose);
 * `commit` saves it all the same, as DVC does.
 */
export function hasUncachedOut(stage: Stage): boolean {
  return stage.outs.some(({ output }) => !output.cache && output.kind === 'out');
}

/** The newest result under the key of `entry` (whose outputs may have no hash yet), or undefined. */
export async function findResult(repo: Repo, entry: LockEntry): Promise<LockEntry | undefined> {
  const dir = keyDir(repo, await runCacheKey(entry));
  const names = ((await repo.host.fs.readdir(dir)) ?? []).filter((file) => /^[0-9a-f]{64}$/.test(file.name));
  let newest: { path: string; mtime: number } | undefined;
  for (const { name } of names) {
    const path = `${dir}/${name}`;
    const stat = await repo.host.fs.stat(path);
    if (stat && (!newest || stat.mtimeMs > newest.mtime)) newest = { path, mtime: stat.mtimeMs };
  }
  return newest && readResult(repo, newest.path);
}

/** Keeps a result; one that is there already stays as it is. */
export async function saveResult(repo: Repo, entry: LockEntry): Promise<void> {
  const path = `${keyDir(repo, await runCacheKey(entry))}/${await runCacheValue(entry)}`;
  if ((await readResult(repo, path)) !== undefined) return;
  await repo.host.fs.writeAtomic(path, renderLockEntry(entry));
}

function keyDir(repo: Repo, key: string): string {
  return `${repo.store.dir}/runs/${key.slice(0, 2)}/${key}`;
}

/** A file that cannot be read as an entry counts as absent. */
async function readResult(repo: Repo, path: string): Promise<LockEntry | undefined> {
  const text = await repo.host.fs.readText(path);
  if (text === undefined) return undefined;
  try {
    return parseLockEntry(text, path);
  } catch (error) {
    if (is(error)) return undefined;
    throw error;
  }
}
