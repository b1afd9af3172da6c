/** The door by name: what it refuses, and how it writes what JSON cannot say. */

import assert from 'node:assert/strict';
import { runMethod } from '../../../src/engine/stats/stats';

type Row = [method: string, input: unknown, options: unknown, want: Record<string, unknown>];

function check([method, input, options, want]: Row): void {
  const code = want['code'];
  if (typeof code === 'string') {
    assert.throws(
      () => runMethod(method, input, options),
      (error: unknown) => {
        const { code: got, data } = error as { code: string; data: Record<string, unknown> };
        assert.deepEqual({ code: got, ...('field' in want ? { field: data['field'] } : {}) }, want);
        return true;
      },
    );
    return;
  }
  const got = runMethod(method, input, options) as Record<string, unknown>;
  for (const [field, value] of Object.entries(want)) assert.deepEqual(got[field], value, field);
}

const bad = (field: string): Record<string, unknown> => ({ code: 'stats.badInput', field });
const rows: Row[] = [
  ['welch', {}, {}, { code: 'stats.unknownMethod' }],
  ['constructor', {}, {}, { code: 'stats.unknownMethod' }],
  ['mcnemar', null, {}, bad('input')],
  ['mcnemar', { b: 1, c: 2, n: 2 }, {}, bad('n')],
  ['mcnemar', { b: 1.5, c: 2, n: 20 }, {}, bad('b')],
  ['mcnemar', { b: 0, c: 4, n: 9 }, null, { odds_ratio: 'inf', n: 9 }],
  ['mcnemar', { b: 0, c: 4, n: 9 }, { alpha: 5 }, bad('alpha')],
  ['mcnemar', { b: 0, c: 4, n: 9 }, { margin: -1 }, bad('margin')],
  ['mcnemar', { b: 0, c: 4, n: 9 }, { goal: 'up' }, bad('goal')],
  ['mcnemar', { y: [1], pred_a: [1, 2], pred_b: [1] }, {}, { code: 'stats.lengths' }],
  ['paired_t', { a: [1], b: [{}] }, {}, bad('b')],
  ['two_proportions', { n_a: 1, x_a: 2, n_b: 1, x_b: 1 }, {}, bad('x_a')],
  ['wilson', { k: 3, n: 2 }, {}, bad('k')],
  ['dist', { distribution: 'cauchy', rows: [] }, {}, bad('distribution')],
  ['dist', { distribution: 't', rows: [{ args: [], x: 1 }] }, {}, bad('args')],
  [
    'dist',
    {
      distribution: 'normal',
      rows: [
        { args: [], p: 1 },
        { args: [], x: '-inf' },
      ],
    },
    {},
    { rows: [{ ppf: 'inf' }, { cdf: 0, sf: 1 }] },
  ],
  ['dist', { distribution: 'chi2', rows: [{ args: [-1], x: 1 }] }, {}, { rows: [{ cdf: 'nan', sf: 'nan' }] }],
  ['bootstrap', { d: [1, 2], statistic: 'median' }, {}, bad('statistic')],
  [
    'bootstrap',
    { d: [1, null, 2], resamples: 50 },
    {},
    { n: 2, dropped: 1, resamples: 50, warnings: ['many_dropped'] },
  ],
  ['sign_flip', { a: [0, 0], b: [1, 1] }, {}, { p: 0.5, n: 2 }],
  ['verdict', { n: 5, ci: null, estimate: null, se: 'nan', p: null }, {}, { verdict: 'not_enough_data', mde: null }],
];

describe('statistics by name', () => {
  for (const row of rows) it(`${row[0]} ${JSON.stringify(row[1])} ${JSON.stringify(row[2])}`, () => check(row));
});
