/** `remote add|list|modify|default|remove|rename`: the remotes among DVC's settings (dvc.md §2). */

import { type Call } from '../../base/cancel';
import { StrataError } from '../errors';
import { parseConfig, remoteNames, type DvcConfig } from '../formats/dvcConfig';
import {
  moveConfigSection,
  removeConfigSection,
  replaceConfigSection,
  setConfigValue,
  unsetConfigValue,
} from '../formats/dvcConfigEdit';
import { type Host } from '../host/host';
import { type LinesAnswer, type RemoteArgs } from '../verbs/settings';
import { type Repo } from './repo';
import {
  editLevel,
  levelOf,
  LEVELS,
  levelsUpTo,
  readLevel,
  readLevels,
  readMerged,
  settingsOf,
  settingsOutside,
  shown,
  written,
  type Level,
  type Settings,
} from './settingsPlace';

type Verb = (settings: Settings, args: RemoteArgs) => Promise<LinesAnswer>;

const DONE: LinesAnswer = { lines: [] };
const DEFAULT = { section: 'core', key: 'remote' };

/** The verbs by id, in a project. What DVC would not read afterwards is refused as `editLevel` says. */
export const remoteVerbs = {
  'remote.add': inProject(add),
  'remote.list': inProject(list),
  'remote.modify': inProject(modify),
  'remote.default': inProject(chooseDefault),
  'remote.remove': inProject(remove),
  'remote.rename': inProject(rename),
};

/** The same where no project is, for the settings of this user and of this machine. */
export const remoteVerbsOutside = {
  'remote.add': outside(add),
  'remote.list': outside(list),
  'remote.modify': outside(modify),
  'remote.default': outside(chooseDefault),
  'remote.remove': outside(remove),
  'remote.rename': outside(rename),
};

function inProject(verb: Verb) {
  return (repo: Repo, args: RemoteArgs, call: Call): Promise<LinesAnswer> => verb(settingsOf(repo, call), args);
}

function outside(verb: Verb) {
  return ({ dir, host }: { dir: string; host: Host }, args: RemoteArgs): Promise<LinesAnswer> =>
    verb(settingsOutside(host, dir), args);
}

/** `remote add NAME URL`. Fails with `config.remoteExists` unless forced. */
async function add(settings: Settings, args: RemoteArgs): Promise<LinesAnswer> {
  const level = writeLevel(settings, args);
  const name = nameOf(args);
  const section = `remote.${name}`;
  const url = args.targets[1] ?? '';
  await editLevel(settings, {
    level,
    at: { section, key: 'url' },
    value: url,
    change: (text, path) => {
      if (parse(text, path).has(section) && !args.force) throw new StrataError('config.remoteExists', { name });
      const base = args.default ? setConfigValue(text, path, DEFAULT, name) : text;
      return replaceConfigSection(base, path, section, ['url', written(settings, level, { section, key: 'url' }, url)]);
    },
  });
  return DONE;
}

