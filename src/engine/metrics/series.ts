/** `series PATH…`: every metric log at or below the paths, read once, with its count, ends and extremes (cli.md §7). */

import { pacer, type Call } from '../../base/cancel';
import { basename, join } from '../../base/paths';
import { StrataError } from '../errors';
import { type Host } from '../host/host';
import { type SeriesAnswer, type SeriesArgs } from '../verbs/runs';
import { claimFile, discoverFiles, type MetricFile } from './discover';
import { FollowedFile } from './follow';
import { type Series, type SeriesSet } from './seriesStore';

/** A file that nobody has written for so long is over. */
const OVER_MS = 10 * 60_000;

interface Read {
  readonly source: string;
  readonly series: SeriesSet;
}

/** Reads the logs. Fails with `metrics.notFound` when a path does not exist. `dir` is absolute: relative paths start there. */
export async function readLogs(
  { dir, host }: { readonly dir: string; readonly host: Host },
  args: SeriesArgs,
  call: Call,
): Promise<SeriesAnswer> {
  const notes: string[] = [];
  const reads: Read[] = [];
  const many = args.targets.length > 1;
  for (const target of args.targets) {
    const at = target.startsWith('/') ? target : join(dir, target);
    for (const read of await readPath(host, at, notes, call))
      reads.push(many ? { ...read, source: join(target, read.source) } : read);
  }
  return { series: await describe(dropCopies(reads, notes), args.points === true, call), notes };
}

async function readPath(host: Host, at: string, notes: string[], call: Call): Promise<Read[]> {
  const stat = await host.fs.stat(at);
  if (!stat) throw new StrataError('metrics.notFound', { path: at });
  const isFile = stat.kind === 'file';
  const one = isFile ? (claimFile(at) ?? claimFile(`${at}.csv`)) : undefined;
  const files: MetricFile[] = one
    ? [{ ...one, path: at, claim: { ...one.claim, source: basename(at) } }]
    : await discoverFiles(host.fs, at, call);
  const reads: Read[] = [];
  for (const file of files) {
    const followed = new FollowedFile(host.fs, isFile ? at : join(at, file.path), file);
    await followed.poll(call);
    const over = host.now() - (followed.modified ?? 0) > OVER_MS;
    if (over && !(await followed.finish(call))) notes.push(`${file.path}: the last record is incomplete`);
    reads.push({ source: file.claim.source, series: followed.series });
  }
  return reads;
}

/** A log that says exactly what an earlier one says is a copy of it. */
function dropCopies(reads: readonly Read[], notes: string[]): Read[] {
  const kept: Read[] = [];
  for (const read of reads) {
    const same = kept.find((other) => other.source !== read.source && isCopy(other.series, read.series));
    if (same) notes.push(`${read.source}: a copy of ${same.source}`);
    else kept.push(read);
  }
  return kept;
}

function isCopy(a: SeriesSet, b: SeriesSet): boolean {
  if (a.series.size === 0 || a.series.size !== b.series.size) return false;
  return [...a.series].every(([key, series]) => {
    const other = b.series.get(key);
    return other?.n === series.n && series.y.every((y, i) => Object.is(y, other.y[i]) && series.x[i] === other.x[i]);
  });
}

/** One log alone needs no name: `|loss`; several are told apart by their paths: `a.csv|loss`. */
async function describe(reads: readonly Read[], points: boolean, call: Call): Promise<SeriesAnswer['series']> {
  const filled = reads.filter((read) => read.series.series.size > 0);
  const alone = new Set(filled.map((read) => read.source)).size <= 1;
  const answer: SeriesAnswer['series'] = {};
  const pace = pacer(call.signal);
  for (const { source, series } of filled) {
    for (const [key, one] of series.series) {
      await pace();
      answer[`${alone ? '' : source}|${key}`] = summary(one, points);
    }
  }
  return answer;
}

function summary(series: Series, points: boolean): SeriesAnswer['series'][string] {
  const { x, y, n } = series;
  let min = Infinity;
  let max = -Infinity;
  let finite = 0;
  for (const value of y) {
    if (!Number.isFinite(value)) continue;
    finite += 1;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return {
    n,
    first: [x[0] ?? NaN, spelled(y[0] ?? NaN)],
    last: [x[n - 1] ?? NaN, spelled(y[n - 1] ?? NaN)],
    min: finite > 0 ? min : null,
    max: finite > 0 ? max : null,
    nonfinite: n - finite,
    ...(points ? { x: [...x], y: [...y].map(spelled) } : {}),
  };
}

/** A number, or the name of one that JSON has no word for. */
function spelled(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
