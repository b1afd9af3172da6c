/**
 * The door of metric files: finding them, following them while they grow, reading them whole, and the points that are drawn of them.
 * Curves are `seriesStore.ts`, their readers are in `readers/`; `decimate.ts` and `goal.ts` are pure and used by name.
 */

import { type Call } from '../../base/cancel';
import { type Host, type HostFs } from '../host/host';
import { type SeriesAnswer, type SeriesArgs } from '../verbs/runs';
import { claimFile, type MetricFile } from './discover';
import { FollowedFile } from './follow';
import { readSeries } from './readText';
import { readLogs } from './series';
import { type SeriesSet } from './seriesStore';

/** `series PATH…`; see `series.ts`. Needs no project. */
export function series(
  place: { readonly dir: string; readonly host: Host },
  args: SeriesArgs,
  call: Call,
): Promise<SeriesAnswer> {
  return readLogs(place, args, call);
}

/** The reader of a file by its path; see `discover.ts`. */
export function metricFile(path: string): MetricFile | undefined {
  return claimFile(path);
}

/** Follows a file on disk (`path` absolute); see `follow.ts`. */
export function followFile(fs: HostFs, path: string, file: MetricFile): FollowedFile {
  return new FollowedFile(fs, path, file);
}

/** The series of a file that no longer changes. */
export function readWhole(bytes: Uint8Array, file: MetricFile): SeriesSet {
  return readSeries(bytes, file);
}
