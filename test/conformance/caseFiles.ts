/**
 * Conformance cases as files: what DVC 3.67.1 and GTO 1.10.1 did, one case a JSON file. A case is a project (`before`), what is done in it
 * (`ops`), and what must hold afterwards (`expect`). In any text `{ROOT}` stands for the project's folder and `{UP}` for the one above it.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../src/engine/formats/json';
import { isDict, isList, type Value } from '../../src/engine/formats/values';

/** A file, a link or a folder; a path may start with `../`: then it lies beside the project. */
export interface Entry {
  readonly path: string;
  readonly text?: string;
  readonly base64?: string;
  /** Target of a symbolic link. */
  readonly link?: string;
  readonly dir?: boolean;
  /** Permission bits in octal, 644 unless told. */
  readonly mode?: string;
}

/** A program that is run in `cwd`, the project's folder unless told. */
export interface ToolOp {
  readonly op: 'dvc' | 'gto' | 'git';
  readonly args: readonly string[];
  readonly cwd?: string;
}

/** A question to DVC's library. */
export interface ApiOp {
  readonly op: 'api';
  readonly name: string;
  readonly files?: readonly string[];
  readonly file?: string;
}

/** One act. */
export type Op =
  | ToolOp
  | ApiOp
  | ({ readonly op: 'write' } & Entry)
  | { readonly op: 'rm'; readonly path: string }
  | { readonly op: 'mv' | 'copy'; readonly from: string; readonly to: string }
  | { readonly op: 'chmod'; readonly path: string; readonly mode: string }
  | { readonly op: 'commit'; readonly message: string; readonly cwd?: string }
  | { readonly op: 'tag'; readonly name: string; readonly rev: string; readonly at: number; readonly light?: boolean }
  | { readonly op: 'fresh-state' }
  | { readonly op: 'dvclive'; readonly dir: string };

/** What an act must give; exit status 0 where it says nothing. */
export interface OpExpectation {
  readonly exit?: number;
  readonly json?: unknown;
  readonly stdout?: string;
  readonly value?: unknown;
}

/** A file that must have these bytes, or with `compare` the same content in another layout. */
export interface ExpectedFile extends Entry {
  readonly compare?: 'yaml' | 'config';
}

/** What must hold after the last act. */
export interface Expectations {
  readonly ops?: readonly (OpExpectation | null)[];
  readonly files?: readonly ExpectedFile[];
  readonly absent?: readonly string[];
  /** The complete cache below `.dvc/cache`. */
  readonly cache?: Readonly<Record<string, { readonly mode: string; readonly text?: string }>>;
  /** The complete folder `../remote`. */
  readonly remote?: Readonly<Record<string, string>>;
  readonly modes?: Readonly<Record<string, string>>;
  /** `symlink:<target>`, `hardlink-to-cache` or `copy` by path. */
  readonly links?: Readonly<Record<string, string>>;
}

/** One case. */
export interface Case {
  readonly id: string;
  readonly area: string;
  readonly title: string;
  readonly before: readonly Entry[];
  readonly ops: readonly Op[];
  readonly expect: Expectations;
  /** `data` of an `api` act, `calls` of a `dvclive` act by its number, read so that `1` and `1.0` stay two things. */
  readonly data: ReadonlyMap<number, Value>;
}

/** Where the copied cases lie. */
export const casesFolder = join(import.meta.dirname, 'cases');

/** Ids of the cases in a folder, sorted. */
export function caseIds(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

/** Reads a case of ours. */
export function readCase(id: string): Case {
  const path = join(casesFolder, `${id}.json`);
  const text = readFileSync(path, 'utf8');
  const plain = JSON.parse(text) as Omit<Case, 'data'>;
  return { ...plain, expect: withoutLostOrder(plain), data: opData(parseJson(text, path)) };
}

/** Maps in a case have their keys sorted: in which order params were logged is lost, so of them only the content is held against. */
function withoutLostOrder({ ops, expect }: Omit<Case, 'data'>): Expectations {
  const logs = ops.flatMap((op) => (op.op === 'dvclive' ? [`${op.dir}/params.yaml`] : []));
  if (logs.length === 0 || !expect.files) return expect;
  return {
    ...expect,
    files: expect.files.map((file) => (logs.includes(file.path) ? { ...file, compare: 'yaml' } : file)),
  };
}

function opData(whole: Value): Map<number, Value> {
  const ops = isDict(whole) ? whole.get('ops') : undefined;
  const found = new Map<number, Value>();
  (isList(ops) ? ops : []).forEach((op, n) => {
    const data = isDict(op) ? (op.get('data') ?? op.get('calls')) : undefined;
    if (data !== undefined) found.set(n, data);
  });
  return found;
}
