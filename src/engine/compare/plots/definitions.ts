/**
 * Which plots a project has at one moment (dvc.md §21): top-level `plots:` of each dvc.yaml, outputs of stages, and files that are asked for; a
 * folder is one plot for each file in it. All paths as the caller sees them.
 */

import { dirname, isInside, join } from '../../../base/paths';
import { fromArgument, fromRoot, shown } from '../../data/paths';
import { absolute, type Repo } from '../../data/repo';
import { type PlotProps } from '../../formats/dvcFile';
import { isDict, isList, keyText, type Dict, type Value } from '../../formats/values';
import { allFilesBelow, type Snapshot } from '../snapshot';
import { PlotProblem, type Axis, type PlotDef } from './points';

/** A plot of one revision. */
export interface Definition {
  /** As its file names it; a path unless `y` names files. */
  readonly id: string;
  readonly def: PlotDef;
}

/** Plots by the id that the answer has: a plot's own, with its file before it where several files use that id. */
export type Definitions = ReadonlyMap<string, Definition>;

/** By file, then by id. What no dvc.yaml says at its top stands under an empty name. */
type ByFile = Map<string, Map<string, PlotDef>>;

/** Collects the plots that fit the targets, all without targets; `look` goes over what their definitions say. */
export async function collectPlots(
  snapshot: Snapshot,
  targets: readonly string[],
  look: PlotDef,
): Promise<Definitions> {
  const found: ByFile = new Map();
  await addTopLevel(snapshot, targets, look, found);
  await addOutputs(snapshot, targets, look, found);
  // What is nowhere is told only where nothing else could have been meant.
  const declared = found.size > 0 || snapshot.files.pipelines.some(({ yaml }) => yaml.plots.length > 0);
  for (const target of targets) {
    const files = await filesAt(snapshot, target);
    if (declared && files.missing) continue;
    for (const path of files.paths) merge(found, '', path, look);
  }
  return byAnswerId(found);
}

function merge(found: ByFile, file: string, id: string, def: PlotDef): void {
  const plots = found.get(file) ?? new Map<string, PlotDef>();
  found.set(file, plots.set(id, { ...plots.get(id), ...def }));
}

async function addTopLevel(
  snapshot: Snapshot,
  targets: readonly string[],
  look: PlotDef,
  found: ByFile,
): Promise<void> {
  const { repo } = snapshot.task;
  for (const { path: file, yaml } of snapshot.files.pipelines) {
    const config = shown(repo, file);
    const named = new Map(yaml.plots.map((plot) => [plot.id, plot.props]));
    const parents = [...named.keys()].map((id) => besides(repo, file, id));
    for (const [id, props] of named) {
      if (!fits(targets, config, id)) continue;
      const def = topDef(props, (path) => besides(repo, file, path));
      if (def.y instanceof Map) merge(found, config, id, { ...def, ...look });
      else {
        const parent = besides(repo, file, id);
        const { paths } = await filesAt(snapshot, parent);
        const own = paths.filter((path) => nearest(path, parents) === parent);
        for (const path of own) merge(found, config, path, { ...def, ...look });
      }
    }
  }
}

async function addOutputs(snapshot: Snapshot, targets: readonly string[], look: PlotDef, found: ByFile): Promise<void> {
  const { repo } = snapshot.task;
  for (const stage of snapshot.stages) {
    for (const { output, entry } of stage.outs) {
      if (output.kind !== 'plot') continue;
      const path = shown(repo, output.path);
      if (Array.isArray(entry.plot)) throw new PlotProblem('ValueError', 'Multiple plots per data file not supported.');
      if (!fits(targets, shown(repo, stage.file), path)) continue;
      const files = await filesAt(snapshot, path);
      for (const one of files.paths) merge(found, '', one, { ...(entry.plot as PlotProps | undefined), ...look });
    }
  }
}

/** A path that a file writes, as the caller sees it. */
function besides(repo: Repo, file: string, path: string): string {
  return shown(repo, fromRoot(repo.root, join(repo.root, dirname(file), path)));
}

/** The declared path that a file lies in, the longest where several fit. */
function nearest(path: string, parents: readonly string[]): string | undefined {
  return parents.filter((parent) => isInside(path, parent)).sort((a, b) => b.length - a.length)[0];
}

/** Files at a path (as shown): itself, or all in the folder. A path that is nowhere stands for itself. */
async function filesAt(
  snapshot: Snapshot,
  path: string,
): Promise<{ readonly paths: readonly string[]; readonly missing: boolean }> {
  const { repo } = snapshot.task;
  const root = fromArgument(repo, path);
  const below = await allFilesBelow(snapshot, root);
  if (below.length > 0) return { paths: below.map((file) => shown(repo, file)), missing: false };
  const stat = snapshot.commit === undefined ? await repo.host.fs.stat(absolute(repo, root)) : undefined;
  return stat?.kind === 'folder' ? { paths: [], missing: false } : { paths: [shown(repo, root)], missing: true };
}

/** A target is the beginning of an id or of `file::id`, as a regular expression where it is one. */
function fits(targets: readonly string[], file: string, id: string): boolean {
  return targets.length === 0 || targets.some((target) => begins(id, target) || begins(`${file}::${id}`, target));
}

function begins(text: string, target: string): boolean {
  if (text.startsWith(target)) return true;
  try {
    return new RegExp(`^(?:${target})`).test(text);
  } catch {
    return false;
  }
}

function topDef(props: Dict, place: (path: string) => string): PlotDef {
  const words = ['template', 'title', 'x_label', 'y_label'] as const;
  const named = words.map((word) => [word, props.get(word)] as const).filter(([, value]) => typeof value === 'string');
  const x = toAxis(props.get('x'), place);
  const y = toAxis(props.get('y'), place);
  return {
    ...(Object.fromEntries(named) as PlotDef),
    ...(x === undefined ? {} : { x }),
    ...(y === undefined ? {} : { y }),
  };
}

function toAxis(value: Value | undefined, place: (path: string) => string): Axis | undefined {
  if (typeof value === 'string') return value;
  if (isList(value)) return value.filter((item): item is string => typeof item === 'string');
  if (!isDict(value)) return undefined;
  return new Map(
    [...value].map(([path, fields]) => [place(keyText(path)), toAxis(fields, place) as string | readonly string[]]),
  );
}

function byAnswerId(found: ByFile): Definitions {
  const uses = new Map<string, number>();
  for (const plots of found.values()) for (const id of plots.keys()) uses.set(id, (uses.get(id) ?? 0) + 1);
  const answer = new Map<string, Definition>();
  for (const [file, plots] of found) {
    for (const [id, def] of plots) {
      const full = file !== '' && (uses.get(id) ?? 0) > 1 ? `${file}::${id}` : id;
      answer.set(full, { id, def });
    }
  }
  return answer;
}

/** Files that a plot takes its points from. */
export function sourcesOf({ id, def }: Definition): string[] {
  const ofY = filesOf(def.y) ?? [id];
  const ofX = (filesOf(def.x) ?? []).slice(0, 1);
  return [...new Set([...ofY, ...ofX])];
}

function filesOf(axis: Axis | undefined): string[] | undefined {
  return axis instanceof Map ? [...(axis as ReadonlyMap<string, unknown>).keys()] : undefined;
}
