/**
 * Which objects are needed, files inside folders included. A list of a folder that is not in the cache is looked for on the remotes at hand;
 * where it cannot be had, nobody knows what it names: then every object that it may name counts as needed.
 */

import { pacer, quietCall } from '../../base/cancel';
import { type Hash, type HashName } from '../cache/cache';
import { objectKey } from '../cache/layout';
import { is } from '../errors';
import { parseDirObject } from '../formats/dirObject';
import { type Remote } from '../remotes/remotes';
import { type Task } from './task';
import { type Use } from './uses';

/** A folder without files: what its list says is known without it. */
const EMPTY_FOLDER: Hash = 'd751713988987e9331980363e24189ce.dir';

const NAMES = ['md5', 'md5-dos2unix'] as const;

/** Why an object stays. */
export type Kept = 'used' | 'unknown';

/** Gathers what is needed. */
export class UsedObjects {
  /** Lists that could not be read. */
  readonly unreadable: Use[] = [];
  private readonly used: Readonly<Record<HashName, Set<Hash>>> = { md5: new Set(), 'md5-dos2unix': new Set() };
  /** Of what is needed here, what may go because it is on a remote. */
  private readonly shared: Readonly<Record<HashName, Set<Hash>>> = { md5: new Set(), 'md5-dos2unix': new Set() };
  /** No file that an unreadable list names is larger than all that it names, in bytes. */
  private readonly largest: Record<HashName, number> = { md5: -1, 'md5-dos2unix': -1 };
  private readonly expanded = new Set<string>();
  /** What each remote is to have, `''` for the default one. */
  private readonly byRemote = new Map<string, Set<string>>();
  private readonly pinned = new Set<string>();

  /** @param remotes are asked for lists that the cache lacks. */
  constructor(
    private readonly task: Task,
    private readonly remotes: readonly Remote[],
    private readonly skipUnreadable: boolean,
  ) {}

  /** Counts uses in, with the files of folders. */
  async add(uses: readonly Use[]): Promise<void> {
    const pace = pacer(this.task.call.signal);
    for (const use of uses) {
      const pause = pace();
      if (pause) await pause;
      const once = `${use.hashName}:${use.hash}:${use.remote === null ? '\n' : (use.remote ?? '')}`;
      if (this.expanded.has(once)) continue;
      this.expanded.add(once);
      this.note(use, use.hash);
      if (!use.hash.endsWith('.dir') || use.hash === EMPTY_FOLDER) continue;
      const entries = await this.entriesOf(use);
      if (entries) for (const entry of entries) this.note(use, entry);
      else if (use.nfiles !== 0) this.miss(use);
    }
  }

  private miss(list: Use): void {
    this.unreadable.push(list);
    this.largest[list.hashName] = Math.max(this.largest[list.hashName], list.size ?? Number.POSITIVE_INFINITY);
  }

  private note(use: Use, hash: Hash): void {
    this.used[use.hashName].add(hash);
    const key = objectKey(hash, use.hashName);
    if (use.remote === null) this.pinned.add(key);
    else {
      const known = this.byRemote.get(use.remote ?? '') ?? new Set();
      this.byRemote.set(use.remote ?? '', known.add(key));
    }
  }

  /** The files of a folder; undefined when its list is nowhere. */
  private async entriesOf({ hash, hashName }: Use): Promise<readonly Hash[] | undefined> {
    const { store } = this.task.repo;
    try {
      return named(await store.read(hash, hashName), hash);
    } catch (error) {
      if (!is(error, 'cache.missing') && !is(error, 'cache.corrupt')) throw error;
    }
    for (const remote of this.remotes) {
      const entries = await this.fromRemote(remote, hash, hashName);
      if (entries) return entries;
    }
    return undefined;
  }

  /** Looks at a list on a remote; nothing is kept of it here. */
  private async fromRemote(remote: Remote, hash: Hash, hashName: HashName): Promise<readonly Hash[] | undefined> {
    const { store } = this.task.repo;
    const { signal } = this.task.call;
    const temporary = store.temporary();
    try {
      await remote.download(objectKey(hash, hashName), temporary, { signal, moved: () => undefined });
      return named(await store.checkTemporary(temporary, hash, hashName), hash);
    } catch (error) {
      if (is(error, 'remotes.missing') || is(error, 'cache.corrupt')) return undefined;
      throw error;
    } finally {
      await store.discard([temporary]);
    }
  }

  /** Why an object stays, undefined when nobody needs it. `size` is asked for only where it matters. */
  keeps(hash: Hash, hashName: HashName, size: () => number): Kept | undefined {
    if (this.used[hashName].has(hash) && !this.shared[hashName].has(hash)) return 'used';
    if (this.skipUnreadable || hash.endsWith('.dir') || this.used[hashName].has(hash)) return undefined;
    return this.largest[hashName] >= 0 && size() <= this.largest[hashName] ? 'unknown' : undefined;
  }

  /** Names of the remotes that outputs ask for by name; `''` stands for the default one. */
  get remoteNames(): string[] {
    return [...this.byRemote.keys()];
  }

  /** From now on what `remote` has of the outputs that go to it (`''`: the default) counts as not needed here, unless it is pushed nowhere. */
  async releaseShared(name: string, remote: Remote): Promise<void> {
    const keys = [...(this.byRemote.get(name) ?? [])].filter((key) => !this.pinned.has(key));
    const there = await remote.has(keys, quietCall(this.task.call.signal));
    for (const hashName of NAMES) {
      for (const hash of this.used[hashName]) {
        if (there.has(objectKey(hash, hashName))) this.shared[hashName].add(hash);
      }
    }
  }
}

/** Hashes that a whole list names; of one whose paths are refused all that it holds. */
function named(bytes: Uint8Array, hash: Hash): Hash[] {
  const text = new TextDecoder().decode(bytes);
  try {
    return parseDirObject(text, hash).map((entry) => entry.md5);
  } catch (error) {
    if (!is(error)) throw error;
    return [...text.matchAll(/"([0-9a-f]{32})"/g)].map((match) => match[1] ?? '');
  }
}
