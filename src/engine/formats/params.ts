/**
 * Parameter files: values by dotted key out of YAML and JSON (dvc.md §12). `net.depth`, `lst.0`, `lst.-1` walk maps and lists; a key that has
 * a dot in the file cannot be reached; glob characters must match exactly one leaf.
 */

import { extname } from '../../base/paths';
import { StrataError } from '../errors';
import { parseJson } from './json';
import { isDict, isList, keyText, type Value } from './values';
import { parseYaml } from './yaml';

/**
 * Reads a parameter or metrics file by its ending: `.json` as JSON, `.yaml`, `.yml` and any other as YAML; an empty YAML file is an empty map.
 * `.toml` and `.py` fail with `formats.paramsKind`. Other failures as `parseYaml` and `parseJson`.
 */
export function parseParams(text: string, path: string): Value {
  const ending = extname(path);
  if (ending === '.toml' || ending === '.py') throw new StrataError('formats.paramsKind', { path });
  return ending === '.json' ? parseJson(text, path) : (parseYaml(text, path) ?? new Map<string, Value>());
}

/** The value under a dotted key, or undefined when it is absent. Fails with `formats.paramsGlob` {key} when a pattern matches several. */
export function lookupParam(data: Value, key: string): Value | undefined {
  const steps = key.split('.');
  if (!GLOB.test(key))
    return steps.reduce<Value | undefined>(
      (value, step) => (value === undefined ? undefined : memberOf(value, step)),
      data,
    );
  const found = globLeaves(data, steps);
  if (found.length > 1) throw new StrataError('formats.paramsGlob', { key });
  return found[0];
}

/** The values of these keys, absent ones left out; no keys: every top-level key of the file. */
export function selectParams(data: Value, keys: readonly string[]): Map<string, Value> {
  if (keys.length === 0) return new Map(isDict(data) ? [...data].map(([key, value]) => [keyText(key), value]) : []);
  const found = new Map<string, Value>();
  for (const key of keys) {
    const value = lookupParam(data, key);
    if (value !== undefined) found.set(key, value);
  }
  return found;
}

const GLOB = /[*?[]/;

function memberOf(value: Value, step: string): Value | undefined {
  if (isDict(value)) {
    const key = !value.has(step) && /^-?\d+$/.test(step) ? Number(step) : step;
    return value.get(key) ?? (value.has(key) ? null : undefined);
  }
  if (!isList(value) || !/^-?\d+$/.test(step)) return undefined;
  return value.at(Number(step));
}

function globLeaves(value: Value, steps: readonly string[]): Value[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [value];
  const pattern = globPattern(step);
  const members: (readonly [string, Value])[] = isDict(value)
    ? [...value].map(([key, member]) => [keyText(key), member] as const)
    : isList(value)
      ? value.map((member, i) => [String(i), member] as const)
      : [];
  return members.filter(([key]) => pattern.test(key)).flatMap(([, member]) => globLeaves(member, rest));
}

/** Python's `fnmatch`: `*`, `?`, `[seq]`, `[!seq]`. */
function globPattern(glob: string): RegExp {
  const source = glob.replace(
    /\[(!?)([^\]]+)\]|[*?]|[\\^$.|+(){}[\]]/g,
    (found, not: string | undefined, set: string | undefined) => {
      if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replace(/[\\\]^]/g, '\\$&')}]`;
      return found === '*' ? '.*' : found === '?' ? '.' : `\\${found}`;
    },
  );
  return new RegExp(`^${source}$`, 's');
}
