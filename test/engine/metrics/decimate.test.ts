/** What is drawn: no peak is lost, zooming in reaches single points, the smoothed line has no biased start. */

import assert from 'node:assert/strict';
import { chartOf, decimate, smoothed } from '../../../src/engine/metrics/decimate';

describe('metrics: decimation', () => {
  const n = 100_000;
  const x = Float64Array.from({ length: n }, (_, i) => i);
  const y = Float64Array.from(x, (at) => Math.sin(at / 500));
  y[12_345] = 50;
  y[54_321] = -50;

  it('keeps at most four points a pixel column, first and last point, and every peak', () => {
    const { picked } = decimate({ x, y }, 300);
    assert.ok(picked.length <= 4 * 300, String(picked.length));
    for (const i of [0, 12_345, 54_321, n - 1]) assert.ok(picked.includes(i), String(i));
  });

  it('keeps the order', () => {
    const { picked } = decimate({ x, y }, 300);
    assert.ok(picked.every((at, i) => i === 0 || at > (picked[i - 1] ?? -1)));
  });

  it('gives single points when zoomed in, and one beyond either end', () => {
    assert.deepEqual(decimate({ x, y }, 300, [100, 105]).picked, [99, 100, 101, 102, 103, 104, 105, 106]);
  });

  const small: [string, number[], number[], [number, number] | undefined, number[], number[]][] = [
    ['nothing', [], [], undefined, [], []],
    ['one point', [3], [1], undefined, [0], []],
    ['one x', [3, 3, 3], [1, 5, 2], undefined, [0, 1, 2], []],
    ['gaps where values are not finite', [0, 1, 2], [1, NaN, 3], undefined, [0, 2], [1]],
    ['only values that are not finite', [0, 1], [NaN, Infinity], undefined, [], [0, 1]],
    ['a range without points', [0, 10], [1, 2], [4, 6], [0, 1], []],
    ['a range before all points', [5, 6], [1, 2], [0, 1], [0], []],
  ];
  for (const [title, xs, ys, range, picked, nonfinite] of small) {
    it(title, () => {
      const drawn = decimate({ x: xs, y: ys }, 10, range);
      assert.deepEqual([[...drawn.picked], [...drawn.nonfinite]], [picked, nonfinite]);
    });
  }
});

describe('metrics: smoothing', () => {
  it('starts at the first value and follows', () => {
    assert.deepEqual([...smoothed([2, 4], 0.5)], [2, (0.5 * 1 + 0.5 * 4) / 0.75]);
  });

  it('is the curve itself without smoothing', () => {
    assert.deepEqual([...smoothed([2, 4, 1], 0)], [2, 4, 1]);
  });

  it('leaves values that are not finite out', () => {
    assert.deepEqual(
      [...smoothed([NaN, 3, Infinity, 3], 0.9)].map((value) => Number(value.toFixed(9))),
      [NaN, 3, 3, 3],
    );
  });
});

describe('metrics: charts', () => {
  const rows: [string, string][] = [
    ['train/loss', 'loss'],
    ['val/loss', 'loss'],
    ['val_loss', 'loss'],
    ['loss', 'loss'],
    ['train_loss_epoch', 'loss'],
    ['metrics/mAP50(B)', 'metrics/mAP50(B)'],
    ['train/box_loss', 'box_loss'],
    ['acc/val', 'acc'],
    ['training', 'training'],
    ['test', 'test'],
    ['validity', 'validity'],
  ];
  for (const [key, chart] of rows) it(`${key} → ${chart}`, () => assert.equal(chartOf(key), chart));
});
