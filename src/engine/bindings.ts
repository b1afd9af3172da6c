/**
 * Which function does which verb. The groups come from the doors of their folders; here they only meet the table's names. A group is
 * loaded when one of its verbs is first called: `status` need not wait for statistics.
 */

import { type Call } from '../base/cancel';
import { type Repo } from './data/repo';
import { type Host } from './host/host';
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

type Bindings = { readonly [V in VerbId]?: Binding<V> };
type FreeBindings = { readonly [V in VerbId]?: FreeBinding<V> };

const loadData = async (): Promise<Bindings> => (await import('./data/data')).dataVerbs;
const loadCompare = async (): Promise<Bindings> => (await import('./compare/compare')).compareVerbs;
const loadRegistry = async (): Promise<Bindings> => (await import('./registry/registry')).registryVerbs;

async function loadPipeline(): Promise<Bindings> {
  const pipeline = await import('./pipeline/pipeline');
  const { resolve, templates } = await import('./pipeline/resolve');
  const { stageVerbs } = await import('./pipeline/stageVerbs');
  return {
    ...stageVerbs,
    resolve,
    templates,
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
  };
}

/** Verbs that pipelines do, some of them together with data. */
const PIPELINE: readonly VerbId[] = [
  ...(['stages', 'dag', 'status', 'commit', 'push', 'fetch', 'pull', 'why', 'repro', 'pipelineView'] as const),
  ...(['resolve', 'templates', 'stage.add', 'stage.list'] as const),
  ...(['runStart', 'runStatus', 'runLog', 'runCancel', 'runsActive'] as const),
];

/** What does a verb of a project; undefined when nothing is bound to it. */
export async function bindingOf<V extends VerbId>(verb: V): Promise<Binding<V> | undefined> {
  if (PIPELINE.includes(verb)) return (await loadPipeline())[verb];
  for (const load of [loadData, loadCompare, loadRegistry]) {
    const bound = (await load())[verb];
    if (bound) return bound;
  }
  return undefined;
}

/** Verbs of a project that mean something outside of one too: the settings of this user. Undefined for all others. */
export async function outsideBindingOf<V extends VerbId>(verb: V): Promise<FreeBinding<V> | undefined> {
  const { configOutside } = await import('./data/configure');
  const { remoteVerbsOutside } = await import('./data/configureRemotes');
  const outside: FreeBindings = { config: configOutside, ...remoteVerbsOutside };
  return outside[verb];
}

/** Verbs that need no project. */
export const FREE_BINDINGS: FreeBindings = {
  init: async ({ dir, host }, args, call) => (await import('./data/init')).init({ dir, host }, args, call),
  version: async (surroundings) => (await import('./data/about')).version(surroundings),
  sample: async (surroundings, args, call) => (await import('./sample/sample')).makeSample(surroundings, args, call),
  log: async ({ dir, host }, args) => (await import('./metrics/log')).log({ dir, host }, args),
  series: async ({ dir, host }, args, call) => (await import('./metrics/metrics')).series({ dir, host }, args, call),
  get: async (place, args, call) => (await import('./data/imports/get')).get(place, args, call),
  'get-url': async (place, args, call) => (await import('./data/imports/get')).getUrl(place, args, call),
  list: async (place, args, call) => (await import('./data/imports/list')).list(place, args, call),
  'list-url': async (place, args, call) => (await import('./data/imports/listUrl')).listUrl(place, args, call),
  stats: async (_, args) => {
    const { runMethod } = await import('./stats/stats');
    return runMethod(args.targets[0] ?? '', args.input, args.options) as Record<string, unknown>;
  },
};
