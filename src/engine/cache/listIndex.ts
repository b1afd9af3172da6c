/**
 * The list index: which `.dir` objects were found whole with every object they name, and what the list and the folders of the cache looked
 * like then. While those folders have no new time of change, no name in them came or went: some 256 `stat`s tell of any number of objects.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Hash, type HashName } from './cache';
import { readIndexFile, writeIndexFile } from './indexFile';
import { isRacy } from './stateIndex';

const FORMAT = 'strata-list-1';

/** Path, inode, size, mtime and ctime. */
type Seen = readonly [at: string, ino: number, size: number, mtimeMs: number, ctimeMs: number];

interface Noted {
  readonly format: string;
  readonly hash: Hash;
  readonly hashName: HashName;
  /** The list itself, then the folders of the cache that hold what it names. */
  readonly seen: readonly Seen[];
}

/** What paths look like now, to be noted once the rest is known; undefined when one is not there. */
export function look(paths: Iterable<string>): Seen[] | undefined {
  const seen: Seen[] = [];
  for (const at of paths) {
    const stat = fs.lstatSync(at, { throwIfNoEntry: false });
    if (!stat) return undefined;
    seen.push([at, stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs]);
  }
  return seen;
}

/** The lists of one cache; its files lie in `dir`. */
export class ListIndex {
  constructor(private readonly dir: string) {}

  /** True when the list and all that it names are there, unchanged since they were last seen. */
  vouches(hash: Hash, hashName: HashName): boolean {
    const body = readIndexFile(this.fileOf(hash));
    if (!body) return false;
    const noted = JSON.parse(body.toString()) as Noted;
    if (noted.format !== FORMAT || noted.hash !== hash || noted.hashName !== hashName) return false;
    return noted.seen.every(([at, ...before]) => {
      const now = look([at])?.[0];
      return now !== undefined && before.every((value, i) => value === now[i + 1]);
    });
  }

  /** Notes a list whose objects were all found after `seen` was taken at `started` (ms since 1970); not when something had just changed. */
  note(hash: Hash, hashName: HashName, seen: readonly Seen[], started: number): void {
    if (seen.some(([, , , mtimeMs, ctimeMs]) => isRacy({ mtimeMs, ctimeMs }, started))) return;
    const noted: Noted = { format: FORMAT, hash, hashName, seen };
    writeIndexFile(this.fileOf(hash), [Buffer.from(JSON.stringify(noted))]);
  }

  /** One of 256 places: old versions leave no more than that behind. */
  private fileOf(hash: Hash): string {
    return path.join(this.dir, hash.slice(0, 2));
  }
}
