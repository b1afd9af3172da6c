/** Curves in memory. */

import assert from 'node:assert/strict';
import { newestLineage, Series } from '../../../src/engine/metrics/seriesStore';

describe('metrics: series in memory', () => {
  it('grow without losing a point, and earlier views stay as they were', () => {
    const series = new Series();
    for (let i = 0; i < 10; i += 1) series.push(i, -i);
    const early = series.x;
    for (let i = 10; i < 1000; i += 1) series.push(i, -i, i === 500 ? 7 : undefined);
    assert.deepEqual([...early], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(series.n, 1000);
    assert.equal(series.y[999], -999);
    assert.equal(series.wall?.[500], 7);
    assert.ok(Number.isNaN(series.wall?.[499]));
  });

  const rows: [string, number[], number[]][] = [
    ['a restart gives up what it writes again', [0, 1, 2, 3, 2, 3, 4], [0, 1, 4, 5, 6]],
    ['a restart from the beginning', [0, 1, 2, 0, 1], [3, 4]],
    ['several rows of one step stay', [0, 1, 1, 2], [0, 1, 2, 3]],
    ['nothing', [], []],
  ];
  for (const [title, x, kept] of rows) it(title, () => assert.deepEqual([...newestLineage(x)], kept));
});
