/**
 * The folders that one restore writes into, and the one it prepares files in. Files are made in `.dvc/tmp/strata/staging`, not beside
 * their place: what a crash leaves there is nobody's data, while a leftover in a tracked folder would look like a change of it. Only
 * where that is another file system they are made beside their place.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { errno, fsError, is, StrataError } from '../errors';
import { mkdirs } from '../host/node';
import { type StoreParts } from './storeParts';
import { type HeldFolder } from './write';

/** Names of this process's open files, as Linux shows them. */
const DESCRIPTORS = fs.existsSync('/proc/self/fd') ? '/proc/self/fd' : undefined;
const RESERVED = new Set(['.git', '.dvc']);
/** So many files share a folder, so that lanes do not wait for each other. */
const SHARD = 256;

/** Makes folders, each checked to lie in the project; links may lead elsewhere. */
export class RestoreFolders {
  /** Folders that got a new name in them, to be synced. */
  readonly changed: string[] = [];
  /** Devices of the folders that are ready. */
  private readonly ready = new Map<string, number>();
  private readonly bad = new Map<string, unknown>();
  /** Folders that were not there before; also when only some of them could be made. */
  private readonly made: string[] = [];
  private readonly realRoot: string;
  private stagingDevice: number | undefined;
  private readonly shards = new Set<string>();
  private count = 0;

  /** @param token makes this restore's names unique. */
  constructor(
    private readonly root: string,
    private readonly staging: string,
    private readonly token: string,
  ) {
    this.realRoot = fs.realpathSync.native(root);
  }

  /** Makes the folder of a file and says where the file is to be prepared. */
  place(file: string): string {
    const folder = path.dirname(file);
    const device = this.make(folder);
    const inPlace = device !== this.device();
    const n = this.count;
    this.count += 1;
    if (inPlace) return path.join(folder, `.${this.token}-${n}.tmp`);
    const shard = path.join(this.mine(), `${Math.floor(n / SHARD)}`);
    if (!this.shards.has(shard)) mkdirs(shard);
    this.shards.add(shard);
    return path.join(shard, `${n}.tmp`);
  }

  private mine(): string {
    return path.join(this.staging, this.token);
  }

  private device(): number {
    if (this.stagingDevice !== undefined) return this.stagingDevice;
    try {
      mkdirs(this.mine());
      return (this.stagingDevice = fs.statSync(this.mine()).dev);
    } catch (error) {
      throw fsError(error, this.mine());
    }
  }

  /** Makes a folder and its parents, unless they lead out of the project. Gives its device. */
  private make(folder: string): number {
    const known = this.ready.get(folder);
    if (known !== undefined) return known;
    if (this.bad.has(folder)) throw this.bad.get(folder);
    try {
      let there = folder;
      while (!fs.lstatSync(there, { throwIfNoEntry: false }) && there !== path.dirname(there))
        there = path.dirname(there);
      // A link that leads nowhere.
      if (!fs.existsSync(there)) throw new StrataError('fs.notFolder', { path: there });
      this.check(there);
      for (let at = folder; at.length > there.length; at = path.dirname(at)) this.made.push(at);
      const first = mkdirs(folder);
      if (first !== undefined) this.noteMade(folder, first);
      const device = fs.statSync(folder).dev;
      this.ready.set(folder, device);
      return device;
    } catch (thrown) {
      const inTheWay = errno(thrown) === 'EEXIST' || errno(thrown) === 'ENOTDIR';
      const error = inTheWay ? new StrataError('fs.notFolder', { path: folder }) : fsError(thrown, folder);
      this.bad.set(folder, error);
      throw error;
    }
  }

  private noteMade(folder: string, first: string): void {
    for (let at = folder; ; at = path.dirname(at)) {
      this.changed.push(path.dirname(at));
      if (at === first || at === path.dirname(at)) return;
    }
  }

  /** {@link check}, and keeps the very folder that was checked: where the system can, it is written to by its descriptor, not by its name. */
  hold(folder: string): HeldFolder {
    const fd = DESCRIPTORS ? fs.openSync(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY) : undefined;
    const at = fd === undefined ? folder : `${DESCRIPTORS}/${fd}`;
    const release = (): void => (fd === undefined ? undefined : fs.closeSync(fd));
    try {
      this.check(folder, at);
    } catch (error) {
      release();
      throw fsError(error, folder);
    }
    return { path: at, release };
  }

  /** Throws when an existing folder is really outside the project, or inside a `.git` or `.dvc`; `at` leads to it, its own path unless given. */
  private check(folder: string, at = folder): void {
    const real = fs.realpathSync.native(at);
    const below = path.relative(this.realRoot, real).split(path.sep);
    const outside = below[0] === '..' || path.isAbsolute(below[0] ?? '');
    if (outside || below.some((part) => RESERVED.has(part))) {
      throw new StrataError('fs.outside', { path: folder, root: this.root });
    }
  }

  /** Removes those of the folders it made in which nothing came to lie. */
  removeEmpty(): void {
    for (const folder of this.made.sort((a, b) => b.length - a.length)) {
      try {
        fs.rmdirSync(folder);
      } catch {
        // Something lies in it, or somebody else removed it.
      }
    }
  }

  /** Removes the staging folder of this restore with what is left in it. */
  dispose(): void {
    if (this.stagingDevice !== undefined) fs.rmSync(this.mine(), { recursive: true, force: true });
  }
}

/** As `ObjectStore.inFolder`. */
export async function inFolder(
  { root, staging }: Pick<StoreParts, 'root' | 'staging'>,
  folder: string,
  act: (at: string) => Promise<void>,
): Promise<void> {
  let held: HeldFolder;
  try {
    held = new RestoreFolders(root, staging, '').hold(folder);
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR' || is(error, 'fs.notFound')) return;
    throw fsError(error, folder);
  }
  try {
    await act(held.path);
  } catch (error) {
    const met = is(error) ? error.data['path'] : undefined;
    if (!is(error) || typeof met !== 'string' || !met.startsWith(held.path)) throw error;
    throw new StrataError(error.code, { ...error.data, path: folder + met.slice(held.path.length) }, { cause: error });
  } finally {
    held.release();
  }
}
