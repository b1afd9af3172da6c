/** Verbs of projects and data: arguments, answers (shapes of the command line's `--json`, where they are DVC's), table rows. */

import { type DataTreeAnswer, type DataTreeArgs, type FileVersionAnswer, type FileVersionArgs } from './dataViews';
import { type ErrorData } from '../errors';
import {
  SHARES,
  READS,
  READS_GIT,
  WRITES,
  choice,
  count,
  flag,
  list,
  targets,
  text,
  words,
  type VerbSpec,
} from './verb';

/** A path that failed, with English text; `code` and `data` make the sentence `error.<code>` in the reader's language. */
export interface Failed {
  path: string;
  hash?: string;
  msg: string;
  code?: string;
  data?: ErrorData;
}

export interface AddArgs {
  targets: string[];
  noCommit?: boolean;
  file?: string;
  force?: boolean;
}
export interface AddAnswer {
  added: {
    path: string;
    file: string;
    hash: string;
    size: number;
    nfiles?: number;
    state: 'added' | 'modified' | 'unchanged';
  }[];
  /** What to hand to Git. */
  files: string[];
}

export interface StatusArgs {
  targets: string[];
  /** Compares cache and remote; so does `remote`. What follows `recursive` is about these alone. */
  cloud?: boolean;
  remote?: string;
  withDeps?: boolean;
  recursive?: boolean;
  jobs?: number;
  allBranches?: boolean;
  allTags?: boolean;
  allCommits?: boolean;
  /** Asks the source repositories of imports whether they have moved on. */
  checkUpdates?: boolean;
  /** Ends with exit 1 and without output when something changed. */
  quiet?: boolean;
}
/** `{stage: [{"changed deps": {…}}, {"changed outs": {…}}, "always changed", "changed command"]}`, or with `cloud` `{path: state}`. */
export type StatusAnswer = Record<
  string,
  (string | Record<string, Record<string, string | Record<string, string>>>)[] | string
>;

export interface DataStatusArgs {
  targets: string[];
  granular?: boolean;
  unchanged?: boolean;
  untrackedFiles?: string;
  notInRemote?: boolean;
  remote?: string;
}
export interface DataChanges {
  added?: string[];
  modified?: string[];
  deleted?: string[];
  unknown?: string[];
  renamed?: { old: string; new: string }[];
}
export interface DataStatusAnswer {
  not_in_cache?: string[];
  not_in_remote?: string[];
  committed?: DataChanges;
  uncommitted?: DataChanges;
  untracked?: string[];
  unchanged?: string[];
}

export interface CommitArgs {
  targets: string[];
  force?: boolean;
  recursive?: boolean;
  withDeps?: boolean;
}
export interface CommitAnswer {
  committed: { name: string; changed: boolean }[];
  files: string[];
}

export interface CheckoutArgs {
  targets: string[];
  force?: boolean;
  relink?: boolean;
  allowMissing?: boolean;
  recursive?: boolean;
  withDeps?: boolean;
  /** Says what would change, changes nothing. */
  dry?: boolean;
}
export interface CheckoutAnswer {
  added: string[];
  modified: string[];
  deleted: string[];
  failed: Failed[];
  stats?: { added: number; modified: number; deleted: number };
  /** With `dry`: files whose content is in no cache and would be lost without `force`. */
  unsaved?: string[];
}

export interface ShareArgs {
  targets: string[];
  remote?: string;
  jobs?: number;
  allCommits?: boolean;
  allTags?: boolean;
  allBranches?: boolean;
  allExperiments?: boolean;
  runCache?: boolean;
  recursive?: boolean;
  withDeps?: boolean;
  dry?: boolean;
}
export interface PushAnswer {
  pushed: number;
  bytes: number;
  failed: Failed[];
  /** The remote's name, for words such as "214 files to storage". */
  remote?: string;
}
export interface FetchAnswer {
  fetched: number;
  bytes: number;
  failed: Failed[];
  remote?: string;
}
export interface PullArgs extends ShareArgs {
  force?: boolean;
  allowMissing?: boolean;
}
export interface PullAnswer extends FetchAnswer {
  added: string[];
  modified: string[];
  deleted: string[];
  /** Numbers of files, as in {@link CheckoutAnswer}. */
  stats?: { added: number; modified: number; deleted: number };
}

