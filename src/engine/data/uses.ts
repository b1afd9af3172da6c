/**
 * What the outputs of the workspace, of commits and of undos record: the roots from which `gc` tells what is needed. A file that is the same
 * in many commits is read once. A dvc.yaml that cannot be resolved yet counts with everything that its dvc.lock records.
 */

import { pacer } from '../../base/cancel';
import { basename, dirname, join } from '../../base/paths';
import { type Hash, type HashName } from '../cache/cache';
import { isHash } from '../cache/layout';
import { is, StrataError } from '../errors';
import { type DataEntry } from '../formats/dataEntry';
import { parseDvcLock } from '../formats/dvcLock';
import { isDict, isList } from '../formats/values';
import { type Git } from '../git/git';
import { collectFrom, collectProject, isProjectFile } from './collect';
import { type BrokenFile, type Output, type ProjectFiles } from './model';
import { recordedOf } from './outputs';
import { fromGitPath, gitPath } from './paths';
import { keptByUndo } from './restore';
import { type Task } from './task';

/** Something recorded that needs its object. */
export interface Use {
  readonly hash: Hash;
  readonly hashName: HashName;
  /** Of all files together, in bytes, where it is recorded. */
  readonly size?: number;
  readonly nfiles?: number;
  /** From the root of its project. */
  readonly path: string;
  /** Commit, `workspace` or `undo`. */
  readonly rev: string;
  /** The remote it goes to; undefined: the default one. Null: it is pushed nowhere. */
  readonly remote: string | undefined | null;
}

/** A commit or file that could not be read and was left out. */
export interface Skipped {
  readonly rev: string;
  readonly path: string;
}

/** What a reading found. */
export interface UsesFound {
  readonly uses: readonly Use[];
  readonly skipped: readonly Skipped[];
}

/** What the workspace and its undos need. Fails with the error of the first file that cannot be loaded. */
export async function workspaceUses(task: Task): Promise<Use[]> {
  const { repo, call } = task;
  const files = await collectProject(repo, call);
  const [broken] = files.broken;
  if (broken) throw broken.error;
  const uses = usesOf(files, 'workspace');
  for (const kept of await keptByUndo(repo)) uses.push({ ...kept.before, path: kept.path, rev: 'undo', remote: null });
  return uses;
}

/** Reads commits one after the other and remembers which files it has seen. */
export class CommitUses {
  private readonly seenCommits = new Set<string>();
  /** By path and contents, the files that templates read then, each with its contents: one list a meaning that was seen. */
  private readonly seenFiles = new Map<string, (readonly (readonly [string, string])[])[]>();

  /** @param skipFailed leaves out what cannot be read instead of failing. */
  constructor(
    private readonly task: Task,
    private readonly git: Git,
    private readonly skipFailed: boolean,
  ) {}

  /** What commits need that were not read before. Fails with `gc.unreadableCommit` {rev, path}. */
  async read(commits: Iterable<string>): Promise<UsesFound> {
    const found = { uses: [] as Use[], skipped: [] as Skipped[] };
    const fresh = [...commits].filter((sha) => !this.seenCommits.has(sha));
    const pace = pacer(this.task.call.signal);
    for (const [n, sha] of fresh.entries()) {
      await pace();
      this.seenCommits.add(sha);
      await this.readOne(sha, found);
      const done = { phase: 'progress.gcCommits', done: n + 1, total: fresh.length, unit: 'files' } as const;
      this.task.call.progress(done);
    }
    return found;
  }

  private async readOne(sha: string, found: { uses: Use[]; skipped: Skipped[] }): Promise<void> {
    const { repo } = this.task;
    const oids = await this.oidsAt(sha);
    const paths = [...oids.keys()].filter((path) => isProjectFile(path) && !this.wasSeen(path, oids));
    if (paths.length === 0) return;
    const files = await collectFrom(repo, this.git, sha, paths);
    const reads = new Map(files.pipelines.map((entry) => [entry.path, entry.reads]));
    for (const path of paths) this.remember(path, oids, reads.get(path) ?? []);
    found.uses.push(...usesOf(files, sha));
    for (const broken of files.broken) {
      try {
        found.uses.push(...(await unresolvedUses(broken, (path) => this.textAt(sha, path), sha)));
      } catch (error) {
        if (!this.skipFailed) throw error;
        found.skipped.push({ rev: sha, path: broken.path });
      }
    }
  }

