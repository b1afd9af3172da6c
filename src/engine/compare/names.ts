/** Short names of values: `accuracy` while only one file has that key, else `eval/metrics.json:accuracy`. The same for all runs of one table. */

import { type FileFacts } from './facts';
import { type PlainValue } from '../verbs/pipeline';

/** Gives values their names. */
export interface Names {
  /** The name of a key of a file. */
  of(path: string, key: string): string;
  /** Values of these files by name: what was measured on purpose first, then DVCLive's summaries. */
  values(files: readonly FileFacts[]): Record<string, PlainValue>;
}

/** Names that are unambiguous over all of these files; one array a run. */
export function nameValues(runs: readonly (readonly FileFacts[])[]): Names {
  const places = new Map<string, Set<string>>();
  for (const { path, values } of runs.flat()) {
    for (const key of Object.keys(values)) {
      const known = places.get(key);
      if (known) known.add(path);
      else places.set(key, new Set([path]));
    }
  }
  const of = (path: string, key: string): string => {
    if (key === '') return path;
    return (places.get(key)?.size ?? 0) > 1 ? `${path}:${key}` : key;
  };
  return { of, values: (files) => collectValues(files, of) };
}

function collectValues(files: readonly FileFacts[], nameOf: Names['of']): Record<string, PlainValue> {
  const order = [...files.filter((file) => !file.live), ...files.filter((file) => file.live)];
  const pairs = order.flatMap(({ path, values, live }) => {
    const keys = Object.keys(values);
    // The step says how far the curves got, nothing about how good the model is.
    const ordered = live ? [...keys.filter((key) => key !== 'step'), ...keys.filter((key) => key === 'step')] : keys;
    return ordered.map((key) => [nameOf(path, key), values[key] ?? null] as const);
  });
  return Object.fromEntries(pairs);
}

/** A value by its name, by `FILE:KEY`, or by a key that only one of the files has; undefined when there is none or it is not clear which. */
export function findValue(files: readonly FileFacts[], wanted: string): PlainValue | undefined {
  const hits = files.flatMap(({ path, values }) =>
    Object.keys(values)
      .filter((key) => key === wanted || `${path}:${key}` === wanted || (key === '' && path === wanted))
      .map((key) => ({ exact: `${path}:${key}` === wanted, value: values[key] ?? null })),
  );
  const exact = hits.find((hit) => hit.exact);
  if (exact) return exact.value;
  return hits.length === 1 ? hits[0]?.value : undefined;
}
