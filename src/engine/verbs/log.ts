/** The verb that logs metrics as DVCLive does: arguments, answer, table row. */

import { type PlainValue } from './pipeline';
import { count, flag, list, targets, text, type VerbSpec } from './verb';

export interface LogArgs {
  /** `KEY=VALUE`: metrics of one step. `train/loss` is a metric in a group. */
  targets: string[];
  /** The step they belong to; the one after the last that was logged unless given. */
  step?: number;
  /** Folder of the log, `dvclive` unless given. */
  dir?: string;
  /** `KEY=VALUE`: values as YAML reads them. */
  param?: string[];
  /** `KEY=VALUE`: metrics of the whole run, without a curve. */
  summary?: string[];
  /** Metrics of this call that get no curve. */
  noPlot?: string[];
  /** Curves say when each value came. */
  timestamp?: boolean;
  /** The dvc.yaml that is to name the log's files; the one of the present folder unless given. */
  dvcyaml?: string;
  noDvcyaml?: boolean;
}
export interface LogAnswer {
  dir: string;
  /** Absent when no metric was logged yet. */
  step?: number;
  /** All metrics as they stand now. */
  metrics: PlainValue;
  /** Files that were written. */
  files: string[];
}

/** Arguments and answers of this group by verb. */
export interface LogVerbs {
  log: { args: LogArgs; answer: LogAnswer };
}

/** Rows of this group. */
export const LOG_VERBS: readonly VerbSpec[] = [
  {
    id: 'log',
    words: [['log']],
    group: 'runs',
    targets: targets('KEY=VALUE'),
    options: {
      step: count('N'),
      dir: text('DIR', 'd'),
      param: list('KEY=VALUE', 'p'),
      summary: list('KEY=VALUE'),
      'no-plot': list('KEY'),
      timestamp: flag(),
      dvcyaml: text('FILE'),
      'no-dvcyaml': flag(),
    },
    needs: { project: false, trust: true, write: true, network: false },
    destructive: false,
  },
];
