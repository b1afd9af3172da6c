/**
 * What a path of another repository stands for at a commit: files that Git holds, files that DVC tracks, or a folder of both (formats §19).
 * Nothing is fetched but lists of folders, and those only when they are needed.
 */

import { pacer } from '../../../base/cancel';
import { basename, dirname, isInside, join, normalize, unsafePath } from '../../../base/paths';
import { type HashName } from '../../cache/cache';
import { StrataError } from '../../errors';
import { type TreeEntry } from '../../git/git';
import { collectCommit } from '../collect';
import { openIgnores, type Ignores } from '../ignore';
import { type Output, type ProjectFiles } from '../model';
import { type DepEntry } from '../../formats/dvcFile';
import { type Task } from '../task';
import { readList, type Keeper } from './keepers';
import { nearOf, openOther, type Near, type OtherRepo } from './otherRepo';

/** Where the bytes of a file come from. */
export type Bytes =
  | { readonly kind: 'git'; readonly other: OtherRepo; readonly entry: TreeEntry }
  | { readonly kind: 'object'; readonly hash: string; readonly hashName: HashName; readonly keeper: Keeper };

/** A file of what was found. */
export interface Piece {
  /** Below the folder that was found; empty for a single file. */
  readonly relpath: string;
  readonly bytes: Bytes;
}

/** What a path stands for. */
export interface Found {
  readonly folder: boolean;
  readonly pieces: readonly Piece[];
  /** Of a whole tracked folder: its list. */
  readonly object?: { readonly hash: string; readonly hashName: HashName };
}

/** Imports of imports are followed so far. */
const MOST_HOPS = 8;

/** True for the files that describe data and are no data themselves. */
export function isDescription(path: string): boolean {
  const name = basename(path);
  return name === 'dvc.yaml' || name === '.dvcignore' || (name.endsWith('.dvc') && name !== '.dvc');
}

/** The files of a repository at a commit. One serves one piece of work; `close` ends what it opened. */
export class OtherFiles {
  private tree: Promise<readonly TreeEntry[]> | undefined;
  private files: Promise<ProjectFiles> | undefined;
  private projectFolders: Promise<ReadonlySet<string>> | undefined;
  private readonly opened: OtherFiles[] = [];

  private constructor(
    private readonly task: Task,
    private readonly near: Near,
    readonly other: OtherRepo,
    private readonly hops: number,
  ) {}

  /** Opens a repository; see `openOther`. */
  static async open(
    task: Task,
    near: Near,
    source: { readonly dep: DepEntry; readonly rev: string | undefined; readonly hops?: number },
  ): Promise<OtherFiles> {
    const { repo } = source.dep;
    if (!repo) throw new StrataError('import.noRepo', { url: source.dep.path });
    return new OtherFiles(task, near, await openOther(near, repo, source.rev), source.hops ?? 0);
  }

  /** A path below the project's root, from the repository's top. Fails with `import.badPath`. */
  private fromTop(path: string): string {
    const full = join(this.other.prefix === '' ? '.' : this.other.prefix, normalize(path.replace(/^\/+/, '')));
    const bad = full.startsWith('..') || (full !== '.' && unsafePath(full) !== undefined);
    if (bad) throw new StrataError('import.badPath', { path });
    return full;
  }

  /** A path below the project's root, from the repository's top; the root itself is empty or `.`. */
  at(path: string): string {
    return this.fromTop(path === '' ? '.' : path);
  }

  /** Every file that Git holds in the project, descriptions too, that `.dvcignore` does not hide. */
  async each(
    act: (file: { path: string; isexec: boolean; size: () => Promise<number | undefined> }) => Promise<void>,
  ): Promise<void> {
    const ignores = await this.ignores();
    const pace = pacer(this.near.call.signal);
    const root = this.at('.');
    for (const entry of await this.entries()) {
      await pace();
      if (!isInside(entry.path, root) || ignores.ignored(entry.path, false)) continue;
      if (!(await this.sameProject(entry.path, root))) continue;
      await act({ path: entry.path, isexec: entry.mode === '100755', size: () => this.sizeOf(entry.path) });
    }
  }

  /** Bytes of a file, or of the object that lists a folder. */
  sizeOf(path: string): Promise<number | undefined> {
    return this.other.git.sizeOf(this.other.commit, path);
  }