export interface DiffArgs {
  /** `[A [B]]`; A is HEAD and B the workspace unless given. */
  targets: string[];
  paths?: string[];
  showHash?: boolean;
  hideMissing?: boolean;
}
export interface DiffAnswer {
  added: { path: string; hash?: string }[];
  deleted: { path: string; hash?: string }[];
  modified: { path: string; hash?: { old: string; new: string } }[];
  renamed: { path: { old: string; new: string }; hash?: string }[];
  /** Absent when B is given or with `hideMissing`. */
  'not in cache'?: { path: string; hash?: string }[];
}

export interface DiffContentArgs {
  /** `[A, B, PATH]`; A and B are commits, branches, tags or `workspace`. */
  targets: string[];
  key?: string[];
  tolerance?: number;
  /** How many rows the sample holds. */
  rows?: number;
}
/** A row that differs; cells as text, `null` where the row or column is absent. */
export interface RowDiff {
  state: 'added' | 'removed' | 'changed';
  key: string[];
  a: (string | null)[] | null;
  b: (string | null)[] | null;
  /** Indexes (into `columns` order) of the cells that changed. */
  changed: number[];
}
export type DiffContentAnswer =
  | {
      kind: 'table';
      path: string;
      schema: { added: string[]; removed: string[]; changed: string[] };
      key: string[];
      /** All columns in order: those of B, then those only in A. */
      header: string[];
      rows: { a: number; b: number; added: number; removed: number; changed: number; same: number };
      columns: Record<string, { changed: number }>;
      sample: RowDiff[];
      /** Number of differing rows in all; more than `sample` holds when cut. */
      total: number;
    }
  | {
      kind: 'text' | 'image' | 'binary' | 'model';
      path: string;
      a: VersionFacts | null;
      b: VersionFacts | null;
      same: boolean;
    }
  | {
      kind: 'folder';
      path: string;
      files: {
        path: string;
        state: 'added' | 'removed' | 'changed' | 'renamed';
        from?: string;
        a?: number;
        b?: number;
      }[];
      same: number;
    };
/** Size in bytes and hash of one version of a file. */
export interface VersionFacts {
  size: number;
  hash: string;
}

export interface HistoryArgs {
  targets: string[];
  max?: number;
}
export interface HistoryAnswer {
  versions: {
    commit: string;
    /** ISO 8601. */
    date: string;
    author: string;
    message: string;
    hash: string;
    size?: number;
    nfiles?: number;
    added?: number;
    deleted?: number;
    modified?: number;
    registered?: string[];
    /** True when every byte is in the cache. */
    cached: boolean;
  }[];
}

export interface RestoreArgs {
  targets: string[];
  from?: string;
  dry?: boolean;
  force?: boolean;
  /** Takes back the restore named by `targets[0]` (or the last one). */
  undo?: boolean;
}
export interface RestoreAnswer {
  added: string[];
  modified: string[];
  deleted: string[];
  /** Name of the undo that brings the present state back; absent with `dry`. */
  kept?: string;
}

export interface VerifyArgs {
  targets: string[];
  remote?: string;
}
export interface VerifyAnswer {
  checked: number;
  bad: {
    path: string;
    hash: string;
    /** `refused`: the list of a folder is what its hash says, and nobody may follow it. */
    reason: 'missing' | 'corrupt' | 'refused';
    copies: string[];
    /** Why a list is refused; they make the sentence `error.<code>`. */
    code?: string;
    data?: ErrorData;
  }[];
}

/** Arguments and answers of this group by verb. */
export interface DataVerbs {
  add: { args: AddArgs; answer: AddAnswer };
  status: { args: StatusArgs; answer: StatusAnswer };
  'data.status': { args: DataStatusArgs; answer: DataStatusAnswer };
  commit: { args: CommitArgs; answer: CommitAnswer };
  checkout: { args: CheckoutArgs; answer: CheckoutAnswer };
  push: { args: ShareArgs; answer: PushAnswer };
  fetch: { args: ShareArgs; answer: FetchAnswer };
  pull: { args: PullArgs; answer: PullAnswer };
  diff: { args: DiffArgs; answer: DiffAnswer };
  'diff.content': { args: DiffContentArgs; answer: DiffContentAnswer };
  history: { args: HistoryArgs; answer: HistoryAnswer };
  restore: { args: RestoreArgs; answer: RestoreAnswer };
  verify: { args: VerifyArgs; answer: VerifyAnswer };
  /** For views: children of a folder, or the roots. */
  dataTree: { args: DataTreeArgs; answer: DataTreeAnswer };
  /** For views: the bytes of a file at a version. */
  fileVersion: { args: FileVersionArgs; answer: FileVersionAnswer };
}

