/** A store in a temporary project, and small helpers to look at it. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { type LinkType, type ObjectStore } from '../../src/engine/cache/cache';
import { openStore } from '../../src/engine/cache/openStore';
import { TICK_MS } from '../../src/engine/cache/stateIndex';
import { type Host } from '../../src/engine/host/host';
import { nodeHost } from '../../src/engine/host/node';
import { dropFolder, newFolder } from './temporary';

/** How the store is opened; see `StoreOptions`. */
export interface TestStoreOptions {
  readonly links?: readonly LinkType[];
  readonly shared?: boolean;
  readonly workerFile?: string;
  readonly host?: Host;
}

/** A project folder with one store. */
export class TestProject {
  readonly root = newFolder();
  store: ObjectStore;

  constructor(private readonly options: TestStoreOptions = {}) {
    fs.mkdirSync(this.at('.dvc/tmp'), { recursive: true });
    this.store = this.open();
  }

  private open(): ObjectStore {
    return openStore({
      host: this.options.host ?? nodeHost(),
      dir: this.at('.dvc/cache'),
      tmpDir: this.at('.dvc/tmp'),
      indexDir: this.at('.dvc/tmp/strata/index'),
      linkTypes: this.options.links ?? ['reflink', 'copy'],
      shared: this.options.shared ?? false,
      ...(this.options.workerFile === undefined ? {} : { workerFile: this.options.workerFile }),
    });
  }

  /** Closes the store and opens it anew, as the next command would. */
  async reopen(): Promise<void> {
    await this.store.close();
    this.store = this.open();
  }

  at(name: string): string {
    return path.join(this.root, name);
  }

  /** Writes a file and dates it `age` seconds back, 60 unless told, so that the index may trust it. */
  put(name: string, content: string | Uint8Array, age = 60): string {
    const file = this.at(name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    const then = Date.now() / 1000 - age;
    fs.utimesSync(file, then, then);
    return file;
  }

  /** Lets the clock move on: what happened before is no longer of the present tick. */
  async tick(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, TICK_MS + 10));
  }

  read(name: string): string {
    return fs.readFileSync(this.at(name), 'utf8');
  }

  /** Names of all temporaries anywhere. */
  temporaries(): string[] {
    return (fs.readdirSync(this.root, { recursive: true }) as string[]).filter((name) => name.endsWith('.tmp'));
  }

  /** Overwrites an object in place, keeping mode, size and mtime, as bad hardware would. */
  damage(hash: string, change: (bytes: Buffer) => Buffer): void {
    const object = this.store.pathOf(hash);
    const { atime, mtime, mode } = fs.statSync(object);
    const bytes = change(fs.readFileSync(object));
    fs.chmodSync(object, 0o644);
    fs.writeFileSync(object, bytes);
    fs.chmodSync(object, mode);
    fs.utimesSync(object, atime, mtime);
  }

  async dispose(): Promise<void> {
    await this.store.close();
    dropFolder(this.root);
  }
}

/** The `age` of a file that was changed only now. */
export const JUST_NOW = 0;
