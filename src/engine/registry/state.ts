/**
 * From tags to models: versions, and who holds which stage. Pure. The rules are GTO's (dvc.md §24): registrations are read first, then
 * assignments, which mean the version registered at the tagged commit; among those that still stand the latest tag holds the stage, so that
 * the one before comes back when it is taken back; a deregistered version loses its stages.
 */

import { type Person } from '../git/git';
import { compareSemver } from './semver';
import { type TagName } from './tags';

/** One annotated tag. */
export interface TagEvent extends TagName {
  readonly tag: string;
  readonly commit: string;
  /** Tagger's time, ms. */
  readonly time: number;
  readonly author: Person;
  readonly message: string;
}

/** Tags about one version in one stage, oldest first. */
export interface StageHistory {
  readonly assignments: TagEvent[];
  readonly unassignments: TagEvent[];
}

/** A version of a model, or a commit that was assigned to a stage without one: then `name` is the commit's id. */
export interface Version {
  readonly model: string;
  readonly name: string;
  readonly commit: string;
  /** Oldest first. */
  readonly registrations: TagEvent[];
  readonly deregistrations: TagEvent[];
  readonly stages: Map<string, StageHistory>;
}

/** A model that has tags. */
export interface Model {
  readonly name: string;
  readonly versions: Version[];
  readonly deprecations: TagEvent[];
}

/** Builds the models of all tags. */
export function buildModels(events: readonly TagEvent[]): Map<string, Model> {
  const models = new Map<string, Model>();
  const ofModel = (name: string): Model => {
    const known = models.get(name) ?? { name, versions: [], deprecations: [] };
    models.set(name, known);
    return known;
  };
  const ordered = [...events].sort((a, b) => a.time - b.time);
  for (const event of ordered) {
    if (event.kind === 'deprecate') ofModel(event.model).deprecations.push(event);
    if (event.kind === 'register') versionFor(ofModel(event.model), event).registrations.push(event);
    if (event.kind === 'deregister') versionFor(ofModel(event.model), event).deregistrations.push(event);
  }
  for (const event of ordered) if (event.stage !== undefined) addToStage(ofModel(event.model), event, event.stage);
  return models;
}

function versionFor(model: Model, { version = '', commit }: TagEvent): Version {
  return (
    model.versions.find((one) => one.name === version && one.commit === commit) ?? newVersion(model, version, commit)
  );
}

function newVersion(model: Model, name: string, commit: string): Version {
  const made = { model: model.name, name, commit, registrations: [], deregistrations: [], stages: new Map() };
  model.versions.push(made);
  return made;
}

function addToStage(model: Model, event: TagEvent, stage: string): void {
  const version = versionAt(model, event.commit) ?? newVersion(model, event.commit, event.commit);
  const history = version.stages.get(stage) ?? { assignments: [], unassignments: [] };
  version.stages.set(stage, history);
  (event.kind === 'assign' ? history.assignments : history.unassignments).push(event);
}

/** The version at a commit; of several the one that is active, then the one registered last. */
export function versionAt(model: Model | undefined, commit: string): Version | undefined {
  const there = (model?.versions ?? []).filter((one) => one.commit === commit);
  const last = (versions: readonly Version[]): Version | undefined =>
    [...versions].sort((a, b) => lastTime(a.registrations) - lastTime(b.registrations)).at(-1);
  return last(there.filter(isActive)) ?? last(there);
}

/** A version by its name; one that is active before one that was taken back. */
export function findVersion(model: Model | undefined, name: string): Version | undefined {
  const called = (model?.versions ?? []).filter((one) => one.name === name);
  return called.find(isActive) ?? called.at(-1);
}

/** Time of the last of these tags, ms; before all times when there is none. */
export function lastTime(events: readonly TagEvent[]): number {
  return events.at(-1)?.time ?? -Infinity;
}

/** True once a tag registered it, even when another took that back. */
export function isRegistered(version: Version): boolean {
  return version.registrations.length > 0;
}

/** True for a version that stands, and for a commit without version. */
export function isActive({ registrations, deregistrations }: Version): boolean {
  if (registrations.length === 0 && deregistrations.length === 0) return true;
  return lastTime(registrations) > lastTime(deregistrations);
}

/** True when the version's last tag about this stage assigns it. */
export function isAssigned(version: Version, stage: string): boolean {
  const history = version.stages.get(stage);
  return history !== undefined && lastTime(history.assignments) > lastTime(history.unassignments);
}

/** All tags about a version. */
export function eventsOf({ registrations, deregistrations, stages }: Version): TagEvent[] {
  const ofStages = [...stages.values()].flatMap((one) => [...one.assignments, ...one.unassignments]);
  return [...registrations, ...deregistrations, ...ofStages].sort((a, b) => a.time - b.time);
}

/** All tags about a model, oldest first. */
export function modelEvents(model: Model | undefined): TagEvent[] {
  const events = [...(model?.versions ?? []).flatMap(eventsOf), ...(model?.deprecations ?? [])];
  return events.sort((a, b) => a.time - b.time);
}

/**
 * False for a model that was deprecated and of which nothing happened since. `commitTimes` are those of its versions' commits (ms): a commit
 * made after the deprecation counts as something.
 */
export function isModelActive(model: Model, commitTimes: readonly number[] = []): boolean {
  if (model.deprecations.length === 0) return true;
  const others = model.versions.flatMap(eventsOf).map((event) => event.time);
  return Math.max(-Infinity, ...others, ...commitTimes) >= lastTime(model.deprecations);
}

/** Registered versions that stand, highest first. */
export function activeVersions(model: Model | undefined): Version[] {
  return highestFirst((model?.versions ?? []).filter((one) => isRegistered(one) && isActive(one)));
}

/** Sorted by semver; of versions that differ in build metadata alone the one registered last comes first, as in GTO. */
export function highestFirst(versions: readonly Version[]): Version[] {
  return [...versions].sort((a, b) => compareSemver(a.name, b.name)).reverse();
}

/** Who holds each stage. */
export function holders(model: Model | undefined): Map<string, Version> {
  const held = new Map<string, Version>();
  for (const version of (model?.versions ?? []).filter(isActive)) {
    for (const stage of version.stages.keys()) {
      if (!isAssigned(version, stage)) continue;
      const rival = held.get(stage);
      if (!rival || assignedAt(version, stage) > assignedAt(rival, stage)) held.set(stage, version);
    }
  }
  return held;
}

/** When the version was last assigned to a stage, ms. */
export function assignedAt(version: Version, stage: string): number {
  return lastTime(version.stages.get(stage)?.assignments ?? []);
}

/** Every version that was ever assigned to the stage, the one assigned last first. */
export function stageVersions(model: Model | undefined, stage: string): Version[] {
  const there = (model?.versions ?? []).filter((one) => assignedAt(one, stage) > -Infinity);
  return there.sort((a, b) => assignedAt(b, stage) - assignedAt(a, stage));
}
