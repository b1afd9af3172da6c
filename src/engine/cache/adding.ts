/** Files on their way into the store: staged by the pool, synced, renamed, and their folders put on disk. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Call } from '../../base/cancel';
import { fsError, StrataError } from '../errors';
import { mkdirs, withRoom } from '../host/node';
import { failureOf, type Done, type Outcome } from './jobs';
import { runFiles, type StoreParts } from './storeParts';
import { commitStaged, dropTemporaries, syncFolders, type CommitOptions, type Staged } from './write';

/** A file that has to be read. */
export interface Pending {
  /** Its number among the files of the call. */
  readonly at: number;
  readonly path: string;
  /** Its size, where it is known. */
  readonly bytes: number | undefined;
}

/** What was done with a file; throws what kept it from being done. */
export function doneOf(outcome: Outcome | undefined): Done {
  if (outcome && 'done' in outcome) return outcome.done;
  const { code, data } = failureOf(outcome);
  throw new StrataError(code, data);
}

/** One adding: a part is put into place while the next one is hashed; the folders are put on disk at the end. */
export class Adding {
  private readonly token: string;
  private readonly folders = new Set<string>();
  private shelves: ReadonlySet<string> | undefined;
  private rounds = 0;
  private placing: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: StoreParts,
    private readonly call: Call,
    private readonly take: (one: Pending, done: Done) => void,
  ) {
    this.token = parts.host.randomHex(6);
  }

  async round(pending: readonly Pending[], call: Call): Promise<void> {
    const { parts } = this;
    const shelves = (this.shelves ??= this.begin());
    const token = `${this.token}-${this.rounds}`;
    this.rounds += 1;
    const staged = new Map<string, Staged>();
    const take = (n: number, done: Done): void => {
      stage(parts, done, staged);
      const one = pending[n];
      if (one) this.take(one, done);
    };
    try {
      await runFiles(parts, pending, { phase: 'progress.adding', call, take }, (paths, tag, handBack) => ({
        ...{ kind: 'stage', paths, handBack },
        base: baseOf(parts),
        shelves,
        token: `${token}-${tag}-`,
        shared: parts.shared,
        umask: parts.umask,
      }));
      await this.placing;
    } catch (error) {
      dropTemporaries([...staged.values()]);
      throw error;
    }
    this.placing = place([...staged.values()], { signal: this.call.signal, later: this.folders });
    // Its failure counts when the next part, or the end, waits for it.
    this.placing.catch(() => undefined);
  }

  /** Makes the folder of objects; gives the folders in it. */
  private begin(): ReadonlySet<string> {
    for (const folder of makeBase(this.parts)) this.folders.add(folder);
    return new Set(fs.readdirSync(baseOf(this.parts)));
  }

  /** Waits until everything is in its place, and the names are on disk. */
  async settle(): Promise<void> {
    try {
      await this.placing;
    } finally {
      await syncFolders([...this.folders]);
    }
  }
}

/** The folder of all 3.x objects. */
export function baseOf(parts: StoreParts): string {
  return `${parts.dir}/files/md5`;
}

/** Makes the folder of all 3.x objects. Gives the folders whose names have to be synced. */
export function makeBase(parts: StoreParts): string[] {
  const base = baseOf(parts);
  try {
    const first = mkdirs(base);
    if (parts.shared && first !== undefined) {
      for (let at = base; at.length >= first.length; at = path.dirname(at)) fs.chmodSync(at, 0o2775);
    }
    const parents = [base];
    if (first !== undefined) {
      for (let at = base; at !== first;) parents.push((at = path.dirname(at)));
      parents.push(path.dirname(first));
    }
    return [...new Set(parents)];
  } catch (error) {
    throw withRoom(fsError(error, base), base, () => [0]);
  }
}

/** Notes what has to be renamed, each object once; a wrong object in the way goes to quarantine. */
function stage(parts: StoreParts, { md5, temporary, corrupt }: Done, staged: Map<string, Staged>): void {
  if (temporary === undefined) return;
  const one = { temporary, path: parts.pathOf(md5) };
  if (staged.has(one.path)) return dropTemporaries([one]);
  staged.set(one.path, one);
  if (corrupt) parts.quarantine.take(one.path, md5);
}

/** Puts temporaries into place; throws the first failure. */
export async function place(staged: readonly Staged[], options: CommitOptions): Promise<void> {
  const failed = await commitStaged(staged, options);
  const [first] = failed;
  if (first) throw first.error;
}
