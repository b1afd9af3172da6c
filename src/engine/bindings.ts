/** Which function does which verb. The groups come from the doors of their folders; here they only meet the table's names. */

import { type Call } from '../base/cancel';
import { compareVerbs } from './compare/compare';
import { dataVerbs } from './data/data';
import { init } from './data/init';
import * as pipeline from './pipeline/pipeline';
import { type Repo } from './data/repo';
import { type Host } from './host/host';
import { registryVerbs } from './registry/registry';
import { series } from './metrics/metrics';
import { makeSample } from './sample/sample';
import { runMethod } from './stats/stats';
import { type AnswerOf, type ArgsOf, type VerbId } from './verbs/verbs';

/** What a verb gets that needs no project. */
export interface Surroundings {
  /** Absolute path of the folder it was called in. */
  readonly dir: string;
  readonly host: Host;
  /** Absolute path of the shipped files. */
  readonly media: string;
}

/** Does a verb in a project. */
export type Binding<V extends VerbId> = (repo: Repo, args: ArgsOf<V>, call: Call) => Promise<AnswerOf<V>>;

/** Does a verb anywhere. */
export type FreeBinding<V extends VerbId> = (
  surroundings: Surroundings,
  args: ArgsOf<V>,
  call: Call,
) => Promise<AnswerOf<V>>;

/** Verbs of a project. */
export const BINDINGS: { readonly [V in VerbId]?: Binding<V> } = {
  ...dataVerbs,
  stages: pipeline.stages,
  dag: pipeline.dag,
  status: pipeline.status,
  commit: pipeline.commit,
  push: pipeline.push,
  fetch: pipeline.fetch,
  pull: pipeline.pull,
  why: pipeline.why,
  repro: (repo, args, call) => pipeline.repro(repo, args, call),
  pipelineView: pipeline.pipelineView,
  runStart: (repo, args, call) => pipeline.runStart(repo, args, call),
  runStatus: pipeline.runStatus,
  runLog: pipeline.runLog,
  runCancel: pipeline.runCancel,
  runsActive: pipeline.runsActive,
  ...compareVerbs,
  ...registryVerbs,
};

/** Verbs that need none. */
export const FREE_BINDINGS: { readonly [V in VerbId]?: FreeBinding<V> } = {
  init: ({ dir, host }, args, call) => init({ dir, host }, args, call),
  sample: (surroundings, args, call) => makeSample(surroundings, args, call),
  series: ({ dir, host }, args, call) => series({ dir, host }, args, call),
  stats: (_, args) =>
    Promise.resolve(runMethod(args.targets[0] ?? '', args.input, args.options) as Record<string, unknown>),
};
