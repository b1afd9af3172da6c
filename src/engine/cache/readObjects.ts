/** Reading of objects: always hashed before use; one whose bytes are not those of its name goes to quarantine. */

import * as fs from 'node:fs';
import { quietCall } from '../../base/cancel';
import { fsError, StrataError } from '../errors';
import { parseDirObject } from '../formats/dirObject';
import { type DirEntry, type Hash, type HashName } from './cache';
import { digestOf } from './digest';
import { digits } from './layout';
import { type StoreParts } from './storeParts';

/** Facts of an object, undefined when nothing is there, or a folder or link in its place. */
export function statObject(at: string): fs.Stats | undefined {
  const stat = fs.lstatSync(at, { throwIfNoEntry: false });
  return stat?.isFile() ? stat : undefined;
}

/** The reading part of the store; see `cache.ts`. */
interface Reader {
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
  return {
    read,
    readDir: async (hash, hashName) => parseDirObject(new TextDecoder().decode(await read(hash, hashName)), hash),
    verify: async (hash, hashName = 'md5') => {
      const at = parts.pathOf(hash, hashName);
      const stat = fs.lstatSync(at, { throwIfNoEntry: false });
      if (!stat) return 'missing';
      const job = { kind: 'hash', paths: [at], hashName } as const;
      const [[outcome] = []] = await parts.pool.run([{ job, bytes: stat.size }], 'progress.verifying', quietCall());
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
