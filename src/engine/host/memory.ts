/**
 * A machine in memory for tests: folders, files and links in one map, a clock that moves only when told, counted inodes.
 * Behaves as `node.ts` does; one contract suite runs on both.
 */

import { StrataError } from '../errors';
import { basename, dirname, join, normalize } from '../../base/paths';
import { type FileKind, type FileStat, type Host, type HostFs, type WriteOptions } from './host';

/** A host in memory, and the knobs tests turn. */
interface MemoryHost extends Host {
  /** Moves the clock by so many milliseconds. */
  tick(ms: number): void;
  /** Puts a symbolic link. */
  link(path: string, to: string): void;
  /** All files with their text, links as `-> target`; for comparing whole states. */
  snapshot(): Record<string, string>;
}

interface Node {
  kind: FileKind;
  bytes: Uint8Array;
  target: string;
  mode: number;
  mtimeMs: number;
  ctimeMs: number;
  ino: number;
}

const START = Date.UTC(2026, 0, 1);

/** Builds a host whose files are `files` (absolute path → content); parents are made. */
export function memoryHost(files: Readonly<Record<string, string | Uint8Array>> = {}): MemoryHost {
  const disk = new MemoryDisk();
  for (const [path, content] of Object.entries(files)) disk.write(path, content, {});
  let counter = 0;
  return {
    fs: memoryFs(disk),
    platform: 'linux',
    env: {},
    cpus: 1,
    now: () => disk.clock,
    randomHex: (bytes) => (counter += 1).toString(16).padStart(bytes * 2, '0'),
    tick: (ms) => void (disk.clock += ms),
    link: (path, to) => disk.link(path, to),
    snapshot: () => disk.snapshot(),
  };
}

function memoryFs(disk: MemoryDisk): HostFs {
  const run = <T>(act: () => T): Promise<T> => new Promise((resolve) => resolve(act()));
  return {
    stat: (path) => run(() => disk.stat(path, true)),
    lstat: (path) => run(() => disk.stat(path, false)),
    readFile: (path) => run(() => disk.file(path).bytes.slice()),
    readText: (path) =>
      run(() => (disk.find(path, true) ? new TextDecoder().decode(disk.file(path).bytes) : undefined)),
    readRange: (path, offset, length) => run(() => disk.file(path).bytes.slice(offset, offset + length)),
    readdir: (path) => run(() => disk.list(path)),
    writeAtomic: (path, content, options) => run(() => disk.write(path, content, options ?? {})),
    append: (path, content) => run(() => disk.append(path, content)),
    mkdir: (path) => run(() => disk.makeFolder(path)),
    rename: (from, to) => run(() => disk.rename(from, to)),
    unlink: (path) => run(() => disk.unlink(path)),
    remove: (path) => run(() => disk.remove(path)),
    syncFolder: () => Promise.resolve(),
    chmod: (path, mode) => run(() => disk.chmod(path, mode)),
    readlink: (path) => run(() => disk.readlink(path)),
    realpath: (path) => run(() => disk.realpath(path)),
  };
}

/** The names and what they stand for. Keys are absolute normalized paths without links in their folders. */
class MemoryDisk {
  clock = START;
  private readonly nodes = new Map<string, Node>();
  private inodes = 0;

  constructor() {
    this.nodes.set('/', this.make('folder', 0o755));
  }

  private make(kind: FileKind, mode: number, bytes: Uint8Array = new Uint8Array()): Node {
    this.inodes += 1;
    return { kind, mode, bytes, target: '', mtimeMs: this.clock, ctimeMs: this.clock, ino: this.inodes };
  }

  /** The real place of a path: links in its folders are followed, in its last part only when asked. */
  private place(path: string, follow: boolean, depth = 0): string {
    if (depth > 40) throw new StrataError('fs.linkLoop', { path });
    const parts = normalize(path).split('/').filter(Boolean);
    let at = '/';
    for (const [i, part] of parts.entries()) {
      at = join(at, part);
      const node = this.nodes.get(at);
      if (node?.kind !== 'link' || (i === parts.length - 1 && !follow)) continue;
      const rest = parts.slice(i + 1);
      return this.place(join(dirname(at), node.target, ...rest), follow, depth + 1);
    }
    return at;
  }

  find(path: string, follow: boolean): Node | undefined {
    return this.nodes.get(this.place(path, follow));
  }

