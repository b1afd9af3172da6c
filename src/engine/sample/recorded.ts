/**
 * What `media/sample` holds: the history of the sample project and the contents of its cache, recorded from real runs
 * (`media/sample/README.md` describes the files, `scripts/recordSample.py` writes them).
 */

import { StrataError } from '../errors';
import { type Person } from '../git/git';
import { type Host } from '../host/host';

/** A commit of the sample. */
export interface RecordedCommit {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly message: string;
  /** Paths of the files that it changes. */
  readonly files: readonly string[];
  /** Outputs the cache serves at this commit: hash by path, folders with `.dir`. */
  readonly outs: Readonly<Record<string, string>>;
}

/** `history.json`. */
export interface RecordedHistory {
  readonly author: Person;
  /** So many commits have their data on the sample's remote. */
  readonly pushed: number;
  readonly commits: readonly RecordedCommit[];
  readonly tags: readonly {
    readonly name: string;
    /** Number of the commit, from 1. */
    readonly commit: number;
    readonly date: string;
    readonly message: string;
  }[];
}

/** The recording, read. */
export interface Recorded {
  readonly history: RecordedHistory;
  /** Hashes of all objects. */
  readonly hashes: readonly string[];
  /** The text of an object; fails with `sample.damaged` for one that is not there. */
  object(hash: string): string;
  /** The text of a file that the commit of that number (from 1) changes. */
  file(commit: number, path: string): Promise<string>;
}

interface Packed {
  readonly lines: readonly string[];
  readonly objects: Readonly<Record<string, readonly number[]>>;
}

/** Reads `folder` (absolute path of `media/sample`). Fails with `sample.damaged` when a part is missing or broken. */
export async function readRecorded(host: Host, folder: string): Promise<Recorded> {
  const damaged = (path: string, cause?: unknown): StrataError =>
    new StrataError('sample.damaged', { path }, { cause });
  const text = async (path: string): Promise<string> => {
    const found = await host.fs.readText(`${folder}/${path}`);
    if (found === undefined) throw damaged(`${folder}/${path}`);
    return found;
  };
  const packedPath = `${folder}/objects.json.gz`;
  const packed = await readPacked(host, packedPath).catch((error: unknown) => {
    throw damaged(packedPath, error);
  });
  const history = parse<RecordedHistory>(await text('history.json'));
  if (history === undefined) throw damaged(`${folder}/history.json`);
  return {
    history,
    hashes: Object.keys(packed.objects),
    object: (hash) => {
      const ranges = packed.objects[hash];
      if (ranges === undefined) throw damaged(packedPath);
      return joinRanges(packed.lines, ranges);
    },
    file: (commit, path) => text(`commits/${commit}/${undotted(path)}`),
  };
}

/** How a path is spelled in `media/sample/commits`: packers leave out names that begin with a dot. */
export function undotted(path: string): string {
  return path.replace(/(^|\/)\./g, '$1dot-');
}

/** The lines of `[first, count, first, count …]`, joined by newlines. */
export function joinRanges(lines: readonly string[], ranges: readonly number[]): string {
  const out: string[] = [];
  for (let i = 0; i + 1 < ranges.length; i += 2) {
    const first = ranges[i] ?? 0;
    out.push(...lines.slice(first, first + (ranges[i + 1] ?? 0)));
  }
  return out.join('\n');
}

async function readPacked(host: Host, path: string): Promise<Packed> {
  const bytes = await host.fs.readFile(path);
  const plain = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(plain).text()) as Packed;
}

function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
