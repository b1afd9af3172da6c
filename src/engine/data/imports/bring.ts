/**
 * Brings what was found in another repository into our store: files of Git by their content, objects verified by their names. Afterwards it
 * is what `add` would have made of the same files, executable bits aside, which an import does not keep.
 */

import { pacer } from '../../../base/cancel';
import { type DirEntry } from '../../cache/cache';
import { is, StrataError } from '../../errors';
import { folderOf } from '../measure';
import { type Measured } from '../model';
import { saveList } from '../saveOutput';
import { type Task } from '../task';
import { fetchFrom, type Keeper } from './keepers';
import { type Bytes, type Found, type Piece } from './otherFiles';

/** Files of Git go in together, so many or so many bytes at a time. */
const ROUND_FILES = 512;
const ROUND_BYTES = 32 * 1024 * 1024;

/** Stores everything and answers what it is. Fails with `import.noData` {path, url} when an object is nowhere, with `import.lfs` for what Git LFS keeps. */
export async function bring(task: Task, found: Found): Promise<Measured> {
  const hashes = await hashesOf(task, found.pieces);
  const entries: DirEntry[] = found.pieces.map((piece) => ({ relpath: piece.relpath, md5: hashes.get(piece) ?? '' }));
  const size = entries.reduce((sum, { md5 }) => sum + (task.repo.store.size(md5) ?? 0), 0);
  const [first] = entries;
  if (!found.folder && first) return { hash: first.md5, hashName: 'md5', size };
  const folder = { ...folderOf(entries, 'md5'), size };
  await saveList(task, folder);
  return folder;
}

async function hashesOf(task: Task, pieces: readonly Piece[]): Promise<Map<Piece, string>> {
  const hashes = new Map<Piece, string>();
  await takeBlobs(task, pieces, hashes);
  await takeObjects(task, pieces, hashes);
  return hashes;
}

async function takeBlobs(task: Task, pieces: readonly Piece[], hashes: Map<Piece, string>): Promise<void> {
  const { store, host } = task.repo;
  const pace = pacer(task.call.signal);
  let round: { piece: Piece; temporary: string }[] = [];
  let bytes = 0;
  const total = pieces.filter(({ bytes: from }) => from.kind === 'git').length;
  const flush = async (): Promise<void> => {
    const taken = await store.takeFiles(
      round.map((one) => one.temporary),
      task.call,
    );
    round.forEach(({ piece }, n) => hashes.set(piece, taken[n]?.md5 ?? ''));
    [round, bytes] = [[], 0];
    task.call.progress({ phase: 'progress.importing', done: hashes.size, total, unit: 'files' });
  };
  try {
    for (const piece of pieces) {
      await pace();
      if (piece.bytes.kind !== 'git') continue;
      const content = await readBlob(piece.bytes);
      const temporary = store.temporary();
      round.push({ piece, temporary });
      await host.fs.writeAtomic(temporary, content, { durable: false });
      bytes += content.length;
      if (round.length >= ROUND_FILES || bytes >= ROUND_BYTES) await flush();
    }
    await flush();
  } finally {
    await store.discard(round.map((one) => one.temporary));
  }
}

const LFS = 'version https://git-lfs.github.com/spec/v1\n';

async function readBlob({ other, entry }: Extract<Bytes, { kind: 'git' }>): Promise<Uint8Array> {
  const content = await other.git.readFile(other.commit, entry.path);
  if (!content) throw new StrataError('import.noPath', { path: entry.path, url: other.url, rev: other.commit });
  if (content.length < 1024 && new TextDecoder().decode(content).startsWith(LFS))
    throw new StrataError('import.lfs', { path: entry.path, url: other.url });
  return content;
}

async function takeObjects(task: Task, pieces: readonly Piece[], hashes: Map<Piece, string>): Promise<void> {
  const byKeeper = new Map<Keeper, Piece[]>();
  for (const piece of pieces) {
    if (piece.bytes.kind !== 'object') continue;
    const known = byKeeper.get(piece.bytes.keeper);
    if (known) known.push(piece);
    else byKeeper.set(piece.bytes.keeper, [piece]);
  }
  for (const [keeper, some] of byKeeper) await takeFrom(task, keeper, some, hashes);
}

async function takeFrom(
  task: Task,
  keeper: Keeper,
  pieces: readonly Piece[],
  hashes: Map<Piece, string>,
): Promise<void> {
  const { store, host } = task.repo;
  const objects = pieces.flatMap(({ bytes }) => (bytes.kind === 'object' ? [bytes] : []));
  const passing = objects.filter((one) => one.hashName !== 'md5' && !store.has(one.hash, one.hashName));
  const { missing, trouble } = await fetchFrom(task, keeper, objects);
  if (missing.length > 0 && keeper.source) await hashesOf(task, (await keeper.source()).pieces);
  const gone = missing.find((one) => !store.has(one.hash, one.hashName));
  if (gone) throw lost(keeper, trouble);
  const legacy = pieces.filter(({ bytes }) => bytes.kind === 'object' && bytes.hashName !== 'md5');
  await takeLegacy(task, legacy, hashes);
  // They came only to be hashed anew.
  for (const one of passing) await host.fs.unlink(store.pathOf(one.hash, one.hashName));
  for (const piece of pieces)
    if (piece.bytes.kind === 'object' && piece.bytes.hashName === 'md5') hashes.set(piece, piece.bytes.hash);
}

function lost({ path, url }: Keeper, trouble: unknown): unknown {
  // What a remote says for itself is worth more than that nothing is there.
  if (is(trouble) && trouble.code !== 'remotes.missing') return trouble;
  return new StrataError('import.noData', { path, url });
}

/** Objects of DVC 2.x get names of 3.x: those of their bytes as they are. */
async function takeLegacy(task: Task, pieces: readonly Piece[], hashes: Map<Piece, string>): Promise<void> {
  if (pieces.length === 0) return;
  const { store } = task.repo;
  const paths = pieces.map(({ bytes }) => (bytes.kind === 'object' ? store.pathOf(bytes.hash, bytes.hashName) : ''));
  const hashed = await store.addFiles(paths, task.call);
  pieces.forEach((piece, n) => hashes.set(piece, hashed[n]?.md5 ?? ''));
}
