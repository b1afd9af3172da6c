/** Which stages `repro` comes by, and in which order (dvc.md §17). */

import { join } from '../../base/paths';
import { shown } from '../data/paths';
import { refuseHidden } from '../data/saveOutput';
import { StrataError } from '../errors';
import { type ReproArgs } from '../verbs/pipeline';
import { buildGraph, needs, postOrder, reach, type Graph } from './graph';
import { refuseBroken, type Pipelines } from './load';
import { type Stage } from './stage';
import { resolveTargets } from './targets';

/** What will be done, and the graph it follows from. */
export interface ReproPlan {
  readonly order: readonly string[];
  readonly graph: Graph<Stage>;
}

/**
 * Plans. Fails on files that cannot be loaded, on a graph that is not allowed, with `data.hidden` on an output that `.dvcignore` hides, with
 * `pipeline.noStage` and `pipeline.noDvcYaml`.
 */
export async function planRepro(pipelines: Pipelines, args: ReproArgs): Promise<ReproPlan> {
  refuseBroken(pipelines);
  for (const path of pipelines.stages.flatMap((stage) => stage.makes)) await refuseHidden(pipelines.task, path, false);
  return planStages(pipelines, args);
}

async function planStages(pipelines: Pipelines, args: ReproArgs): Promise<ReproPlan> {
  const graph = buildGraph(pipelines.stages);
  const up = needs(graph, true);
  if (args.allPipelines === true) return { graph, order: postOrder(graph, [...graph.nodes.keys()], up) };
  const starts = (await startStages(pipelines, args, graph)).map((stage) => stage.id);
  if (args.pipeline === true) return { graph, order: withinReach(graph, starts, neighbours(graph, up)) };
  if (args.singleItem === true) return { graph, order: starts };
  if (args.downstream === true) return { graph, order: withinReach(graph, starts, dependents(graph)) };
  return { graph, order: postOrder(graph, starts, up) };
}

/** Direct dependents that would notice a change: frozen ones do not. */
export function dependents(graph: Graph<Stage>): (id: string) => readonly string[] {
  return (id) => graph.downstream(id).filter((other) => graph.nodes.get(other)?.frozen !== true);
}

async function startStages(pipelines: Pipelines, args: ReproArgs, graph: Graph<Stage>): Promise<Stage[]> {
  const { repo, files, stages } = pipelines;
  if (args.targets.length > 0)
    return resolveTargets(pipelines, args.targets, args.recursive === true ? graph : undefined);
  const file = join(repo.cwd, 'dvc.yaml');
  if (!files.pipelines.some((entry) => entry.path === file))
    throw new StrataError('pipeline.noDvcYaml', { path: shown(repo, file) });
  return stages.filter((stage) => stage.file === file);
}

function neighbours(graph: Graph<Stage>, up: (id: string) => readonly string[]): (id: string) => readonly string[] {
  const down = dependents(graph);
  return (id) => [...up(id), ...down(id)];
}

/** Everything that `next` leads to, in an order in which what is needed comes first. */
function withinReach(
  graph: Graph<Stage>,
  starts: readonly string[],
  next: (id: string) => readonly string[],
): string[] {
  const within = reach(starts, next);
  const up = needs(graph, true);
  const nodes = [...graph.nodes.keys()].filter((id) => within.has(id));
  return postOrder(graph, nodes, (id) => up(id).filter((other) => within.has(other)));
}
