/**
 * Directory objects (`<md5>.dir`): the list of a folder's files by relative path and hash (dvc.md §5). Written as canonical JSON, sorted by
 * code point, exactly two keys an entry; read with a guard against paths that would leave the folder.
 */

import { compareCodePoints, unsafePath } from '../../base/paths';
import { StrataError } from '../errors';
import { asciiString } from './canonicalJson';

/** One file of a folder. */
export interface DirEntry {
  /** With `/`, relative to the folder. */
  readonly relpath: string;
  /** 32 hexadecimal digits, lower case. */
  readonly md5: string;
}

const HASH = /^[0-9a-f]{32}$/;
// Names with control characters other than NUL are possible on Linux and DVC records them; only the rest of the guard applies to them.
const CONTROL = /[\u0001-\u001f\u007f]/g;

/**
 * Reads a directory object; `name` (its hash) is for messages. Fails with `formats.dirObject` {path: name} when it is not such a list, and with
 * `formats.dirPath` {path: name, entry, reason} on a path that may not be written; reasons as `unsafePath`, or `twice` for two entries that
 * cannot both exist. Entries come back sorted.
 */
export function parseDirObject(text: string, name: string): DirEntry[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new StrataError('formats.dirObject', { path: name }, { cause: error });
  }
  if (!Array.isArray(data)) throw new StrataError('formats.dirObject', { path: name });
  const items: unknown[] = data;
  const entries = items.map((item) => readEntry(item, name));
  if (!isSorted(entries)) entries.sort((a, b) => compareCodePoints(a.relpath, b.relpath));
  refuseTwins(entries, name);
  return entries;
}

function readEntry(item: unknown, name: string): DirEntry {
  const { relpath, md5 } = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>;
  if (typeof relpath !== 'string' || typeof md5 !== 'string' || !HASH.test(md5)) {
    throw new StrataError('formats.dirObject', { path: name });
  }
  const reason = unsafePath(relpath.replace(CONTROL, '_'));
  if (reason !== undefined) throw new StrataError('formats.dirPath', { path: name, entry: relpath, reason });
  // What was parsed is kept where it is no more than an entry: of a list of a million no second one is made.
  return Object.keys(item as object).length === 2 ? (item as DirEntry) : { relpath, md5 };
}

/** Two entries with one path, or a file where another entry needs a folder. Entries are sorted; only the folders are remembered. */
function refuseTwins(entries: readonly DirEntry[], name: string): void {
  const folders = new Map<string, string>();
  let last: string | undefined;
  let lastFolder = '';
  for (const { relpath } of entries) {
    if (relpath === last) throw new StrataError('formats.dirPath', { path: name, entry: relpath, reason: 'twice' });
    last = relpath;
    const end = relpath.lastIndexOf('/');
    if (end < 0 || (end === lastFolder.length && relpath.startsWith(lastFolder))) continue;
    lastFolder = relpath.slice(0, end);
    for (let cut = end; cut > 0; cut = relpath.lastIndexOf('/', cut - 1)) {
      const folder = relpath.slice(0, cut);
      if (folders.has(folder)) break;
      folders.set(folder, relpath);
    }
  }
  if (folders.size === 0) return;
  for (const { relpath } of entries) {
    const inside = folders.get(relpath);
    if (inside !== undefined) throw new StrataError('formats.dirPath', { path: name, entry: inside, reason: 'twice' });
  }
}

/** So many entries are turned into text at once: of a list of a million no string is made. */
const PART = 4096;

/** The bytes of a directory object; entries may come in any order. */
export function renderDirObject(entries: readonly DirEntry[]): Uint8Array {
  const sorted = isSorted(entries) ? entries : [...entries].sort((a, b) => compareCodePoints(a.relpath, b.relpath));
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  for (let from = 0; from < sorted.length; from += PART) {
    const some = sorted.slice(from, from + PART);
    const text = some.map(({ md5, relpath }) => `{"md5": "${md5}", "relpath": ${asciiString(relpath)}}`).join(', ');
    parts.push(encoder.encode(from === 0 ? `[${text}` : `, ${text}`));
  }
  parts.push(encoder.encode(sorted.length === 0 ? '[]' : ']'));
  return joinBytes(parts);
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function isSorted(entries: readonly DirEntry[]): boolean {
  return entries.every((entry, i) => i === 0 || compareCodePoints(entries[i - 1]?.relpath ?? '', entry.relpath) <= 0);
}
