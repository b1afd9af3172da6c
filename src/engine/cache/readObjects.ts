/** Reading of objects: always hashed before use; one whose bytes are not those of its name goes to quarantine. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { quietCall } from '../../base/cancel';
import { fsError, is, StrataError } from '../errors';
import { parseDirObject } from '../formats/dirObject';
import { type DirEntry, type Hash, type HashName } from './cache';
import { BLOCK, digestOf } from './digest';
import { type Batch } from './hashPool';
import { runOne, type Outcome } from './jobs';
import { digits } from './layout';
import { look } from './listIndex';
import { type StoreParts } from './storeParts';

/** Facts of an object, undefined when nothing is there, or a folder or link in its place. */
export function statObject(at: string): fs.Stats | undefined {
  const stat = fs.lstatSync(at, { throwIfNoEntry: false });
  return stat?.isFile() ? stat : undefined;
}

/** Listing costs about a tenth of asking for each, and a name about 40 bytes of its folder: up to here listing is quicker. */
const LIST_BYTES_PER_OBJECT = 400;

/** Those of many objects that are not there. */
function missingObjects(parts: StoreParts, hashes: Iterable<Hash>, hashName: HashName | undefined): Set<Hash> {
  const shelves = new Map<string, Hash[]>();
  for (const hash of hashes) {
    const shelf = hash.slice(0, 2);
    const known = shelves.get(shelf);
    if (known) known.push(hash);
    else shelves.set(shelf, [hash]);
  }
  const missing = new Set<Hash>();
  for (const wanted of shelves.values()) {
    const folder = path.dirname(parts.pathOf(wanted[0] ?? '', hashName));
    const size = fs.statSync(folder, { throwIfNoEntry: false })?.size;
    const listed = size !== undefined && size <= wanted.length * LIST_BYTES_PER_OBJECT ? filesIn(folder) : undefined;
    for (const hash of wanted) {
      const there = listed
        ? listed.has(hash.slice(2))
        : size !== undefined && statObject(parts.pathOf(hash, hashName)) !== undefined;
      if (!there) missing.add(hash);
    }
  }
  return missing;
}

/** Names of the files in a folder; undefined when it cannot be listed or the file system does not tell kinds. */
function filesIn(folder: string): Set<string> | undefined {
  const names = new Set<string>();
  try {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) if (entry.isFile()) names.add(entry.name);
  } catch {
    return undefined;
  }
  return names;
}

/** As `ObjectStore.holdsFolder`; `read` gives the verified bytes of an object. */
async function holdsFolder(
  parts: StoreParts,
  read: (hash: Hash, hashName: HashName) => Promise<Uint8Array>,
  [hash, hashName]: readonly [Hash, HashName],
  entries?: () => readonly DirEntry[],
): Promise<boolean> {
  if (parts.lists.vouches(hash, hashName)) return true;
  const started = Date.now();
  const list = parts.pathOf(hash, hashName);
  const listSeen = look([list]);
  let bytes: Uint8Array;
  try {
    bytes = await read(hash, hashName);
  } catch (error) {
    if (is(error, 'cache.missing') || is(error, 'cache.corrupt')) return false;
    throw error;
  }
  const named = entries?.() ?? parseDirObject(new TextDecoder().decode(bytes), hash);
  const hashes = named.map((entry) => entry.md5);
  const first = new Map(hashes.map((one) => [one.slice(0, 2), one]));
  const folders = look([...first.values()].map((one) => path.dirname(parts.pathOf(one, hashName))));
  if (missingObjects(parts, hashes, hashName).size > 0) return false;
  if (listSeen && folders && parts.readOnly !== true) {
    parts.lists.note(hash, hashName, [...listSeen, ...folders], started);
  }
  return true;
}

/** The reading part of the store; see `cache.ts`. */
interface Reader {
  missing(hashes: Iterable<Hash>, hashName?: HashName): Set<Hash>;
  holdsFolder(hash: Hash, hashName?: HashName, entries?: () => readonly DirEntry[]): Promise<boolean>;
  read(hash: Hash, hashName?: HashName): Promise<Uint8Array>;
  readDir(hash: Hash, hashName?: HashName): Promise<DirEntry[]>;
  verify(hash: Hash, hashName?: HashName): Promise<'good' | 'missing' | 'corrupt'>;
}

/** Makes the reading part. */
export function createReader(parts: StoreParts): Reader {
  const read = async (hash: Hash, hashName: HashName = 'md5'): Promise<Uint8Array> => {
    const at = parts.pathOf(hash, hashName);
    let bytes: Buffer;
    try {
      bytes = fs.readFileSync(at);
    } catch (error) {
      if (statObject(at) === undefined) throw new StrataError('cache.missing', { path: at, hash });
      throw fsError(error, at);
    }
    if (digestOf(bytes, hashName) === digits(hash)) return bytes;
    parts.quarantine.take(at, hash);
    throw new StrataError('cache.corrupt', { path: at, hash, object: at });
  };
  const inPool = async (batch: Batch): Promise<Outcome | undefined> => {
    const [outcomes] = await parts.pool.run([batch], 'progress.verifying', quietCall());
    return outcomes?.[0];
  };
  return {
    missing: (hashes, hashName) => missingObjects(parts, hashes, hashName),
    holdsFolder: (hash, hashName = 'md5', entries) => holdsFolder(parts, read, [hash, hashName], entries),
    read,
    readDir: async (hash, hashName) => parseDirObject(new TextDecoder().decode(await read(hash, hashName)), hash),
    verify: async (hash, hashName = 'md5') => {
      const at = parts.pathOf(hash, hashName);
      const stat = fs.lstatSync(at, { throwIfNoEntry: false });
      if (!stat) return 'missing';
      const job = { kind: 'hash', paths: [at], hashName } as const;
      const outcome = await (stat.size <= BLOCK ? runOne(job, 0, () => undefined) : inPool({ job, bytes: stat.size }));
      if (outcome && 'done' in outcome && outcome.done.md5 === digits(hash) && stat.isFile()) {
        parts.objects.record(at, outcome.done.print, hash, outcome.done.started);
        return 'good';
      }
      if (outcome && 'failed' in outcome && stat.isFile())
        throw new StrataError(outcome.failed.code, outcome.failed.data);
      parts.quarantine.take(at, hash);
      return 'corrupt';
    },
  };
}