/** `remote list`: name, URL and which is the default, in DVC's columns. */
async function list(settings: Settings, args: RemoteArgs): Promise<LinesAnswer> {
  const merged = await readMerged(settings, readLevels(settings, levelOf(settings, args)));
  const main = defaultIn(merged);
  const rows = remoteNames(merged).map((name) => {
    const section = `remote.${name}`;
    const url = merged.get(section)?.get('url');
    const cells = [name, url ? shown(settings.host, { section, key: 'url' }, url) : ''];
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
async function modify(settings: Settings, args: RemoteArgs): Promise<LinesAnswer> {
  const level = writeLevel(settings, args);
  const [, option = '', value] = args.targets;
  const at = { section: `remote.${nameOf(args)}`, key: option.toLowerCase() };
  await mustKnow(settings, args, nameOf(args));
  if (value === undefined && !args.unset) throw new StrataError('config.noValue', { name: option });
  await editLevel(settings, {
    level,
    at,
    ...(value === undefined ? {} : { value }),
    change: (text, path) =>
      args.unset || value === undefined
        ? unsetConfigValue(text, path, at)
        : setConfigValue(text, path, at, written(settings, level, at, value)),
  });
  return DONE;
}

/** `remote default [NAME]`: shows, sets or unsets. Fails with `remotes.none`, `remotes.unknown`. */
async function chooseDefault(settings: Settings, args: RemoteArgs): Promise<LinesAnswer> {
  if (args.targets[0] === undefined && !args.unset) {
    const now = (await readMerged(settings, readLevels(settings, levelOf(settings, args)))).get('core')?.get('remote');
    if (now === undefined) throw new StrataError('remotes.none', {});
    return { lines: [shown(settings.host, DEFAULT, now)] };
  }
  const level = writeLevel(settings, args);
  const name = nameOf(args);
  if (!args.unset) await mustKnow(settings, args, name);
  await editLevel(settings, {
    level,
    change: (text, path) =>
      args.unset ? unsetConfigValue(text, path, DEFAULT) : setConfigValue(text, path, DEFAULT, name),
  });
  return DONE;
}

/** `remote remove NAME`, and the default that points to it from this level or a closer one. Fails with `remotes.unknown`. */
async function remove(settings: Settings, args: RemoteArgs): Promise<LinesAnswer> {
  const level = writeLevel(settings, args);
  const name = nameOf(args);
  await editLevel(settings, {
    level,
    change: (text, path) => {
      if (!parse(text, path).has(`remote.${name}`)) throw new StrataError('remotes.unknown', { name });
      const rest = removeConfigSection(text, path, `remote.${name}`);
      return defaultIn(parse(rest, path)) === name ? unsetConfigValue(rest, path, DEFAULT) : rest;
    },
  });
  await eachCloser(settings, level, name, (text, path) => unsetConfigValue(text, path, DEFAULT));
  return DONE;
}

/** `remote rename NAME NEW`, and the default that points to it from this level or a closer one. Fails with `remotes.unknown`, `config.remoteExists`. */
async function rename(settings: Settings, args: RemoteArgs): Promise<LinesAnswer> {
  const level = writeLevel(settings, args);
  const name = nameOf(args);
  // Written as it was typed, read in lower case, as DVC does both.
  const next = args.targets[1] ?? '';
  const all = await readMerged(settings, readLevels(settings, undefined));
  if (all.has(`remote.${next.toLowerCase()}`)) throw new StrataError('config.remoteExists', { name: next });
  await editLevel(settings, {
    level,
    change: (text, path) => {
      const there = parse(text, path);
      if (!there.has(`remote.${name}`)) throw new StrataError('remotes.unknown', { name });
      const moved = moveConfigSection(text, path, `remote.${name}`, `remote.${next}`);
      return defaultIn(there) === name ? setConfigValue(moved, path, DEFAULT, next) : moved;
    },
  });
  await eachCloser(settings, level, name, (text, path) => setConfigValue(text, path, DEFAULT, next));
  return DONE;
}

/** Changes the files that shadow a level and whose default is this remote. */
async function eachCloser(
  settings: Settings,
  level: Level,
  name: string,
  change: (text: string, path: string) => string,
): Promise<void> {
  const known = readLevels(settings, undefined);
  // Looked at under the lock once more: another program may have chosen another default meanwhile.
  const still = (text: string, path: string): string =>
    defaultIn(parse(text, path)) === name ? change(text, path) : text;
  for (const one of LEVELS.slice(LEVELS.indexOf(level) + 1).filter((closer) => known.includes(closer))) {
    const there = await readLevel(settings, one);
    if (there && defaultIn(there) === name) await editLevel(settings, { level: one, change: still });
  }
}

function defaultIn(config: DvcConfig): string | undefined {
  const value = config.get('core')?.get('remote')?.value;
  return value === undefined ? undefined : String(value).toLowerCase();
}

function parse(text: string, path: string): DvcConfig {
  return parseConfig(text, path, { anyNames: true });
}

function nameOf(args: RemoteArgs): string {
  return (args.targets[0] ?? '').toLowerCase();
}

/** The level to write: the project's unless another is asked for. */
function writeLevel(settings: Settings, args: RemoteArgs): Level {
  const level = levelOf(settings, args);
  if (level === undefined && settings.root === undefined) throw new StrataError('project.none', { path: settings.dir });
  return level ?? 'project';
}

/** A remote is known at the level that was named and those below it, or at any. */
async function mustKnow(settings: Settings, args: RemoteArgs, name: string): Promise<void> {
  const level = levelOf(settings, args);
  const known = level ? levelsUpTo(level) : readLevels(settings, undefined);
  if (!(await readMerged(settings, known)).has(`remote.${name}`)) throw new StrataError('remotes.unknown', { name });
}
