/** `diff --content A B PATH`: what differs inside. Tables by rows, folders by files; other kinds by their facts, bytes stay on disk. */

import { type Call } from '../../base/cancel';
import { StrataError } from '../errors';
import { type DiffContentAnswer, type DiffContentArgs, type VersionFacts } from '../verbs/data';
import { sideAt, type FileSide, type Side } from './contentVersion';
import { diffFolders } from './diff/folder';
import { contentKind, SNIFF_BYTES, type ContentKind } from './diff/kind';
import { diffTables } from './diff/table';
import { fromArgument, shown } from './paths';
import { type Repo } from './repo';
import { startTask } from './task';

/** Larger tables are told by their facts only: all their rows would be in memory at once. */
const MAX_TABLE_BYTES = 256 * 1024 * 1024;

/**
 * Compares a path at two revisions (`workspace` is one). Fails with `data.noVersion` when neither has it, `cache.missing` when an object
 * that is needed is not in the cache, `diff.kinds` when it is a folder in one and a file in the other, and the errors of `diffTables`.
 */
export async function diffContent(repo: Repo, args: DiffContentArgs, call: Call): Promise<DiffContentAnswer> {
  const task = startTask(repo, call);
  const [revA = 'HEAD', revB = 'workspace', target = '.'] = args.targets;
  const path = fromArgument(repo, target);
  const sides = { a: await sideAt(task, revA, path), b: await sideAt(task, revB, path) };
  const name = shown(repo, path);
  if (!sides.a && !sides.b) throw new StrataError('data.noVersion', { path: name, rev: `${revA}, ${revB}` });
  const kinds = new Set([sides.a, sides.b].flatMap((side) => (side ? [side.kind] : [])));
  if (kinds.size > 1) throw new StrataError('diff.kinds', { path: name, a: revA, b: revB });
  if (kinds.has('folder')) return diffFolders(name, filesOf(sides.a), filesOf(sides.b));
  return diffFiles(name, { a: fileOf(sides.a), b: fileOf(sides.b) }, args, call);
}

function fileOf(side: Side): FileSide | undefined {
  return side?.kind === 'file' ? side : undefined;
}

function filesOf(side: Side): Parameters<typeof diffFolders>[1] {
  return side?.kind === 'folder' ? side.files : new Map();
}

interface Files {
  readonly a: FileSide | undefined;
  readonly b: FileSide | undefined;
}

async function diffFiles(path: string, files: Files, args: DiffContentArgs, call: Call): Promise<DiffContentAnswer> {
  const { a, b } = files;
  const kind = await kindOf(path, files);
  if (kind === 'table' && Math.max(a?.size ?? 0, b?.size ?? 0) <= MAX_TABLE_BYTES) {
    const texts = { a: await textOf(a), b: await textOf(b) };
    const { key, tolerance, rows } = args;
    const options = {
      ...(key ? { key } : {}),
      ...(tolerance === undefined ? {} : { tolerance }),
      ...(rows === undefined ? {} : { rows }),
    };
    return diffTables(path, texts, options, call);
  }
  const facts = { path, a: factsOf(a), b: factsOf(b), same: a?.hash === b?.hash };
  return { kind: kind === 'table' ? 'text' : kind, ...facts };
}

/** The kind of the newer side; names alone decide for images and models, so those are not read. */
async function kindOf(path: string, files: Files): Promise<ContentKind> {
  const byName = contentKind(path, new Uint8Array());
  if (byName === 'image' || byName === 'model') return byName;
  const side = files.b ?? files.a;
  if (!side || side.size > MAX_TABLE_BYTES) return 'binary';
  return contentKind(path, (await side.read()).subarray(0, SNIFF_BYTES));
}

async function textOf(side: FileSide | undefined): Promise<string> {
  return side ? new TextDecoder().decode(await side.read()) : '';
}

function factsOf(side: FileSide | undefined): VersionFacts | null {
  return side ? { size: side.size, hash: side.hash } : null;
}
