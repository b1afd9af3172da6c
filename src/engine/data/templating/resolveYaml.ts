/**
 * A dvc.yaml as it is meant (dvc.md §11): its context filled from params.yaml and `vars`, `foreach` and `matrix` spread out, every `${…}`
 * replaced. What cannot be resolved fails with file, line and column; a file that cannot be resolved as a whole is not resolved at all.
 */

import { dirname, join } from '../../../base/paths';
import { configText, type DvcConfig } from '../../formats/dvcConfig';
import { collectDvcYaml, readWithLines, type DvcYaml, type UsedValues } from '../../formats/dvcYaml';
import { valueText, type ArgsStyle } from '../../formats/interpolation';
import { Members, TemplateContext, nodeValue, type Mixed } from '../../formats/templateContext';
import { isDict, isList, keyText, type Dict, type Scalar, type Value } from '../../formats/values';
import { type DataPath } from '../../formats/yaml';
import { checkSections, checkStage } from './checkResolved';
import { ContextFiles, type ReadText } from './contextFiles';
import { Expressions, TemplateSource, usesTemplates, type Use } from './expressions';
import { foreachMembers, matrixMembers, type Own } from './groups';

/** A stage with its templates resolved. */
export interface ResolvedStage {
  readonly name: string;
  /** The `foreach` or `matrix` that made it. */
  readonly group?: string;
  /** As DVC's resolver gives it: without `vars`, and with the types that values have. */
  readonly definition: Dict;
  /** The way to what it is written as. */
  readonly at: DataPath;
  readonly uses: readonly Use[];
}

/** A dvc.yaml with its templates resolved. */
export interface ResolvedYaml {
  readonly source: TemplateSource;
  /** The line of each stage's or group's name, from 1. */
  readonly lines: () => ReadonlyMap<string, number>;
  readonly stages: readonly ResolvedStage[];
  readonly groups: readonly string[];
  /** `params`, `metrics`, `plots`, `artifacts` and `datasets`, those that are there. */
  readonly sections: Dict;
  /** Of the sections. */
  readonly uses: readonly Use[];
  /** What every stage can name. */
  readonly context: TemplateContext;
  /** Files that its meaning depends on, there or not, from the project's root. */
  readonly reads: readonly string[];
}

/** Where a dvc.yaml is read. */
export interface YamlPlace {
  /** Absolute path of the project. */
  readonly root: string;
  readonly readText: ReadText;
  readonly style: ArgsStyle;
}

/** How the project wants maps in commands. */
export function argsStyle(config: DvcConfig): ArgsStyle {
  const bool = configText(config, 'parsing', 'bool');
  const list = configText(config, 'parsing', 'list');
  return { ...(bool === undefined ? {} : { bool }), ...(list === undefined ? {} : { list }) };
}

/** What loading gives: the file as all others use it. */
export interface LoadedYaml {
  readonly yaml: DvcYaml;
  readonly reads: readonly string[];
}

/** Reads a dvc.yaml, resolves it and looks at what came out. `path` is from the project's root. Fails as {@link resolveYaml}, and with `template.notText`. */
export async function loadYaml(text: string, path: string, place: YamlPlace): Promise<LoadedYaml> {
  const { source, stages, groups, sections, reads, lines } = await resolveYaml(text, path, place);
  for (const { definition, at } of stages) checkStage(definition, at, source);
  checkSections(sections, source);
  const data = new Map<Scalar, Value>([
    ...sections,
    ['stages', new Map(stages.map((one) => [one.name, one.definition]))],
  ]);
  const origins = new Map(
    stages.map(({ name, group, uses }) => {
      const used = usedValues(uses);
      return [name, { ...(group === undefined ? {} : { group }), ...(used.size === 0 ? {} : { used }) }];
    }),
  );
  return { yaml: collectDvcYaml(data, { lines: lines(), groups, origins }), reads };
}

/**
 * Resolves all of a dvc.yaml. Fails as `readWithLines` does, as the files do that `vars` name, and with `template.*`: mostly {path, place, line,
 * column, text}.
 */
export async function resolveYaml(text: string, path: string, place: YamlPlace): Promise<ResolvedYaml> {
  const { data, lines } = readWithLines(text, path);
  const source = new TemplateSource(path, text);
  const resolver = new Resolver(source, place, new ContextFiles(place.root, place.readText));
  await resolver.fill(data);
  const stages = await resolver.stages(data);
  const sections = resolver.sections(data);
  const { groups, context, uses } = resolver;
  const hasTemplates = groups.length > 0 || data.has('vars') || usesTemplates(data) || resolver.reads.size > 1;
  return { source, lines, stages, groups, sections, uses, context, reads: hasTemplates ? [...resolver.reads] : [] };
}

/** Values that came from files, as DVC counts them: the last of several with one name. Whole maps are not counted. */
export function usedValues(uses: readonly Use[]): UsedValues {
  const used = new Map<string, Map<string, Value>>();
  for (const { node } of uses) {
    const { source, isFile, path } = node.origin;
    if (!isFile || source === undefined || node instanceof Members) continue;
    const values = used.get(source) ?? new Map<string, Value>();
    used.set(source, values.set(path.join('.'), nodeValue(node)));
  }
  return used;
}

const SECTIONS = ['params', 'metrics', 'plots', 'artifacts', 'datasets'] as const;

