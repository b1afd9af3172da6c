/**
 * `stage add`: writes a stage into the dvc.yaml of the present folder, comments and layout of the others kept, and makes Git ignore its
 * outputs (dvc.md §10). Everything that DVC would refuse is refused before the first file is touched.
 */

import { type Call } from '../../base/cancel';
import { dirname, join, relative } from '../../base/paths';
import { collectProject } from '../data/collect';
import { ignoreOutputs, refuseGitTracked } from '../data/ignoreOutputs';
import { type ProjectFiles } from '../data/model';
import { stageName } from '../data/outputs';
import { fromArgument, fromRoot, gitPath, shown } from '../data/paths';
import { guardName } from '../data/placement';
import { absolute, type Repo } from '../data/repo';
import { refuseHidden } from '../data/saveOutput';
import { requireLoaded } from '../data/select';
import { startTask, type Task } from '../data/task';
import { autostage, whileLocked } from '../data/writing';
import { is, StrataError } from '../errors';
import { type StageDef } from '../formats/dvcYaml';
import { type StageAddAnswer, type StageAddArgs } from '../verbs/stages';
import { buildGraph, type GraphNode } from './graph';
import { collectStages } from './stage';
import { askedOuts, askedParams, stageEntry, withStage, type AskedOut } from './stageText';

/** An output with its path from the root. */
interface PlacedOut extends AskedOut {
  readonly at: string;
}

/** A stage that is to be added, all paths from the root. */
interface NewStage {
  readonly name: string;
  readonly file: string;
  readonly wdir: string;
  readonly deps: readonly string[];
  readonly params: readonly string[];
  readonly outs: readonly PlacedOut[];
}

/**
 * Adds a stage; running it is the caller's. Fails with `stage.noName`, `stage.badName`, `stage.noCommand`, `stage.exists`, `stage.wdir…`,
 * `stage.depIsOut`, `stage.namedTwice`, `stage.outTaken` and as `buildGraph` does.
 */
export async function addStage(repo: Repo, args: StageAddArgs, call: Call): Promise<StageAddAnswer> {
  const task = startTask(repo, call);
  const name = checkName(args);
  return whileLocked(task, async () => {
    const file = join(repo.cwd, 'dvc.yaml');
    const files = await collectProject(repo, call);
    requireLoaded(files);
    const stage = await place(repo, args, name, file);
    await checkPlaces(task, stage);
    const old = existing(repo, files, stage, args.force === true);
    checkGraph(repo, files, stage);
    const cached = stage.outs.filter((out) => out.cache).map((out) => out.at);
    await refuseGitTracked(repo, cached);
    const text = await repo.host.fs.readText(absolute(repo, file));
    const entry = stageEntry(args, relative(dirname(file), stage.wdir), old.def);
    await repo.host.fs.writeAtomic(absolute(repo, file), withStage(text, file, name, entry));
    const { now, later } = await byFolder(repo, cached);
    const changed = [file, ...(await ignoreOutputs(repo, now))];
    await autostage(task, changed);
    return {
      name,
      file: shown(repo, file),
      replaced: old.replaced,
      files: changed.map((path) => shown(repo, path)),
      ...(later.length > 0 ? { later: later.map((path) => shown(repo, path)) } : {}),
    };
  });
}

