/** Verbs that write and list stages by name: `stage add`, `stage list`. Arguments, answers, table rows. */

import { type ReproAnswer, type StageAnswer, type StagesAnswer } from './pipeline';
import { READS, WRITES, flag, list, targets, text, type VerbSpec } from './verb';

export interface StageAddArgs {
  /** The words of the command. Several are put together with quotes where one has a space. */
  targets: string[];
  name?: string;
  /** Paths are relative to `wdir`. */
  deps?: string[];
  /** `[FILE:]KEY,KEY`; `FILE:` for the whole file. */
  params?: string[];
  outs?: string[];
  outsNoCache?: string[];
  outsPersist?: string[];
  outsPersistNoCache?: string[];
  metrics?: string[];
  metricsNoCache?: string[];
  plots?: string[];
  plotsNoCache?: string[];
  /** Where the command runs, relative to the present folder, whose dvc.yaml gets the stage. */
  wdir?: string;
  desc?: string;
  alwaysChanged?: boolean;
  /** Replaces a stage of the same name. */
  force?: boolean;
  /** Runs it at once. */
  run?: boolean;
}
export interface StageAddAnswer {
  name: string;
  /** The dvc.yaml that has it now. */
  file: string;
  /** True when it took the place of another. */
  replaced: boolean;
  /** What to hand to Git. */
  files: string[];
  /** Folders that are not there yet, whose outputs Git does not ignore before the stage has run. */
  later?: string[];
  run?: ReproAnswer;
}

export interface StageListArgs {
  /** Files that hold stages, stages, or folders with `recursive`; the dvc.yaml of the present folder unless given. */
  targets: string[];
  all?: boolean;
  /** Fails at the first file that cannot be loaded, instead of leaving it out. */
  fail?: boolean;
  recursive?: boolean;
  nameOnly?: boolean;
}
export interface StageListAnswer extends StagesAnswer {
  /** `summary`: its description, or what it makes and reads in DVC's words, at most 80 characters. */
  stages: (StageAnswer & { summary: string })[];
}

/** Arguments and answers of this group by verb. */
export interface StageVerbs {
  'stage.add': { args: StageAddArgs; answer: StageAddAnswer };
  'stage.list': { args: StageListArgs; answer: StageListAnswer };
}

/** Rows of this group. */
export const STAGE_VERBS: readonly VerbSpec[] = [
  {
    id: 'stage.add',
    words: [['stage', 'add']],
    group: 'pipeline',
    targets: { ...targets('COMMAND', 1), rest: true },
    options: {
      name: text('NAME', 'n'),
      deps: list('PATH', 'd'),
      params: list('[FILE:]KEYS', 'p'),
      outs: list('PATH', 'o'),
      'outs-no-cache': list('PATH', 'O'),
      'outs-persist': list('PATH'),
      'outs-persist-no-cache': list('PATH'),
      metrics: list('PATH', 'm'),
      'metrics-no-cache': list('PATH', 'M'),
      plots: list('PATH'),
      'plots-no-cache': list('PATH'),
      wdir: text('DIR', 'w'),
      desc: text('TEXT'),
      'always-changed': flag(),
      force: flag('f'),
      run: flag(),
    },
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'stage.list',
    words: [['stage', 'list']],
    group: 'pipeline',
    targets: targets('TARGET'),
    options: {
      all: flag(),
      fail: flag(),
      recursive: flag('R'),
      'name-only': flag(),
      'names-only': { ...flag(), as: 'nameOnly' },
    },
    needs: READS,
    destructive: false,
  },
];
