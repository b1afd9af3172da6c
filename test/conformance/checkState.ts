/** What must hold in a project after the last act of a conformance case: files, the whole cache, the remote, modes and links. */

import { lstatSync, readdirSync, readFileSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { type Expectations, type ExpectedFile } from './caseFiles';
import { type Stage } from './runner';

/** Looks at everything that a case expects; the answer is what does not hold. */
export function checkState(stage: Stage, expect: Expectations): string[] {
  return [
    ...(expect.files ?? []).flatMap((file) => checkFile(stage, file)),
    ...(expect.absent ?? []).filter((path) => look(stage.at(path))).map((path) => `${path} should not be there`),
    ...(expect.cache ? checkCache(stage, expect.cache) : []),
    ...(expect.remote ? checkListing('remote', filesBelow(join(stage.up, 'remote')), Object.keys(expect.remote)) : []),
    ...Object.entries(expect.modes ?? {}).flatMap(([path, mode]) => checkMode(stage, path, mode)),
    ...Object.entries(expect.links ?? {}).flatMap(([path, kind]) => checkLink(stage, path, kind)),
  ];
}

function look(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

const octal = (stat: Stats): string => (stat.mode & 0o7777).toString(8);

/** Bytes as text that loses nothing, with this run's folders as the cases name them. */
function unrooted(stage: Stage, bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  return text.replaceAll(stage.root, '{ROOT}').replaceAll(stage.up, '{UP}');
}

function checkFile(stage: Stage, file: ExpectedFile): string[] {
  if (!look(stage.at(file.path))) return [`${file.path} is missing`];
  const got = unrooted(stage, readFileSync(stage.at(file.path)));
  const expected = Buffer.from(file.text ?? file.base64 ?? '', file.text === undefined ? 'base64' : 'utf8');
  if (got === expected.toString('latin1')) return [];
  const shown = Buffer.from(got, 'latin1').toString('utf8');
  if (file.compare && sameContent(file.compare, shown, expected.toString('utf8'))) return [];
  return [`${file.path} holds\n${shown}\nnot\n${expected.toString('utf8')}`];
}

function sameContent(kind: 'yaml' | 'config', a: string, b: string): boolean {
  if (kind === 'yaml') return isDeepStrictEqual(parse(a), parse(b));
  const bare = (text: string): string => text.replace(/["'\s]/g, '');
  return bare(a) === bare(b);
}

function filesBelow(folder: string): string[] {
  if (!look(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

function checkListing(what: string, got: readonly string[], expected: readonly string[]): string[] {
  const extra = got.filter((name) => !expected.includes(name));
  const missing = expected.filter((name) => !got.includes(name));
  return [
    ...(extra.length > 0 ? [`${what} holds ${extra.join(', ')}, which should not be there`] : []),
    ...(missing.length > 0 ? [`${what} lacks ${missing.join(', ')}`] : []),
  ];
}

function checkCache(stage: Stage, expected: NonNullable<Expectations['cache']>): string[] {
  const base = stage.at('.dvc/cache');
  const got = filesBelow(base).filter((name) => /^(files|runs)\/|^..\//.test(name));
  const problems = checkListing('the cache', got, Object.keys(expected));
  if (problems.length > 0) return problems;
  for (const [name, { mode, text }] of Object.entries(expected)) {
    const path = join(base, name);
    const stat = look(path);
    if (stat && octal(stat) !== mode) problems.push(`${name} in the cache has mode ${octal(stat)}, not ${mode}`);
    if (text === undefined) continue;
    const held = Buffer.from(unrooted(stage, readFileSync(path)), 'latin1').toString('utf8');
    if (held !== text) problems.push(`${name} in the cache holds\n${held}\nnot\n${text}`);
  }
  return problems;
}

function checkMode(stage: Stage, path: string, mode: string): string[] {
  const stat = statSync(stage.at(path), { throwIfNoEntry: false });
  if (!stat) return [`${path} is missing`];
  return octal(stat) === mode ? [] : [`${path} has mode ${octal(stat)}, not ${mode}`];
}

function checkLink(stage: Stage, path: string, kind: string): string[] {
  const stat = look(stage.at(path));
  const copyOrHard = (stat?.nlink ?? 0) > 1 ? 'hardlink-to-cache' : 'copy';
  const got = !stat ? 'absent' : stat.isSymbolicLink() ? 'symlink' : copyOrHard;
  const [expected] = kind.split(':');
  return got === expected ? [] : [`${path} is ${got}, not ${kind}`];
}
