/** Verbs that keep a project in order: deleting what nobody needs, moving, no longer tracking, links, freezing; and what is running where. */

import { type Failed } from './data';
import { READS, WRITES, count, flag, list, targets, text, type VerbSpec } from './verb';

export interface GcArgs {
  /** Further projects, where they follow `--projects`. */
  targets: string[];
  workspace?: boolean;
  rev?: string;
  num?: number;
  allBranches?: boolean;
  allTags?: boolean;
  allCommits?: boolean;
  /** `yyyy-mm-dd`: commits of that day and later. */
  date?: string;
  allExperiments?: boolean;
  cloud?: boolean;
  remote?: string;
  notInRemote?: boolean;
  /** Folders of other projects that use the same cache. */
  projects?: string[];
  /** Goes on where a commit or the list of a folder cannot be read, and no longer keeps what only they name. */
  skipFailed?: boolean;
  jobs?: number;
  dry?: boolean;
  force?: boolean;
}
export interface GcAnswer {
  /** Number of objects. */
  removed: number;
  bytes: number;
  dry: boolean;
  remote?: { removed: number; bytes: number };
  /** With `dry`: what would be removed from the cache. */
  objects?: string[];
  /** Temporaries of interrupted work, older than a day, that were (or would be) removed too. */
  temporaries?: number;
  /** Lists of folders that cannot be read. What they may name was kept, unless `skipFailed` said otherwise. */
  unreadable?: { path: string; hash: string; rev: string }[];
  /** Objects that were kept only because one of those lists may name them. */
  keptForUnreadable?: number;
  /** Revisions that could not be read and were left out. */
  skipped?: { rev: string; path: string }[];
  failed?: Failed[];
}

export interface MoveArgs {
  /** `FROM TO`. */
  targets: string[];
}
export interface MoveAnswer {
  from: string;
  to: string;
  /** The `.dvc` file that tracks it now. */
  file: string;
  /** What to hand to Git. */
  files: string[];
}

export interface RemoveArgs {
  /** `.dvc` files, stages, `dvc.yaml` files. */
  targets: string[];
  outs?: boolean;
  force?: boolean;
}
export interface RemoveAnswer {
  /** Stages and `.dvc` files. */
  removed: string[];
  /** Data that was deleted from the workspace, with `outs`. */
  deleted: string[];
  files: string[];
}

export interface PathsArgs {
  targets: string[];
}
export interface UnprotectAnswer {
  /** Files that were links, or read-only, and are files of their own now. */
  unprotected: number;
}
export interface FreezeAnswer {
  changed: string[];
  files: string[];
}
export interface RootAnswer {
  root: string;
}
export interface VersionAnswer {
  strata: string;
  platform: string;
  /** Absent where there is no project. */
  project?: { root: string; cache: string; links: string[]; remotes: string[]; git: boolean };
}

/** Arguments and answers of this group by verb. */
export interface UpkeepVerbs {
  gc: { args: GcArgs; answer: GcAnswer };
  move: { args: MoveArgs; answer: MoveAnswer };
  remove: { args: RemoveArgs; answer: RemoveAnswer };
  unprotect: { args: PathsArgs; answer: UnprotectAnswer };
  freeze: { args: PathsArgs; answer: FreezeAnswer };
  unfreeze: { args: PathsArgs; answer: FreezeAnswer };
  root: { args: Record<string, never>; answer: RootAnswer };
  version: { args: Record<string, never>; answer: VersionAnswer };
}

/** Rows of this group. */
export const UPKEEP_VERBS: readonly VerbSpec[] = [
  {
    id: 'gc',
    words: [['gc']],
    group: 'data',
    targets: targets('PROJECT'),
    options: {
      workspace: flag('w'),
      rev: text('REV'),
      num: count('N', 'n'),
      'all-branches': flag('a'),
      'all-tags': flag('T'),
      'all-commits': flag('A'),
      date: text('YYYY-MM-DD'),
      'all-experiments': flag(),
      cloud: flag('c'),
      remote: text('NAME', 'r'),
      'not-in-remote': flag(),
      projects: list('DIR', 'p'),
      'skip-failed': flag(),
      jobs: count('N', 'j'),
      dry: flag(),
      force: flag('f'),
    },
    needs: { ...WRITES, network: true },
    destructive: true,
  },
  {
    id: 'move',
    words: [['move'], ['mv']],
    group: 'data',
    targets: targets('FROM TO', 2, 2),
    options: {},
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'remove',
    words: [['remove'], ['rm']],
    group: 'data',
    targets: targets('TARGET', 1),
    options: { outs: flag(), force: flag('f') },
    needs: WRITES,
    destructive: true,
  },
  {
    id: 'unprotect',
    words: [['unprotect']],
    group: 'data',
    targets: targets('PATH', 1),
    options: {},
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'freeze',
    words: [['freeze']],
    group: 'pipeline',
    targets: targets('TARGET', 1),
    options: {},
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'unfreeze',
    words: [['unfreeze']],
    group: 'pipeline',
    targets: targets('TARGET', 1),
    options: {},
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'root',
    words: [['root']],
    group: 'project',
    targets: targets(),
    options: {},
    needs: READS,
    destructive: false,
  },
  {
    id: 'version',
    words: [['version'], ['doctor']],
    group: 'project',
    targets: targets(),
    options: {},
    needs: { ...READS, project: false },
    destructive: false,
  },
];
