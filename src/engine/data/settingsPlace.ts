/**
 * Where settings lie: the four levels of DVC's configuration, each one file, read without judging what they hold and written only when the
 * whole is what DVC takes (dvc.md §2). Outside a project there are the two upper levels.
 */

import { type Call } from '../../base/cancel';
import { dirname, join, relative } from '../../base/paths';
import { withRepoLock } from '../cache/locks';
import { is, StrataError } from '../errors';
import { isFixedPath, mergeConfigs, parseConfig, type DvcConfig } from '../formats/dvcConfig';
import { checkConfig } from '../formats/dvcConfigCheck';
import { isPathKey } from '../formats/dvcConfigKeys';
import { type Host } from '../host/host';
import { type ConfigArgs } from '../verbs/settings';
import { configFiles, expandHome } from './openRepo';
import { absolute, type Repo } from './repo';

/** A level; later ones shadow earlier ones key by key. */
export type Level = 'system' | 'global' | 'project' | 'local';

/** All levels, the most general first. */
export const LEVELS: readonly Level[] = ['system', 'global', 'project', 'local'];

/** One value in the configuration. */
export interface Place {
  readonly section: string;
  readonly key: string;
}

/** What the verbs of settings work on. */
export interface Settings {
  readonly host: Host;
  /** Absolute path of the project; undefined outside of one. */
  readonly root: string | undefined;
  /** Absolute path of the folder that relative paths are given from. */
  readonly dir: string;
  /** Does something while nobody else changes the project. */
  lock<T>(act: () => Promise<T>): Promise<T>;
}

/** The settings that a project sees. */
export function settingsOf(repo: Repo, call: Call): Settings {
  const lock = async <T>(act: () => Promise<T>): Promise<T> => {
    if (!repo.trusted) throw new StrataError('data.notTrusted', { path: repo.root });
    // Whatever it holds may be what is to be corrected.
    const hardlink = /^true$/i.test(String(repo.config.get('core')?.get('hardlink_lock')?.value));
    return withRepoLock(join(repo.root, '.dvc'), { command: repo.command, hardlink, signal: call.signal }, act);
  };
  return { host: repo.host, root: repo.root, dir: absolute(repo, repo.cwd), lock };
}

/** The settings that are seen outside of a project. */
export function settingsOutside(host: Host, dir: string): Settings {
  return { host, root: undefined, dir, lock: (act) => act() };
}

/** The level that was asked for. Fails with `config.twoLevels`, and with `project.none` for one that only projects have. */
export function levelOf({ root, dir }: Pick<Settings, 'root' | 'dir'>, args: ConfigArgs): Level | undefined {
  const asked = LEVELS.filter((level) => args[level]);
  const [level, second] = asked;
  if (second !== undefined) throw new StrataError('config.twoLevels', { levels: asked.map((one) => `--${one}`) });
  if (root === undefined && (level === 'project' || level === 'local'))
    throw new StrataError('project.none', { path: dir });
  return level;
}

/** The levels to read: the one asked for, or all there are. */
export function readLevels({ root }: Settings, level: Level | undefined): readonly Level[] {
  if (level) return [level];
  return root === undefined ? ['system', 'global'] : LEVELS;
}

/** The file of a level; those of a project are asked for in projects only. */
export function fileOf({ host, root }: Pick<Settings, 'host' | 'root'>, level: Level): string {
  return configFiles(host, root ?? '/')[level];
}

/** What a level holds, unknown names included; undefined when it has no file. */
export async function readLevel(settings: Settings, level: Level): Promise<DvcConfig | undefined> {
  const path = fileOf(settings, level);
  const text = await settings.host.fs.readText(path);
  return text === undefined ? undefined : parseConfig(text, path, { anyNames: true });
}

/** Levels as one. */
export async function readMerged(settings: Settings, levels: readonly Level[]): Promise<DvcConfig> {
  const layers = await Promise.all(levels.map((level) => readLevel(settings, level)));
  return mergeConfigs(layers.filter((layer) => layer !== undefined));
}

/** The levels up to this one. */
export function levelsUpTo(level: Level): readonly Level[] {
  return LEVELS.slice(0, LEVELS.indexOf(level) + 1);
}

/** A change of one file. */
export interface Edit {
  readonly level: Level;
  /** What is set, for the words of a refusal. */
  readonly at?: Place;
  readonly value?: string;
  change(text: string, path: string): string;
}

/**
 * Changes the file of a level, unless the levels up to it would then hold what DVC refuses. Fails as the parser and the check do, and for the
 * value that is set itself with `config.unknown` {name}, `config.notBool` {name, value} or `config.badValue` {name, value, expected}; with
 * `config.needsUrl` {name} when it would take its URL from a remote.
 */
export async function editLevel(settings: Settings, edit: Edit): Promise<void> {
  const { host } = settings;
  await settings.lock(async () => {
    const path = fileOf(settings, edit.level);
    const text = (await host.fs.readText(path)) ?? '';
    const next = edit.change(text, path);
    await checkWhole(settings, edit, next);
    // Local configuration may hold secrets: for its owner's eyes only.
    if (next !== text) await host.fs.writeAtomic(path, next, edit.level === 'local' ? { mode: 0o600 } : {});
  });
}

async function checkWhole(settings: Settings, edit: Edit, next: string): Promise<void> {
  const layers: DvcConfig[] = [];
  for (const level of levelsUpTo(edit.level).slice(0, -1)) {
    const path = fileOf(settings, level);
    const text = await settings.host.fs.readText(path);
    if (text !== undefined) layers.push(parseConfig(text, path));
  }
  try {
    const whole = checkConfig(mergeConfigs([...layers, parseConfig(next, fileOf(settings, edit.level))]));
    const name = edit.at?.key === 'url' ? /^remote\.(.*)$/.exec(edit.at.section)?.[1] : undefined;
    if (name !== undefined && !whole.get(`remote.${name}`)?.has('url'))
      throw new StrataError('config.needsUrl', { name });
  } catch (error) {
    throw inOwnWords(error, edit);
  }
}

const OWN_WORDS: Readonly<Record<string, string>> = {
  'formats.configUnknown': 'config.unknown',
  'formats.configBool': 'config.notBool',
  'formats.configValue': 'config.badValue',
  'formats.configScheme': 'config.badScheme',
};

/** A refusal of what is just being set names no line: it is nowhere yet. */
function inOwnWords(error: unknown, { at, value }: Edit): unknown {
  if (!is(error) || !at || value === undefined) return error;
  const name = `${at.section}.${at.key}`;
  const code = OWN_WORDS[error.code];
  const isOwn = [name, at.section, at.section.slice('remote.'.length)].includes(String(error.data.name));
  const { expected } = error.data;
  return code && isOwn ? new StrataError(code, { name, value, ...(expected ? { expected } : {}) }) : error;
}

/** A value as it is written: a relative path starts at the configuration file's folder instead of the current one. */
export function written(settings: Settings, level: Level, { section, key }: Place, value: string): string {
  if (!isPathKey(section, key) || isFixedPath(value)) return value;
  return relative(dirname(fileOf(settings, level)), join(settings.dir, value));
}

/** A value as it is shown, in DVC's words: a path from the root of the machine, a list as Python writes it. */
export function shown(
  host: Host,
  at: Place,
  found: { readonly value: string | readonly string[]; path: string },
): string {
  const { value, path } = found;
  if (typeof value !== 'string') return `[${value.map((item) => `'${item}'`).join(', ')}]`;
  if (!isPathKey(at.section, at.key)) return value;
  const home = expandHome(host, value);
  return isFixedPath(home) ? home : join(dirname(path), home);
}
