/**
 * Objects to and from a remote that is a folder of this machine: the lanes read each once, check it against its name and write it under a
 * temporary name beside its place; many are synced together, then renamed. While one round is put into place the next one is copied.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { pacer, type Call } from '../../base/cancel';
import { fsError, StrataError } from '../errors';
import { withRoom } from '../host/node';
import { type Copied, type Copying, type Hash, type HashName, type ObjectStore } from './cache';
import { dropOutcomes, failureOf, type Outcome, type RestoreItem } from './jobs';
import { OBJECT_MODE } from './laneStage';
import { ROUND } from './rounds';
import { type StoreParts, toBatches } from './storeParts';
import { commitStaged, makeFolders, syncFolders, type Staged } from './write';

/** Makes the part of the store that copies. */
export function createCopier(parts: StoreParts): Pick<ObjectStore, 'copyOut' | 'copyIn'> {
  return {
    copyOut: (objects, how) => {
      const copies = objects.map(({ hash, hashName, path: to }) => ({
        ...{ hash, hashName, to },
        from: parts.pathOf(hash, hashName),
      }));
      const done = (n: number, copied: Copied): void => {
        const copy = copies[n];
        if (copied.state === 'corrupt' && copy) parts.quarantine.take(copy.from, copy.hash);
        how.done(n, copied);
      };
      return copyAll(new Copies(parts, copies, { ...how, done }));
    },
    copyIn: (objects, how) => {
      const copies = objects.map(({ hash, hashName, path: from }) => ({
        ...{ hash, hashName, from },
        to: parts.pathOf(hash, hashName),
      }));
      return copyAll(new Copies(parts, copies, how, true));
    },
  };
}

/** A copy to make; both paths absolute. */
interface Copy {
  readonly hash: Hash;
  readonly hashName: HashName;
  readonly from: string;
  readonly to: string;
}

type Item = RestoreItem & { readonly n: number; readonly bytes: number };

async function copyAll(copies: Copies): Promise<void> {
  try {
    for (let from = 0; from < copies.count; from += ROUND) await copies.round(from);
    await copies.placed();
  } finally {
    await copies.settle();
  }
}

class Copies {
  private readonly token: string;
  /** Folders whose names are to be put on disk. */
  private readonly later = new Set<string>();
  /** Folders that are there, and whether they were before. */
  private readonly folders = new Map<string, boolean>();
  private placing: Promise<void> = Promise.resolve();
  private bytes = 0;

  /** @param inward into the cache: its folders may be shared, and what stands where an object belongs makes way. */
  constructor(
    private readonly parts: StoreParts,
    private readonly copies: readonly Copy[],
    private readonly how: Copying,
    private readonly inward = false,
  ) {
    this.token = parts.host.randomHex(6);
  }

  get count(): number {
    return this.copies.length;
  }

  async round(from: number): Promise<void> {
    const answers = new Map<number, Copied>();
    const items = await this.prepare(from, answers);
    const { umask } = this.parts;
    const batches = toBatches(items, (some) => ({ kind: 'restore', items: some, links: [], umask, mode: OBJECT_MODE }));
    const outcomes = (await this.parts.pool.run(batches, this.how.phase, this.told(from))).flat();
    this.bytes += items.reduce((sum, item) => sum + item.bytes, 0);
    try {
      await this.placing;
    } catch (error) {
      dropOutcomes(outcomes);
      throw error;
    }
    this.placing = this.place(items, outcomes, answers);
    // Its failure counts when the next round, or the end, waits for it.
    this.placing.catch(() => undefined);
  }

  placed(): Promise<void> {
    return this.placing;
  }

  async settle(): Promise<void> {
    await this.placing.catch(() => undefined);
    await syncFolders([...this.later]);
  }

  /** Progress of a round speaks of all objects. */
  private told(from: number): Call {
    const { call } = this.how;
    const before = this.bytes;
    const progress: Call['progress'] = ({ phase, done, unit, bytes = 0 }) =>
      call.progress({ phase, done: from + done, total: this.count, unit, bytes: before + bytes });
    return { ...call, progress };
  }

  /** Looks at each object and makes the folders. */
  private async prepare(from: number, answers: Map<number, Copied>): Promise<Item[]> {
    const pace = pacer(this.how.call.signal);
    const items: Item[] = [];
    const end = Math.min(from + ROUND, this.count);
    for (let n = from; n < end; n += 1) {
      const pause = pace();
      if (pause) await pause;
      const copy = this.copies[n];
      if (!copy) continue;
      try {
        const bytes = fs.statSync(copy.from, { throwIfNoEntry: false })?.size;
        if (bytes === undefined) answers.set(n, { state: 'missing' });
        else items.push({ ...this.itemOf(copy, n), n, bytes });
      } catch (error) {
        answers.set(n, { state: 'failed', error: fsError(error, copy.to) });
      }
    }
    return items;
  }

  private itemOf({ hash, hashName, from, to }: Copy, n: number): RestoreItem {
    const folder = path.dirname(to);
    const before = this.folders.get(folder) ?? this.make(folder);
    if (this.inward && before) this.clear(to, hash);
    const temporary = `${folder}/.${this.token}-${n}.tmp`;
    return { hash, hashName, object: from, path: to, temporary, executable: false, own: true, vouched: false };
  }

  /** Makes a folder unless it is there; true when it was. */
  private make(folder: string): boolean {
    const made = makeFolders(folder, this.inward && this.parts.shared);
    for (const one of made) this.later.add(one);
    this.folders.set(folder, made.length === 0);
    return made.length === 0;
  }

  /** What is no file is no object and would stand in the way of one. */
  private clear(object: string, hash: Hash): void {
    const old = fs.lstatSync(object, { throwIfNoEntry: false });
    if (old && !old.isFile()) this.parts.quarantine.take(object, hash);
  }

  private async place(
    items: readonly Item[],
    outcomes: readonly Outcome[],
    answers: Map<number, Copied>,
  ): Promise<void> {
    const staged: Staged[] = [];
    items.forEach((item, at) => {
      const outcome = outcomes[at];
      const temporary = outcome && 'done' in outcome ? outcome.done.temporary : undefined;
      if (temporary !== undefined) staged.push({ temporary, path: item.path });
      answers.set(item.n, temporary === undefined ? refusal(outcome) : { state: 'copied', size: item.bytes });
    });
    const { signal } = this.how.call;
    const late = await commitStaged(staged, { signal, later: this.later });
    const errors = new Map(late.map((one) => [one.path, one.error]));
    for (const item of items) if (errors.has(item.path)) answers.set(item.n, failure(errors.get(item.path)));
    const failed = [...answers].filter(([, answer]) => answer.state === 'failed').map(([n]) => this.copies[n]?.from);
    const sizes = (): number[] => failed.map((from = '') => fs.statSync(from, { throwIfNoEntry: false })?.size ?? 0);
    for (const [n, answer] of [...answers].sort(([a], [b]) => a - b)) {
      this.how.done(
        n,
        answer.state === 'failed' ? failure(withRoom(answer.error, this.copies[n]?.to ?? '', sizes)) : answer,
      );
    }
  }
}

function failure(error: unknown): Copied {
  return { state: 'failed', error };
}

/** Why an object was not copied. */
function refusal(outcome: Outcome | undefined): Copied {
  const { code, data } = failureOf(outcome);
  if (code === 'cache.missing') return { state: 'missing' };
  if (code === 'cache.corrupt' || code === 'fs.isFolder' || code === 'cache.notFile') return { state: 'corrupt' };
  return failure(new StrataError(code, data));
}
