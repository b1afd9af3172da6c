/** The printers by verb; a verb without one prints nothing but `--json`. */

import { type VerbId } from '../../engine/verbs/verbs';
import { add } from './add';
import { checkout, restore } from './checkout';
import { commit } from './commit';
import { compare, stats } from './compare';
import { dataStatus } from './dataStatus';
import { diff, diffContent } from './diff';
import { gc } from './gc';
import { history, verify } from './history';
import { get, importData, list, listUrl, update } from './imports';
import { init, sample } from './init';
import { checkIgnore, config, remotes } from './lines';
import { dag, resolve, stages, why } from './pipeline';
import { log } from './log';
import { plots, plotTemplates } from './plots';
import { type Printer } from './printer';
import { gate, promote, registryShow, registryTags, rollback } from './registry';
import { repro } from './repro';
import { fetch, pull, push } from './share';
import { stageAdd, stageList } from './stages';
import { status } from './status';
import { freeze, move, remove, root, unprotect, version } from './upkeep';
import { runs, series, show, valueDiff } from './values';

/** Printers of all verbs of the command line. */
export const PRINTERS: { readonly [V in VerbId]?: Printer<V> } = {
  init,
  sample,
  add,
  status,
  'data.status': dataStatus,
  commit,
  checkout,
  restore,
  push,
  fetch,
  pull,
  diff,
  'diff.content': diffContent,
  history,
  verify,
  gc,
  move,
  remove,
  unprotect,
  freeze: freeze as Printer<'freeze'>,
  unfreeze: freeze as Printer<'unfreeze'>,
  root,
  version,
  'remote.add': remotes as Printer<'remote.add'>,
  'remote.list': remotes as Printer<'remote.list'>,
  'remote.modify': remotes as Printer<'remote.modify'>,
  'remote.default': remotes as Printer<'remote.default'>,
  'remote.remove': remotes as Printer<'remote.remove'>,
  'remote.rename': remotes as Printer<'remote.rename'>,
  config,
  'check-ignore': checkIgnore,
  import: importData as Printer<'import'>,
  'import-url': importData as Printer<'import-url'>,
  update,
  get: get as Printer<'get'>,
  'get-url': get as Printer<'get-url'>,
  list,
  'list-url': listUrl,
  stages,
  'stage.add': stageAdd,
  'stage.list': stageList,
  dag,
  why,
  resolve,
  repro,
  params: show as Printer<'params'>,
  metrics: show as Printer<'metrics'>,
  'params.diff': valueDiff as Printer<'params.diff'>,
  'metrics.diff': valueDiff as Printer<'metrics.diff'>,
  plots: plots as Printer<'plots'>,
  'plots.diff': plots as Printer<'plots.diff'>,
  'plots.templates': plotTemplates,
  log,
  runs,
  series,
  compare,
  stats,
  'registry.show': registryShow,
  'registry.register': registryTags as Printer<'registry.register'>,
  'registry.assign': registryTags as Printer<'registry.assign'>,
  'registry.unassign': registryTags as Printer<'registry.unassign'>,
  'registry.deprecate': registryTags as Printer<'registry.deprecate'>,
  gate,
  promote,
  rollback,
};