const share = {
  remote: text('NAME', 'r'),
  jobs: count('N', 'j'),
  'all-commits': flag('A'),
  'all-tags': flag('T'),
  'all-branches': flag('a'),
  'all-experiments': flag(),
  'run-cache': flag(),
  recursive: flag('R'),
  'with-deps': flag('d'),
  dry: flag(),
};
/** Rows of this group. */
export const DATA_VERBS: readonly VerbSpec[] = [
  {
    id: 'add',
    words: [['add']],
    group: 'data',
    targets: targets('PATH', 1),
    options: { 'no-commit': flag(), file: text('F'), force: flag('f') },
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'status',
    words: [['status']],
    group: 'data',
    targets: targets('TARGET'),
    options: {
      cloud: flag('c'),
      remote: text('NAME', 'r'),
      jobs: count('N', 'j'),
      'all-commits': flag('A'),
      'all-tags': flag('T'),
      'all-branches': flag('a'),
      'check-updates': flag(),
      'no-updates': flag(),
      'with-deps': flag('d'),
      recursive: flag('R'),
    },
    needs: READS,
    destructive: false,
  },
  {
    id: 'data.status',
    words: [
      ['data', 'status'],
      ['status', '--data'],
    ],
    group: 'data',
    targets: targets('TARGET'),
    options: {
      granular: flag(),
      unchanged: flag(),
      'untracked-files': choice('all', 'no'),
      'not-in-remote': flag(),
      remote: text('NAME', 'r'),
    },
    needs: READS,
    destructive: false,
  },
  {
    id: 'commit',
    words: [['commit']],
    group: 'data',
    targets: targets('TARGET'),
    options: { force: flag('f'), recursive: flag('R'), 'with-deps': flag('d') },
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'checkout',
    words: [['checkout']],
    group: 'data',
    targets: targets('TARGET'),
    options: {
      force: flag('f'),
      relink: flag(),
      'allow-missing': flag(),
      recursive: flag('R'),
      'with-deps': flag('d'),
      dry: flag(),
    },
    needs: WRITES,
    destructive: true,
  },
  {
    id: 'push',
    words: [['push']],
    group: 'data',
    targets: targets('TARGET'),
    options: share,
    needs: SHARES,
    destructive: false,
  },
  {
    id: 'fetch',
    words: [['fetch']],
    group: 'data',
    targets: targets('TARGET'),
    options: share,
    needs: SHARES,
    destructive: false,
  },
  {
    id: 'pull',
    words: [['pull']],
    group: 'data',
    targets: targets('TARGET'),
    options: { ...share, force: flag('f'), 'allow-missing': flag() },
    needs: SHARES,
    destructive: true,
  },
  {
    id: 'diff',
    words: [['diff']],
    group: 'data',
    targets: targets('REV', 0, 2),
    options: { targets: words('PATH...', 'paths'), 'show-hash': flag(), 'hide-missing': flag() },
    needs: READS_GIT,
    destructive: false,
  },
  {
    id: 'diff.content',
    words: [['diff', '--content']],
    group: 'data',
    targets: targets('A B PATH', 3, 3),
    options: { key: list('COL'), tolerance: count('X'), rows: count('N', 'n') },
    needs: READS_GIT,
    destructive: false,
  },
  {
    id: 'history',
    words: [['history']],
    group: 'data',
    targets: targets('PATH', 1, 1),
    options: { max: count('N', 'n') },
    needs: READS_GIT,
    destructive: false,
  },
  {
    id: 'restore',
    words: [['restore']],
    group: 'data',
    targets: targets('PATH', 0, 1),
    options: { from: text('COMMIT'), dry: flag(), force: flag('f'), undo: flag() },
    needs: WRITES,
    destructive: true,
  },
  {
    id: 'verify',
    words: [['verify']],
    group: 'data',
    targets: targets('TARGET'),
    options: { remote: text('NAME', 'r') },
    needs: READS,
    destructive: false,
  },
  { id: 'dataTree', words: [], group: 'view', targets: targets(), options: {}, needs: READS, destructive: false },
  { id: 'fileVersion', words: [], group: 'view', targets: targets(), options: {}, needs: READS, destructive: false },
];
