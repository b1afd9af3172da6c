/**
 * The object store of a project on a real file system. Adding: hash, write temporaries, one sync, rename, sync of folders. Restoring:
 * the same way round, with every object verified before a workspace name changes. Wrong objects go to quarantine, never into use.
 */

import * as path from 'node:path';
import { type Call } from '../../base/cancel';
import { StrataError } from '../errors';
import { type Host } from '../host/host';
import { type FileToRestore, type Hash, type HashName, type LinkType, type ObjectStore } from './cache';
import { createAdder } from './addFiles';
import { createOwner } from './ownFiles';
import { createAdopter } from './adoptFiles';
import { createCopier } from './copyObjects';
import { openHashPool } from './hashPool';
import { addChanged, hashChanged } from './changedFiles';
import { FolderIndex } from './folderIndex';
import { ListIndex } from './listIndex';
import { StateIndex } from './stateIndex';
import { isHash, objectKey } from './layout';
import { createQuarantine } from './quarantine';
import { createReader, statObject } from './readObjects';
import { createRestorer } from './restoreFiles';
import { inFolder } from './restoreFolders';
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
  /** Writes nothing, no index and no quarantine: for untrusted workspaces. */
  readonly readOnly?: boolean;
  /** The bundled worker, unless it lies beside the running entry. */
  readonly workerFile?: string;
}

/** Opens the store. Nothing is read or started before it is needed. */
export function openStore(options: StoreOptions): ObjectStore {
  const root = path.dirname(path.dirname(options.tmpDir));
  const pool = openHashPool(options.host.cpus, options.workerFile);
  const files = new StateIndex(path.join(options.indexDir, 'files'), root);
  const objects = new StateIndex(path.join(options.indexDir, 'objects'), options.dir);
  const folders = new FolderIndex(path.join(options.indexDir, 'folders'), () => options.host.now(), pool);
  const lists = new ListIndex(path.join(options.indexDir, 'lists'));
  const pathOf = (hash: Hash, hashName: HashName = 'md5'): string => {
    if (!isHash(hash)) throw new StrataError('cache.badHash', { hash });
    return `${options.dir}/${objectKey(hash, hashName)}`;
  };
  const quarantine = options.readOnly
    ? { take: () => undefined }
    : createQuarantine(options.host, path.join(options.tmpDir, 'strata', 'quarantine'));
  const umask = process.umask();
  const staging = path.join(options.tmpDir, 'strata', 'staging');
  const parts: StoreParts = { ...options, staging, umask, root, pool, files, objects, lists, pathOf, quarantine };
  const adder = createAdder(parts);
  const restorer = createRestorer(parts);
  const reader = createReader(parts);
  return {
    dir: options.dir,
    pathOf,
    has: (hash, hashName) => statObject(pathOf(hash, hashName)) !== undefined,
    missing: (hashes, hashName) => reader.missing(hashes, hashName),
    holdsFolder: (hash, hashName, entries) => reader.holdsFolder(hash, hashName, entries),
    size: (hash, hashName) => statObject(pathOf(hash, hashName))?.size,
    hashFiles: (list, call, prints) => adder.hashFiles(list, call, prints),
    knownFolder: (folder, rules, call) => folders.find(folder, rules, call.signal),
    hashChanged: (known, call) => hashChanged(parts, known, call),
    addChanged: (known, call) => addChanged(parts, known, (hashes) => reader.missing(hashes), call),
    noteKnown: options.readOnly ? () => undefined : (known, hash) => folders.noteKnown(known, hash),
    noteFolder: options.readOnly ? () => undefined : folders.note.bind(folders),
    addFiles: (list, call) => adder.addFiles(list, call),
    addBytes: (bytes, suffix) => adder.addBytes(bytes, suffix),
    read: (hash, hashName) => reader.read(hash, hashName),
    readDir: (hash, hashName) => reader.readDir(hash, hashName),
    restoreFiles: (list: readonly FileToRestore[], call: Call) => restorer(list, call),
    inFolder: (folder, act) => inFolder(parts, folder, act),
    ownFiles: createOwner(parts),
    verify: (hash, hashName) => reader.verify(hash, hashName),
    ...createAdopter(parts),
    ...createCopier(parts),
    close: () => {
      pool.close();
      if (!options.readOnly) {
        files.save();
        objects.save();
      }
      return Promise.resolve();
    },
  };
}
