/**
 * DVCLive's TSV files: `plots/metrics/<name>.tsv`, one metric a file. The name is the file's place (`train/loss`), the column is called by its
 * last part only; `timestamp` may stand before `step` (metrics.md §3).
 */

import { type MetricReader } from '../reader';
import { TableParser } from '../tableParser';

const PLACE = '/plots/metrics/';
const ENDING = '.tsv';

/** Reads DVCLive's folders; the folder above `plots` is the source. */
export const dvcliveReader: MetricReader = {
  id: 'dvclive',
  claim: (path) => {
    const cut = `/${path}`.lastIndexOf(PLACE);
    const metric = path.slice(cut + PLACE.length - 1, -ENDING.length);
    if (cut < 0 || metric === '' || !path.endsWith(ENDING)) return undefined;
    return { source: cut === 0 ? '.' : path.slice(0, cut - 1), metric };
  },
  open: ({ metric }, into) => new TableParser(into, { delimiter: '\t', ...(metric === undefined ? {} : { metric }) }),
};
