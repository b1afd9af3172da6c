/** The `md5` of an import's definition (dvc.md §7): over the canonical JSON of the file without what may change without changing it. */

import { digestOf } from '../cache/digest';
import { canonicalJson } from '../formats/canonicalJson';
import { dvcFileValue, type DvcFile } from '../formats/dvcFile';
import { isDict, isList, keyText, type Value } from '../formats/values';

const TOP = new Set(['md5', 'meta', 'desc']);
const ANYWHERE = new Set('desc type labels meta locked frozen metric persist isexec size nfiles'.split(' '));

/** The hash as DVC writes it at the top of the file. */
export function importHash(file: DvcFile): string {
  const top = new Map([...dvcFileValue(file)].filter(([key]) => !TOP.has(key)));
  return digestOf(new TextEncoder().encode(canonicalJson(pruned(top))));
}

/** A file that was recorded anew, with its `md5` as DVC leaves it: an import's is made anew, data that was added has none (2.x gave it one). */
export function stamped(file: DvcFile): DvcFile {
  const { md5, ...rest } = file;
  if (md5 === undefined) return file;
  return file.deps.length > 0 ? { ...rest, md5: importHash(file) } : rest;
}

function pruned(value: Value): Value {
  if (isList(value)) return value.map(pruned);
  if (!isDict(value)) return value;
  return new Map([...value].filter(([key]) => !ANYWHERE.has(keyText(key))).map(([key, item]) => [key, pruned(item)]));
}
