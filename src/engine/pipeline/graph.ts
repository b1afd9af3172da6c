/**
 * Who feeds whom: stages and `.dvc` files as nodes, an edge for each dependency that equals, contains or lies inside another's output
 * (dvc.md §17). Pure; order of nodes is that of the files, order of edges that of the dependencies as written.
 *
 * `a: deps [raw] → a1`, `b: deps [a1] → b1` gives upstream(b) = [a], upstream(a) = [raw.dvc], post-order raw.dvc a b.
 */

import { dirname, isInside } from '../../base/paths';
import { StrataError } from '../errors';

/** What the graph needs to know of a stage. Paths from the project's root. */
export interface GraphNode {
  /** Addressing from the root; unique. */
  readonly id: string;
  /** The file that declares it. */
  readonly file: string;
  /** Dependencies, parameter files included, in written order. */
  readonly reads: readonly string[];
  readonly makes: readonly string[];
  /** Its dependencies are not looked at when it is reproduced. */
  readonly frozen: boolean;
  /** Imported from another repository: its dependency names a path over there. */
  readonly repoImport: boolean;
}

/** The graph. Unknown ids have no neighbours. */
export interface Graph<T extends GraphNode> {
  readonly nodes: ReadonlyMap<string, T>;
  upstream(id: string): readonly string[];
  downstream(id: string): readonly string[];
}

/** Builds the graph without judging it: views and status show whatever there is. */
export function linkStages<T extends GraphNode>(nodes: readonly T[]): Graph<T> {
  const makers = new Map<string, string[]>();
  const inside = new Map<string, { path: string; id: string }[]>();
  for (const node of nodes) for (const path of node.makes) register(path, node.id, makers, inside);
  const up = new Map<string, string[]>();
  const down = new Map<string, string[]>();
  for (const node of nodes) {
    const found = new Set<string>();
    if (!node.repoImport) for (const path of node.reads) for (const id of sources(path, makers, inside)) found.add(id);
    up.set(node.id, [...found]);
    for (const id of found) push(down, id, node.id);
  }
  return {
    nodes: new Map(nodes.map((node) => [node.id, node])),
    upstream: (id) => up.get(id) ?? [],
    downstream: (id) => down.get(id) ?? [],
  };
}

/**
 * Builds the graph and refuses one that DVC refuses: `pipeline.outTwice`, `pipeline.outTwiceInStage`, `pipeline.outsOverlap`,
 * `pipeline.fileInsideOut`, `pipeline.dvcFileAsOut`, `pipeline.cycle`.
 */
export function buildGraph<T extends GraphNode>(nodes: readonly T[]): Graph<T> {
  checkOuts(nodes);
  const graph = linkStages(nodes);
  const cycle = findCycle(graph);
  if (cycle) throw new StrataError('pipeline.cycle', { stages: cycle });
  return graph;
}

/** Depth-first post-order from `starts`, within the ids that `keep` admits: what a node needs comes before it. */
export function postOrder<T extends GraphNode>(
  graph: Graph<T>,
  starts: readonly string[],
  next: (id: string) => readonly string[],
): string[] {
  const done = new Set<string>();
  const order: string[] = [];
  for (const start of starts) {
    const stack: { id: string; rest: readonly string[]; at: number }[] = [];
    const enter = (id: string): void => {
      if (done.has(id) || !graph.nodes.has(id)) return;
      done.add(id);
      stack.push({ id, rest: next(id), at: 0 });
    };
    enter(start);
    for (let top = stack[stack.length - 1]; top; top = stack[stack.length - 1]) {
      const child = top.rest[top.at];
      top.at += 1;
      if (child !== undefined) enter(child);
      else order.push(stack.pop()?.id ?? '');
    }
  }
  return order;
}

/** All ids reachable from `starts` through `next`, the starts among them. */
export function reach(starts: readonly string[], next: (id: string) => readonly string[]): Set<string> {
  const found = new Set(starts);
  for (const id of found) for (const other of next(id)) found.add(other);
  return found;
}

/** Edges to what has to be made first; a frozen stage has none when `active`. */
export function needs<T extends GraphNode>(graph: Graph<T>, active: boolean): (id: string) => readonly string[] {
  return (id) => (active && graph.nodes.get(id)?.frozen === true ? [] : graph.upstream(id));
}

function push(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** `a/b/c` → `a/b`, `a`, `.`; an absolute path ends at `/`. */
function ancestors(path: string): string[] {
  const out: string[] = [];
  for (let at = path; at !== '.' && at !== '/';) {
    at = dirname(at);
    out.push(at);
  }
  return out;
}

function register(
  path: string,
  id: string,
  makers: Map<string, string[]>,
  inside: Map<string, { path: string; id: string }[]>,
): void {
  push(makers, path, id);
  for (const folder of ancestors(path)) {
    const list = inside.get(folder);
    if (list) list.push({ path, id });
    else inside.set(folder, [{ path, id }]);
  }
}

/** Who makes the path: makers of a folder around it (outermost first), of itself, of something inside it. */
function* sources(
  path: string,
  makers: ReadonlyMap<string, readonly string[]>,
  inside: ReadonlyMap<string, readonly { path: string; id: string }[]>,
): Iterable<string> {
  if (path.includes('://')) return;
  for (const folder of [path, ...ancestors(path)].reverse()) yield* makers.get(folder) ?? [];
  for (const entry of inside.get(path) ?? []) yield entry.id;
}

/** No output may be made twice, lie in another one, or hold the file that declares a stage. */
function checkOuts(nodes: readonly GraphNode[]): void {
  const makers = new Map<string, string>();
  for (const node of nodes) {
    for (const path of node.makes) {
      const other = makers.get(path);
      if (other === node.id) throw new StrataError('pipeline.outTwiceInStage', { path, stage: node.id });
      if (other !== undefined) throw new StrataError('pipeline.outTwice', { path, stages: [other, node.id].sort() });
      makers.set(path, node.id);
    }
  }
  for (const [path, stage] of makers) {
    if (/(^|\/)dvc\.yaml$|\.dvc$/.test(path)) throw new StrataError('pipeline.dvcFileAsOut', { path, stage });
    const parent = ancestors(path).find((folder) => makers.has(folder));
    if (parent !== undefined)
      throw new StrataError('pipeline.outsOverlap', { parent, parentStage: makers.get(parent), path, stage });
  }
  for (const node of nodes) {
    const out = ancestors(node.file).find((folder) => makers.has(folder));
    if (out !== undefined) throw new StrataError('pipeline.fileInsideOut', { file: node.file, path: out });
  }
}

/** Ids of one cycle in the order of its edges, or undefined. */
function findCycle(graph: Graph<GraphNode>): string[] | undefined {
  const state = new Map<string, 'open' | 'done'>();
  for (const start of graph.nodes.keys()) {
    if (state.has(start)) continue;
    const path: { id: string; at: number }[] = [{ id: start, at: 0 }];
    state.set(start, 'open');
    for (let top = path[path.length - 1]; top; top = path[path.length - 1]) {
      const next = graph.upstream(top.id)[top.at];
      top.at += 1;
      if (next === undefined) {
        state.set(top.id, 'done');
        path.pop();
      } else if (state.get(next) === 'open') {
        return path.slice(path.findIndex((entry) => entry.id === next)).map((entry) => entry.id);
      } else if (!state.has(next)) {
        state.set(next, 'open');
        path.push({ id: next, at: 0 });
      }
    }
  }
  return undefined;
}

/** True when two paths are the same or one holds the other. */
export function overlapping(a: string, b: string): boolean {
  return isInside(a, b) || isInside(b, a);
}