  /** Contents by path from the project's root. */
  private async oidsAt(sha: string): Promise<Map<string, string>> {
    const oids = new Map<string, string>();
    for (const entry of await this.git.listFiles(sha, this.git.prefix)) {
      const path = fromGitPath(this.git, entry.path);
      if (entry.kind === 'blob' && path !== undefined) oids.set(path, entry.oid);
    }
    return oids;
  }

  /**
   * Whether an earlier commit had the same bytes at that path, for a dvc.yaml also in its dvc.lock and in all that its templates read: then it
   * means the same.
   */
  private wasSeen(path: string, oids: ReadonlyMap<string, string>): boolean {
    const seen = this.seenFiles.get(fileKey(path, oids)) ?? [];
    return seen.some((reads) => reads.every(([read, oid]) => (oids.get(read) ?? '') === oid));
  }

  private remember(path: string, oids: ReadonlyMap<string, string>, reads: readonly string[]): void {
    const key = fileKey(path, oids);
    const contents = reads.map((read) => [read, oids.get(read) ?? ''] as const);
    this.seenFiles.set(key, [...(this.seenFiles.get(key) ?? []), contents]);
  }

  private async textAt(sha: string, path: string): Promise<string | undefined> {
    const bytes = await this.git.readFile(sha, gitPath(this.git, path));
    return bytes && new TextDecoder().decode(bytes);
  }
}

/** A file and its contents; a dvc.yaml goes with its dvc.lock. */
function fileKey(path: string, oids: ReadonlyMap<string, string>): string {
  const lock = basename(path) === 'dvc.yaml' ? (oids.get(lockOf(path)) ?? '') : '';
  return `${path}\n${oids.get(path) ?? ''}\n${lock}`;
}

function usesOf(files: ProjectFiles, rev: string): Use[] {
  const uses = files.outputs.flatMap((output) => outputUses(output, rev));
  const entries = [
    ...files.dvcFiles.flatMap(({ path, file }) => file.outs.map((entry) => ({ path, entry }))),
    ...files.pipelines.flatMap(({ path, lock }) =>
      [...(lock?.stages.values() ?? [])].flatMap(({ outs }) => outs.map((entry) => ({ path, entry }))),
    ),
  ];
  for (const { path, entry } of entries) uses.push(...listedUses(path, entry, rev));
  return uses;
}

function outputUses(output: Output, rev: string): Use[] {
  const { recorded, path } = output;
  if (!output.cache || !recorded || !isHash(recorded.hash)) return [];
  const remote = output.repoImport || !output.push ? null : output.remote?.toLowerCase();
  return [{ ...recorded, path, rev, remote }];
}

/** Files that an entry lists itself, as remotes that keep versions have it (dvc.md §20). */
function listedUses(file: string, entry: DataEntry, rev: string): Use[] {
  const files = entry.extra.get('files');
  if (!isList(files)) return [];
  return files.flatMap((one) => {
    const md5 = isDict(one) ? one.get('md5') : undefined;
    const path = join(dirname(file), entry.path);
    return typeof md5 === 'string' && isHash(md5) ? [{ hash: md5, hashName: 'md5', path, rev, remote: null }] : [];
  });
}

/**
 * What a file of a commit needs that could not be loaded: of a dvc.yaml whose templates lead nowhere, all that its dvc.lock records. Anything
 * else fails with `gc.unreadableCommit`.
 */
async function unresolvedUses(
  broken: BrokenFile,
  read: (path: string) => Promise<string | undefined>,
  rev: string,
): Promise<Use[]> {
  if (!is(broken.error) || !broken.error.code.startsWith('template.')) {
    throw new StrataError('gc.unreadableCommit', { rev: rev.slice(0, 7), path: broken.path }, { cause: broken.error });
  }
  const path = lockOf(broken.path);
  const text = await read(path);
  if (text === undefined) return [];
  const entries = [...parseDvcLock(text, path).stages.values()].flatMap(({ outs }) => outs);
  return entries.flatMap((entry) => {
    const recorded = recordedOf(entry);
    const at = join(dirname(broken.path), entry.path);
    const own: Use[] = recorded && isHash(recorded.hash) ? [{ ...recorded, path: at, rev, remote: undefined }] : [];
    return [...own, ...listedUses(broken.path, entry, rev)];
  });
}

function lockOf(path: string): string {
  return join(dirname(path), 'dvc.lock');
}
