/**
 * Whether values are what DVC takes, in all layers of the configuration together (dvc.md §2): one that another layer shadows does not count, and
 * what a remote may hold follows from its URL, wherever that stands.
 */

import { StrataError } from '../errors';
import { type ConfigValue, type DvcConfig } from './dvcConfig';
import { CONFIG_KEYS, LINK_WORDS, REMOTE_KEYS, type ConfigKeys, type ConfigKind } from './dvcConfigKeys';

/**
 * Fails with `formats.configUnknown` on a key that such a remote does not have, with `formats.configNoUrl` on a remote without URL, with
 * `formats.configScheme` on a kind of remote that DVC does not know, with `formats.configBool`, `formats.configList` or
 * `formats.configValue` {name, value, expected} on a value of the wrong kind. Each names file and line.
 */
export function checkConfig(config: DvcConfig): DvcConfig {
  for (const [section, values] of config) {
    const known = section.startsWith('remote.')
      ? keysOfRemote(section, values)
      : CONFIG_KEYS.get(section.split('.', 1)[0] ?? '');
    if (!known) continue;
    for (const [key, value] of values) {
      const kind = known.get(key);
      if (kind === undefined) throw refusal('configUnknown', value, { name: `${section}.${key}` });
      checkValue(`${section}.${key}`, value, kind);
    }
  }
  checkHydra(config);
  return config;
}

function refusal(code: string, { path, line }: ConfigValue, facts: Readonly<Record<string, string>>): StrataError {
  return new StrataError(`formats.${code}`, { path, line, column: 1, ...facts });
}

function keysOfRemote(section: string, values: ReadonlyMap<string, ConfigValue>): ConfigKeys | undefined {
  const url = values.get('url');
  const name = section.slice('remote.'.length);
  if (!url) {
    const [any] = values.values();
    if (any === undefined) return undefined;
    throw refusal('configNoUrl', any, { name });
  }
  const scheme = typeof url.value === 'string' ? schemeOf(url.value) : '';
  if (scheme === 'remote') return undefined;
  const known = REMOTE_KEYS.get(scheme);
  if (!known) throw refusal('configScheme', url, { name, scheme });
  return known;
}

/** The scheme of a URL that names a place behind it; without one it is a folder. */
function schemeOf(url: string): string {
  const found = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\/[^/?#]/.exec(url);
  return found?.[1]?.toLowerCase() ?? '';
}

function checkValue(name: string, found: ConfigValue, kind: ConfigKind): void {
  const { value } = found;
  if (kind === 'links') {
    const items = typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value;
    const odd = items.find((item) => !LINK_WORDS.includes(item));
    if (odd !== undefined) throw refusal('configValue', found, { name, value: odd, expected: LINK_WORDS.join(', ') });
    return;
  }
  if (kind === 'flag' && !/^(?:true|false)$/i.test(String(value))) throw refusal('configBool', found, { name });
  if (typeof value !== 'string') throw refusal('configList', found, { name });
  if (!fits(value, kind)) throw refusal('configValue', found, { name, value, expected: expectation(kind) });
}

const INTEGER = /^\s*[+-]?\d+(?:_\d+)*\s*$/;
const NUMBER = /^\s*[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+)?\s*$/i;

/** Numbers as Python reads them: blanks around, a sign, underscores between digits. */
function numberOf(text: string): number {
  return Number(text.trim().replace(/_/g, ''));
}

function fits(value: string, kind: ConfigKind): boolean {
  if (typeof kind !== 'string') return kind.includes(value.toLowerCase());
  switch (kind) {
    case 'count':
      return INTEGER.test(value) && numberOf(value) >= 1;
    case 'integer':
      return INTEGER.test(value);
    case 'percent':
      return INTEGER.test(value) && numberOf(value) >= 0 && numberOf(value) <= 100;
    case 'number':
      return NUMBER.test(value);
    case 'seconds':
      return NUMBER.test(value) && numberOf(value) >= 0;
    case 'none':
      return false;
    default:
      return true;
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  count: '1, 2, 3 …',
  integer: '0, 1, 2 …',
  percent: '0 … 100',
  number: '0.5, 1, 2 …',
  seconds: '0, 0.5, 1 …',
  none: '—',
};

function expectation(kind: ConfigKind): string {
  return typeof kind === 'string' ? (EXPECTED[kind] ?? kind) : kind.join(', ');
}

/** Hydra's settings lie in a folder or in a module, not in both. */
function checkHydra(config: DvcConfig): void {
  const hydra = config.get('hydra');
  const second = hydra?.get('config_dir') && hydra.get('config_module');
  if (second) throw refusal('configBoth', second, { name: 'hydra.config_module', other: 'hydra.config_dir' });
}
