/** Whose a file is by its place. */

import assert from 'node:assert/strict';
import { metricFile } from '../../../../src/engine/metrics/metrics';

describe('metrics: whose a file is', () => {
  const rows: [string, string | undefined][] = [
    ['dvclive/plots/metrics/train/loss.tsv', 'dvclive dvclive train/loss'],
    ['plots/metrics/loss.tsv', 'dvclive . loss'],
    ['a/b/plots/metrics/acc.tsv', 'dvclive a/b acc'],
    ['dvclive/plots/custom/x.json', undefined],
    ['results.csv', 'csv results.csv '],
    ['my plots/metrics/x.tsv', 'csv my plots/metrics/x.tsv '],
    ['run/log.TSV', 'csv run/log.TSV '],
    ['model.bin', undefined],
  ];
  for (const [path, expected] of rows) {
    it(path, () => {
      const file = metricFile(path);
      assert.equal(file && `${file.reader.id} ${file.claim.source} ${file.claim.metric ?? ''}`, expected);
    });
  }
});
