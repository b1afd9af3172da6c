/** Opens a project: finds its root, merges its configuration, and joins store and Git (dvc.md §1, §2). */

import { dirname, join } from '../../base/paths';
import { openStore } from '../cache/openStore';
import { openGit } from '../git/openGit';
import { is } from '../errors';
import { configBool, configPath, configText, mergeConfigs, parseConfig, type DvcConfig } from '../formats/dvcConfig';
import { checkConfig } from '../formats/dvcConfigCheck';
import { type Host } from '../host/host';
import { type Repo } from './repo';
import { linkTypes } from './saveOutput';

/** What a project is opened with. */
export interface OpenOptions {
  /** Absolute path of the folder that holds `.dvc`. */
  readonly root: string;
  /** Folder below `root` that paths of arguments and answers are relative to. */
  readonly cwd: string;
  readonly host: Host;
  /** False in untrusted workspaces: no Git, no process, nothing written. */
  readonly trusted: boolean;
  /** What locks and messages call this process. */
  readonly command: string;
  /** Opens with settings that DVC would refuse, as if they were not there. */
  readonly repair?: boolean;
}

/** The nearest folder upwards from the absolute `dir` that holds `.dvc/`, or undefined. */
export async function findRoot(host: Pick<Host, 'fs'>, dir: string): Promise<string | undefined> {
  for (let folder = dir; ; folder = dirname(folder)) {
    if ((await host.fs.stat(join(folder, '.dvc')))?.kind === 'folder') return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Opens a project. Nothing is started or written before it is needed. Fails with `formats.config…` on a broken configuration. */
export async function openRepo(options: OpenOptions): Promise<Repo> {
  const { root, cwd, host, trusted, command } = options;
  const config = options.repair ? await configToRepair(host, root) : await readConfig(host, root);
  const dvc = join(root, '.dvc');
  const store = openStore({
    host,
    dir: cacheDir(config, host, root),
    tmpDir: join(dvc, 'tmp'),
    indexDir: join(dvc, 'tmp', 'strata', 'index'),
    linkTypes: linkTypes(config),
    shared: configText(config, 'cache', 'shared') === 'group',
    readOnly: !trusted,
  });
  const git = trusted && !configBool(config, 'core', 'no_scm', false) ? await openGit(root) : undefined;
  return { root, host, config, store, cwd, git, trusted, command };
}

/** Layers of configuration: where each file lies, whether or not it is there. */
export function configFiles(
  host: Host,
  root: string,
): Readonly<Record<'system' | 'global' | 'project' | 'local', string>> {
  const { env } = host;
  const home = env.HOME ?? env.USERPROFILE ?? '/';
  return {
    system: join(env.DVC_SYSTEM_CONFIG_DIR ?? '/etc/xdg/dvc', 'config'),
    global: join(env.DVC_GLOBAL_CONFIG_DIR ?? join(env.XDG_CONFIG_HOME ?? join(home, '.config'), 'dvc'), 'config'),
    project: join(root, '.dvc', 'config'),
    local: join(root, '.dvc', 'config.local'),
  };
}

/** The merged configuration of a project. Fails with `formats.config…` on what DVC would refuse too. */
export async function readConfig(host: Host, root: string): Promise<DvcConfig> {
  const layers: DvcConfig[] = [];
  for (const path of Object.values(configFiles(host, root))) {
    const text = await host.fs.readText(path);
    if (text !== undefined) layers.push(parseConfig(text, path));
  }
  return checkConfig(mergeConfigs(layers));
}

/** The same, empty where it is refused: `config` reads the files themselves. */
async function configToRepair(host: Host, root: string): Promise<DvcConfig> {
  try {
    return await readConfig(host, root);
  } catch (error) {
    if (is(error) && error.code.startsWith('formats.config')) return new Map();
    throw error;
  }
}

/** `~` and `~/x` in the user's home. */
export function expandHome(host: Host, path: string): string {
  const home = host.env.HOME ?? host.env.USERPROFILE;
  return home !== undefined && (path === '~' || path.startsWith('~/')) ? home + path.slice(1) : path;
}

function cacheDir(config: DvcConfig, host: Host, root: string): string {
  const configured = configPath(config, 'cache', 'dir');
  return configured === undefined ? join(root, '.dvc', 'cache') : expandHome(host, configured);
}
