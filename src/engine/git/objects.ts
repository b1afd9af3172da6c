/** What Git's objects say: commits and trees in their raw form (gitformat: header lines, an empty line, the message; mode, name, id). */

import { type Commit, type Person, type TreeEntry } from './git';

/** Reads a commit object. */
export function parseCommit(sha: string, bytes: Uint8Array): Commit {
  const text = new TextDecoder().decode(bytes);
  const cut = text.indexOf('\n\n');
  const parents: string[] = [];
  let tree = '';
  let author = stamp('');
  let committer = stamp('');
  for (const line of text.slice(0, cut < 0 ? text.length : cut).split('\n')) {
    const value = line.slice(line.indexOf(' ') + 1);
    if (line.startsWith('tree ')) tree = value;
    else if (line.startsWith('parent ')) parents.push(value);
    else if (line.startsWith('author ')) author = stamp(value);
    else if (line.startsWith('committer ')) committer = stamp(value);
  }
  return {
    sha,
    parents,
    tree,
    author: author.person,
    authorTime: author.time,
    committer: committer.person,
    committerTime: committer.time,
    message: cut < 0 ? '' : text.slice(cut + 2),
  };
}

/** `Name <mail> 1700000000 +0100`. */
export function stamp(text: string): { readonly person: Person; readonly time: number } {
  const open = text.indexOf('<');
  const close = open < 0 ? -1 : text.indexOf('>', open);
  if (close < 0) return { person: { name: '', email: '' }, time: 0 };
  const name = text.slice(0, open).replace(/ $/, '');
  const seconds = /^ ?(-?\d+)/.exec(text.slice(close + 1))?.[1];
  return { person: { name, email: text.slice(open + 1, close) }, time: Number(seconds ?? 0) * 1000 };
}

/** Reads a tree object; ids are as long as those of the repository. */
export function parseTree(bytes: Uint8Array, idBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < all.length;) {
    const blank = all.indexOf(32, at);
    const zero = all.indexOf(0, blank);
    const mode = all.toString('latin1', at, blank).padStart(6, '0');
    const path = all.toString('utf8', blank + 1, zero);
    const oid = all.toString('hex', zero + 1, zero + 1 + idBytes);
    const kind = mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob';
    entries.push({ path, kind, mode, oid });
    at = zero + 1 + idBytes;
  }
  return entries;
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/** A path as Git prints it on a line: in quotes, with C's escapes for bytes (`"\303\261.csv"`), when it has unusual characters. */
export function unquote(line: string): string {
  if (!line.startsWith('"') || !line.endsWith('"') || line.length < 2) return line;
  const bytes: number[] = [];
  for (const [piece] of line.slice(1, -1).matchAll(/\\[0-7]{3}|\\.|[^\\]+/gsu)) {
    if (!piece.startsWith('\\')) bytes.push(...Buffer.from(piece, 'utf8'));
    else if (piece.length === 4) bytes.push(Number.parseInt(piece.slice(1), 8));
    else bytes.push(ESCAPES[piece[1] ?? ''] ?? 63);
  }
  return Buffer.from(bytes).toString('utf8');
}
