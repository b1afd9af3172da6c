/**
 * Another repository at one commit: a project on this machine, a Git repository on this machine, or a copy of one elsewhere. Commits are read
 * through Git's objects; nothing is checked out and nothing is written there.
 */

import { type Call } from '../../../base/cancel';
import { dirname, join } from '../../../base/paths';
import { StrataError } from '../../errors';
import { configPath, mergeConfigs, parseConfig, type DvcConfig } from '../../formats/dvcConfig';
import { checkConfig } from '../../formats/dvcConfigCheck';
import { type RepoSource } from '../../formats/dvcFile';
import { cloneRepository, remoteCommit, withoutSecrets } from '../../git/clone';
import { type Git } from '../../git/git';
import { openGit } from '../../git/openGit';
import { type Host } from '../../host/host';
import { configFiles, expandHome, findRoot, readConfig } from '../openRepo';
import { withOverrides } from './overrides';

/** What an address is understood from. */
export interface Near {
  readonly host: Host;
  readonly call: Call;
  /** Absolute folders that a relative address starts from; the first in which it exists counts. */
  readonly bases: readonly string[];
  /** Absolute folder that may hold copies for a while. */
  readonly scratch: string;
  /** True for addresses that a repository elsewhere names: folders of this machine are none of its business. */
  readonly elsewhere?: boolean;
}

/** How one project of another repository keeps its data. */
export interface Keeping {
  readonly config: DvcConfig;
  /** Absolute path of its cache, when it lies on this machine. */
  readonly cache?: string;
}

/** A repository at a commit. */
export interface OtherRepo {
  /** As it was given, without secrets. */
  readonly url: string;
  /** Opened at the repository's top. */
  readonly git: Git;
  /** The project's root below the top; empty when it is the top. */
  readonly prefix: string;
  /** Full id of the commit. */
  readonly commit: string;
  /** True for a copy of a repository elsewhere. */
  readonly elsewhere: boolean;
  /** How the project at a folder below the top (empty: the top) keeps its data. */
  keeping(project: string): Promise<Keeping>;
  /** Ends Git and removes the copy. */
  close(): Promise<void>;
}

/**
 * Opens a repository at `rev`, or at its default branch. Fails with `git.badUrl`, `git.unreachable`, `git.unknownRevision`, `import.noRepo` {url},
 * and `import.onThisMachine` {url} for a folder that a repository elsewhere names.
 */
export async function openOther(near: Near, source: RepoSource, rev: string | undefined): Promise<OtherRepo> {
  const folder = await localFolder(near, source.url);
  const found = folder === undefined ? undefined : await openTop(near.host, folder);
  if (found) {
    const commit = await need(found.git, [rev ?? 'HEAD']);
    return openAt(near, source, { ...found, commit, elsewhere: false });
  }
  if (folder !== undefined && !(await near.host.fs.stat(join(folder, 'objects'))))
    throw new StrataError('import.noRepo', { url: source.url });
  return openCopy(near, source, { url: folder ?? source.url, rev });
}

/**
 * The commit that a source stands at now, asked for as cheaply as possible: without a copy where `rev` is a branch or tag. Undefined when that
 * cannot be told without one.
 */
export async function currentCommit(near: Near, source: RepoSource): Promise<string | undefined> {
  const folder = await localFolder(near, source.url);
  const found = folder === undefined ? undefined : await openTop(near.host, folder);
  const { rev } = source;
  if (!found) {
    const origin = { url: folder ?? source.url, workspace: near.scratch, ...(rev === undefined ? {} : { rev }) };
    return remoteCommit(origin, near.call);
  }
  try {
    return await need(found.git, [rev ?? 'HEAD']);
  } finally {
    found.git.close();
  }
}

/** The absolute folder of an address on this machine. */
async function localFolder(near: Near, url: string): Promise<string | undefined> {
  if (/^[\w+.-]*:/.test(url) && !/^[a-zA-Z]:[\\/]/.test(url)) return undefined;
  for (const base of near.bases) {
    const folder = join(base, expandHome(near.host, url));
    if ((await near.host.fs.stat(folder))?.kind !== 'folder') continue;
    if (near.elsewhere) throw new StrataError('import.onThisMachine', { url });
    return near.host.fs.realpath(folder);
  }
  if (url.startsWith('/') || url.startsWith('.') || !url.includes(':')) throw new StrataError('import.noRepo', { url });
  return undefined;
}

