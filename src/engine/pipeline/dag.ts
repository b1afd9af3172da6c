/** `dag`: stages and who feeds whom, or with `outs` the outputs, upstream first in each edge (cli.md §3). */

import { type Call } from '../../base/cancel';
import { shown, shownStage } from '../data/paths';
import { type Repo } from '../data/repo';
import { type DagAnswer, type DagArgs } from '../verbs/pipeline';
import { buildGraph, needs, overlapping, postOrder, reach, type Graph } from './graph';
import { loadPipelines, nameOf, refuseBroken } from './load';
import { type Stage } from './stage';
import { resolveTargets } from './targets';

/** The graph; with a target that and all upstream, with `full` its whole pipeline. Fails on a graph that is not allowed. */
export async function stageGraph(repo: Repo, args: DagArgs, call: Call): Promise<DagAnswer> {
  const pipelines = await loadPipelines(repo, call);
  refuseBroken(pipelines);
  const graph = buildGraph(pipelines.stages);
  const up = needs(graph, false);
  const starts = (await resolveTargets(pipelines, args.targets)).map((stage) => stage.id);
  const next = args.full === true ? (id: string) => [...up(id), ...graph.downstream(id)] : up;
  const within = args.targets.length === 0 ? new Set(graph.nodes.keys()) : reach(starts, next);
  const order = postOrder(
    graph,
    [...graph.nodes.keys()].filter((id) => within.has(id)),
    (id) => up(id).filter((other) => within.has(other)),
  );
  if (args.outs === true) return outputGraph(repo, graph, order);
  const whole = stagesGraph(repo, graph, order);
  return args.collapseForeachMatrix === true ? collapsed(repo, graph, whole) : whole;
}

function stagesGraph(repo: Repo, graph: Graph<Stage>, order: readonly string[]): DagAnswer {
  const within = new Set(order);
  const name = (id: string): string => nameOf(repo, graph.nodes.get(id) as Stage);
  return {
    nodes: order.map(name),
    edges: order.flatMap((id) => {
      return graph
        .upstream(id)
        .filter((other) => within.has(other))
        .map((other): [string, string] => [name(other), name(id)]);
    }),
  };
}

/** Members of a group put together under its name; what they do among each other is left out. */
function collapsed(repo: Repo, graph: Graph<Stage>, { nodes, edges }: DagAnswer): DagAnswer {
  const groups = new Map<string, string>();
  for (const stage of graph.nodes.values())
    if (stage.group !== undefined) groups.set(nameOf(repo, stage), shownStage(repo, stage.file, stage.group));
  const name = (node: string): string => groups.get(node) ?? node;
  const pairs = new Map(edges.map(([from, to]) => [JSON.stringify([name(from), name(to)]), [name(from), name(to)]]));
  return {
    nodes: [...new Set(nodes.map(name))],
    edges: [...pairs.values()].filter(([from, to]) => from !== to) as [string, string][],
  };
}

function outputGraph(repo: Repo, graph: Graph<Stage>, order: readonly string[]): DagAnswer {
  const stages = order.map((id) => graph.nodes.get(id) as Stage);
  const within = new Set(order);
  const edges: [string, string][] = [];
  for (const stage of stages) {
    const feeding = graph
      .upstream(stage.id)
      .filter((id) => within.has(id))
      .flatMap((id) => graph.nodes.get(id)?.makes ?? []);
    const used = feeding.filter((path) => stage.reads.some((dep) => overlapping(dep, path)));
    for (const from of used) for (const to of stage.makes) edges.push([shown(repo, from), shown(repo, to)]);
  }
  return { nodes: stages.flatMap((stage) => stage.makes.map((path) => shown(repo, path))), edges };
}
