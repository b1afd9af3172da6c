/** The table of all acts. Command line, menus, README and tests are held against it. */

import { SETTINGS_VERBS, type SettingsVerbs } from './settings';
import { DATA_VERBS, type DataVerbs } from './data';
import { IMPORT_VERBS, type ImportVerbs } from './imports';
import { LOG_VERBS, type LogVerbs } from './log';
import { PIPELINE_VERBS, type PipelineVerbs } from './pipeline';
import { PLOT_VERBS, type PlotVerbs } from './plots';
import { REGISTRY_VERBS, type RegistryVerbs } from './registry';
import { RUNS_VERBS, type RunsVerbs } from './runs';
import { STAGE_VERBS, type StageVerbs } from './stages';
import { TEMPLATE_VERBS, type TemplateVerbs } from './templates';
import { UPKEEP_VERBS, type UpkeepVerbs } from './upkeep';
import { targets, flag, type VerbSpec } from './verb';

export interface SampleArgs {
  /** `DIR`. */
  targets: string[];
  force?: boolean;
}
export interface SampleAnswer {
  root: string;
  files: number;
  commits: number;
  /** Command that runs Python in the sample's stages; absent when there is none here. */
  python?: string;
}

/** Arguments and answer of every verb. */
export interface Verbs
  extends
    SettingsVerbs,
    DataVerbs,
    ImportVerbs,
    UpkeepVerbs,
    PipelineVerbs,
    StageVerbs,
    TemplateVerbs,
    RunsVerbs,
    PlotVerbs,
    LogVerbs,
    RegistryVerbs {
  sample: { args: SampleArgs; answer: SampleAnswer };
}

/** Names of the verbs. */
export type VerbId = keyof Verbs;
/** Arguments of a verb. */
export type ArgsOf<V extends VerbId> = Verbs[V]['args'];
/** Answer of a verb. */
export type AnswerOf<V extends VerbId> = Verbs[V]['answer'];

/** All rows. */
export const VERBS: readonly (VerbSpec & { readonly id: VerbId })[] = [
  ...SETTINGS_VERBS,
  ...DATA_VERBS,
  ...IMPORT_VERBS,
  ...UPKEEP_VERBS,
  ...PIPELINE_VERBS,
  ...STAGE_VERBS,
  ...TEMPLATE_VERBS,
  ...RUNS_VERBS,
  ...PLOT_VERBS,
  ...LOG_VERBS,
  ...REGISTRY_VERBS,
  {
    id: 'sample',
    words: [['sample']],
    group: 'project',
    targets: targets('DIR', 1, 1),
    options: { force: flag('f') },
    needs: { project: false, trust: true, write: true, network: false },
    destructive: false,
  },
] as readonly (VerbSpec & { readonly id: VerbId })[];

/** The row of a verb. */
export function verbSpec(id: VerbId): VerbSpec {
  const spec = VERBS.find((row) => row.id === id);
  if (!spec) throw new Error(`no verb ${id}`);
  return spec;
}