/** Git at the top of the repository that a folder is the top of, or a project in; undefined when it is neither. */
async function openTop(host: Host, folder: string): Promise<Pick<OtherRepo, 'git' | 'prefix'> | undefined> {
  const around = await openGit(folder);
  if (!around) return undefined;
  around.close();
  const { top } = around;
  const root = (await findRoot(host, folder)) ?? '';
  const prefix = root.startsWith(`${top}/`) ? root.slice(top.length + 1) : '';
  if (prefix === '' && root !== top && folder !== top) return undefined;
  const git = await openGit(top);
  return git && { git, prefix };
}

async function need(git: Git, names: readonly string[]): Promise<string> {
  for (const name of names) {
    const commit = await git.resolve(name);
    if (commit !== undefined) return commit;
  }
  git.close();
  throw new StrataError('git.unknownRevision', { rev: names[0] ?? '' });
}

async function openCopy(
  near: Near,
  source: RepoSource,
  { url, rev }: { readonly url: string; readonly rev: string | undefined },
): Promise<OtherRepo> {
  const { host, call, scratch } = near;
  const into = join(scratch, `clone-${host.randomHex(8)}`);
  await host.fs.mkdir(scratch);
  await sweep(host, scratch);
  await cloneRepository({ url, workspace: scratch, ...(rev === undefined ? {} : { rev }) }, into, call);
  const remove = (): Promise<void> => host.fs.remove(into);
  try {
    const git = await openGit(into);
    if (!git) throw new StrataError('import.noRepo', { url: withoutSecrets(url) });
    const commit = await need(git, rev === undefined ? ['HEAD'] : [rev, `origin/${rev}`]);
    return openAt(near, source, { git, prefix: '', commit, elsewhere: true }, remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Copies that a killed process left behind go after a day. */
async function sweep(host: Host, scratch: string): Promise<void> {
  const { fs } = host;
  for (const { name } of (await fs.readdir(scratch)) ?? []) {
    const stat = name.startsWith('clone-') ? await fs.lstat(join(scratch, name)) : undefined;
    if (stat && host.now() - stat.mtimeMs > 24 * 3_600_000) await fs.remove(join(scratch, name));
  }
}

function openAt(
  near: Near,
  source: RepoSource,
  at: Pick<OtherRepo, 'git' | 'prefix' | 'commit' | 'elsewhere'>,
  remove?: () => Promise<void>,
): OtherRepo {
  const { git } = at;
  const known = new Map<string, Promise<Keeping>>();
  const keeping = (project: string): Promise<Keeping> => {
    const found = known.get(project) ?? readKeeping(near, source, at, project);
    known.set(project, found);
    return found;
  };
  const close = async (): Promise<void> => {
    git.close();
    await remove?.();
  };
  return { url: withoutSecrets(source.url), ...at, keeping, close };
}

/** Settings of a project: those of its folder on this machine, local ones among them; of a copy those of the commit. */
async function readKeeping(
  near: Near,
  source: RepoSource,
  { git, commit, elsewhere }: Pick<OtherRepo, 'git' | 'commit' | 'elsewhere'>,
  project: string,
): Promise<Keeping> {
  const { host } = near;
  const root = join(git.top, project);
  if (!elsewhere) {
    const config = await withOverrides(await readConfig(host, root), source, near);
    const dir = configPath(config, 'cache', 'dir');
    return { config, cache: dir === undefined ? join(root, '.dvc', 'cache') : expandHome(host, dir) };
  }
  const layers: DvcConfig[] = [];
  const files = configFiles(host, root);
  for (const path of [files.system, files.global]) {
    const text = await host.fs.readText(path);
    if (text !== undefined) layers.push(parseConfig(text, path));
  }
  const bytes = await git.readFile(commit, join(project, '.dvc/config'));
  if (bytes) layers.push(parseConfig(new TextDecoder().decode(bytes), files.project));
  return { config: checkConfig(await withOverrides(mergeConfigs(layers), source, near)) };
}

/** Where the addresses of a repository's own imports start. */
export function nearOf(near: Near, other: OtherRepo, file: string): Near {
  const top = other.git.top;
  return { ...near, bases: [join(top, other.prefix), join(top, dirname(file))], elsewhere: other.elsewhere };
}
