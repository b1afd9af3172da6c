/** Series of bytes that no longer change: files of commits. */

import { type MetricFile } from './discover';
import { SeriesSet } from './seriesStore';

/** Reads a whole file; a last line without its end counts when it has all its cells. */
export function readSeries(bytes: Uint8Array, { reader, claim }: MetricFile): SeriesSet {
  const set = new SeriesSet();
  const parser = reader.open(claim, set);
  parser.push(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  parser.end();
  return set;
}
