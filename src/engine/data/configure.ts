/** `config`: lists, reads, sets and unsets DVC's settings, level by level, comments kept (dvc.md §2). */

import { type Call } from '../../base/cancel';
import { relative } from '../../base/paths';
import { StrataError } from '../errors';
import { parseConfig, type DvcConfig } from '../formats/dvcConfig';
import { setConfigValue, unsetConfigValue } from '../formats/dvcConfigEdit';
import { type Host } from '../host/host';
import { type ConfigArgs, type LinesAnswer } from '../verbs/settings';
import { type Repo } from './repo';
import {
  editLevel,
  fileOf,
  levelOf,
  readLevel,
  readLevels,
  settingsOf,
  settingsOutside,
  shown,
  written,
  type Level,
  type Place,
  type Settings,
} from './settingsPlace';

/**
 * `config` in a project. Without a level a value is looked for from the closest one on, and one that is nowhere is no line; at a level it fails
 * with `config.notSet` {name}. Fails with `config.badName`, and as `editLevel` does on what DVC would not read.
 */
export function config(repo: Repo, args: ConfigArgs, call: Call): Promise<LinesAnswer> {
  return configIn(settingsOf(repo, call), args);
}

/** `config` where no project is: the settings of this user and of this machine. */
export function configOutside({ dir, host }: { dir: string; host: Host }, args: ConfigArgs): Promise<LinesAnswer> {
  return configIn(settingsOutside(host, dir), args);
}

async function configIn(settings: Settings, args: ConfigArgs): Promise<LinesAnswer> {
  const level = levelOf(settings, args);
  if (args.list) return { lines: await listLines(settings, args, level) };
  const [name, value] = args.targets;
  if (name === undefined) throw new StrataError('config.badName', { name: '' });
  const at = placeOf(name);
  if (value === undefined && !args.unset) return { lines: await readOne(settings, args, { at, level, name }) };
  if (settings.root === undefined && level === undefined) throw new StrataError('project.none', { path: settings.dir });
  const into = level ?? 'project';
  await editLevel(settings, {
    level: into,
    at,
    ...(value === undefined ? {} : { value }),
    change: (text, path) => {
      if (value !== undefined && !args.unset) return setConfigValue(text, path, at, written(settings, into, at, value));
      const there = parseConfig(text, path, { anyNames: true }).get(at.section)?.has(at.key);
      if (!there) throw new StrataError('config.notSet', { name });
      return unsetConfigValue(text, path, at);
    },
  });
  return { lines: [] };
}

/** `core.remote` → section and key; `remote.foo.url` → section `remote.foo`. Fails with `config.badName`. */
function placeOf(name: string): Place {
  const found = /^((?:remote|machine|db)\.(.+)|[^.]+)\.([^.]+)$/.exec(name.toLowerCase());
  if (!found) throw new StrataError('config.badName', { name });
  return { section: found[1] ?? '', key: found[3] ?? '' };
}

async function readOne(
  settings: Settings,
  args: ConfigArgs,
  { at, level, name }: { at: Place; level: Level | undefined; name: string },
): Promise<string[]> {
  for (const one of [...readLevels(settings, level)].reverse()) {
    const found = (await readLevel(settings, one))?.get(at.section)?.get(at.key);
    if (found) return [`${originOf(settings, args, one)}${shown(settings.host, at, found)}`];
  }
  if (level) throw new StrataError('config.notSet', { name });
  return [];
}

/** All values, level by level, those of remotes first in each, as DVC lists them. */
async function listLines(settings: Settings, args: ConfigArgs, level: Level | undefined): Promise<string[]> {
  const lines: string[] = [];
  for (const one of readLevels(settings, level)) {
    const origin = originOf(settings, args, one);
    for (const [section, keys] of inDvcOrder((await readLevel(settings, one)) ?? new Map())) {
      for (const [key, found] of keys)
        lines.push(`${origin}${section}.${key}=${shown(settings.host, { section, key }, found)}`);
    }
  }
  return lines;
}

const NAMED = ['remote', 'machine', 'db'];

function inDvcOrder(config: DvcConfig): [string, DvcConfig extends ReadonlyMap<string, infer V> ? V : never][] {
  const rank = (section: string): number => {
    const at = NAMED.indexOf(section.split('.', 1)[0] ?? '');
    return at < 0 || !section.includes('.') ? NAMED.length : at;
  };
  return [...config].sort(([a], [b]) => rank(a) - rank(b));
}

/** The file before a value: from the root of the project where it lies in one. */
function originOf(settings: Settings, args: ConfigArgs, level: Level): string {
  if (!args.showOrigin) return '';
  const file = fileOf(settings, level);
  const near = settings.root !== undefined && (level === 'project' || level === 'local');
  return `${near ? relative(settings.root, file) : file}\t`;
}
