/**
 * What remotes that keep versions leave in records (dvc.md §20): `version_id` and `etag`, alone or under `cloud`, say which version of a file
 * lies there; `files` records a folder file by file instead of by a hash. They belong to the content they stand beside: what changes loses
 * them, what stays keeps them, as in DVC.
 */

import { compareCodePoints, join } from '../../base/paths';
import { digestOf } from '../cache/digest';
import { type DirEntry } from '../cache/cache';
import { mapsOf, numberOf, textOf, type DataEntry } from '../formats/dataEntry';
import { renderDirObject } from '../formats/dirObject';
import { dict, keyText, type Dict, type Scalar, type Value } from '../formats/values';
import { readFolder } from './outState';
import { type NewRecord } from './pointer';
import { absolute } from './repo';
import { type Task } from './task';

const OF_VERSIONS: readonly string[] = ['cloud', 'version_id', 'etag', 'checksum', 'files'];

/** A folder that is recorded file by file: hash, size and number of files that follow from it. Undefined for all other entries. */
export function recordedByFiles({ extra }: Pick<DataEntry, 'extra'>): (NewRecord & { nfiles: number }) | undefined {
  const files = mapsOf(extra, 'files');
  const entries = files.map((file) => ({ relpath: textOf(file, 'relpath') ?? '', md5: textOf(file, 'md5') ?? '' }));
  if (files.length === 0 || entries.some(({ md5 }) => md5 === '')) return undefined;
  entries.sort((a, b) => compareCodePoints(a.relpath, b.relpath));
  const size = files.reduce((sum, file) => sum + (numberOf(file, 'size') ?? 0), 0);
  return { hash: `${digestOf(renderDirObject(entries))}.dir`, hashName: 'md5', size, nfiles: entries.length };
}

/** The kept fields without those that speak of versions at remotes. */
export function withoutVersions(extra: Dict): Dict {
  return new Map([...extra].filter(([key]) => !OF_VERSIONS.includes(keyText(key))));
}

/** The folder at `path` (from the root) recorded file by file once more: files that have not changed keep what was said of them. */
export async function filesOf(
  task: Task,
  path: string,
  { extra }: Pick<DataEntry, 'extra'>,
  { record, entries }: { readonly record: NewRecord; readonly entries?: readonly DirEntry[] },
): Promise<Value | undefined> {
  const known = entries ?? (await readFolder(task, record.hash, record.hashName));
  if (!known) return undefined;
  const before = new Map(mapsOf(extra, 'files').map((file) => [textOf(file, 'relpath'), file]));
  const files: Value[] = [];
  for (const { relpath, md5 } of known) {
    const old = before.get(relpath);
    if (old && textOf(old, 'md5') === md5) files.push(old);
    else files.push(await newFile(task, path, { relpath, md5 }));
  }
  return files;
}

async function newFile(task: Task, path: string, { relpath, md5 }: DirEntry): Promise<Map<Scalar, Value>> {
  const stat = await task.repo.host.fs.stat(absolute(task.repo, join(path, relpath)));
  return dict([
    ['relpath', relpath],
    ['md5', md5],
    ['size', stat?.size],
  ]);
}
