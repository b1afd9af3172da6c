/**
 * The project as a long-lived process has it open. Before each act its configuration files are looked at: when one is another than it was,
 * whoever changed it, the project is opened anew. Acts that began before keep what they were given until they end.
 */

import { KeyedQueue } from '../../base/queue';
import { type Repo } from './repo';
import { type HostFs } from '../host/host';

/** What an act is done with, and who still needs it. */
interface Opened {
  readonly repo: Repo;
  /** What the configuration files were right before it was opened. */
  readonly print: string;
  users: number;
  /** Nobody new gets it. */
  old: boolean;
}

/** How it is opened. */
export interface OpenedFrom {
  readonly fs: Pick<HostFs, 'stat'>;
  /** Absolute paths of the files that say how; they need not exist. */
  readonly files: readonly string[];
  open(): Promise<Repo>;
}

/** Opens with the first act. */
export class OpenedRepo {
  private readonly turns = new KeyedQueue();
  private readonly alive = new Set<Opened>();
  private current: Opened | undefined;

  constructor(private readonly from: OpenedFrom) {}

  /** Does something with the project as its configuration is now. Fails, too, with what is wrong with that. */
  async use<T>(act: (repo: Repo) => Promise<T>): Promise<T> {
    const opened = await this.turns.run('open', () => this.fresh());
    try {
      return await act(opened.repo);
    } finally {
      opened.users -= 1;
      if (opened.old) await this.leave(opened);
    }
  }

  /** The next act opens anew. */
  async forget(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    if (!current) return;
    current.old = true;
    await this.leave(current);
  }

  /** Ends helper processes and saves indexes, whoever still works. */
  async close(): Promise<void> {
    this.current = undefined;
    for (const opened of [...this.alive]) await this.end(opened);
  }

  private async fresh(): Promise<Opened> {
    const print = await this.print();
    if (this.current && this.current.print !== print) await this.forget();
    this.current ??= { repo: await this.from.open(), print, users: 0, old: false };
    this.alive.add(this.current);
    this.current.users += 1;
    return this.current;
  }

  private async print(): Promise<string> {
    const facts: string[] = [];
    for (const file of this.from.files) {
      const stat = await this.from.fs.stat(file);
      facts.push(stat ? [stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join() : '');
    }
    return facts.join('\n');
  }

  private async leave(opened: Opened): Promise<void> {
    if (opened.users === 0) await this.end(opened);
  }

  private async end(opened: Opened): Promise<void> {
    if (!this.alive.delete(opened)) return;
    opened.repo.git?.close();
    await opened.repo.store.close();
  }
}
