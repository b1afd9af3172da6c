/** `status`: what changed, stage by stage, `.dvc` files among them, in DVC's shape and order (dvc.md §15). */

import { type Call } from '../../base/cancel';
import { isInside } from '../../base/paths';
import { updateAvailable } from '../data/imports/fetchImports';
import { shown } from '../data/paths';
import { type Repo } from '../data/repo';
import { type StatusAnswer, type StatusArgs } from '../verbs/data';
import { isFresh, statusItems, type Staleness } from './examine';
import { linkStages, needs, postOrder } from './graph';
import { loadPipelines, nameOf, refuseBroken, refuseBusy, type Pipelines } from './load';
import { type Stage } from './stage';
import { resolveFolder, resolveTarget } from './targets';

/** Changed stages only; `{}` when all is clean. Fails on files that cannot be loaded, and with `lock.paths` while a run writes what is asked for. */
export async function stageStatus(repo: Repo, args: StatusArgs, call: Call): Promise<StatusAnswer> {
  const pipelines = await loadPipelines(repo, call);
  refuseBroken(pipelines);
  const wanted = await selectStages(pipelines, args);
  await refuseBusy(repo, [...wanted.keys()]);
  const answer: StatusAnswer = {};
  let done = 0;
  for (const [stage, inside] of wanted) {
    call.progress({ phase: 'progress.status', done, total: wanted.size, unit: 'stages', item: nameOf(repo, stage) });
    const found = onlyInside(await pipelines.examiner.staleness(stage), inside);
    const items = isFresh(found) ? [] : statusItems(found, (path) => shown(repo, path));
    const source = args.checkUpdates ? await movedSource(pipelines, stage) : undefined;
    if (source !== undefined) items.unshift({ 'changed deps': { [source]: 'update available' } });
    if (items.length > 0) answer[nameOf(repo, stage)] = items;
    done += 1;
  }
  return answer;
}

/** How `status` names the source of an import that has moved on: asked for over the network, so only when the user wants to know. */
async function movedSource({ files, task }: Pipelines, stage: Stage): Promise<string | undefined> {
  const entry = stage.repoImport ? files.dvcFiles.find((one) => one.path === stage.file) : undefined;
  return entry && updateAvailable(task, entry.path, entry.file);
}

/** Stages with the paths that targets narrow them to; no paths: the whole stage. */
async function selectStages(pipelines: Pipelines, args: StatusArgs): Promise<Map<Stage, string[]>> {
  const wanted = new Map<Stage, string[]>();
  if (args.targets.length === 0) for (const stage of pipelines.stages) wanted.set(stage, []);
  const graph = linkStages(pipelines.stages);
  for (const target of args.targets) {
    const { stages, inside } = args.recursive
      ? await resolveFolder(pipelines, target, graph)
      : resolveTarget(pipelines, target);
    const ids = stages.map((stage) => stage.id);
    // Of an output DVC shows its own stage alone.
    const order = args.withDeps === true && inside === undefined ? postOrder(graph, ids, needs(graph, false)) : ids;
    for (const id of order) {
      const stage = graph.nodes.get(id) as Stage;
      const narrow = inside !== undefined && stages.includes(stage) ? [inside] : [];
      const before = wanted.get(stage);
      wanted.set(
        stage,
        before === undefined ? narrow : before.length === 0 || narrow.length === 0 ? [] : [...before, ...narrow],
      );
    }
  }
  return wanted;
}

/** The state of an output is that of its whole, also when a part of it was asked for; other outputs are left out. */
function onlyInside(found: Staleness, inside: readonly string[]): Staleness {
  if (inside.length === 0) return found;
  return { ...found, outs: found.outs.filter((change) => inside.some((path) => isInside(path, change.path))) };
}
