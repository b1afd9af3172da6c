/** `config` and `remote …`: reads and edits DVC's configuration files, comments kept (dvc.md §2). */

import { type Call } from '../../base/cancel';
import { dirname, join, relative } from '../../base/paths';
import { StrataError } from '../errors';
import { configPath, isFixedPath, mergeConfigs, parseConfig, remoteNames, type DvcConfig } from '../formats/dvcConfig';
import { removeConfigSection, setConfigValue, unsetConfigValue } from '../formats/dvcConfigEdit';
import { type ConfigArgs, type LinesAnswer, type RemoteArgs } from '../verbs/settings';
import { configFiles } from './openRepo';
import { type Repo } from './repo';
import { startTask } from './task';
import { whileLocked } from './writing';

type Level = 'system' | 'global' | 'project' | 'local';
const LEVELS: readonly Level[] = ['system', 'global', 'project', 'local'];
const DONE: LinesAnswer = { lines: [] };

/** Keys whose values are paths, written relative to the configuration file. */
const PATH_KEYS = new Set(
  'url dir keyfile credentialpath configpath cert_path key_path gdrive_user_credentials_file'.split(' '),
);
const BOOL_KEYS = new Set(
  'autostage no_scm hardlink_lock analytics check_update slow_link_warning verify version_aware worktree use_ssl'.split(
    ' ',
  ),
);

/** `config`: lists, reads, sets or unsets. Fails with `config.notSet` {name}, `config.badName`, and as the parser does on unknown keys. */
export async function config(repo: Repo, args: ConfigArgs, call: Call): Promise<LinesAnswer> {
  const level = levelOf(args);
  if (args.list) return { lines: await listLines(repo, level) };
  const [name, value] = args.targets;
  if (name === undefined) throw new StrataError('config.badName', { name: '' });
  const at = place(name);
  if (value === undefined && !args.unset) return { lines: [await readOne(repo, at, level, name)] };
  await edit(repo, level ?? 'project', call, (text, path) => {
    if (value !== undefined) return setConfigValue(text, path, at, written(repo, path, at.key, value));
    if (!parseConfig(text, path).get(at.section)?.has(at.key)) throw new StrataError('config.notSet', { name });
    return unsetConfigValue(text, path, at);
  });
  return DONE;
}

/** `remote add NAME URL`. Fails with `config.remoteExists` unless forced. */
export async function remoteAdd(repo: Repo, args: RemoteArgs, call: Call): Promise<LinesAnswer> {
  const name = remoteArgument(args);
  const section = `remote.${name}`;
  await edit(repo, levelOf(args) ?? 'project', call, (text, path) => {
    const there = parseConfig(text, path).has(section);
    if (there && !args.force) throw new StrataError('config.remoteExists', { name });
    const base = there ? removeConfigSection(text, path, section) : text;
    const url = written(repo, path, 'url', args.targets[1] ?? '');
    const added = setConfigValue(base, path, { section, key: 'url' }, url);
    return args.default ? setConfigValue(added, path, { section: 'core', key: 'remote' }, name) : added;
  });
  return DONE;
}

/** `remote list`: name, URL and which is the default, in DVC's columns. */
export async function remoteList(repo: Repo, args: RemoteArgs, _call: Call): Promise<LinesAnswer> {
  const merged = await readMerged(repo, levelOf(args));
  const main = plain(merged, 'core', 'remote')?.toLowerCase();
  const rows = remoteNames(merged).map((name) => {
    const cells = [name, configPath(merged, `remote.${name}`, 'url') ?? ''];
    return expandTabs([...cells, ...(name === main ? ['(default)'] : [])]);
  });
  return { lines: rows };
}

/** Cells joined as a terminal shows tabs: each starts at the next multiple of eight. */
function expandTabs(cells: readonly string[]): string {
  return cells.reduce(
    (line, cell) => (line === '' ? cell : line.padEnd(line.length + 8 - (line.length % 8)) + cell),
    '',
  );
}

/** `remote modify NAME OPTION [VALUE]`. Fails with `remotes.unknown`. */
export async function remoteModify(repo: Repo, args: RemoteArgs, call: Call): Promise<LinesAnswer> {
  const name = remoteArgument(args);
  const [, option = '', value] = args.targets;
  const at = { section: `remote.${name}`, key: option.toLowerCase() };
  if (!(await readMerged(repo, undefined)).has(at.section)) throw new StrataError('remotes.unknown', { name });
  if (value === undefined && !args.unset) throw new StrataError('config.noValue', { name: option });
  await edit(repo, levelOf(args) ?? 'project', call, (text, path) =>
    args.unset || value === undefined
      ? unsetConfigValue(text, path, at)
      : setConfigValue(text, path, at, written(repo, path, at.key, value)),
  );
  return DONE;
}