/** All ASCII punctuation but `-` and `_`. */
const PUNCTUATION = /[!-,./:-@[-^`{-~]/;

function checkName({ name = '', targets }: StageAddArgs): string {
  if (targets.join('') === '') throw new StrataError('stage.noCommand', {});
  if (name === '') throw new StrataError('stage.noName', {});
  if (PUNCTUATION.test(name)) throw new StrataError('stage.badName', { name });
  return name;
}

async function place(repo: Repo, args: StageAddArgs, name: string, file: string): Promise<NewStage> {
  const wdir = fromArgument(repo, args.wdir ?? '.');
  await checkWdir(repo, wdir, args.wdir ?? '.');
  const from = (path: string): string => (isUrl(path) ? path : fromRoot(repo.root, join(repo.root, wdir, path)));
  return {
    name,
    file,
    wdir,
    deps: (args.deps ?? []).map(from),
    params: [...askedParams(args).keys()].map(from),
    outs: askedOuts(args).map((out) => ({ ...out, at: from(out.path) })),
  };
}

async function checkWdir(repo: Repo, wdir: string, typed: string): Promise<void> {
  const stat = await repo.host.fs.stat(absolute(repo, wdir));
  if (!stat) throw new StrataError('stage.wdirMissing', { path: typed });
  if (stat.kind !== 'folder') throw new StrataError('stage.wdirNotFolder', { path: typed });
  if (wdir.startsWith('/')) throw new StrataError('stage.wdirOutside', { path: typed });
}

function isUrl(path: string): boolean {
  return /^[a-z][\w+.-]*:\/\//i.test(path);
}

/** What can be said of each path by itself, and of the paths of the stage among each other. */
async function checkPlaces(task: Task, stage: NewStage): Promise<void> {
  const { repo } = task;
  if (repo.git && (await repo.git.ignored([gitPath(repo.git, stage.file)])).size > 0)
    throw new StrataError('stage.fileIgnored', { file: shown(repo, stage.file) });
  const reads = [...stage.deps, ...stage.params];
  for (const path of reads) refuseDvcFile(repo, path);
  for (const out of stage.outs) {
    refuseDvcFile(repo, out.at);
    if (out.cache && (out.at.startsWith('/') || isUrl(out.at)))
      throw new StrataError('stage.outOutside', { path: out.path });
    if (out.at.startsWith('/') || isUrl(out.at) || out.at === '.') continue;
    guardName(repo, out.at);
    const isFolder = (await repo.host.fs.stat(absolute(repo, out.at)))?.kind === 'folder';
    await refuseHidden(task, out.at, isFolder);
  }
  const made = new Set(stage.outs.map((out) => out.at));
  const both = reads.find((path) => made.has(path));
  if (both !== undefined) throw new StrataError('stage.depIsOut', { path: shown(repo, both) });
  const seen = new Set<string>();
  for (const path of [...reads, ...stage.outs.map((out) => out.at)]) {
    if (seen.has(path)) throw new StrataError('stage.namedTwice', { path: shown(repo, path) });
    seen.add(path);
  }
}

/** Files that declare data or stages are neither read nor made by a stage. */
function refuseDvcFile(repo: Repo, path: string): void {
  if (/(^|\/)dvc\.yaml$|[^/]\.dvc$/.test(path)) throw new StrataError('stage.dvcFile', { path: shown(repo, path) });
}

interface Existing {
  readonly def?: StageDef;
  readonly replaced: boolean;
}

/** The stage or group of that name. Fails with `stage.exists` unless it may be replaced. */
function existing(repo: Repo, files: ProjectFiles, { name, file }: NewStage, force: boolean): Existing {
  const yaml = files.pipelines.find((entry) => entry.path === file)?.yaml;
  const def = yaml?.stages.find((stage) => stage.name === name);
  const replaced = def !== undefined || yaml?.groups.includes(name) === true;
  if (replaced && !force) throw new StrataError('stage.exists', { stage: name, file: shown(repo, file) });
  return { replaced, ...(def ? { def } : {}) };
}

/** The whole graph with the new stage in it must be one that is allowed. */
function checkGraph(repo: Repo, files: ProjectFiles, stage: NewStage): void {
  const id = stageName(stage.file, stage.name);
  const others = collectStages(repo.root, files).filter((one) => {
    return one.file !== stage.file || (one.name !== stage.name && one.group !== stage.name);
  });
  const node: GraphNode = {
    id,
    file: stage.file,
    reads: [...stage.deps, ...stage.params],
    makes: stage.outs.map((out) => out.at),
    frozen: false,
    repoImport: false,
  };
  try {
    buildGraph([...others, node]);
  } catch (error) {
    if (!is(error, 'pipeline.outTwice')) throw error;
    const owners = (error.data['stages'] as readonly string[]).filter((one) => one !== id);
    if (owners.length !== 1) throw error;
    throw new StrataError('stage.outTaken', { path: error.data['path'], stage: owners[0] }, { cause: error });
  }
}

/** Outputs whose folder is there, and the folders that are not: a .gitignore waits for the stage to make them. */
async function byFolder(
  repo: Repo,
  paths: readonly string[],
): Promise<{ readonly now: string[]; readonly later: string[] }> {
  const now: string[] = [];
  const later = new Set<string>();
  for (const path of paths) {
    const folder = dirname(path);
    if ((await repo.host.fs.stat(absolute(repo, folder)))?.kind === 'folder') now.push(path);
    else later.add(folder);
  }
  return { now, later: [...later] };
}
