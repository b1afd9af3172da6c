/**
 * What the engine asks of Git. Objects are read through one long-lived `git cat-file --batch-command` (`reader.ts`), everything else
 * through `simpleGit.ts`. In an untrusted workspace there is no Git at all: `Repo.git` is undefined.
 *
 * Paths are relative to the working tree's top folder, with `/`. Revisions are validated before they reach a process.
 */

/** Author or committer. */
export interface Person {
  readonly name: string;
  readonly email: string;
}

/** A commit. Times are milliseconds since 1970. */
export interface Commit {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly tree: string;
  readonly author: Person;
  readonly authorTime: number;
  readonly committer: Person;
  readonly committerTime: number;
  /** The whole message. */
  readonly message: string;
}

/** A branch, tag or other ref. */
export interface Ref {
  /** Full name, `refs/heads/main`. */
  readonly name: string;
  /** Name without its kind, `main`. */
  readonly short: string;
  readonly kind: 'branch' | 'tag' | 'remote' | 'other';
  /** The commit it leads to. */
  readonly commit: string;
  /** For annotated tags: who, when (ms), and the message. Absent for lightweight ones. */
  readonly tag?: { readonly tagger: Person; readonly time: number; readonly message: string };
}

/** An entry of a tree. */
export interface TreeEntry {
  readonly path: string;
  readonly kind: 'blob' | 'tree' | 'commit';
  readonly mode: string;
  readonly oid: string;
}

/** A file the working tree differs in, `git status --porcelain` letters. */
export interface GitChange {
  readonly path: string;
  readonly index: string;
  readonly worktree: string;
}

/** An annotated tag to make. */
export interface NewTag {
  readonly name: string;
  readonly commit: string;
  readonly message: string;
  /** Tagger's time in milliseconds; now unless given. Whole seconds are what Git keeps. */
  readonly time?: number;
}

/** One repository. */
export interface Git {
  /** Absolute path of the working tree's top folder. */
  readonly top: string;
  /** The project's root below `top`: empty, or `sub/folder`. */
  readonly prefix: string;
  /** The full id of a commit named by branch, tag, id or `HEAD~2`; undefined when there is none. */
  resolve(rev: string): Promise<string | undefined>;
  commit(sha: string): Promise<Commit>;
  /** Commits reachable from `rev` by first parents, newest first. */
  log(rev: string, max: number): Promise<Commit[]>;
  /** Bytes of a file at a revision; undefined when it is not there. */
  readFile(rev: string, path: string): Promise<Uint8Array | undefined>;
  /** Size in bytes of a file at a revision, or of the object that lists a folder; undefined when neither is there. */
  sizeOf(rev: string, path: string): Promise<number | undefined>;
  /** All files below a folder (empty for the top) at a revision. */
  listFiles(rev: string, folder: string): Promise<TreeEntry[]>;
  /** Branches, tags and experiment refs. */
  refs(): Promise<Ref[]>;
  /** Name of the branch checked out, and its commit; both undefined before the first commit or when detached. */
  head(): Promise<{ readonly branch?: string; readonly commit?: string }>;
  /** True when Git tracks the path or a file below it. */
  isTracked(path: string): Promise<boolean>;
  /** Those of `paths` that Git ignores. */
  ignored(paths: readonly string[]): Promise<Set<string>>;
  changes(): Promise<GitChange[]>;
  /** Unified diff of text files between two commits, or a commit and the working tree; at most `maxBytes`. */
  diff(a: string, b: string | undefined, paths: readonly string[], maxBytes: number): Promise<string>;
  stage(paths: readonly string[]): Promise<void>;
  /** Commits what is staged among `paths` (all staged when empty). Returns the commit's id. Fails with `git.noIdentity`. */
  commitFiles(message: string, paths: readonly string[]): Promise<string>;
  tag(tag: NewTag): Promise<void>;
  deleteTag(name: string): Promise<void>;
  /** Pushes refs to a Git remote. */
  push(remote: string, refs: readonly string[]): Promise<void>;
  /** The configured identity, or undefined. */
  identity(): Promise<Person | undefined>;
  setIdentity(person: Person): Promise<void>;
  /** Ends the reader process; a later read starts another one. */
  close(): void;
}
