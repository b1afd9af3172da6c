/** Short names of values. */

import assert from 'node:assert/strict';
import { findValue, nameValues } from '../../../src/engine/compare/names';
import { type FileFacts } from '../../../src/engine/compare/facts';

const EVAL: FileFacts = { path: 'eval.json', values: { accuracy: 0.9, loss: 1 } };
const LIVE: FileFacts = { path: 'live/metrics.json', values: { step: 3, 'val.loss': 2, loss: 4 }, live: true };
const BARE: FileFacts = { path: 'score.json', values: { '': 5 } };

describe('compare: names of values', () => {
  it('are bare while only one file has the key, in all runs', () => {
    assert.deepEqual(nameValues([[EVAL]]).values([EVAL]), { accuracy: 0.9, loss: 1 });
    assert.deepEqual(nameValues([[EVAL], [LIVE]]).values([EVAL]), { accuracy: 0.9, 'eval.json:loss': 1 });
  });

  it('put what was measured on purpose before summaries of curves, and the step last', () => {
    const names = Object.keys(nameValues([[LIVE, EVAL]]).values([LIVE, EVAL]));
    assert.deepEqual(names, ['accuracy', 'eval.json:loss', 'val.loss', 'live/metrics.json:loss', 'step']);
  });

  it('are the path for a file that is one value', () => {
    assert.deepEqual(nameValues([[BARE]]).values([BARE]), { 'score.json': 5 });
  });

  const rows: [string, unknown][] = [
    ['accuracy', 0.9],
    ['eval.json:loss', 1],
    ['live/metrics.json:loss', 4],
    ['loss', undefined],
    ['score.json', 5],
    ['gone', undefined],
    ['gone.json:accuracy', undefined],
  ];
  for (const [wanted, value] of rows)
    it(`finds ${wanted}`, () => assert.equal(findValue([EVAL, LIVE, BARE], wanted), value));
});
