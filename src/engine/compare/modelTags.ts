/**
 * Versions and stages of models as Git tags say them (dvc.md §24): `m@v1.0.0` registers, `m#prod#3` assigns, the same with `!` takes back. Only
 * annotated tags count, and their time decides. Here they only name runs; the registry half judges and writes them.
 */

import { type Ref } from '../git/git';

const VERSION = /^(.+)@(v\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?)(!)?(?:#\d+)?$/;
const STAGE = /^([^#]+)#([^#!]+)(!)?(?:#\d+)?$/;

interface Event {
  readonly model: string;
  readonly label: string;
  readonly commit: string;
  readonly undone: boolean;
  readonly time: number;
}

/** What the tags say now. */
interface ModelLabels {
  /** Labels by commit: `m@v1.0.0`, `m#prod`; a stage only at the version that holds it. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** All tags of models, so that they are not shown as plain tags too. */
  readonly tags: readonly string[];
}

/** Reads the tags of models among these refs. */
export function modelLabels(refs: readonly Ref[]): ModelLabels {
  const versions: Event[] = [];
  const stages: Event[] = [];
  const tags: string[] = [];
  for (const ref of refs) {
    if (ref.kind !== 'tag' || !ref.tag) continue;
    const [, model, version, gone] = VERSION.exec(ref.short) ?? [];
    const [, artifact, stage, left] = STAGE.exec(ref.short) ?? [];
    const at = { commit: ref.commit, time: ref.tag.time };
    if (version !== undefined) versions.push({ ...at, ...labelled(model, `@${version}`), undone: gone === '!' });
    else if (stage !== undefined) stages.push({ ...at, ...labelled(artifact, `#${stage}`), undone: left === '!' });
    else if (!/^.+@deprecated/.test(ref.short)) continue;
    tags.push(ref.short);
  }
  const labels = new Map<string, string[]>();
  const add = ({ label, commit }: Event): void => void labels.set(commit, [...(labels.get(commit) ?? []), label]);
  const registered = standing(versions);
  registered.forEach(add);
  holders(withVersion(standing(stages), versions, registered)).forEach(add);
  return { labels, tags };
}

/** The commit that holds a stage, `m#prod` → its commit; undefined when nobody does. */
export function stageCommit(refs: readonly Ref[], label: string): string | undefined {
  return [...modelLabels(refs).labels].find(([, labels]) => labels.includes(label))?.[0];
}

/** The tag that registers `m@v1.0.0` or `dir:m@v1.0.0`. */
export function versionTag(label: string): string {
  return label.replace(':', '=');
}

function labelled(name: string | undefined, rest: string): { model: string; label: string } {
  return { model: typed(name), label: typed(name) + rest };
}

/** Without stages of versions that were deregistered; a stage of a commit that never had a version stays (dvc.md §24). */
function withVersion(stages: readonly Event[], versions: readonly Event[], registered: readonly Event[]): Event[] {
  const at = ({ model, commit }: Event): string => `${model} ${commit}`;
  const had = new Set(versions.map(at));
  const has = new Set(registered.map(at));
  return stages.filter((one) => !had.has(at(one)) || has.has(at(one)));
}

function typed(name: string | undefined): string {
  return (name ?? '').replace('=', ':');
}

/** Of the events of one label at one commit the latest counts; those taken back fall away. */
function standing(events: readonly Event[]): Event[] {
  const latest = new Map<string, Event>();
  for (const event of [...events].sort((a, b) => a.time - b.time)) latest.set(`${event.label} ${event.commit}`, event);
  return [...latest.values()].filter((event) => !event.undone);
}

/** One commit a stage: the one assigned last among those that still are. */
function holders(events: readonly Event[]): Event[] {
  const last = new Map<string, Event>();
  for (const event of events)
    if ((last.get(event.label)?.time ?? -Infinity) <= event.time) last.set(event.label, event);
  return [...last.values()];
}
