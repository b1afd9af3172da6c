/** `registry show`: GTO's two JSON shapes (dvc.md §24). */

import { type Commit } from '../git/git';
import { type Repo } from '../data/repo';
import { type RegistryShowAnswer, type RegistryShowArgs } from '../verbs/registry';
import { isShown, readOldAnnotations, readRegistry, type Registry } from './readRegistry';
import {
  activeVersions,
  assignedAt,
  eventsOf,
  highestFirst,
  holders,
  isActive,
  type Model,
  type TagEvent,
  type Version,
} from './state';
import { parseLabel } from './tags';
import { unknownModel } from './write';

/** All models, or the versions of one, highest first. Fails with `registry.unknownModel` {model, known}. */
export async function show(repo: Repo, args: RegistryShowArgs): Promise<RegistryShowAnswer> {
  const registry = await readRegistry(repo);
  const annotated = (await readOldAnnotations(registry.git)).map((one) => one.name);
  const [wanted] = args.targets;
  return wanted === undefined ? showAll(registry, annotated) : showModel(registry, annotated, wanted);
}

async function showAll(registry: Registry, annotated: readonly string[]): Promise<Record<string, unknown>> {
  const used = [...registry.models.values()].flatMap((model) => [...holders(model).keys()]);
  const stages = registry.allowed ?? [...new Set(used)].sort();
  const names = [...new Set([...registry.models.keys(), ...annotated])].sort();
  const rows: [string, unknown][] = [];
  for (const name of names) {
    const model = registry.models.get(name);
    if (model && !(await isShown(registry, model, annotated.includes(name)))) continue;
    const held = holders(model);
    rows.push([
      name,
      {
        version: activeVersions(model)[0]?.name ?? null,
        stage: Object.fromEntries(stages.map((stage) => [stage, held.get(stage)?.name ?? null])),
        registered: model !== undefined,
        active: true,
      },
    ]);
  }
  return Object.fromEntries(rows);
}

async function showModel(registry: Registry, annotated: readonly string[], text: string): Promise<unknown[]> {
  const label = parseLabel(text);
  const model = registry.models.get(label.model);
  if (!model && !annotated.includes(label.model)) throw unknownModel(registry, label.model);
  const isDeclared = annotated.includes(label.model);
  if (model && !(await isShown(registry, model, isDeclared))) return [];
  const versions = await shownVersions(registry, model, isDeclared ? label.model : undefined);
  const held = holders(model);
  const records = await Promise.all(
    versions.map((version) => versionRecord(version, registry, holding(held, version))),
  );
  if (label.isLatest) return records.slice(0, 1);
  if (label.version !== undefined) return records.filter((one) => one.version === label.version);
  if (label.stage !== undefined) return records.filter((one) => one.stages.some((it) => it.stage === label.stage));
  return records;
}

function holding(held: ReadonlyMap<string, Version>, version: Version): string[] {
  return [...held].filter(([, holder]) => holder === version).map(([stage]) => stage);
}

/** Highest first; a declared model has a version at the last commit, registered or not. */
async function shownVersions(
  registry: Registry,
  model: Model | undefined,
  declared: string | undefined,
): Promise<Version[]> {
  const versions = (model?.versions ?? []).filter(isActive);
  const head = declared === undefined ? undefined : (await registry.git.head()).commit;
  if (declared !== undefined && head !== undefined && !model?.versions.some((one) => one.commit === head)) {
    const empty = { registrations: [], deregistrations: [], stages: new Map<string, never>() };
    versions.push({ model: declared, name: head, commit: head, ...empty });
  }
  return highestFirst(versions);
}

/** A version as GTO's JSON has it. */
interface VersionRecord {
  readonly artifact: string;
  readonly version: string;
  readonly stages: readonly { readonly stage: string }[];
}

async function versionRecord(version: Version, registry: Registry, stages: readonly string[]): Promise<VersionRecord> {
  const commit = await registry.git.commit(version.commit);
  const events = eventsOf(version);
  const made = version.registrations.at(-1) ?? events.at(-1);
  const first = version.registrations[0]?.time ?? Math.min(commit.committerTime, ...events.map((one) => one.time));
  return {
    artifact: version.model,
    commit_hexsha: version.commit,
    version: version.name,
    registrations: version.registrations.map((event) => eventRecord(event, version, 'registration')),
    deregistrations: version.deregistrations.map((event) => eventRecord(event, version, 'deregistration')),
    stages: stages.map((stage) => stageRecord(version, stage)),
    is_active: true,
    activated_at: isoTime(first),
    ...(made ? authoring(made) : commitAuthoring(commit)),
    discovered: version.registrations.length === 0 && version.deregistrations.length === 0,
  } as VersionRecord;
}

function stageRecord(version: Version, stage: string): { readonly stage: string } {
  const history = version.stages.get(stage) ?? { assignments: [], unassignments: [] };
  const last = history.assignments.at(-1);
  return {
    artifact: version.model,
    commit_hexsha: version.commit,
    version: version.name,
    stage,
    assignments: history.assignments.map((event) => eventRecord(event, version, 'assignment')),
    unassignments: history.unassignments.map((event) => eventRecord(event, version, 'unassignment')),
    is_active: true,
    activated_at: isoTime(assignedAt(version, stage)),
    ...(last ? authoring(last) : {}),
  } as { readonly stage: string };
}

/** `priority` and `addition` are GTO's own order of events of one moment. */
const PRIORITY = { registration: 3, deregistration: 4, assignment: 5, unassignment: 6 } as const;

function eventRecord(event: TagEvent, version: Version, kind: keyof typeof PRIORITY): Record<string, unknown> {
  const isStage = kind === 'assignment' || kind === 'unassignment';
  return {
    priority: PRIORITY[kind],
    addition: kind === 'registration' || kind === 'assignment',
    artifact: event.model,
    created_at: isoTime(event.time),
    author: event.author.name,
    author_email: event.author.email,
    message: event.message,
    commit_hexsha: event.commit,
    tag: event.tag,
    version: version.name,
    ...(isStage ? { stage: event.stage, event: kind } : {}),
  };
}

function authoring(event: TagEvent): Record<string, string> {
  const { author, time, message, tag } = event;
  return { created_at: isoTime(time), author: author.name, author_email: author.email, message, ref: tag };
}

function commitAuthoring({ author, committerTime, message, sha }: Commit): Record<string, string> {
  return { created_at: isoTime(committerTime), author: author.name, author_email: author.email, message, ref: sha };
}

/** `2024-01-01T00:17:00+00:00`: whole seconds, as tags have them. */
function isoTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}
