/** Verbs of plots: arguments, answers, table rows. */

import { type PlainValue } from './pipeline';
import { READS, READS_GIT, flag, targets, text, words, type OptionSpec, type VerbSpec } from './verb';

/** How plots are to be drawn, over what dvc.yaml says. */
export interface PlotLook {
  template?: string;
  x?: string;
  y?: string;
  /** Tables have no head: columns are called 0, 1, 2 … */
  noHeader?: boolean;
  title?: string;
  xLabel?: string;
  yLabel?: string;
  /** Folder that gets copies of all images. */
  out?: string;
}
export interface PlotsArgs extends PlotLook {
  /** Files, folders, ids of plots or their beginnings; all plots unless given. */
  targets: string[];
}
export interface PlotsDiffArgs extends PlotLook {
  /** Revisions; one is held against the workspace, none means HEAD when something has changed. */
  targets: string[];
  /** Which plots, as {@link PlotsArgs} has them. */
  paths?: string[];
  /** A single revision is an experiment: its baseline comes along. */
  experiment?: boolean;
}

/** Points of one plot. */
export interface DataPlot {
  type: 'vega';
  /** `workspace`, or as they were asked for. */
  revisions: string[];
  /** A drawing in Vega-Lite 5, data in it, as its template makes it. */
  content: Record<string, PlainValue>;
  properties: Record<string, PlainValue>;
  /** The points by revision. */
  datapoints: Record<string, Record<string, PlainValue>[]>;
}
/** One picture of one revision. */
export interface ImagePlot {
  type: 'image';
  revisions: string[];
  /** Path of a file that holds it. */
  url: string;
}
/** Why something is not in the answer; `name` and `source` are absent when it is not about one plot or file. */
export interface PlotError {
  name?: string;
  rev: string;
  source?: string;
  type: string;
  msg: string;
}
export interface PlotsAnswer {
  /** By id of the plot; one whose data cannot be read has an empty list. */
  data: Record<string, (DataPlot | ImagePlot)[]>;
  errors?: PlotError[];
}

export interface PlotTemplatesArgs {
  /** One of them, whose specification is wanted. */
  targets: string[];
}
export interface PlotTemplatesAnswer {
  names: string[];
  template?: PlainValue;
}

/** Arguments and answers of this group by verb. */
export interface PlotVerbs {
  plots: { args: PlotsArgs; answer: PlotsAnswer };
  'plots.diff': { args: PlotsDiffArgs; answer: PlotsAnswer };
  'plots.templates': { args: PlotTemplatesArgs; answer: PlotTemplatesAnswer };
}

const LOOK: Readonly<Record<string, OptionSpec>> = {
  template: text('NAME', 't'),
  x: text('FIELD', 'x'),
  y: text('FIELD', 'y'),
  'no-header': flag(),
  title: text('TEXT'),
  'x-label': text('TEXT'),
  'y-label': text('TEXT'),
  out: text('DIR', 'o'),
};

/** Rows of this group. */
export const PLOT_VERBS: readonly VerbSpec[] = [
  {
    id: 'plots',
    words: [['plots'], ['plots', 'show']],
    group: 'runs',
    targets: targets('TARGET'),
    options: LOOK,
    needs: READS,
    destructive: false,
  },
  {
    id: 'plots.diff',
    words: [['plots', 'diff']],
    group: 'runs',
    targets: targets('REV'),
    options: { ...LOOK, targets: words('TARGET', 'paths'), experiment: flag('e') },
    needs: READS_GIT,
    destructive: false,
  },
  {
    id: 'plots.templates',
    words: [['plots', 'templates']],
    group: 'runs',
    targets: targets('NAME', 0, 1),
    options: {},
    needs: READS,
    destructive: false,
  },
];