  private need(path: string, follow: boolean): Node {
    const node = this.find(path, follow);
    if (!node) throw new StrataError('fs.notFound', { path });
    return node;
  }

  file(path: string): Node {
    const node = this.need(path, true);
    if (node.kind === 'folder') throw new StrataError('fs.isFolder', { path });
    return node;
  }

  stat(path: string, follow: boolean): FileStat | undefined {
    const node = this.find(path, follow);
    if (!node) return undefined;
    const size = node.kind === 'link' ? node.target.length : node.bytes.length;
    const { kind, mode, mtimeMs, ctimeMs, ino } = node;
    return { kind, size, mode, mtimeMs, ctimeMs, ino, dev: 1, nlink: 1 };
  }

  list(path: string): { name: string; kind: FileKind }[] | undefined {
    const folder = this.place(path, true);
    const node = this.nodes.get(folder);
    if (node?.kind !== 'folder') return undefined;
    return this.children(folder).map(([at, child]) => ({ name: basename(at), kind: child.kind }));
  }

  private children(folder: string): [string, Node][] {
    return [...this.nodes].filter(([at]) => at !== '/' && dirname(at) === folder);
  }

  makeFolder(path: string): void {
    const at = this.place(path, true);
    const node = this.nodes.get(at);
    if (node?.kind === 'folder') return;
    if (node) throw new StrataError('fs.notFolder', { path });
    this.makeFolder(dirname(at));
    this.nodes.set(at, this.make('folder', 0o755));
  }

  write(path: string, content: Uint8Array | string, options: WriteOptions): void {
    const at = this.place(path, true);
    const old = this.nodes.get(at);
    if (old?.kind === 'folder') throw new StrataError('fs.isFolder', { path });
    this.makeFolder(dirname(at));
    this.nodes.set(at, this.make('file', old?.mode ?? options.mode ?? 0o644, toBytes(content)));
  }

  append(path: string, content: Uint8Array | string): void {
    const node = this.find(path, true);
    if (!node) {
      if (this.find(dirname(path), true)?.kind !== 'folder') throw new StrataError('fs.notFound', { path });
      return this.write(path, content, {});
    }
    node.bytes = Uint8Array.from([...this.file(path).bytes, ...toBytes(content)]);
    node.mtimeMs = node.ctimeMs = this.clock;
  }

  link(path: string, to: string): void {
    this.makeFolder(dirname(path));
    const node = this.make('link', 0o777);
    node.target = to;
    this.nodes.set(this.place(path, false), node);
  }

  rename(from: string, to: string): void {
    const source = this.place(from, false);
    const goal = this.place(to, false);
    const node = this.need(from, false);
    if (this.nodes.get(dirname(goal))?.kind !== 'folder') throw new StrataError('fs.notFound', { path: from });
    if (this.nodes.get(goal)?.kind === 'folder' && node.kind !== 'folder') {
      throw new StrataError('fs.isFolder', { path: from });
    }
    for (const [at, child] of [...this.nodes]) {
      if (at !== source && !at.startsWith(`${source}/`)) continue;
      this.nodes.delete(at);
      this.nodes.set(goal + at.slice(source.length), child);
    }
    node.ctimeMs = this.clock;
  }

  unlink(path: string): void {
    const at = this.place(path, false);
    if (this.nodes.get(at)?.kind === 'folder') throw new StrataError('fs.isFolder', { path });
    this.nodes.delete(at);
  }

  remove(path: string): void {
    const gone = this.place(path, false);
    for (const at of [...this.nodes.keys()]) if (at === gone || at.startsWith(`${gone}/`)) this.nodes.delete(at);
  }

  chmod(path: string, mode: number): void {
    const node = this.need(path, true);
    node.mode = mode;
    node.ctimeMs = this.clock;
  }

  readlink(path: string): string {
    const node = this.need(path, false);
    if (node.kind !== 'link') throw new StrataError('fs.notLink', { path });
    return node.target;
  }

  realpath(path: string): string {
    this.need(path, true);
    return this.place(path, true);
  }

  snapshot(): Record<string, string> {
    const out: Record<string, string> = {};
    for (const [at, node] of [...this.nodes].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (node.kind === 'file') out[at] = new TextDecoder().decode(node.bytes);
      if (node.kind === 'link') out[at] = `-> ${node.target}`;
    }
    return out;
  }
}

function toBytes(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content.slice();
}
