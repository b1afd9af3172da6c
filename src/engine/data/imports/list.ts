/**
 * `list`: what a repository holds, files of Git and data of DVC alike, in DVC's shape (formats §19 and the command's `--json`). Without a revision a
 * project on this machine is shown as it lies there; any other repository, and any revision, from its commits.
 */

import { pacer, type Call } from '../../../base/cancel';
import { basename, compareCodePoints, dirname, isInside, join, relative } from '../../../base/paths';
import { StrataError } from '../../errors';
import { type Host } from '../../host/host';
import { type ListAnswer, type ListArgs } from '../../verbs/imports';
import { collectProject } from '../collect';
import { type Output } from '../model';
import { findRoot, openRepo } from '../openRepo';
import { type Repo } from '../repo';
import { startTask, type Task } from '../task';
import { sourceOf } from './importRepo';
import { readList, type Keeper } from './keepers';
import { OtherFiles } from './otherFiles';
import { temporaryFolder, withScratch, type Place } from './scratch';

/** A file or folder by its path from the top; `own` is what lies there itself, `data` what DVC tracks under that name. */
interface Node {
  own?: { readonly folder: boolean; readonly size: number | undefined; readonly isexec: boolean };
  data?: { readonly folder: boolean; readonly size?: number; readonly md5?: string; readonly isout: boolean };
}

type Nodes = Map<string, Node>;

/** What is listed, and the folder that names are shown from. */
interface Listed {
  readonly nodes: Nodes;
  /** The path asked for, from the top. */
  readonly at: string;
  /** Names are relative to this folder. */
  readonly from: string;
}

/** Lists. Fails with `import.noPath` {path, url, rev}, and as opening a repository does. */
export async function list(place: Place, args: ListArgs, call: Call): Promise<ListAnswer> {
  const [url = '', path] = args.targets;
  const folder = join(place.dir, url);
  const root = args.rev === undefined ? await localRoot(place.host, folder) : undefined;
  const listed =
    root === undefined ? await listCommit(place, args, call) : await listWorkspace(place, root, args, call);
  const known = listed.at === '.' || listed.nodes.has(listed.at);
  if (!known) throw new StrataError('import.noPath', { path: path ?? '.', url, rev: args.rev ?? 'workspace' });
  return chosen(listed, path, args);
}

async function localRoot(host: Host, folder: string): Promise<string | undefined> {
  return (await host.fs.stat(folder))?.kind === 'folder' ? findRoot(host, folder) : undefined;
}

/** The entries that the options ask for, by name. */
function chosen({ nodes, at, from }: Listed, path: string | undefined, args: ListArgs): ListAnswer {
  const dvcOnly = args.dvcOnly === true;
  const deep = args.recursive === true || args.tree === true;
  const deepest = deep ? (args.level ?? Number.POSITIVE_INFINITY) : 1;
  const self = nodes.get(at);
  if (self && (!isFolder(self) || (deep && deepest === 0))) return [entryOf(basename(path ?? '.'), self, dvcOnly)];
  const isShown = (name: string, node: Node): boolean => {
    if (name === at || !isInside(name, at) || (dvcOnly && !node.data)) return false;
    const depth = (at === '.' ? name : name.slice(at.length + 1)).split('/').length;
    // Folders stand for what is in them only where that is too deep to be shown.
    return depth <= deepest && (!isFolder(node) || args.tree === true || depth === deepest);
  };
  const shown = [...nodes].filter(([name, node]) => isShown(name, node));
  return shown
    .map(([name, node]) => entryOf(relative(from, name), node, dvcOnly))
    .sort((a, b) => compareCodePoints(a.path, b.path));
}

function isFolder({ own, data }: Node): boolean {
  return own?.folder ?? data?.folder ?? false;
}

function entryOf(path: string, node: Node, dvcOnly: boolean): ListAnswer[number] {
  const own = dvcOnly ? undefined : node.own;
  const data = node.data?.folder === isFolder(node) ? node.data : undefined;
  return {
    isout: data?.isout === true,
    isdir: isFolder(node),
    isexec: own?.isexec === true,
    size: (own ? own.size : data?.size) ?? null,
    md5: data?.md5 ?? null,
    path,
  };
}

function nodeAt(nodes: Nodes, path: string): Node {
  const node = nodes.get(path) ?? {};
  nodes.set(path, node);
  return node;
}

