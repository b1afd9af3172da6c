/**
 * Targets of a verb to outputs, as DVC understands them: a `.dvc` or dvc.yaml file, a stage, an output, a path inside an output, with `-R`
 * a folder. Files that could not be loaded make a verb fail before it does anything.
 */

import { isInside } from '../../base/paths';
import { StrataError } from '../errors';
import { type Output, type ProjectFiles, type Selection, type StageData } from './model';
import { overlaps } from './placement';
import { fromArgument } from './paths';
import { absolute, type Repo } from './repo';

/** How targets are understood. */
export interface SelectOptions {
  readonly recursive?: boolean;
  /** Everything upstream too. */
  readonly withDeps?: boolean;
}

/** Throws the error of the first file that could not be loaded. */
export function requireLoaded(files: ProjectFiles): void {
  const [broken] = files.broken;
  if (broken) throw broken.error;
}

/** The outputs that targets mean; without targets all of them. Fails with `data.notTracked`. */
export async function selectOutputs(
  repo: Repo,
  files: ProjectFiles,
  targets: readonly string[],
  options: SelectOptions = {},
): Promise<Selection[]> {
  if (targets.length === 0) return files.outputs.map((output) => ({ output }));
  const chosen = new Map<string, Selection>();
  const add = (one: Selection): void => {
    const key = `${one.output.file}\n${one.output.path}\n${one.inside ?? ''}`;
    if (!chosen.has(key)) chosen.set(key, one);
  };
  for (const target of targets) {
    const isFolder = options.recursive === true && (await isFolderTarget(repo, target));
    const found = isFolder ? selectBelow(repo, files, target) : selectOne(repo, files, target, options);
    if (!found) throw new StrataError('data.notTracked', { path: target });
    for (const one of found) add(one);
  }
  return [...chosen.values()];
}

/** True when a target is a folder of the workspace: with `-R` it then means what is declared below it, whatever else it names. */
export async function isFolderTarget(repo: Repo, target: string): Promise<boolean> {
  return (await repo.host.fs.stat(absolute(repo, fromArgument(repo, target))))?.kind === 'folder';
}

function selectBelow(repo: Repo, files: ProjectFiles, target: string): Selection[] {
  const path = fromArgument(repo, target);
  return files.stages.filter((stage) => isInside(stage.file, path)).flatMap(whole);
}

function whole(stage: StageData): Selection[] {
  return stage.outs.map((output) => ({ output }));
}

/** The outputs of one target, none for a stage that makes nothing; undefined when it names nothing. What is upstream of it, only of stages. */
function selectOne(repo: Repo, files: ProjectFiles, target: string, options: SelectOptions): Selection[] | undefined {
  const path = fromArgument(repo, target);
  const stages = stagesOf(repo, files, target, path);
  if (stages) return [...stages, ...(options.withDeps ? upstream(files, stages) : [])].flatMap(whole);
  const same = files.outputs.filter((output) => output.path === path);
  if (same.length > 0) return same.map((output) => ({ output }));
  const around = files.outputs.filter((output) => isInside(path, output.path) && isFolderOutput(output));
  return around.length > 0 ? around.map((output) => ({ output, inside: path })) : undefined;
}

function isFolderOutput(output: Output): boolean {
  return output.recorded?.hash.endsWith('.dir') === true;
}

/** Stages a target names: a file of stages, or one by DVC's addressing; undefined when it is neither. */
function stagesOf(repo: Repo, files: ProjectFiles, target: string, path: string): StageData[] | undefined {
  const inFile = files.stages.filter((stage) => stage.file === path);
  if (inFile.length > 0) return inFile;
  const colon = target.lastIndexOf(':');
  const file = colon < 0 ? fromArgument(repo, 'dvc.yaml') : fromArgument(repo, target.slice(0, colon) || 'dvc.yaml');
  const name = target.slice(colon + 1);
  const named = files.stages.filter((stage) => stage.file === file && isCalled(stage, name));
  return named.length > 0 ? named : undefined;
}

function isCalled(stage: StageData, name: string): boolean {
  if (stage.file.endsWith('.dvc')) return false;
  const own = stage.file === 'dvc.yaml' ? stage.name : stage.name.slice(stage.file.length + 1);
  return own === name || own.startsWith(`${name}@`);
}

/** Every stage upstream of these. */
function upstream(files: ProjectFiles, from: readonly StageData[]): StageData[] {
  const seen = new Set<string>();
  const open = from.map((one) => one.name);
  const out: StageData[] = [];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const stage of files.stages.filter((one) => one.name === name)) {
      for (const above of files.stages.filter((one) =>
        one.outs.some((o) => stage.deps.some((d) => overlaps(o.path, d))),
      )) {
        out.push(above);
        open.push(above.name);
      }
    }
  }
  return out;
}
