/**
 * Stages by the names that users give them, as `remove`, `freeze` and `unfreeze` change them: a `.dvc` file, all of a dvc.yaml, or one entry of
 * a dvc.yaml, which is edited in place (dvc.md §10).
 */

import { basename } from '../../base/paths';
import { StrataError } from '../errors';
import { readDvcYaml } from '../formats/dvcYaml';
import { isDict, isList, keyText, type Dict, type Scalar, type Value } from '../formats/values';
import { updateYaml } from '../formats/yamlEdit';
import { type Output, type ProjectFiles } from './model';
import { fromArgument, shown } from './paths';
import { absolute, type Repo } from './repo';
import { stageName } from './outputs';

/** A `.dvc` file, or a stage of a dvc.yaml. */
export interface StageEntry {
  /** The file that declares it, from the root. */
  readonly file: string;
  /** Its name in a dvc.yaml; undefined for a `.dvc` file. */
  readonly name?: string;
  readonly outs: readonly Output[];
}

/**
 * What a target names. Fails with `stage.isData` {path, file} and `stage.made` {path, stage, file} for data, with `stage.unknown` {target}, with `stage.generated` {stage} for
 * one that foreach, matrix or templates make.
 */
export async function stageEntries(repo: Repo, files: ProjectFiles, target: string): Promise<StageEntry[]> {
  const path = fromArgument(repo, target);
  const outsOf = (file: string, stage: string): Output[] =>
    files.outputs.filter((output) => output.file === file && output.stage === stage);
  if (files.dvcFiles.some((entry) => entry.path === path)) return [{ file: path, outs: outsOf(path, path) }];
  const colon = target.lastIndexOf(':');
  const isWhole = basename(path) === 'dvc.yaml';
  const file = isWhole ? path : fromArgument(repo, colon < 0 ? 'dvc.yaml' : target.slice(0, colon) || 'dvc.yaml');
  const wanted = isWhole ? undefined : target.slice(colon + 1);
  const entries = await entriesIn(repo, file);
  const named = [...entries.keys()].map(keyText).filter((name) => wanted === undefined || name === wanted);
  for (const name of named) refuseGenerated(repo, file, name, entries.get(name));
  if (named.length > 0) return named.map((name) => ({ file, name, outs: outsOf(file, stageName(file, name)) }));
  const data = files.outputs.find((output) => output.path === path);
  if (data)
    throw new StrataError(data.file.endsWith('.dvc') ? 'stage.isData' : 'stage.made', {
      path: target,
      stage: data.stage,
      file: shown(repo, data.file),
    });
  const group = wanted?.includes('@') === true && entries.has(wanted.slice(0, wanted.lastIndexOf('@')));
  throw new StrataError(group ? 'stage.generated' : 'stage.unknown', { target, stage: wanted ?? target });
}

async function entriesIn(repo: Repo, file: string): Promise<Dict> {
  const text = await repo.host.fs.readText(absolute(repo, file));
  const stages = text === undefined ? undefined : readDvcYaml(text, file).get('stages');
  return isDict(stages) ? stages : new Map<Scalar, Value>();
}

function refuseGenerated(repo: Repo, file: string, name: string, entry: Value | undefined): void {
  const grouped = isDict(entry) && (entry.has('foreach') || entry.has('matrix'));
  if (!grouped && !(entry !== undefined && hasExpression(entry))) return;
  throw new StrataError('stage.generated', { target: name, stage: name, file: shown(repo, file) });
}

function hasExpression(value: Value): boolean {
  if (typeof value === 'string') {
    const at = value.search(/(?:^|[^\\])\$\{/);
    return at >= 0 && value.includes('}', at);
  }
  if (isList(value)) return value.some(hasExpression);
  return isDict(value) && [...value].some(([key, item]) => hasExpression(keyText(key)) || hasExpression(item));
}

/**
 * The text of a dvc.yaml with one stage changed, or taken out where `change` gives undefined; comments and everything else stay. Undefined
 * when nothing is left and the file is to be deleted.
 */
export function editStage(
  text: string,
  file: string,
  name: string,
  change: (stage: Dict) => Dict | undefined,
): string | undefined {
  const whole = readDvcYaml(text, file);
  const stages = whole.get('stages');
  const old = isDict(stages) ? stages.get(name) : undefined;
  if (!isDict(stages) || !isDict(old)) return text;
  const next = new Map(stages);
  const changed = change(old);
  if (changed) next.set(name, changed);
  else next.delete(name);
  const all = new Map(whole);
  if (next.size > 0) all.set('stages', next);
  else all.delete('stages');
  return all.size === 0 ? undefined : updateYaml(text, file, all);
}
