/**
 * Finds what a project tracks: every `.dvc` file and dvc.yaml, in the workspace or at a commit. The walk does not enter folders that
 * `.dvcignore` or Git ignore, other projects, links, and outputs (dvc.md §9). Files that cannot be loaded are told apart, never half used.
 */

import { pacer, type Call } from '../../base/cancel';
import { basename, compareCodePoints, dirname, join } from '../../base/paths';
import { type Git } from '../git/git';
import { is, StrataError } from '../errors';
import { type FileEntry } from '../host/host';
import { parseDvcFile } from '../formats/dvcFile';
import { parseDvcLock, type DvcLock } from '../formats/dvcLock';
import { openIgnores, type Ignores } from './ignore';
import { type BrokenFile, type DvcFileEntry, type PipelineEntry, type ProjectFiles, type StageData } from './model';
import { dvcFileStage, pipelineStages } from './outputs';
import { fromGitPath, gitPath } from './paths';
import { absolute, type Repo } from './repo';
import { type ReadText } from './templating/contextFiles';
import { argsStyle, loadYaml, type YamlPlace } from './templating/resolveYaml';
import { startTask, type Task } from './task';

/** Reads a dvc.lock. A file that was cut off or edited by hand fails with `formats.lock`: unlike a dvc.yaml, nobody repairs it by hand. */
function readLock(text: string, path: string): DvcLock {
  try {
    return parseDvcLock(text, path);
  } catch (error) {
    const isDamage = is(error) && typeof error.data['line'] === 'number' && !KEPT.has(error.code);
    throw isDamage ? new StrataError('formats.lock', error.data, { cause: error }) : error;
  }
}

/** What a dvc.lock can say for itself. */
const KEPT: ReadonlySet<string> = new Set(['formats.conflict', 'formats.schemaVersion']);

/** True for names of files that declare stages or outputs. */
export function isProjectFile(path: string): boolean {
  const name = basename(path);
  return name === 'dvc.yaml' || (name.endsWith('.dvc') && name !== '.dvc');
}

/** Collects the workspace. */
export async function collectProject(repo: Repo, call: Call): Promise<ProjectFiles> {
  const task = startTask(repo, call);
  const found = new Collector(workspacePlace(repo), (path) => repo.host.fs.readText(absolute(repo, path)));
  const walk = new Walk(task, found, await openGitIgnores(repo));
  await walk.folder('.');
  return found.result();
}

/** Where templates of the workspace find files; what is no plain file, a pipe for instance, is taken for a folder. */
export function workspacePlace(repo: Repo): YamlPlace {
  const { fs } = repo.host;
  const readText = async (path: string): Promise<string | undefined> => {
    const at = absolute(repo, path);
    const stat = await fs.stat(at);
    if (stat && stat.kind !== 'file') throw new StrataError('fs.isFolder', { path: at });
    return stat && fs.readText(at);
  };
  return { root: repo.root, readText, style: argsStyle(repo.config) };
}

/** A project of which a commit is read; of another repository only the place is known. */
type CommitRepo = Pick<Repo, 'root'> & Partial<Pick<Repo, 'config'>>;

/** Collects a commit; a commit without a project tracks nothing. */
export async function collectCommit(repo: CommitRepo, git: Git, sha: string, call: Call): Promise<ProjectFiles> {
  const pace = pacer(call.signal);
  const found = commitCollector(repo, git, sha);
  for (const entry of await git.listFiles(sha, git.prefix)) {
    const path = fromGitPath(git, entry.path);
    if (entry.kind !== 'blob' || path === undefined || !isProjectFile(path)) continue;
    await found.load(path);
    await pace();
  }
  return found.result();
}

/** Collects only these files of a commit, those that are there. */
export async function collectFrom(repo: Repo, git: Git, sha: string, paths: readonly string[]): Promise<ProjectFiles> {
  const found = commitCollector(repo, git, sha);
  for (const path of paths) {
    if ((await git.readFile(sha, gitPath(git, path))) !== undefined) await found.load(path);
  }
  return found.result();
}

function commitCollector(repo: CommitRepo, git: Git, sha: string): Collector {
  const decoder = new TextDecoder();
  const readText: ReadText = async (path) => {
    const bytes = path.startsWith('/') ? undefined : await git.readFile(sha, gitPath(git, path));
    return bytes && decoder.decode(bytes);
  };
  const style = repo.config ? argsStyle(repo.config) : {};
  return new Collector({ root: repo.root, readText, style }, readText);
}

