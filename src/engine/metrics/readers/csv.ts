/** Tables of frameworks and of hand-written loops: Keras, Lightning, Ultralytics, any `*.csv` and `*.tsv` (metrics.md §9). */

import { type MetricReader } from '../reader';
import { TableParser } from '../tableParser';

/** Reads CSV and TSV; each file is a source of its own. */
export const csvReader: MetricReader = {
  id: 'csv',
  claim: (path) => (/\.(csv|tsv)$/i.test(path) ? { source: path } : undefined),
  open: (claim, into) => new TableParser(into, /\.tsv$/i.test(claim.source) ? { delimiter: '\t' } : {}),
};
