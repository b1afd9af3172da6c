/**
 * Paths as the files of a project write them: `/` between parts, relative to the project's root or to the file that names them.
 * Pure text; nothing here asks a disk.
 */

/** `a//b/./c/../d/` → `a/b/d`; the empty path and the current folder are `.`; leading `..` stay. */
export function normalize(path: string): string {
  const absolute = path.startsWith('/');
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && out.length > 0 && out[out.length - 1] !== '..') out.pop();
    else if (part === '..' && absolute) continue;
    else out.push(part);
  }
  const joined = out.join('/');
  if (absolute) return `/${joined}`;
  return joined === '' ? '.' : joined;
}

/** Joins and normalizes; an absolute later part starts afresh. */
export function join(...parts: string[]): string {
  let path = '';
  for (const part of parts) {
    if (part === '') continue;
    path = path === '' || part.startsWith('/') ? part : `${path}/${part}`;
  }
  return normalize(path);
}

/** The folder part; `.` for a bare name, `/` for a path directly below the root. */
export function dirname(path: string): string {
  const cut = path.lastIndexOf('/');
  if (cut < 0) return '.';
  return cut === 0 ? '/' : path.slice(0, cut);
}

/** The last part. */
export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The ending with its dot, in lower case; empty when the name has none. `.gitignore` has none. */
export function extname(path: string): string {
  const name = basename(path);
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot).toLowerCase() : '';
}

/** `to` as seen from the folder `from`; both relative to one root, or both absolute. */
export function relative(from: string, to: string): string {
  const a = parts(from);
  const b = parts(to);
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same += 1;
  const up = a.slice(same).map(() => '..');
  const path = [...up, ...b.slice(same)].join('/');
  return path === '' ? '.' : path;
}

/** True when `path` is `folder` itself or lies below it; both normalized. */
export function isInside(path: string, folder: string): boolean {
  if (folder === '.') return path !== '..' && !path.startsWith('../') && !path.startsWith('/');
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** Order of code points, as Python sorts text; JavaScript's own order differs above U+FFFF. */
export function compareCodePoints(a: string, b: string): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return fixUp(x) - fixUp(y);
  }
  return a.length - b.length;
}

/** Moves surrogates above the rest of the basic plane, so that comparing code units gives the order of code points. */
function fixUp(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;
const CONTROL = /[\u0000-\u001f\u007f]/u;
/** `.git` and `.dvc`, and the short names that Windows gives them. */
const RESERVED = /^(\.(git|dvc)|(git|dvc)~1)$/i;
/** What macOS does not see in a name. Windows does not see what follows a colon, nor dots and blanks at the end. */
const UNSEEN = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
/** So many dots and blanks at the end of a name are looked at; no file system takes longer names. */
const LONGEST = 4096;

/**
 * Why a relative path from a file of the repository may not be used, or undefined when it may. Guards `.dir` entries and outputs:
 * nothing outside the folder, no `.git` or `.dvc`, no name that another system reads differently (reliability: Names).
 */
export function unsafePath(path: string): UnsafePath | undefined {
  if (path === '') return 'empty';
  if (path.startsWith('/') || /^[a-zA-Z]:/.test(path)) return 'absolute';
  if (CONTROL.test(path)) return 'control';
  for (const part of path.split(/[/\\]/)) {
    if (part === '' || part === '.') return 'empty';
    if (part === '..') return 'outside';
    const seen = trimmed((part.split(':', 1)[0] ?? '').replace(UNSEEN, ''));
    if (part.length > LONGEST || seen === '' || RESERVED.test(seen) || DEVICE.test(seen)) return 'reserved';
  }
  return undefined;
}

/** A name without dots and blanks at its end. One of blanks alone is a name; one with a dot among them is none on Windows. */
function trimmed(part: string): string {
  let end = part.length;
  while (end > 0 && (part[end - 1] === '.' || part[end - 1] === ' ')) end -= 1;
  return end === 0 && !part.includes('.') ? part : part.slice(0, end);
}

/** A path as file systems compare it that do not tell capital from small letters, nor composed from decomposed ones. */
function folded(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** The first path that such a file system would take for an earlier, different one, with that one. */
export function findTwin(paths: Iterable<string>): { readonly path: string; readonly other: string } | undefined {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const other = seen.get(folded(path));
    if (other !== undefined && other !== path) return { path, other };
    seen.set(folded(path), path);
  }
  return undefined;
}

/** The reasons of {@link unsafePath}; codes of the texts `path.<reason>`. */
export type UnsafePath = 'empty' | 'absolute' | 'control' | 'outside' | 'reserved';

function parts(path: string): string[] {
  const clean = normalize(path);
  return clean === '.' ? [] : clean.split('/').filter((part, i) => part !== '' || i === 0);
}