  /** The tracked outputs of the project, and who keeps them. */
  async kept(): Promise<{ readonly output: Output; readonly keeper: Keeper }[]> {
    const root = this.at('.');
    const found: { output: Output; keeper: Keeper }[] = [];
    for (const output of (await this.projects()).outputs) {
      if (!output.cache || !isInside(output.path, root) || !(await this.sameProject(output.file, root))) continue;
      found.push({ output, keeper: await this.keeperOf(output) });
    }
    return found;
  }

  /** Fails with `import.noPath` {path, url, rev} when nothing there has that name; folders that DVC tracks are not looked into. */
  async expect(path: string): Promise<void> {
    const full = this.fromTop(path);
    const { outputs } = await this.projects();
    const known =
      outputs.some((out) => isInside(full, out.path) || isInside(out.path, full)) ||
      (await this.entries()).some((entry) => isInside(entry.path, full));
    if (!known) throw this.noPath(path);
  }

  /** What a path stands for. Fails with `import.noPath`, with `import.description` for a `.dvc` file, with `import.noData` where a list is nowhere. */
  async find(path: string): Promise<Found> {
    const full = this.fromTop(path);
    if (isDescription(full)) throw new StrataError('import.description', { path });
    const outputs = (await this.projects()).outputs.filter((out) => out.cache);
    const blob = (await this.entries()).find((entry) => entry.path === full);
    if (blob) return { folder: false, pieces: [{ relpath: '', bytes: this.gitBytes(await this.follow(blob)) }] };
    const around = outputs.find((out) => isInside(full, out.path));
    if (around) return this.insideOutput(around, full, path);
    const pieces = await this.gitPieces(full);
    for (const out of outputs)
      if (isInside(out.path, full) && (await this.sameProject(out.file, full))) await this.addOutput(pieces, out, full);
    if (pieces.size === 0) throw this.noPath(path);
    return { folder: true, pieces: [...pieces.values()] };
  }

  private noPath(path: string): StrataError {
    return new StrataError('import.noPath', { path, url: this.other.url, rev: this.other.commit.slice(0, 7) });
  }

  private gitBytes(entry: TreeEntry): Bytes {
    return { kind: 'git', other: this.other, entry };
  }

  private entries(): Promise<readonly TreeEntry[]> {
    const { git, commit } = this.other;
    return (this.tree ??= git.listFiles(commit, '').then((all) => all.filter((entry) => entry.kind === 'blob')));
  }

  private projects(): Promise<ProjectFiles> {
    const { git, commit } = this.other;
    return (this.files ??= collectCommit({ root: git.top }, git, commit, this.near.call));
  }

  /** The file that a link of the repository leads to; a link that leads out of it, or to a folder, fails with `import.link`. */
  private async follow(entry: TreeEntry): Promise<TreeEntry> {
    let at: TreeEntry | undefined = entry;
    for (let hops = 0; at?.mode === '120000' && hops < MOST_HOPS; hops += 1) {
      const text = await this.other.git.readFile(this.other.commit, at.path);
      const to = join(dirname(at.path), new TextDecoder().decode(text));
      at = (await this.entries()).find((one) => one.path === to);
    }
    if (!at || at.mode === '120000') throw new StrataError('import.link', { path: entry.path, url: this.other.url });
    return at;
  }

  /** Files that Git holds below a folder, by path below it: no descriptions, nothing that `.dvcignore` hides, no links to folders. */
  private async gitPieces(full: string): Promise<Map<string, Piece>> {
    const pieces = new Map<string, Piece>();
    const ignores = await this.ignores();
    const pace = pacer(this.near.call.signal);
    for (const entry of await this.entries()) {
      await pace();
      if (!isInside(entry.path, full) || isDescription(entry.path) || ignores.ignored(entry.path, false)) continue;
      if (!(await this.sameProject(entry.path, full))) continue;
      if (unsafePath(entry.path.replace(/[\u0001-\u001f]/g, '_')) !== undefined)
        throw new StrataError('import.badPath', { path: entry.path });
      const bytes = await this.linked(entry);
      if (bytes) pieces.set(below(entry.path, full), { relpath: below(entry.path, full), bytes });
    }
    return pieces;
  }

  private async linked(entry: TreeEntry): Promise<Bytes | undefined> {
    if (entry.mode !== '120000') return this.gitBytes(entry);
    try {
      return this.gitBytes(await this.follow(entry));
    } catch {
      return undefined;
    }
  }

  private async ignores(): Promise<Ignores> {
    const { git, commit } = this.other;
    const readText = async (path: string): Promise<string | undefined> => {
      const bytes = await git.readFile(commit, path);
      return bytes && new TextDecoder().decode(bytes);
    };
    const ignores = openIgnores({ readText }, '.', '.dvcignore');
    for (const entry of await this.entries())
      if (basename(entry.path) === '.dvcignore') await ignores.enterAll(dirname(entry.path));
    return ignores;
  }

