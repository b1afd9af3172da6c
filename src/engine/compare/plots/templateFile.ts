/** Finds the template that a plot names: a file below `.dvc/plots`, a file by its path, or one of the known ones. */

import { fromArgument } from '../../data/paths';
import { absolute, type Repo } from '../../data/repo';
import { is } from '../../errors';
import { parseJson } from '../../formats/json';
import { isDict } from '../../formats/values';
import { type PlainValue } from '../../verbs/pipeline';
import { plain } from '../../pipeline/stageAnswer';
import { PlotProblem } from './points';
import { TEMPLATES, type Template } from './templates';

/** What is used where a plot names none. */
const DEFAULT = 'linear';

/** The template of that name. Fails with a {@link PlotProblem} `TemplateNotFoundError` or `BadTemplateError`. */
export async function findTemplate(repo: Repo, name = DEFAULT): Promise<Template> {
  const { fs } = repo.host;
  for (const path of [
    `.dvc/plots/${name}`,
    `.dvc/plots/${name.replace(/\.[^./]*$/, '')}.json`,
    fromArgument(repo, name),
  ]) {
    if ((await fs.stat(absolute(repo, path)))?.kind !== 'file') continue;
    return parseTemplate(name, (await fs.readText(absolute(repo, path))) ?? '');
  }
  const known = Object.hasOwn(TEMPLATES, name) ? TEMPLATES[name] : undefined;
  if (!known) throw new PlotProblem('TemplateNotFoundError', `Template '${name}' not found.`);
  return known;
}

function parseTemplate(name: string, text: string): Template {
  try {
    const value = parseJson(text, name);
    if (isDict(value)) return plain(value) as Record<string, PlainValue>;
  } catch (error) {
    if (!is(error)) throw error;
  }
  throw new PlotProblem('BadTemplateError', `Template '${name}' is not a JSON document.`);
}
