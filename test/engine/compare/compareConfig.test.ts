/** `.strata/compare.yaml`. */

import assert from 'node:assert/strict';
import { parseCompareConfig } from '../../../src/engine/compare/compareConfig';
import { is } from '../../../src/engine/errors';

describe('compare: compare.yaml', () => {
  it('is read whole', () => {
    const config = parseCompareConfig(
      'schema: 1\nsamples: {path: e/p.csv, id: id, true: y_true, pred: y_pred, cluster: writer}\n' +
        'metrics:\n  accuracy: {goal: max, margin: 0.005, primary: true}\n  latency_ms: {goal: min, column: ms}\n',
    );
    assert.deepEqual(config.samples, { path: 'e/p.csv', id: 'id', truth: 'y_true', pred: 'y_pred', cluster: 'writer' });
    assert.deepEqual(config.metrics.get('accuracy'), { goal: 'max', margin: 0.005, primary: true });
    assert.deepEqual(config.metrics.get('latency_ms'), { goal: 'min', primary: false, column: 'ms' });
  });

  const rows: [string, string, string][] = [
    ['unknown keys', 'schema: 1\nsample: {}\n', 'formats.extraKeyNear'],
    ['another schema', 'schema: 2\n', 'formats.badValue'],
    ['no schema', 'metrics: {}\n', 'formats.missingKey'],
    ['a goal that is none', 'schema: 1\nmetrics: {a: {goal: up}}\n', 'formats.badValue'],
    ['a margin of zero', 'schema: 1\nmetrics: {a: {margin: 0}}\n', 'compare.margin'],
    ['broken YAML', 'schema: [1\n', 'formats.yaml'],
  ];
  for (const [title, text, code] of rows) {
    it(`refuses ${title}`, () =>
      assert.throws(
        () => parseCompareConfig(text),
        (error) => is(error, code),
      ));
  }
});
