/**
 * Reads everything that says something about models: Git's annotated tags, `artifacts:` of the dvc.yaml files, GTO's older
 * `artifacts.yaml` of the last commit, and `.gto` with the stages that are allowed.
 */

import { type Call } from '../../base/cancel';
import { dirname } from '../../base/paths';
import { collectProject } from '../data/collect';
import { gitPath } from '../data/paths';
import { type Repo } from '../data/repo';
import { StrataError } from '../errors';
import { type Git, type Ref } from '../git/git';
import { isDict, isList, keyText, type Dict, type Value } from '../formats/values';
import { parseYaml } from '../formats/yaml';
import { buildModels, isModelActive, type Model, type TagEvent } from './state';
import { parseTag } from './tags';

/** A model as a file declares it. */
export interface Annotation {
  readonly name: string;
  readonly path?: string;
  readonly type?: string;
}

/** The registry of a repository. */
export interface Registry {
  readonly git: Git;
  readonly models: ReadonlyMap<string, Model>;
  /** All tags of models, lightweight ones too: names and counters that are taken. */
  readonly tags: readonly string[];
  /** Stages that `.gto` allows; undefined: any. */
  readonly allowed: readonly string[] | undefined;
}

/** The repository, or `data.noGit`. */
export function needGit(repo: Repo): Git {
  if (!repo.git) throw new StrataError('data.noGit', { path: repo.root });
  return repo.git;
}

/** Reads tags and `.gto`. Fails with `data.noGit`, and as `parseYaml` for a broken `.gto`. */
export async function readRegistry(repo: Repo): Promise<Registry> {
  const git = needGit(repo);
  const refs = (await git.refs()).filter((ref) => ref.kind === 'tag' && parseTag(ref.short) !== undefined);
  return {
    git,
    models: buildModels(refs.flatMap(toEvent)),
    tags: refs.map((ref) => ref.short),
    allowed: await readAllowedStages(repo, git),
  };
}

function toEvent(ref: Ref): TagEvent[] {
  const name = parseTag(ref.short);
  if (!name || !ref.tag) return [];
  const { tagger: author, time, message } = ref.tag;
  return [{ ...name, tag: ref.short, commit: ref.commit, time, author, message: message.trim() }];
}

async function readAllowedStages(repo: Repo, git: Git): Promise<string[] | undefined> {
  const text = await repo.host.fs.readText(`${git.top}/.gto`);
  if (text === undefined) return undefined;
  const value = parseYaml(text, '.gto');
  const stages = isDict(value) ? value.get('stages') : undefined;
  return isList(stages) ? stages.map((stage) => (typeof stage === 'string' ? stage : '')).filter(Boolean) : undefined;
}

/**
 * True when the model is shown: see `isModelActive`. Commits are read only where a deprecation makes them matter; the last commit counts for
 * a model that `artifacts.yaml` declares there.
 */
export async function isShown(registry: Registry, model: Model, isDeclared: boolean): Promise<boolean> {
  if (model.deprecations.length === 0) return true;
  const { git } = registry;
  const head = isDeclared ? (await git.head()).commit : undefined;
  const ids = [...model.versions.map((one) => one.commit), ...(head === undefined ? [] : [head])];
  const commits = await Promise.all(ids.map((sha) => git.commit(sha)));
  return isModelActive(
    model,
    commits.map((one) => one.committerTime),
  );
}

/** What `artifacts.yaml` at the last commit declares: GTO shows these even without tags. Fails as `parseYaml`. */
export async function readOldAnnotations(git: Git): Promise<Annotation[]> {
  const { commit } = await git.head();
  const bytes = commit === undefined ? undefined : await git.readFile(commit, OLD_FILE);
  if (!bytes) return [];
  const value = parseYaml(new TextDecoder().decode(bytes), OLD_FILE);
  return isDict(value) ? [...value].map(([name, entry]) => toAnnotation(keyText(name), entry)) : [];
}

const OLD_FILE = 'artifacts.yaml';

function toAnnotation(name: string, entry: Value): Annotation {
  const map: Dict = isDict(entry) ? entry : new Map();
  const [path, type] = [map.get('path'), map.get('type')];
  return {
    name,
    ...(typeof path === 'string' ? { path } : {}),
    ...(typeof type === 'string' ? { type } : {}),
  };
}

/** What the workspace's dvc.yaml files declare. A model of a file in a folder is `folder:name`, from the top of the repository. */
export async function readAnnotations(repo: Repo, call: Call): Promise<Annotation[]> {
  const git = needGit(repo);
  const { pipelines } = await collectProject(repo, call);
  return pipelines.flatMap(({ path, yaml }) => {
    const folder = gitPath(git, dirname(path));
    const place = folder === '.' ? '' : `${folder}:`;
    return yaml.artifacts.map(({ name, path: file, type }) => ({
      name: `${place}${name}`,
      path: dirname(path) === '.' ? file : `${dirname(path)}/${file}`,
      ...(type === undefined ? {} : { type }),
    }));
  });
}
