/**
 * `plots show` and `plots diff`: the points of every plot at one or several revisions, ready to be drawn (cli.md §4, dvc.md §21). Nothing that is
 * wrong with one plot keeps others from being shown: it is told in `errors`.
 */

import { type Call } from '../../../base/cancel';
import { type Repo } from '../../data/repo';
import { StrataError } from '../../errors';
import { type Value } from '../../formats/values';
import {
  type DataPlot,
  type ImagePlot,
  type PlotError,
  type PlotLook,
  type PlotsAnswer,
  type PlotsArgs,
  type PlotsDiffArgs,
  type PlotTemplatesAnswer,
  type PlotTemplatesArgs,
} from '../../verbs/plots';
import { commitSnapshot, workspaceSnapshot, type Snapshot } from '../snapshot';
import { brokenProject } from '../values';
import { collectPlots, sourcesOf, type Definition, type Definitions } from './definitions';
import { PlotProblem, pointsOf, type PlotDef, type Points } from './points';
import { imageFile, isEmpty, isImage, readSource, type ImagePlace, type Source } from './sources';
import { findTemplate } from './templateFile';
import { fillTemplate, TEMPLATES } from './templates';

const WORKSPACE = 'workspace';

/** `plots [show]`. */
function showPlots(repo: Repo, args: PlotsArgs, call: Call): Promise<PlotsAnswer> {
  return plotsAt(repo, { revs: [WORKSPACE], targets: args.targets, look: args }, call);
}

/** `plots diff`. Without revisions: HEAD when something that Git tracks has changed, and the workspace. `{}` without commits. */
async function diffPlots(repo: Repo, args: PlotsDiffArgs, call: Call): Promise<PlotsAnswer> {
  const { git } = repo;
  if (!git) throw new StrataError('data.noGit', { path: repo.root });
  if ((await git.resolve('HEAD')) === undefined) return { data: {} };
  const revs = [...args.targets];
  if (args.experiment === true && revs[0] !== undefined && revs.length === 1)
    revs.push(...(await baseline(repo, revs[0])));
  if (revs.length === 0 && (await git.changes()).some((change) => change.index !== '?')) revs.push('HEAD');
  if (revs.length <= 1) revs.push(WORKSPACE);
  const others = revs.filter((rev) => rev !== WORKSPACE);
  const ordered = revs.length > others.length ? [WORKSPACE, ...others] : others;
  return plotsAt(repo, { revs: [...new Set(ordered)], targets: args.paths ?? [], look: args }, call);
}

/** The commit that an experiment was made on, by its short name; nothing for what is no experiment. */
async function baseline(repo: Repo, rev: string): Promise<string[]> {
  const sha = await repo.git?.resolve(rev);
  if (!repo.git || sha === undefined) return [];
  const { message, parents } = await repo.git.commit(sha);
  const [parent] = parents;
  return parent !== undefined && message.startsWith('dvc: commit experiment') ? [parent.slice(0, 7)] : [];
}

/** `plots templates`. Fails with `plots.noTemplate` {name}. */
async function plotTemplates(_repo: Repo, { targets }: PlotTemplatesArgs): Promise<PlotTemplatesAnswer> {
  const names = Object.keys(TEMPLATES);
  const [name] = targets;
  if (name === undefined) return { names };
  const template = Object.hasOwn(TEMPLATES, name) ? TEMPLATES[name] : undefined;
  if (!template) throw new StrataError('plots.noTemplate', { name, names: names.join(', ') });
  return { names, template };
}

interface Asked {
  readonly revs: readonly string[];
  readonly targets: readonly string[];
  readonly look: PlotLook;
}

/** A plot of one revision with what its files hold. */
interface Found extends Definition {
  readonly rev: string;
  readonly sources: ReadonlyMap<string, Source>;
}

async function plotsAt(repo: Repo, { revs, targets, look }: Asked, call: Call): Promise<PlotsAnswer> {
  const groups = new Map<string, Found[]>();
  const general: PlotError[] = [];
  const over = lookOf(look);
  for (const rev of revs) {
    const snapshot = await snapshotAt(repo, rev, call);
    const found = await definitionsAt(snapshot, targets, over);
    if ('error' in found) {
      general.push({ rev, ...found.error });
      continue;
    }
    const sources = await readSources(snapshot, found.plots, over.header);
    for (const [id, definition] of found.plots) {
      const own = new Map(sourcesOf(definition).map((path) => [path, sources.get(path) as Source]));
      groups.set(id, [...(groups.get(id) ?? []), { ...definition, rev, sources: own }]);
    }
  }
  const data: PlotsAnswer['data'] = {};
  const errors: PlotError[] = [];
  for (const [id, group] of groups) {
    errors.push(...sourceErrors(id, group));
    const path = group[0]?.id ?? '';
    const shown = isImage(path)
      ? await images({ repo, out: look.out }, group)
      : await drawings(repo, id, group, errors);
    // A picture is shown once, whoever declares it; a plot called `__proto__` stays one.
    const name = isImage(path) ? path : id;
    Object.defineProperty(data, name, { value: shown, enumerable: true, writable: true, configurable: true });
  }
  errors.push(...general);
  return errors.length > 0 ? { data, errors } : { data };
}

