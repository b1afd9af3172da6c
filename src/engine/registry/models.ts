/** For the Models view: registered models and declared ones, each version with its metrics. */

import { type Call } from '../../base/cancel';
import { commitMetrics } from '../compare/compare';
import { type Repo } from '../data/repo';
import { type ModelsAnswer } from '../verbs/registry';
import {
  isShown,
  readAnnotations,
  readOldAnnotations,
  readRegistry,
  type Annotation,
  type Registry,
} from './readRegistry';
import { highestFirst, holders, isActive, isRegistered, type Model, type Version } from './state';

type ModelRow = ModelsAnswer['models'][number];
type VersionRow = ModelRow['versions'][number];
type Metrics = ReadonlyMap<string, Readonly<Record<string, number>>>;

/** All models by name; deprecated ones are left out. Fails with `data.noGit`. */
export async function models(repo: Repo, _args: Record<string, never>, call: Call): Promise<ModelsAnswer> {
  const registry = await readRegistry(repo);
  const old = await readOldAnnotations(registry.git);
  const declared = new Map([...old, ...(await readAnnotations(repo, call))].map((one) => [one.name, one]));
  const shown: Model[] = [];
  for (const model of registry.models.values()) {
    const isDeclared = old.some((one) => one.name === model.name);
    if (await isShown(registry, model, isDeclared)) shown.push(model);
  }
  const commits = shown.flatMap((model) => model.versions.filter(isRegistered).map((one) => one.commit));
  const metrics = await commitMetrics(repo, commits, call);
  const rows = shown.map((model) => modelRow(registry, model, declared.get(model.name), metrics));
  const others = [...declared.values()].filter(({ name }) => !registry.models.has(name));
  const all = [...rows, ...others.map(declaredRow)];
  return { models: all.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

function declaredRow({ name, path, type }: Annotation): ModelRow {
  return {
    name,
    ...(path === undefined ? {} : { path }),
    ...(type === undefined ? {} : { type }),
    registered: false,
    versions: [],
    stages: {},
  };
}

function modelRow(registry: Registry, model: Model, declared: Annotation | undefined, metrics: Metrics): ModelRow {
  const held = holders(model);
  const used = model.versions.flatMap((one) => [...one.stages.keys()]);
  const stages = registry.allowed ?? [...new Set(used)].sort();
  const versions = highestFirst(model.versions.filter(isRegistered));
  return {
    ...declaredRow({ ...declared, name: model.name }),
    registered: true,
    versions: versions.map((version) => versionRow(version, held, metrics)),
    stages: Object.fromEntries(stages.map((stage) => [stage, held.get(stage)?.name ?? null])),
  };
}

function versionRow(version: Version, held: ReadonlyMap<string, Version>, metrics: Metrics): VersionRow {
  const last = version.registrations.at(-1);
  return {
    version: version.name,
    commit: version.commit,
    date: new Date(last?.time ?? 0).toISOString(),
    author: last?.author.name ?? '',
    message: last?.message ?? '',
    stages: [...held].filter(([, holder]) => holder === version).map(([stage]) => stage),
    metrics: { ...metrics.get(version.commit) },
    active: isActive(version),
  };
}
