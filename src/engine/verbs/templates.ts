/** Verbs that show what the templates of a dvc.yaml stand for: arguments, answers, table rows. */

import { type PlainValue } from './pipeline';
import { READS, targets, type VerbSpec } from './verb';

export interface ResolveArgs {
  /** A dvc.yaml; the one of the present folder unless given. */
  targets: string[];
}
/** Each stage with its definition, as DVC's own resolver gives it. */
export type ResolveAnswer = [name: string, definition: PlainValue][];

/** An expression of a template, where it stands and what it stands for. */
export interface TemplateUse {
  /** As written: `${model.lr}`. */
  text: string;
  /** Both from 1. */
  line: number;
  column: number;
  /** Keys and positions from the top of the file: `['stages', 'train', 'cmd']`. */
  place: string[];
  value: PlainValue;
  /** Where the value was written: a file, or `vars[0]`, `train.vars[0]`; absent for what a group gives its members. */
  source?: string;
  /** Dotted key there. */
  key: string;
}
/** What can be named in a template. */
export interface TemplateName {
  /** As it is written between the braces. */
  name: string;
  value: PlainValue;
  source?: string;
  key: string;
}
export interface TemplatesAnswer {
  stages: {
    name: string;
    /** The `foreach` or `matrix` that made it. */
    group?: string;
    /** Line of the stage's or group's name, from 1. */
    line: number;
    definition: PlainValue;
    uses: TemplateUse[];
  }[];
  /** `params`, `metrics`, `plots`, `artifacts`, `datasets`. */
  sections: PlainValue;
  sectionUses: TemplateUse[];
  /** Every value that all stages can name; lists are one value. */
  names: TemplateName[];
  /** Files that the templates read, there or not. */
  reads: string[];
}

/** Arguments and answers of this group by verb. */
export interface TemplateVerbs {
  resolve: { args: ResolveArgs; answer: ResolveAnswer };
  /** For editors: everything about the templates of one file. */
  templates: { args: ResolveArgs; answer: TemplatesAnswer };
}

/** Rows of this group. */
export const TEMPLATE_VERBS: readonly VerbSpec[] = [
  {
    id: 'resolve',
    words: [['resolve']],
    group: 'pipeline',
    targets: targets('FILE', 0, 1),
    options: {},
    needs: READS,
    destructive: false,
  },
  { id: 'templates', words: [], group: 'view', targets: targets(), options: {}, needs: READS, destructive: false },
];
