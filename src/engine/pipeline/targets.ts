/**
 * From what a user types to stages: a name in the dvc.yaml of the current folder, `sub/dvc.yaml`, `sub/dvc.yaml:train`, `data.csv.dvc`, the
 * path of an output; with `-R` a folder first of all. In this order, as DVC looks (dvc.md §10).
 */

import { basename, isInside, join } from '../../base/paths';
import { fromArgument } from '../data/paths';
import { isFolderTarget } from '../data/select';
import { StrataError } from '../errors';
import { needs, postOrder, type Graph } from './graph';
import { type Pipelines } from './load';
import { type Stage } from './stage';

/** Stages a target names; `inside` is the path when it is an output or something in one. */
export interface Target {
  readonly stages: readonly Stage[];
  readonly inside?: string;
}

/** Resolves one target. Fails with `pipeline.noStage`, or with the error of a file that the target needs and that cannot be loaded. */
export function resolveTarget(pipelines: Pipelines, target: string): Target {
  const { repo, stages } = pipelines;
  const path = fromArgument(repo, target);
  const own = named(pipelines, join(repo.cwd, 'dvc.yaml'), target);
  if (own) return { stages: own };
  const addressed = byAddress(pipelines, target) ?? inFile(pipelines, path);
  if (addressed) return { stages: addressed };
  const makers = stages.filter((stage) => stage.makes.some((out) => isInside(path, out)));
  if (makers.length > 0) return { stages: makers, inside: path };
  const broken = pipelines.files.broken[0];
  if (broken) throw broken.error;
  throw new StrataError('pipeline.noStage', { target });
}

/** {@link resolveTarget} with `-R`: a folder stands for all stages declared below it, what they need first; there may be none. */
export async function resolveFolder(pipelines: Pipelines, target: string, graph: Graph<Stage>): Promise<Target> {
  if (!(await isFolderTarget(pipelines.repo, target))) return resolveTarget(pipelines, target);
  const path = fromArgument(pipelines.repo, target);
  const order = postOrder(graph, [...graph.nodes.keys()], needs(graph, false));
  return { stages: order.flatMap((id) => graph.nodes.get(id) ?? []).filter((stage) => isInside(stage.file, path)) };
}

/** Resolves several targets, each stage once; none stands for every stage. With `folder`, as {@link resolveFolder} does. */
export async function resolveTargets(
  pipelines: Pipelines,
  targets: readonly string[],
  folder?: Graph<Stage>,
): Promise<Stage[]> {
  if (targets.length === 0) return [...pipelines.stages];
  const found = new Set<Stage>();
  for (const target of targets) {
    const { stages } = folder ? await resolveFolder(pipelines, target, folder) : resolveTarget(pipelines, target);
    for (const stage of stages) found.add(stage);
  }
  return [...found];
}

/** The stage of a file with this name, or all that a group of that name makes, which may be none; undefined when there is neither. */
function named({ files, stages }: Pipelines, file: string, name: string): Stage[] | undefined {
  const isGroup = files.pipelines.some(({ path, yaml }) => path === file && yaml.groups.includes(name));
  const found = stages.filter((stage) => stage.file === file && (isGroup ? stage.group : stage.name) === name);
  return isGroup || found.length > 0 ? found : undefined;
}

/** `file:name`; undefined when the target is not of that form. */
function byAddress(pipelines: Pipelines, target: string): Stage[] | undefined {
  const at = /^(.*\.ya?ml|):([^/:]+)$/.exec(target);
  if (!at) return undefined;
  const file = fromArgument(pipelines.repo, at[1] === '' ? 'dvc.yaml' : (at[1] ?? ''));
  return named(pipelines, file, at[2] ?? '');
}

/** All stages of a file that the path is; a `dvc.yaml` may be empty. */
function inFile(pipelines: Pipelines, path: string): Stage[] | undefined {
  const { files, stages } = pipelines;
  const broken = files.broken.find((file) => file.path === path);
  if (broken) throw broken.error;
  if (basename(path) !== 'dvc.yaml' && !path.endsWith('.dvc')) return undefined;
  const known =
    files.pipelines.some((entry) => entry.path === path) || files.dvcFiles.some((entry) => entry.path === path);
  return known ? stages.filter((stage) => stage.file === path) : undefined;
}
