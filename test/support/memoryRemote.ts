/** A remote in memory: the second implementation of the contract, and one that can be told to lie, to fail and to be slow. */

import * as fs from 'node:fs';
import { throwIfCancelled } from '../../src/base/cancel';
import { fsError, StrataError } from '../../src/engine/errors';
import { type Remote } from '../../src/engine/remotes/remotes';

/** What a test may change about it. */
export interface MemoryRemote extends Remote {
  readonly files: Map<string, Uint8Array>;
  /** Keys in the order in which they arrived. */
  readonly arrived: string[];
  /** How many files were asked for. */
  downloads: number;
  /** Called before each upload and download; what it throws is the failure. */
  fault: (what: 'upload' | 'download', key: string) => void | Promise<void>;
}

/** Makes an empty one. */
export function memoryRemote(): MemoryRemote {
  const files = new Map<string, Uint8Array>();
  const remote: MemoryRemote = {
    files,
    arrived: [],
    downloads: 0,
    fault: () => undefined,
    url: 'memory://test',
    jobs: 3,
    has: async (keys, call) => {
      throwIfCancelled(call.signal);
      return new Set(keys.filter((key) => files.has(key)));
    },
    list: async function* (prefix, call) {
      throwIfCancelled(call.signal);
      for (const [key, bytes] of files) {
        if (prefix === '' || key.startsWith(`${prefix}/`)) yield { key, size: bytes.length };
      }
    },
    upload: async (path, key, moving) => {
      throwIfCancelled(moving.signal);
      await remote.fault('upload', key);
      let bytes: Uint8Array;
      try {
        bytes = fs.readFileSync(path);
      } catch (error) {
        throw fsError(error, path);
      }
      moving.moved(bytes.length);
      files.set(key, bytes);
      remote.arrived.push(key);
    },
    download: async (key, path, moving) => {
      throwIfCancelled(moving.signal);
      remote.downloads += 1;
      await remote.fault('download', key);
      const bytes = files.get(key);
      if (!bytes) throw new StrataError('remotes.missing', { key, url: remote.url });
      fs.writeFileSync(path, bytes, { flag: 'wx' });
      moving.moved(bytes.length);
    },
    remove: async (keys) => {
      for (const key of keys) files.delete(key);
    },
    close: async () => undefined,
  };
  return remote;
}
