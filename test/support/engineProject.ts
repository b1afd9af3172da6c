/** A project on disk on which a test calls verbs of the engine in its own process: many quick acts, and what they leave. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { quietCall } from '../../src/base/cancel';
import { dataVerbs, openRepo } from '../../src/engine/data/data';
import { init } from '../../src/engine/data/init';
import { type Repo } from '../../src/engine/data/repo';
import { is, type StrataError } from '../../src/engine/errors';
import { type Host } from '../../src/engine/host/host';
import { nodeHost } from '../../src/engine/host/node';
import { dropFolder, newFolder } from './temporary';

type Verbs = typeof dataVerbs;

/** The project's root lies one folder below a temporary one, so that what leaves it is seen. */
export class EngineProject {
  /** Which system the engine is told it runs on. */
  platform: Host['platform'] = nodeHost().platform;

  private constructor(
    /** The folder that holds the project and nothing else. */
    readonly above: string,
    readonly root: string,
  ) {}

  /** An empty project with Git. */
  static async make(): Promise<EngineProject> {
    const above = newFolder();
    const root = path.join(above, 'project');
    fs.mkdirSync(root);
    execFileSync('git', ['init', '--quiet', '-b', 'main', root]);
    await init({ host: nodeHost(), dir: root }, {}, quietCall());
    return new EngineProject(above, root);
  }

  /** A copy of this project beside nothing else. */
  copy(): EngineProject {
    const above = newFolder();
    const root = path.join(above, 'project');
    fs.cpSync(this.root, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    return new EngineProject(above, root);
  }

  at(name: string): string {
    return path.join(this.root, name);
  }

  /** Writes a file, with its folders. */
  put(name: string, content: string | Uint8Array): void {
    fs.mkdirSync(path.dirname(this.at(name)), { recursive: true });
    fs.writeFileSync(this.at(name), content);
  }

  /** Text of a file; undefined when there is none. */
  read(name: string): string | undefined {
    return fs.existsSync(this.at(name)) ? fs.readFileSync(this.at(name), 'utf8') : undefined;
  }

  /** Opens the project for one act, as a command would. */
  async use<T>(act: (repo: Repo) => Promise<T>): Promise<T> {
    const host = { ...nodeHost(), platform: this.platform };
    const repo = await openRepo({ root: this.root, cwd: '.', host, trusted: true, command: 'strata test' });
    try {
      return await act(repo);
    } finally {
      repo.git?.close();
      await repo.store.close();
    }
  }

  /** Calls a verb on targets. */
  call<V extends keyof Verbs>(
    verb: V,
    targets: readonly string[] = [],
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<Awaited<ReturnType<Verbs[V]>>> {
    type Act = (repo: Repo, args: unknown, call: unknown) => Promise<Awaited<ReturnType<Verbs[V]>>>;
    const act = dataVerbs[verb] as Act;
    return this.use((repo) => act(repo, { targets, ...options }, quietCall()));
  }

  /** The error a verb ends with; undefined when it succeeds. What is none of our own errors is thrown. */
  async refusal(...call: Parameters<EngineProject['call']>): Promise<StrataError | undefined> {
    try {
      await this.call(...call);
      return undefined;
    } catch (error) {
      if (is(error)) return error;
      throw error;
    }
  }

  /** Where the object of a hash lies. */
  object(hash: string): string {
    return this.at(`.dvc/cache/files/md5/${hash.slice(0, 2)}/${hash.slice(2)}`);
  }

  /** Puts bytes into the cache under their name, or under the one given. */
  putObject(bytes: string | Uint8Array, suffix = '', hash = md5Of(bytes)): string {
    const object = this.object(hash + suffix);
    fs.mkdirSync(path.dirname(object), { recursive: true });
    fs.writeFileSync(object, bytes, { mode: 0o444 });
    return hash + suffix;
  }

  /** Changes an object as bad hardware would: mode, size where it stays, and time are as before. */
  damage(hash: string, change: (bytes: Buffer) => Uint8Array): void {
    const object = this.object(hash);
    const { atime, mtime, mode } = fs.statSync(object);
    const bytes = change(fs.readFileSync(object));
    fs.chmodSync(object, 0o644);
    fs.writeFileSync(object, bytes);
    fs.chmodSync(object, mode);
    fs.utimesSync(object, atime, mtime);
  }

  /** Names of what is kept aside. */
  quarantined(): string[] {
    const folder = this.at('.dvc/tmp/strata/quarantine');
    return fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => !name.endsWith('.json')) : [];
  }

  drop(): void {
    dropFolder(this.above);
  }
}

/** Everything below a folder by path, with kind, mode and bytes; `without` leaves paths out. */
export function fingerprint(folder: string, without: (name: string) => boolean = () => false): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const at = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, at);
    if (without(name)) continue;
    const { mode } = fs.lstatSync(at);
    const content = entry.isFile() ? md5Of(fs.readFileSync(at)) : entry.isSymbolicLink() ? fs.readlinkSync(at) : '';
    found.set(name, `${mode.toString(8)} ${content}`);
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** MD5 in hexadecimal. */
export function md5Of(bytes: string | Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
