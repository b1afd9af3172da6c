/**
 * Parameter files: values by dotted key out of YAML, JSON, TOML and Python files (dvc.md §12). `net.depth`, `lst.0`, `lst.-1` walk maps and lists;
 * a key that has a dot in the file cannot be reached; glob characters must match exactly one leaf.
 */

import { extname } from '../../base/paths';
import { StrataError } from '../errors';
import { wildcards } from './globMatch';
import { parseJson } from './json';
import { isDict, isList, isPyFloat, keyText, type Value } from './values';
import { parseYaml } from './yaml';

/**
 * Reads a parameter or metrics file by its ending: `.json`, `.toml` and `.py` as such, any other as YAML. What is empty, or nothing, zero or false as
 * a whole, is an empty map. Fails as `parseYaml`, `parseJson` and `parseToml` do, or with `formats.python` {path, line, column}.
 */
export async function parseParams(text: string, path: string): Promise<Value> {
  const value = await parseWhole(text, path);
  return isFalsy(value) ? new Map<string, Value>() : value;
}

async function parseWhole(text: string, path: string): Promise<Value> {
  const ending = extname(path);
  if (ending === '.json') return parseJson(text, path);
  if (ending === '.toml') return (await import('./tomlParams')).parseToml(text, path);
  return ending === '.py' ? parsePython(text, path) : parseYaml(text, path);
}

async function parsePython(source: string, path: string): Promise<Value> {
  const text = source.replace(/\r\n?/g, '\n');
  const found = (await import('./pythonParams')).readPython(text);
  if ('value' in found) return found.value;
  const before = text.slice(0, found.wrongAt).split('\n');
  const column = (before[before.length - 1] ?? '').length + 1;
  throw new StrataError('formats.python', { path, line: before.length, column });
}

/** What Python takes for false: DVC reads an empty map in its place. */
function isFalsy(value: Value): boolean {
  if (isList(value)) return value.length === 0;
  return value === null || value === false || value === '' || value === 0 || (isPyFloat(value) && value.$float === 0);
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
  const fits = wildcards(step, 'classes');
  const members: (readonly [string, Value])[] = isDict(value)
    ? [...value].map(([key, member]) => [keyText(key), member] as const)
    : isList(value)
      ? value.map((member, i) => [String(i), member] as const)
      : [];
  return members.filter(([key]) => fits(key)).flatMap(([, member]) => globLeaves(member, rest));
}