/** Adds an output, the files its list names, and the folders it lies in. */
async function addOutput(task: Task, nodes: Nodes, output: Output, keeper: Keeper): Promise<void> {
  const { recorded, path } = output;
  const folder = recorded?.hash.endsWith('.dir') === true;
  const facts = {
    ...(recorded?.size === undefined ? {} : { size: recorded.size }),
    ...(recorded ? { md5: recorded.hash } : {}),
  };
  nodeAt(nodes, path).data = { folder, ...facts, isout: true };
  for (let at = dirname(path); at !== '.'; at = dirname(at)) nodeAt(nodes, at).data ??= { folder: true, isout: false };
  if (!folder || !recorded) return;
  for (const { relpath, md5 } of (await readList(task, keeper, recorded)) ?? []) {
    nodeAt(nodes, `${path}/${relpath}`).data = { folder: false, md5, isout: true };
    for (let at = dirname(relpath); at !== '.'; at = dirname(at))
      nodeAt(nodes, `${path}/${at}`).data ??= { folder: true, isout: true };
  }
}

async function listWorkspace(place: Place, root: string, args: ListArgs, call: Call): Promise<Listed> {
  const { host, dir } = place;
  // Nothing is written there, not even an index: the same as in a workspace that nobody trusts.
  const repo = await openRepo({ root, cwd: '.', host, trusted: false, command: 'strata list' });
  try {
    const task = startTask(repo, call);
    const nodes: Nodes = new Map();
    await walk(task, '.', nodes);
    const settings = { config: repo.config, cache: repo.store.dir };
    for (const output of (await collectProject(repo, call)).outputs) {
      if (!output.cache || output.path.startsWith('/') || output.path.includes('://')) continue;
      const remote = output.remote === undefined ? {} : { remote: output.remote };
      await addOutput(task, nodes, output, { url: root, path: output.path, settings, ...remote });
    }
    const cwd = isInside(dir, root) && dir !== root ? dir.slice(root.length + 1) : '.';
    const [, path] = args.targets;
    // As DVC shows them: without a path the whole project, its names seen from the folder of the call.
    return { nodes, at: path === undefined ? '.' : join(cwd, path), from: path === undefined ? cwd : join(cwd, path) };
  } finally {
    await repo.store.close();
  }
}

async function walk(task: Task, folder: string, nodes: Nodes): Promise<void> {
  const { fs } = task.repo.host;
  const pace = pacer(task.call.signal);
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    await pace();
    const entries = (await fs.readdir(join(task.repo.root, at))) ?? [];
    await task.ignores.enter(at, entries);
    for (const entry of entries) {
      const path = join(at, entry.name);
      if (task.ignores.ignored(path, entry.kind === 'folder')) continue;
      if (entry.kind === 'folder' && (await isProject(task.repo, path))) continue;
      const stat = (await fs.stat(join(task.repo.root, path))) ?? (await fs.lstat(join(task.repo.root, path)));
      if (!stat) continue;
      const isFile = stat.kind === 'file';
      nodeAt(nodes, path).own = {
        folder: stat.kind === 'folder',
        size: stat.size,
        isexec: isFile && (stat.mode & 0o111) !== 0,
      };
      if (entry.kind === 'folder') open.push(path);
    }
  }
}

async function isProject({ host, root }: Repo, path: string): Promise<boolean> {
  return (await host.fs.stat(join(root, path, '.dvc')))?.kind === 'folder';
}

async function listCommit(place: Place, args: ListArgs, call: Call): Promise<Listed> {
  const { host, dir } = place;
  const [url = '', path = ''] = args.targets;
  return withScratch(host, temporaryFolder(host), { config: new Map(), call }, async ({ task, folder }) => {
    const near = { host, call, bases: [dir], scratch: folder };
    const dep = { path, hashName: 'md5', extra: new Map(), repo: sourceOf(url, args) } as const;
    const files = await OtherFiles.open(task, near, { dep, rev: args.rev });
    try {
      const nodes: Nodes = new Map();
      const at = files.at(path);
      await files.each(async ({ path: name, isexec, size }) => {
        nodeAt(nodes, name).own = { folder: false, size: await size(), isexec };
        for (let up = dirname(name); up !== '.' && !nodes.get(up)?.own; up = dirname(up))
          nodeAt(nodes, up).own = { folder: true, size: await files.sizeOf(up), isexec: false };
      });
      for (const { output, keeper } of await files.kept()) await addOutput(task, nodes, output, keeper);
      return { nodes, at, from: at };
    } finally {
      await files.close();
    }
  });
}
