/**
 * What the Data view shows: outputs with their states, and on demand the files and folders inside one. A node says how the workspace
 * stands to what is recorded; an output that no commit knows yet is `added`.
 */

import { type Call } from '../../base/cancel';
import { basename, compareCodePoints, isInside } from '../../base/paths';
import { type Hash } from '../cache/cache';
import { errorCodec } from '../errors';
import { withoutSecrets } from '../git/clone';
import { type DataNode, type DataState, type DataTreeAnswer, type DataTreeArgs } from '../verbs/dataViews';
import { collectProject } from './collect';
import { type DataIndex } from './dataIndex';
import { type BrokenFile, type Measured, type Output, type ProjectFiles } from './model';
import { isCached, measureOutput, readFolder, sameContent } from './outState';
import { type Repo } from './repo';
import { commitIndex } from './states';
import { startTask, type Task } from './task';

/** The roots, or the children of a folder (path from the root). Files that cannot be loaded are named beside the roots. */
export async function dataTree(repo: Repo, args: DataTreeArgs, call: Call): Promise<DataTreeAnswer> {
  const task = startTask(repo, call);
  const files = await collectProject(repo, call);
  const { path } = args;
  if (path !== undefined) {
    const output = files.outputs.find((one) => isInside(path, one.path));
    return { nodes: output ? await children(task, output, path) : [], changed: 0, errors: [] };
  }
  const head = await commitIndex(task, 'HEAD', false);
  const nodes: DataNode[] = [];
  // What Git holds itself (`cache: false` metrics and plots) is no tracked data.
  const tracked = files.outputs.filter((output) => output.cache && !output.path.includes('://'));
  for (const output of tracked) nodes.push({ ...(await rootNode(task, output, head)), ...importOf(files, output) });
  nodes.sort((a, b) => compareCodePoints(a.path, b.path));
  const changed = nodes.filter((node) => node.state !== 'unchanged').length;
  return { nodes, changed, errors: files.broken.map(errorOf) };
}

function errorOf({ path, error }: BrokenFile): DataTreeAnswer['errors'][number] {
  const { code, data, message } = errorCodec.toWire(error);
  const line = data['line'];
  return { path, message, code, data: { ...data }, ...(typeof line === 'number' ? { line } : {}) };
}

async function rootNode(task: Task, output: Output, head: DataIndex | undefined): Promise<DataNode> {
  const cached = !output.cache || !output.recorded || (await isCached(task, output.recorded));
  const found = cached ? await measureOutput(task, output) : undefined;
  const state = cached ? rootState(output, found, head) : 'notInCache';
  const folder = output.recorded?.hash.endsWith('.dir') ?? found?.entries !== undefined;
  const changedFiles = state === 'modified' && folder ? await countChanged(task, output, found) : undefined;
  return {
    path: output.path,
    name: basename(output.path),
    kind: folder ? 'folder' : 'file',
    out: output.path,
    file: output.file,
    ...(output.file.endsWith('.dvc') ? {} : { stage: output.stage }),
    state,
    ...recordedFacts(output),
    ...(changedFiles === undefined ? {} : { changedFiles }),
    expandable: folder,
  };
}

function importOf({ dvcFiles }: ProjectFiles, output: Output): Pick<DataNode, 'imported'> {
  const dep = output.source ? undefined : dvcFiles.find(({ path }) => path === output.file)?.file.deps[0];
  if (!dep) return {};
  if (!dep.repo) return { imported: { source: withoutSecrets(dep.path) } };
  const { url, rev, revLock } = dep.repo;
  const source = `${dep.path} (${withoutSecrets(url)})`;
  return {
    imported: { source, ...(revLock === undefined ? {} : { commit: revLock }), ...(rev === undefined ? {} : { rev }) },
  };
}

function recordedFacts({ recorded }: Output): Pick<DataNode, 'size' | 'nfiles' | 'hash'> {
  if (!recorded) return {};
  const { hash, size, nfiles } = recorded;
  return { hash, ...(size === undefined ? {} : { size }), ...(nfiles === undefined ? {} : { nfiles }) };
}

function rootState(output: Output, found: Measured | undefined, head: DataIndex | undefined): DataState {
  if (!found) return 'deleted';
  if (!output.recorded) return 'modified';
  if (!sameContent(output.recorded, found)) return 'modified';
  return output.cache && head && !head.has(output.path) ? 'added' : 'unchanged';
}

