/**
 * What templates may not make of a stage or section. The schema was checked before, on the texts as written; here it is about a number or a map
 * where a path has to be. DVC fails at these places too, each time in another way.
 */

import { kindOf } from '../../formats/templateContext';
import { isDict, isList, keyText, type Dict, type Value } from '../../formats/values';
import { type DataPath } from '../../formats/yaml';
import { type TemplateSource } from './expressions';

/** Fails with `template.notText` {place, found} when a command is no text or number, or a path, a folder or a param's name no text. */
export function checkStage(stage: Dict, at: DataPath, source: TemplateSource): void {
  const cmd = stage.get('cmd');
  for (const [i, line] of (isList(cmd) ? cmd : [cmd]).entries())
    if (isDict(line) || isList(line)) refuse(line, isList(cmd) ? [...at, 'cmd', i] : [...at, 'cmd'], source);
  const wdir = stage.get('wdir');
  if (wdir !== undefined) checkText(wdir, [...at, 'wdir'], source);
  for (const name of ['deps', 'params', 'outs', 'metrics', 'plots']) checkPaths(stage.get(name), [...at, name], source);
  for (const [i, item] of listOf(stage.get('params')).entries()) {
    for (const keys of isDict(item) ? item.values() : [])
      for (const key of listOf(keys)) checkText(key, [...at, 'params', i], source);
  }
}

/** Fails with `template.notText` when a path of a section, or an artifact's name or path, is no text. */
export function checkSections(sections: Dict, source: TemplateSource): void {
  for (const name of ['params', 'metrics', 'plots']) checkPaths(sections.get(name), [name], source);
  const artifacts = sections.get('artifacts');
  for (const [name, artifact] of isDict(artifacts) ? artifacts : []) {
    checkText(name, ['artifacts'], source);
    if (isDict(artifact)) checkText(artifact.get('path') ?? null, ['artifacts', keyText(name), 'path'], source);
  }
}

/** Paths, alone or as keys of maps. */
function checkPaths(list: Value | undefined, at: DataPath, source: TemplateSource): void {
  for (const [i, item] of listOf(list).entries()) {
    for (const path of isDict(item) ? item.keys() : [item]) checkText(path, [...at, i], source);
  }
}

function checkText(value: Value, at: DataPath, source: TemplateSource): void {
  if (typeof value !== 'string') refuse(value, at, source);
}

function refuse(value: Value, at: DataPath, source: TemplateSource): never {
  throw source.fault('template.notText', { at, isKey: false }, { found: kindOf(value) });
}

function listOf(value: Value | undefined): readonly Value[] {
  return isList(value) ? value : [];
}
