/** Finds metric files below a folder and says whose they are. Links are not followed; hidden folders and other programs' are not entered. */

import { pacer, type Call } from '../../base/cancel';
import { compareCodePoints } from '../../base/paths';
import { type HostFs } from '../host/host';
import { type Claim, type MetricReader } from './reader';
import { csvReader } from './readers/csv';
import { dvcliveReader } from './readers/dvclive';

/** All readers; the first that claims a file gets it. */
const READERS: readonly MetricReader[] = [dvcliveReader, csvReader];

/** More files than this are not metric logs of one project. */
const MOST_FILES = 10_000;
const SKIPPED = new Set(['node_modules', '__pycache__', 'site-packages']);

/** A file with the reader that takes it. */
export interface MetricFile {
  /** Relative to where the search began, `/` between parts. */
  readonly path: string;
  readonly reader: MetricReader;
  readonly claim: Claim;
}

/** The reader of a file by its path, or undefined when no reader knows it. */
export function claimFile(path: string): MetricFile | undefined {
  for (const reader of READERS) {
    const claim = reader.claim(path);
    if (claim) return { path, reader, claim };
  }
  return undefined;
}

/** Metric files at or below `folder` (absolute), sorted; shallower ones first. `start` is the part of the path that is kept before each name. */
export async function discoverFiles(fs: HostFs, folder: string, call: Pick<Call, 'signal'>): Promise<MetricFile[]> {
  const found: MetricFile[] = [];
  const pace = pacer(call.signal);
  const open = [''];
  for (let at = open.shift(); at !== undefined && found.length < MOST_FILES; at = open.shift()) {
    await pace();
    const entries = (await fs.readdir(at === '' ? folder : `${folder}/${at}`)) ?? [];
    for (const { name, kind } of entries.sort((a, b) => compareCodePoints(a.name, b.name))) {
      const path = at === '' ? name : `${at}/${name}`;
      if (kind === 'folder' && !name.startsWith('.') && !SKIPPED.has(name)) open.push(path);
      const file =
        kind === 'file' || (kind === 'link' && (await isFile(fs, `${folder}/${path}`))) ? claimFile(path) : undefined;
      if (file) found.push(file);
    }
  }
  return found;
}

/** Outputs can be links into the cache. */
async function isFile(fs: HostFs, path: string): Promise<boolean> {
  return (await fs.stat(path))?.kind === 'file';
}
