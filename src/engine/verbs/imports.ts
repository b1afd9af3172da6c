/** Verbs that bring data from elsewhere: other repositories and URLs. Arguments, answers, table rows. */

import { SHARES, count, flag, targets, text, words, type Needs, type VerbSpec } from './verb';

/** How the settings of another repository are overridden. */
export interface SourceArgs {
  /** Its branch, tag or commit. */
  rev?: string;
  /** A file of settings to merge with its own. */
  config?: string;
  /** The name of its remote to use. */
  remote?: string;
  /** `name=value` options for that remote. */
  remoteConfig?: string[];
  jobs?: number;
}

export interface ImportUrlArgs {
  /** `URL [OUT]`. */
  targets: string[];
  toRemote?: boolean;
  /** With `toRemote`: the one to bring it to. */
  remote?: string;
  noExec?: boolean;
  noDownload?: boolean;
  jobs?: number;
  force?: boolean;
  /** `name=value` options for the URL. */
  fsConfig?: string[];
}

export interface ImportArgs extends SourceArgs {
  /** `REPO PATH`. */
  targets: string[];
  out?: string;
  noExec?: boolean;
  noDownload?: boolean;
  force?: boolean;
}

export interface ImportAnswer {
  path: string;
  /** The `.dvc` file. */
  file: string;
  /** Where it came from, without secrets. */
  source: string;
  /** Absent when no data was brought. */
  hash?: string;
  size?: number;
  nfiles?: number;
  /** The commit of the other repository. */
  rev?: string;
  /** What to hand to Git. */
  files: string[];
}

export interface UpdateArgs {
  targets: string[];
  rev?: string;
  recursive?: boolean;
  noDownload?: boolean;
  toRemote?: boolean;
  remote?: string;
  jobs?: number;
  /** Overwrites data that no cache holds. */
  force?: boolean;
}
export interface UpdateAnswer {
  updated: (Omit<ImportAnswer, 'files'> & { state: 'updated' | 'unchanged' })[];
  files: string[];
}

export interface GetArgs extends SourceArgs {
  /** `REPO PATH`. */
  targets: string[];
  out?: string;
  force?: boolean;
  /** Only says where the data lies. */
  showUrl?: boolean;
}
export interface GetUrlArgs {
  /** `URL [OUT]`. */
  targets: string[];
  jobs?: number;
  force?: boolean;
  fsConfig?: string[];
}
export interface GetAnswer {
  path: string;
  size: number;
  nfiles?: number;
  /** With `showUrl`. */
  url?: string;
}

export interface ListArgs extends SourceArgs {
  /** `REPO [PATH]`. */
  targets: string[];
  recursive?: boolean;
  dvcOnly?: boolean;
  size?: boolean;
  showHash?: boolean;
  tree?: boolean;
  /** How many folders deep. */
  level?: number;
}
export interface ListUrlArgs {
  targets: string[];
  recursive?: boolean;
  size?: boolean;
  fsConfig?: string[];
}
/** Entries as DVC's `list --json` has them. */
export type ListAnswer = {
  isout: boolean;
  isdir: boolean;
  isexec: boolean;
  size: number | null;
  md5: string | null;
  path: string;
}[];
export type ListUrlAnswer = { path: string; isdir: boolean; size?: number | null }[];

/** Arguments and answers of this group by verb. */
export interface ImportVerbs {
  import: { args: ImportArgs; answer: ImportAnswer };
  'import-url': { args: ImportUrlArgs; answer: ImportAnswer };
  update: { args: UpdateArgs; answer: UpdateAnswer };
  get: { args: GetArgs; answer: GetAnswer };
  'get-url': { args: GetUrlArgs; answer: GetAnswer };
  list: { args: ListArgs; answer: ListAnswer };
  'list-url': { args: ListUrlArgs; answer: ListUrlAnswer };
}

/** Reaches out, and writes at most where it is told to; needs no project. */
const ANYWHERE: Needs = { project: false, trust: true, write: false, network: true };
const source = {
  rev: text('COMMIT'),
  config: text('FILE'),
  remote: text('NAME'),
  'remote-config': words('NAME=VALUE...', 'remoteConfig'),
};
const jobs = count('N', 'j');
const bare = { 'no-exec': flag(), 'no-download': flag() };

/** Rows of this group. */
export const IMPORT_VERBS: readonly VerbSpec[] = [
  {
    id: 'import',
    words: [['import']],
    group: 'data',
    targets: targets('REPO PATH', 2, 2),
    options: { out: text('OUT', 'o'), ...source, ...bare, jobs, force: flag('f') },
    needs: SHARES,
    destructive: true,
  },
  {
    id: 'import-url',
    words: [['import-url']],
    group: 'data',
    targets: targets('URL [OUT]', 1, 2),
    options: {
      'to-remote': flag(),
      remote: text('NAME', 'r'),
      ...bare,
      jobs,
      force: flag('f'),
      'fs-config': words('NAME=VALUE...', 'fsConfig'),
    },
    needs: SHARES,
    destructive: true,
  },
  {
    id: 'update',
    words: [['update']],
    group: 'data',
    targets: targets('TARGET', 1),
    options: {
      rev: text('COMMIT'),
      recursive: flag('R'),
      'no-download': flag(),
      'to-remote': flag(),
      remote: text('NAME', 'r'),
      jobs,
      force: flag('f'),
    },
    needs: SHARES,
    destructive: true,
  },
  {
    id: 'get',
    words: [['get']],
    group: 'data',
    targets: targets('REPO PATH', 2, 2),
    options: { out: text('OUT', 'o'), ...source, 'show-url': flag(), jobs, force: flag('f') },
    needs: ANYWHERE,
    destructive: true,
  },
  {
    id: 'get-url',
    words: [['get-url']],
    group: 'data',
    targets: targets('URL [OUT]', 1, 2),
    options: { jobs, force: flag('f'), 'fs-config': words('NAME=VALUE...', 'fsConfig') },
    needs: ANYWHERE,
    destructive: true,
  },
  {
    id: 'list',
    words: [['list'], ['ls']],
    group: 'data',
    targets: targets('REPO [PATH]', 1, 2),
    options: {
      recursive: flag('R'),
      tree: flag('T'),
      level: count('DEPTH', 'L'),
      'dvc-only': flag(),
      ...source,
      size: flag(),
      'show-hash': flag(),
    },
    needs: ANYWHERE,
    destructive: false,
  },
  {
    id: 'list-url',
    words: [['list-url'], ['ls-url']],
    group: 'data',
    targets: targets('URL', 1, 1),
    options: { recursive: flag('R'), size: flag(), 'fs-config': words('NAME=VALUE...', 'fsConfig') },
    needs: ANYWHERE,
    destructive: false,
  },
];