function lookOf({ template, x, y, noHeader, title, xLabel, yLabel }: PlotLook): PlotDef {
  const all = {
    template,
    x,
    y,
    header: noHeader === true ? false : undefined,
    title,
    x_label: xLabel,
    y_label: yLabel,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

async function snapshotAt(repo: Repo, rev: string, call: Call): Promise<Snapshot> {
  if (rev === WORKSPACE) return workspaceSnapshot(repo, call);
  const sha = await repo.git?.resolve(rev);
  if (sha === undefined) throw new StrataError('git.unknownRevision', { rev });
  return commitSnapshot(repo, sha, false, call);
}

type PlotsOrError =
  { readonly plots: Definitions } | { readonly error: { readonly type: string; readonly msg: string } };

async function definitionsAt(snapshot: Snapshot, targets: readonly string[], look: PlotDef): Promise<PlotsOrError> {
  const error = brokenProject(snapshot);
  if (error) return { error };
  try {
    return { plots: await collectPlots(snapshot, targets, look) };
  } catch (problem) {
    if (!(problem instanceof PlotProblem)) throw problem;
    return { error: { type: problem.type, msg: problem.message } };
  }
}

/** Reads every file of every plot once. Whether a table has a head is said where an output of a stage is declared. */
async function readSources(
  snapshot: Snapshot,
  plots: Definitions,
  header: boolean | undefined,
): Promise<Map<string, Source>> {
  const sources = new Map<string, Source>();
  for (const definition of plots.values()) {
    for (const path of sourcesOf(definition)) {
      if (sources.has(path)) continue;
      const declared = [...plots.values()].find(({ id, def }) => id === path && def.header !== undefined);
      sources.set(path, await readSource(snapshot, path, header ?? declared?.def.header ?? true));
    }
  }
  return sources;
}

function sourceErrors(name: string, group: readonly Found[]): PlotError[] {
  return group.flatMap(({ rev, sources }) =>
    [...sources].flatMap(([source, found]) => ('error' in found ? [{ name, rev, source, ...found.error }] : [])),
  );
}

async function images(place: ImagePlace, group: readonly Found[]): Promise<ImagePlot[]> {
  const shown: ImagePlot[] = [];
  for (const { rev, sources } of group) {
    for (const [path, source] of sources) {
      const url = 'image' in source ? await imageFile(place, rev, path, source.image) : undefined;
      if (url !== undefined) shown.push({ type: 'image', revisions: [rev], url });
    }
  }
  return shown;
}

/** What each revision says of a plot, the first that says anything counting. */
function squash(group: readonly Found[]): PlotDef {
  return [...group].reverse().reduce<PlotDef>((all, { def }) => ({ ...all, ...def }), {});
}

async function drawings(repo: Repo, name: string, group: readonly Found[], errors: PlotError[]): Promise<DataPlot[]> {
  const def = squash(group);
  const byRev = new Map<string, Points>();
  for (const { id, rev, sources } of group) {
    const values = [...sources].flatMap(([path, source]): [string, Value][] =>
      'value' in source && !isEmpty(source.value) ? [[path, source.value]] : [],
    );
    await collectErrors({ name, rev }, errors, () => {
      const points = pointsOf(id, def, new Map(values), rev);
      if (points) byRev.set(rev, points);
    });
  }
  const [first] = byRev.values();
  const shown: DataPlot[] = [];
  if (!first) return shown;
  await collectErrors({ name, rev: [...byRev.keys()][0] ?? WORKSPACE }, errors, async () => {
    shown.push(draw(name, def, byRev, await findTemplate(repo, def.template)));
  });
  return shown;
}

/** Does something to a plot; what is wrong with it becomes one of the errors. */
async function collectErrors(
  about: { readonly name: string; readonly rev: string },
  errors: PlotError[],
  act: () => void | Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof PlotProblem)) throw error;
    errors.push({ ...about, type: error.type, msg: error.message });
  }
}

function draw(
  name: string,
  def: PlotDef,
  byRev: ReadonlyMap<string, Points>,
  template: Awaited<ReturnType<typeof findTemplate>>,
): DataPlot {
  const [first] = byRev.values() as Iterable<Points>;
  const revisions = [...byRev.keys()];
  const { x, y, xLabel, yLabel, sources } = first as Points;
  const title = def.title ?? name;
  const points = [...byRev.values()].flatMap((one) => one.points);
  const filled = fillTemplate(template, { title, x, y, xLabel, yLabel, sources, points, revisions });
  return {
    type: 'vega',
    revisions,
    content: filled.content,
    properties: {
      template: def.template ?? 'linear',
      title,
      x,
      ...(y === undefined ? {} : { y }),
      x_label: xLabel,
      ...(yLabel === undefined ? {} : { y_label: yLabel }),
    },
    datapoints: Object.fromEntries(
      revisions.map((rev) => [rev, filled.points.filter((point) => point['rev'] === rev)]),
    ),
  };
}

/** Verbs of this file by id. */
export const plotVerbs = { plots: showPlots, 'plots.diff': diffPlots, 'plots.templates': plotTemplates };
