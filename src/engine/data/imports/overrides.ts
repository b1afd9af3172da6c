/** What an import says about the settings of its source: another default remote, options for it, or a whole file of settings (`repo.remote`, `repo.config`). */

import { join } from '../../../base/paths';
import { StrataError } from '../../errors';
import { configText, mergeConfigs, parseConfig, type ConfigValue, type DvcConfig } from '../../formats/dvcConfig';
import { type RepoSource } from '../../formats/dvcFile';
import { isDict, keyText, type Dict } from '../../formats/values';
import { type Host } from '../../host/host';

/** Settings with what the import says on top. Fails with `fs.notFound` when it names a file that is not there. */
export async function withOverrides(
  config: DvcConfig,
  { config: more, remote }: RepoSource,
  near: { readonly host: Host; readonly bases: readonly string[] },
): Promise<DvcConfig> {
  const start = near.bases[0] ?? '/';
  let merged = config;
  if (typeof more === 'string') merged = mergeConfigs([merged, await readFile(more, near)]);
  else if (isDict(more)) merged = mergeConfigs([merged, sections(more, start)]);
  if (typeof remote === 'string')
    return mergeConfigs([merged, new Map([['core', values([['remote', remote]], start)]])]);
  if (!isDict(remote)) return merged;
  const name = configText(merged, 'core', 'remote');
  if (name === undefined) throw new StrataError('remotes.none', {});
  return mergeConfigs([merged, new Map([[`remote.${name}`, values(options(remote), start)]])]);
}

async function readFile(
  path: string,
  { host, bases }: { readonly host: Host; readonly bases: readonly string[] },
): Promise<DvcConfig> {
  for (const base of bases) {
    const at = join(base, path);
    const text = await host.fs.readText(at);
    if (text !== undefined) return parseConfig(text, at);
  }
  throw new StrataError('fs.notFound', { path });
}

/** `{core: {remote: x}, remote: {x: {url: …}}}` as sections. */
function sections(map: Dict, start: string): DvcConfig {
  const found = new Map<string, Map<string, ConfigValue>>();
  for (const [key, value] of map) {
    if (!isDict(value)) continue;
    const section = keyText(key).toLowerCase();
    if (section !== 'remote') found.set(section, values(options(value), start));
    else
      for (const [name, inner] of value)
        if (isDict(inner)) found.set(`remote.${keyText(name).toLowerCase()}`, values(options(inner), start));
  }
  return found;
}

/** A map of settings as options: their names in lower case, their values as the configuration writes them. Fails with `import.badSetting`. */
export function options(map: Dict): [string, string][] {
  return [...map].map(([key, value]) => {
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (!plain) throw new StrataError('import.badSetting', { setting: keyText(key) });
    return [keyText(key).toLowerCase(), String(value)];
  });
}

/** Options as a section that no file holds; relative paths in them start at the absolute folder `start`. */
export function values(list: readonly (readonly [string, string])[], start: string): Map<string, ConfigValue> {
  return new Map(list.map(([key, value]) => [key, { value, path: join(start, 'config'), line: 1 }]));
}