  private async insideOutput(output: Output, full: string, asked: string): Promise<Found> {
    const whole = await this.ofOutput(output);
    if (full === output.path) return whole;
    const start = below(full, output.path);
    const exact = whole.pieces.find((piece) => piece.relpath === start);
    if (exact) return { folder: false, pieces: [{ ...exact, relpath: '' }] };
    const pieces = whole.pieces
      .filter((piece) => isInside(piece.relpath, start))
      .map((piece) => ({ ...piece, relpath: below(piece.relpath, start) }));
    if (pieces.length === 0) throw this.noPath(asked);
    return { folder: true, pieces };
  }

  private async addOutput(pieces: Map<string, Piece>, output: Output, full: string): Promise<void> {
    const start = below(output.path, full);
    for (const piece of (await this.ofOutput(output)).pieces) {
      const relpath = piece.relpath === '' ? start : `${start}/${piece.relpath}`;
      if (!pieces.has(relpath)) pieces.set(relpath, { ...piece, relpath });
    }
  }

  /** The files of a tracked output. */
  private async ofOutput(output: Output): Promise<Found> {
    const { recorded } = output;
    const source = await this.sourceOf(output);
    if (!recorded) {
      if (source) return this.throughSource(source, output);
      throw new StrataError('import.neverRecorded', { path: output.path, url: this.other.url });
    }
    const keeper = await this.keeperOf(output);
    const { hash, hashName } = recorded;
    if (!hash.endsWith('.dir'))
      return { folder: false, pieces: [{ relpath: '', bytes: { kind: 'object', hash, hashName, keeper } }] };
    const list = await readList(this.task, keeper, recorded);
    if (!list && source) return this.throughSource(source, output);
    if (!list) throw new StrataError('import.noData', { path: output.path, url: this.other.url });
    return {
      folder: true,
      object: { hash, hashName },
      pieces: list.map(({ relpath, md5 }) => ({ relpath, bytes: { kind: 'object', hash: md5, hashName, keeper } })),
    };
  }

  private async keeperOf(output: Output): Promise<Keeper> {
    const source = await this.sourceOf(output);
    return {
      url: this.other.url,
      path: output.path,
      settings: await this.other.keeping(await this.projectOf(output.file)),
      ...(output.remote === undefined ? {} : { remote: output.remote }),
      ...(source ? { source: () => this.throughSource(source, output) } : {}),
    };
  }

  /** The repository that an output was imported from, there. */
  private async sourceOf(output: Output): Promise<DepEntry | undefined> {
    if (!output.repoImport) return undefined;
    const entry = (await this.projects()).dvcFiles.find((one) => one.path === output.file);
    return entry?.file.deps.find((dep) => dep.repo);
  }

  private async throughSource(dep: DepEntry, output: Output): Promise<Found> {
    if (this.hops >= MOST_HOPS) throw new StrataError('import.tooFar', { path: output.path, url: this.other.url });
    const near = nearOf(this.near, this.other, output.file);
    const rev = dep.repo?.revLock ?? dep.repo?.rev;
    const next = await OtherFiles.open(this.task, near, { dep, rev, hops: this.hops + 1 });
    this.opened.push(next);
    return next.find(dep.path);
  }

  /** The project that a file lies in: the nearest folder upwards that holds `.dvc/`. */
  private async projectOf(file: string): Promise<string> {
    const folders = await (this.projectFolders ??= this.entries().then(projectFolders));
    let folder = dirname(file);
    while (folder !== '.' && !folders.has(folder)) folder = dirname(folder);
    return folder === '.' ? '' : folder;
  }

  /** A project inside a folder is no part of its data (formats §5). */
  private async sameProject(file: string, folder: string): Promise<boolean> {
    const inner = await this.projectOf(file);
    return inner === '' || isInside(folder, inner);
  }

  async close(): Promise<void> {
    for (const one of this.opened) await one.close();
    await this.other.close();
  }
}

/** Folders that hold `.dvc/`. */
function projectFolders(entries: readonly TreeEntry[]): ReadonlySet<string> {
  return new Set(
    entries.flatMap(({ path }) => (path.includes('/.dvc/') ? [path.slice(0, path.indexOf('/.dvc/'))] : [])),
  );
}

function below(path: string, folder: string): string {
  return folder === '.' ? path : path.slice(folder.length + 1);
}
