/**
 * The object store of a project on a real file system. Adding: hash, write temporaries, one sync, rename, sync of folders. Restoring:
 * the same way round, with every object verified before a workspace name changes. Wrong objects go to quarantine, never into use.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { quietCall, type Call } from '../../base/cancel';
import { fsError, StrataError } from '../errors';
import { type Host } from '../host/host';
import {
  type DirEntry,
  type FileToHash,
  type FileToRestore,
  type Hash,
  type Hashed,
  type HashName,
  type LinkType,
  type ObjectStore,
} from './cache';
import { parseDirObject } from '../formats/dirObject';
import { createAdder } from './addFiles';
import { createAdopter } from './adoptFiles';
import { digestOf } from './digest';
import { openHashPool } from './hashPool';
import { StateIndex } from './index';
import { digits, isHash, objectKey } from './layout';
import { createQuarantine } from './quarantine';
import { createRestorer } from './restoreFiles';
import { type StoreParts } from './storeParts';

/** What a store is opened with. All paths absolute. */
export interface StoreOptions {
  readonly host: Host;
  /** The cache folder. */
  readonly dir: string;
  /** The project's `.dvc/tmp`; the project's root lies two folders up. */
  readonly tmpDir: string;
  /** `cache.type` in its order; DVC's default is reflink, copy. */
  readonly linkTypes: readonly LinkType[];
  /** `cache.shared = group`. */
  readonly shared: boolean;
  /** `.dvc/tmp/strata/index`. */
  readonly indexDir: string;
  /** The bundled worker, unless it lies beside the running entry. */
  readonly workerFile?: string;
}

/** DVC's `cache.type` when nothing is configured. */
export const DEFAULT_LINKS: readonly LinkType[] = ['reflink', 'copy'];

/** Opens the store. Nothing is read or started before it is needed. */
export function openStore(options: StoreOptions): ObjectStore {
  const root = path.dirname(path.dirname(options.tmpDir));
  const pool = openHashPool(options.host.cpus, options.workerFile);
  const files = new StateIndex(path.join(options.indexDir, 'files'), root);
  const objects = new StateIndex(path.join(options.indexDir, 'objects'), options.dir);
  const pathOf = (hash: Hash, hashName: HashName = 'md5'): string => {
    if (!isHash(hash)) throw new StrataError('cache.badHash', { hash });
    return `${options.dir}/${objectKey(hash, hashName)}`;
  };
  const quarantine = createQuarantine(options.host, path.join(options.tmpDir, 'strata', 'quarantine'));
  const umask = process.umask();
  const staging = path.join(options.tmpDir, 'strata', 'staging');
  const parts: StoreParts = { ...options, staging, umask, root, pool, files, objects, pathOf, quarantine };
  const adder = createAdder(parts);
  const restorer = createRestorer(parts);
  const reader = createReader(parts);
  return {
    dir: options.dir,
    pathOf,
    has: (hash, hashName) => statObject(pathOf(hash, hashName)) !== undefined,
    size: (hash, hashName) => statObject(pathOf(hash, hashName))?.size,
    hashFiles: (list: readonly FileToHash[], call: Call): Promise<Hashed[]> => adder.hashFiles(list, call),
    addFiles: (list: readonly FileToHash[], call: Call): Promise<Hashed[]> => adder.addFiles(list, call),
    addBytes: (bytes, suffix) => adder.addBytes(bytes, suffix),
    read: reader.read,
    readDir: reader.readDir,
    restoreFiles: (list: readonly FileToRestore[], call: Call) => restorer(list, call),
    verify: reader.verify,
    ...createAdopter(parts),
    close: () => {
      pool.close();
      files.save();
      objects.save();
      return Promise.resolve();
    },
  };
}

function statObject(at: string): fs.Stats | undefined {
  const stat = fs.lstatSync(at, { throwIfNoEntry: false });
  return stat?.isFile() ? stat : undefined;
}

interface Reader {
  read(hash: Hash, hashName?: HashName): Promise<Uint8Array>;
  readDir(hash: Hash, hashName?: HashName): Promise<DirEntry[]>;
  verify(hash: Hash, hashName?: HashName): Promise<'good' | 'missing' | 'corrupt'>;
}

function createReader(parts: StoreParts): Reader {
  const read = (hash: Hash, hashName: HashName = 'md5'): Promise<Uint8Array> => {
    const at = parts.pathOf(hash, hashName);
    let bytes: Buffer;
    try {
      bytes = fs.readFileSync(at);
    } catch (error) {
      if (statObject(at) === undefined) return Promise.reject(new StrataError('cache.missing', { path: at, hash }));
      return Promise.reject(fsError(error, at) as Error);
    }
    if (digestOf(bytes, hashName) === digits(hash)) return Promise.resolve(bytes);
    parts.quarantine.take(at, hash);
    return Promise.reject(new StrataError('cache.corrupt', { path: at, hash, object: at }));
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