async function countChanged(task: Task, output: Output, found: Measured | undefined): Promise<number | undefined> {
  const recorded = await recordedFiles(task, output);
  if (!recorded) return undefined;
  const states = fileStates(recorded, presentFiles(found));
  return [...states.values()].filter((state) => state !== 'unchanged').length;
}

async function recordedFiles(task: Task, output: Output): Promise<Map<string, Hash> | undefined> {
  if (!output.recorded?.hash.endsWith('.dir')) return new Map();
  const entries = await readFolder(task, output.recorded.hash, output.recorded.hashName);
  return entries && new Map(entries.map((entry) => [entry.relpath, entry.md5]));
}

function presentFiles(found: Measured | undefined): Map<string, Hash> {
  return new Map((found?.entries ?? []).map((entry) => [entry.relpath, entry.md5]));
}

/** State of each file by its path below the output. Without the recorded list nobody can tell. */
function fileStates(
  recorded: ReadonlyMap<string, Hash> | undefined,
  present: ReadonlyMap<string, Hash>,
): Map<string, DataState> {
  const states = new Map<string, DataState>();
  for (const [path, hash] of present) {
    const old = recorded?.get(path);
    states.set(path, !recorded ? 'unknown' : old === undefined ? 'added' : old === hash ? 'unchanged' : 'modified');
  }
  for (const path of recorded?.keys() ?? []) if (!present.has(path)) states.set(path, 'deleted');
  return states;
}

/** The nodes directly below a folder, folders first. */
async function children(task: Task, output: Output, folder: string): Promise<DataNode[]> {
  const recorded = await recordedFiles(task, output);
  const found = await measureOutput(task, output);
  const start = folder === output.path ? '' : `${folder.slice(output.path.length + 1)}/`;
  const groups = new Map<string, [string, DataState][]>();
  for (const [path, state] of fileStates(recorded, presentFiles(found))) {
    if (!path.startsWith(start)) continue;
    const rest = path.slice(start.length);
    const name = rest.includes('/') ? `${rest.slice(0, rest.indexOf('/'))}/` : rest;
    const group = groups.get(name);
    if (group) group.push([path, state]);
    else groups.set(name, [[path, state]]);
  }
  const names = [...groups.keys()].sort(
    (a, b) => Number(b.endsWith('/')) - Number(a.endsWith('/')) || compareCodePoints(a, b),
  );
  const hashName = output.recorded?.hashName ?? 'md5';
  const facts = (path: string): Pick<DataNode, 'size' | 'hash'> => {
    const hash = recorded?.get(path);
    const size = hash === undefined ? undefined : task.repo.store.size(hash, hashName);
    return { ...(hash === undefined ? {} : { hash }), ...(size === undefined ? {} : { size }) };
  };
  return names.map((name) => {
    const group = groups.get(name) ?? [];
    return name.endsWith('/')
      ? folderNode(output, start + name, group)
      : fileNode(output, start + name, { group, ...facts(start + name) });
  });
}

function common(output: Output, below: string): Pick<DataNode, 'path' | 'name' | 'out' | 'file' | 'stage'> {
  const stage = output.file.endsWith('.dvc') ? {} : { stage: output.stage };
  return { path: `${output.path}/${below}`, name: basename(below), out: output.path, file: output.file, ...stage };
}

function fileNode(
  output: Output,
  below: string,
  what: { group: [string, DataState][]; size?: number; hash?: string },
): DataNode {
  const { group, ...facts } = what;
  return { ...common(output, below), kind: 'file', state: group[0]?.[1] ?? 'unknown', ...facts, expandable: false };
}

function folderNode(output: Output, below: string, group: readonly [string, DataState][]): DataNode {
  const changedFiles = group.filter(([, state]) => state !== 'unchanged').length;
  return {
    ...common(output, below.slice(0, -1)),
    kind: 'folder',
    state: folderState(group),
    nfiles: group.length,
    ...(changedFiles > 0 ? { changedFiles } : {}),
    expandable: true,
  };
}

/** One state for all when all have it, else `modified`. */
function folderState(group: readonly [string, DataState][]): DataState {
  const first = group[0]?.[1] ?? 'unchanged';
  return group.every(([, state]) => state === first) ? first : 'modified';
}
