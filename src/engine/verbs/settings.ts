/** Verbs that start a project and set it up: arguments, answers, table rows. */

import { READS, WRITES, flag, targets, type VerbSpec } from './verb';

export interface InitArgs {
  noScm?: boolean;
  subdir?: boolean;
  force?: boolean;
}
export interface InitAnswer {
  root: string;
  files: string[];
}

export interface RemoteArgs {
  targets: string[];
  default?: boolean;
  force?: boolean;
  unset?: boolean;
  /** At most one of the four levels; reading means all of them unless one is named, writing the project's. */
  local?: boolean;
  project?: boolean;
  global?: boolean;
  system?: boolean;
}
export interface ConfigArgs extends RemoteArgs {
  list?: boolean;
  /** Names the file before each value. */
  showOrigin?: boolean;
}
/** Lines as DVC prints them. */
export interface LinesAnswer {
  lines: string[];
}

export interface CheckIgnoreArgs {
  targets: string[];
  details?: boolean;
  nonMatching?: boolean;
  all?: boolean;
  /** Paths come from standard input, one a line; the command line reads them. */
  stdin?: boolean;
}

/** Arguments and answers of this group by verb. */
export interface SettingsVerbs {
  init: { args: InitArgs; answer: InitAnswer };
  'remote.add': { args: RemoteArgs; answer: LinesAnswer };
  'remote.list': { args: RemoteArgs; answer: LinesAnswer };
  'remote.modify': { args: RemoteArgs; answer: LinesAnswer };
  'remote.default': { args: RemoteArgs; answer: LinesAnswer };
  'remote.remove': { args: RemoteArgs; answer: LinesAnswer };
  /** `targets: [NAME, NEW]`. */
  'remote.rename': { args: RemoteArgs; answer: LinesAnswer };
  config: { args: ConfigArgs; answer: LinesAnswer };
  'check-ignore': { args: CheckIgnoreArgs; answer: LinesAnswer };
}

const configLevel = { local: flag(), project: flag(), global: flag(), system: flag() };

/** Rows of this group. */
export const SETTINGS_VERBS: readonly VerbSpec[] = [
  {
    id: 'init',
    words: [['init']],
    group: 'project',
    targets: targets(),
    options: { 'no-scm': flag(), subdir: flag(), force: flag('f') },
    needs: { project: false, trust: true, write: true, network: false },
    destructive: false,
  },
  {
    id: 'remote.add',
    words: [['remote', 'add']],
    group: 'project',
    targets: targets('NAME URL', 2, 2),
    options: { ...configLevel, default: flag('d'), force: flag('f') },
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'remote.list',
    words: [['remote', 'list']],
    group: 'project',
    targets: targets(),
    options: configLevel,
    needs: READS,
    destructive: false,
  },
  {
    id: 'remote.modify',
    words: [['remote', 'modify']],
    group: 'project',
    targets: targets('NAME OPTION [VALUE]', 2, 3),
    options: { ...configLevel, unset: flag('u') },
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'remote.default',
    words: [['remote', 'default']],
    group: 'project',
    targets: targets('NAME', 0, 1),
    options: { ...configLevel, unset: flag('u') },
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'remote.remove',
    words: [['remote', 'remove']],
    group: 'project',
    targets: targets('NAME', 1, 1),
    options: configLevel,
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'remote.rename',
    words: [['remote', 'rename']],
    group: 'project',
    targets: targets('NAME NEW', 2, 2),
    options: configLevel,
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'config',
    words: [['config']],
    group: 'project',
    targets: targets('NAME [VALUE]', 0, 2),
    options: { ...configLevel, unset: flag('u'), list: flag('l'), 'show-origin': flag() },
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'check-ignore',
    words: [['check-ignore']],
    group: 'project',
    targets: targets('PATH'),
    options: { details: flag('d'), 'non-matching': flag('n'), all: flag('a'), stdin: flag() },
    needs: READS,
    destructive: false,
  },
];