/** Loads files one by one and keeps what they declare. */
class Collector {
  private readonly dvcFiles: DvcFileEntry[] = [];
  private readonly pipelines: PipelineEntry[] = [];
  private readonly stages: StageData[] = [];
  private readonly broken: BrokenFile[] = [];

  constructor(
    private readonly place: YamlPlace,
    private readonly read: ReadText,
  ) {}

  /** Loads one file; answers the paths of its outputs. */
  async load(path: string): Promise<string[]> {
    try {
      const stages = basename(path) === 'dvc.yaml' ? await this.loadPipeline(path) : await this.loadDvcFile(path);
      this.stages.push(...stages);
      return stages.flatMap((stage) => stage.outs.map((out) => out.path));
    } catch (error) {
      this.broken.push({ path, error });
      return [];
    }
  }

  private async loadDvcFile(path: string): Promise<StageData[]> {
    const text = (await this.read(path)) ?? '';
    const entry = { path, text, file: parseDvcFile(text, path) };
    this.dvcFiles.push(entry);
    return [dvcFileStage(this.place.root, entry)];
  }

  private async loadPipeline(path: string): Promise<StageData[]> {
    const text = (await this.read(path)) ?? '';
    const loaded = await loadYaml(text, path, this.place);
    const lockPath = join(dirname(path), 'dvc.lock');
    const lockText = await this.read(lockPath);
    const lock = lockText === undefined ? {} : { lock: readLock(lockText, lockPath) };
    const entry = { path, text, ...loaded, ...lock };
    this.pipelines.push(entry);
    return pipelineStages(this.place.root, entry);
  }

  result(): ProjectFiles {
    const { dvcFiles, pipelines, stages, broken } = this;
    return { dvcFiles, pipelines, stages, outputs: stages.flatMap((stage) => stage.outs), broken };
  }
}

/** The walk through the workspace. */
class Walk {
  private readonly outs = new Set<string>();
  private readonly pace;

  constructor(
    private readonly task: Task,
    private readonly found: Collector,
    private readonly git: GitIgnores | undefined,
  ) {
    this.pace = pacer(task.call.signal);
  }

  async folder(folder: string): Promise<void> {
    await this.pace();
    const { repo, ignores } = this.task;
    const entries = (await repo.host.fs.readdir(absolute(repo, folder))) ?? [];
    if (folder !== '.' && entries.some((entry) => entry.name === '.dvc' && entry.kind === 'folder')) return;
    await ignores.enter(folder, entries);
    await this.git?.enter(folder, entries);
    entries.sort((a, b) => compareCodePoints(a.name, b.name));
    for (const entry of entries.filter((one) => one.kind !== 'folder' && isProjectFile(one.name))) {
      const path = join(folder, entry.name);
      if (this.isIgnored(path, false)) continue;
      for (const out of await this.found.load(path)) this.outs.add(out);
    }
    for (const entry of entries.filter((one) => one.kind === 'folder')) {
      const path = join(folder, entry.name);
      if (!this.outs.has(path) && !this.isIgnored(path, true)) await this.folder(path);
    }
  }

  private isIgnored(path: string, isFolder: boolean): boolean {
    return this.task.ignores.ignored(path, isFolder) || (this.git?.ignored(path, isFolder) ?? false);
  }
}

/** `.gitignore` rules for paths from the project's root, wherever Git's top folder is. */
interface GitIgnores {
  enter(folder: string, entries: readonly FileEntry[]): Promise<void>;
  ignored(path: string, isFolder: boolean): boolean;
}

/** Reads Git's rules without Git, so that untrusted workspaces are walked alike; undefined outside Git. */
async function openGitIgnores(repo: Repo): Promise<GitIgnores | undefined> {
  const { fs } = repo.host;
  const top = await gitTop(repo);
  if (top === undefined) return undefined;
  const exclude = await fs.readText(`${top}/.git/info/exclude`);
  const ignores: Ignores = openIgnores(
    fs,
    top,
    '.gitignore',
    exclude === undefined ? [] : [{ dir: '.', text: exclude }],
  );
  const prefix = repo.root === top ? '' : repo.root.slice(top.length + 1);
  const inGit = (path: string): string => (prefix === '' ? path : path === '.' ? prefix : `${prefix}/${path}`);
  if (prefix !== '') await ignores.enterAll(dirname(prefix));
  return {
    enter: (folder, entries) => ignores.enter(inGit(folder), entries),
    ignored: (path, isFolder) => ignores.ignored(inGit(path), isFolder),
  };
}

async function gitTop(repo: Repo): Promise<string | undefined> {
  if (repo.git) return repo.git.top;
  for (let folder = repo.root; ; folder = dirname(folder)) {
    if (await repo.host.fs.lstat(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