class Resolver {
  readonly context = TemplateContext.empty();
  readonly groups: string[] = [];
  readonly uses: Use[] = [];
  readonly reads = new Set<string>();
  private readonly expressions: Expressions;

  constructor(
    private readonly source: TemplateSource,
    private readonly place: YamlPlace,
    private readonly files: ContextFiles,
  ) {
    this.expressions = new Expressions(source);
  }

  /** Loads what all stages can name. */
  async fill(data: Dict): Promise<void> {
    const folder = dirname(this.source.path);
    this.expressions.refuse(data.get('vars') ?? null, ['vars']);
    try {
      for (const path of await this.files.addDefault(this.context, this.source.path)) this.reads.add(path);
    } catch (error) {
      throw this.source.placed(error, { at: [], isKey: false });
    }
    await this.addVars(this.context, data.get('vars'), { at: ['vars'], folder, prefix: '' });
  }

  async stages(data: Dict): Promise<ResolvedStage[]> {
    const found = new Map<string, ResolvedStage>();
    for (const [key, definition] of membersOf(data.get('stages'))) {
      const name = keyText(key);
      const at = ['stages', name];
      if (!isDict(definition)) continue;
      for (const stage of await this.definition(name, definition, at)) found.set(stage.name, stage);
    }
    return [...found.values()];
  }

  sections(data: Dict): Dict {
    const sections = new Map<Scalar, Value>();
    for (const name of SECTIONS) {
      const section = data.get(name);
      if (section === undefined) continue;
      sections.set(name, this.expressions.value(section, [name], { context: this.context, uses: this.uses }));
    }
    return sections;
  }

  private async definition(name: string, definition: Dict, at: DataPath): Promise<ResolvedStage[]> {
    const members = this.members(definition, at);
    if (!members) {
      if (name.includes('@')) throw this.source.fault('template.name', { at, isKey: true }, { stage: name });
      return [await this.stage(name, definition, at, this.context)];
    }
    this.groups.push(name);
    const body = definition.get('do');
    const template = isDict(body) ? body : new Map([...definition].filter(([key]) => key !== 'matrix'));
    const inside = isDict(body) ? [...at, 'do'] : at;
    const stages: ResolvedStage[] = [];
    for (const [key, own] of members) {
      if (key === '') throw this.source.fault('template.noName', { at, isKey: true }, { stage: name });
      if (key.includes('@')) throw this.source.fault('template.name', { at, isKey: true }, { stage: `${name}@${key}` });
      const context = this.withOwn(own, at);
      stages.push({ ...(await this.stage(`${name}@${key}`, template, inside, context)), group: name });
    }
    return stages;
  }

  /** The members of a group; undefined for a plain stage. */
  private members(definition: Dict, at: DataPath): Map<string, Own> | undefined {
    const kind = definition.has('matrix') ? 'matrix' : definition.has('foreach') ? 'foreach' : undefined;
    if (!kind) return undefined;
    const spot = { at: [...at, kind], isKey: false };
    const data = this.expressions.mixed(definition.get(kind) ?? null, spot.at, {
      context: this.context,
      keepNodes: true,
    });
    try {
      return kind === 'foreach' ? foreachMembers(data) : matrixMembers(data as ReadonlyMap<Scalar, Mixed>);
    } catch (error) {
      throw this.source.placed(error, spot);
    }
  }

  private withOwn(own: Own, at: DataPath): TemplateContext {
    try {
      return this.context.withOwn(own);
    } catch (error) {
      throw this.source.placed(error, { at, isKey: true });
    }
  }

  private async stage(name: string, definition: Dict, at: DataPath, outer: TemplateContext): Promise<ResolvedStage> {
    const vars = definition.get('vars');
    let context = outer;
    if (isList(vars) && vars.length > 0) {
      this.expressions.refuse(vars, [...at, 'vars']);
      context = outer.copy();
      const folder = this.folderOf(definition, at, outer);
      await this.addVars(context, vars, { at: [...at, 'vars'], folder, prefix: `${name}.` });
    }
    const uses: Use[] = [];
    const resolved = new Map<Scalar, Value>();
    for (const [key, value] of definition) {
      if (key === 'vars') continue;
      const manner = { context, field: keyText(key), style: this.place.style, uses };
      resolved.set(key, this.expressions.value(value, [...at, keyText(key)], manner));
    }
    return { name, definition: resolved, at, uses };
  }

  /** The stage's working folder; its own `vars` do not count for it. */
  private folderOf(definition: Dict, at: DataPath, context: TemplateContext): string {
    const folder = dirname(this.source.path);
    const wdir = definition.get('wdir');
    if (typeof wdir !== 'string' || wdir === '') return folder;
    return join(folder, valueText(this.expressions.value(wdir, [...at, 'wdir'], { context })));
  }

  private async addVars(
    context: TemplateContext,
    vars: Value | undefined,
    { at, folder, prefix }: { readonly at: DataPath; readonly folder: string; readonly prefix: string },
  ): Promise<void> {
    for (const [i, item] of (isList(vars) ? vars : []).entries()) {
      try {
        if (typeof item === 'string') this.reads.add(await this.files.add(context, item, folder));
        else if (isDict(item)) context.addInline(`${prefix}vars[${i}]`, item);
      } catch (error) {
        throw this.source.placed(error, { at: [...at, i], isKey: false });
      }
    }
  }
}

function membersOf(value: Value | undefined): Iterable<readonly [Scalar, Value]> {
  return isDict(value) ? value : [];
}
