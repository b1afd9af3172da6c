/** `resolve` and `templates`: what the templates of a dvc.yaml stand for, as DVC's resolver gives it, and with where each value comes from. */

import { workspacePlace } from '../data/collect';
import { fromArgument, shown } from '../data/paths';
import { absolute, type Repo } from '../data/repo';
import { type Use } from '../data/templating/expressions';
import { resolveYaml, type ResolvedYaml } from '../data/templating/resolveYaml';
import { StrataError } from '../errors';
import { Members, nodeValue, type Node, type Origin } from '../formats/templateContext';
import {
  type ResolveAnswer,
  type ResolveArgs,
  type TemplateName,
  type TemplatesAnswer,
  type TemplateUse,
} from '../verbs/templates';
import { plain } from './stageAnswer';

/** The stages of a dvc.yaml after templating. Fails with `pipeline.noFile`, and as `resolveYaml` does. */
export async function resolve(repo: Repo, args: ResolveArgs): Promise<ResolveAnswer> {
  const resolved = await read(repo, args);
  return resolved.stages.map(({ name, definition }) => [name, plain(definition)]);
}

/** All about the templates of a dvc.yaml. Fails as {@link resolve}. */
export async function templates(repo: Repo, args: ResolveArgs): Promise<TemplatesAnswer> {
  const resolved = await read(repo, args);
  const lines = resolved.lines();
  const answerOf = (use: Use): TemplateUse => useAnswer(repo, resolved, use);
  return {
    stages: resolved.stages.map(({ name, group, definition, uses }) => ({
      name,
      ...(group === undefined ? {} : { group }),
      line: lines.get(group ?? name) ?? 1,
      definition: plain(definition),
      uses: uses.map(answerOf),
    })),
    sections: plain(resolved.sections),
    sectionUses: resolved.uses.map(answerOf),
    names: [...resolved.context.top()].flatMap(([name, node]) => namesBelow(repo, name, node)),
    reads: resolved.reads.map((path) => shown(repo, path)),
  };
}

async function read(repo: Repo, { targets }: ResolveArgs): Promise<ResolvedYaml> {
  const path = fromArgument(repo, targets[0] ?? 'dvc.yaml');
  const text = await repo.host.fs.readText(absolute(repo, path));
  if (text === undefined) throw new StrataError('pipeline.noFile', { path: shown(repo, path) });
  return resolveYaml(text, path, workspacePlace(repo));
}

function useAnswer(repo: Repo, { source }: ResolvedYaml, { spot, text, node }: Use): TemplateUse {
  return {
    text,
    ...source.place(spot),
    place: spot.at.map(String),
    value: plain(nodeValue(node)),
    ...originAnswer(repo, node.origin),
  };
}

function originAnswer(repo: Repo, { source, isFile, path }: Origin): { source?: string; key: string } {
  const name = source === undefined ? {} : { source: isFile ? shown(repo, source) : source };
  return { ...name, key: path.join('.') };
}

function namesBelow(repo: Repo, name: string, node: Node): TemplateName[] {
  if (node instanceof Members)
    return [...node.members].flatMap(([key, member]) => namesBelow(repo, `${name}.${key}`, member));
  return [{ name, value: plain(nodeValue(node)), ...originAnswer(repo, node.origin) }];
}