/** `remote default [NAME]`: shows, sets or unsets. Fails with `remotes.none`, `remotes.unknown`. */
export async function remoteDefault(repo: Repo, args: RemoteArgs, call: Call): Promise<LinesAnswer> {
  const level = levelOf(args);
  const at = { section: 'core', key: 'remote' };
  if (args.targets[0] === undefined && !args.unset) {
    const now = plain(await readMerged(repo, level), 'core', 'remote');
    if (now === undefined) throw new StrataError('remotes.none', {});
    return { lines: [now] };
  }
  const name = args.targets[0] === undefined ? '' : remoteArgument(args);
  if (!args.unset && !(await readMerged(repo, undefined)).has(`remote.${name}`))
    throw new StrataError('remotes.unknown', { name });
  await edit(repo, level ?? 'project', call, (text, path) =>
    args.unset ? unsetConfigValue(text, path, at) : setConfigValue(text, path, at, name),
  );
  return DONE;
}

/** `remote remove NAME`, and the default that points to it from this level or a closer one. Fails with `remotes.unknown`. */
export async function remoteRemove(repo: Repo, args: RemoteArgs, call: Call): Promise<LinesAnswer> {
  const name = remoteArgument(args);
  const level = levelOf(args) ?? 'project';
  await edit(repo, level, call, (text, path) => {
    if (!parseConfig(text, path).has(`remote.${name}`)) throw new StrataError('remotes.unknown', { name });
    return removeConfigSection(text, path, `remote.${name}`);
  });
  const files = configFiles(repo.host, repo.root);
  for (const one of LEVELS.slice(LEVELS.indexOf(level))) {
    const text = await repo.host.fs.readText(files[one]);
    if (text === undefined || plain(parseConfig(text, files[one]), 'core', 'remote')?.toLowerCase() !== name) continue;
    await edit(repo, one, call, (old, path) => unsetConfigValue(old, path, { section: 'core', key: 'remote' }));
  }
  return DONE;
}

function remoteArgument(args: RemoteArgs): string {
  return (args.targets[0] ?? '').toLowerCase();
}

function levelOf(args: ConfigArgs): Level | undefined {
  if (args.system) return 'system';
  if (args.global) return 'global';
  if (args.local) return 'local';
  return args.project ? 'project' : undefined;
}

/** `core.remote` → section and key; `remote.foo.url` → section `remote.foo`. */
function place(name: string): { section: string; key: string } {
  const found = /^((?:remote|machine|db)\.(.+)|[^.]+)\.([^.]+)$/.exec(name.toLowerCase());
  if (!found) throw new StrataError('config.badName', { name });
  return { section: found[1] ?? '', key: found[3] ?? '' };
}

/** A value as it is written: a relative path starts at the configuration file's folder instead of the current one. */
function written(repo: Repo, file: string, key: string, value: string): string {
  if (BOOL_KEYS.has(key) && !/^(true|false)$/i.test(value))
    throw new StrataError('config.notBool', { name: key, value });
  if (!PATH_KEYS.has(key) || isFixedPath(value)) return value;
  return relative(dirname(file), join(repo.root, repo.cwd, value));
}

async function edit(
  repo: Repo,
  level: Level,
  call: Call,
  change: (text: string, path: string) => string,
): Promise<void> {
  await whileLocked(startTask(repo, call), async () => {
    const path = configFiles(repo.host, repo.root)[level];
    const text = (await repo.host.fs.readText(path)) ?? '';
    const next = change(text, path);
    parseConfig(next, path);
    // Local configuration may hold secrets: for its owner's eyes only.
    if (next !== text) await repo.host.fs.writeAtomic(path, next, level === 'local' ? { mode: 0o600 } : {});
  });
}

async function readLayers(repo: Repo, level: Level | undefined): Promise<DvcConfig[]> {
  const files = configFiles(repo.host, repo.root);
  const layers: DvcConfig[] = [];
  for (const one of level ? [level] : LEVELS) {
    const text = await repo.host.fs.readText(files[one]);
    if (text !== undefined) layers.push(parseConfig(text, files[one]));
  }
  return layers;
}

async function readMerged(repo: Repo, level: Level | undefined): Promise<DvcConfig> {
  return mergeConfigs(await readLayers(repo, level));
}

async function readOne(
  repo: Repo,
  at: { section: string; key: string },
  level: Level | undefined,
  name: string,
): Promise<string> {
  const found = (await readMerged(repo, level)).get(at.section)?.get(at.key);
  if (!found) throw new StrataError('config.notSet', { name });
  return valueText(found.value, at.key, found.path);
}

/** All values, layer by layer, remotes first in each, as DVC lists them. */
async function listLines(repo: Repo, level: Level | undefined): Promise<string[]> {
  const lines: string[] = [];
  for (const layer of await readLayers(repo, level)) {
    const sections = [...layer].sort(([a], [b]) => Number(b.startsWith('remote.')) - Number(a.startsWith('remote.')));
    for (const [section, keys] of sections) {
      for (const [key, { value, path }] of keys) lines.push(`${section}.${key}=${valueText(value, key, path)}`);
    }
  }
  return lines;
}

function valueText(value: string | readonly string[], key: string, path: string): string {
  const text = typeof value === 'string' ? value : value.join(', ');
  return PATH_KEYS.has(key) && !isFixedPath(text) ? join(dirname(path), text) : text;
}

function plain(layer: DvcConfig, section: string, key: string): string | undefined {
  const value = layer.get(section)?.get(key)?.value;
  return value === undefined ? undefined : String(value);
}
