/** What a filter of the runs table lets through. */

import assert from 'node:assert/strict';
import { parseFilter } from '../../../src/engine/compare/filter';
import { type RunRow } from '../../../src/engine/verbs/runs';

function row(name: string, more: Partial<RunRow> = {}): RunRow {
  return { id: name, source: 'commit', name, state: 'finished', labels: [], params: {}, last: {}, best: {}, ...more };
}

const ROWS = [
  row('main', {
    message: 'Wider network',
    author: 'Ana',
    last: { accuracy: 0.93, 'val.loss': 0.1 },
    params: { 'train.lr': 0.1, opt: 'adam' },
  }),
  row('abc1234', {
    message: 'Small network',
    labels: ['digits@v0.1.0', 'digits#prod'],
    last: { accuracy: 0.87 },
    params: { 'train.lr': 0.05 },
  }),
  row('seed-12', {
    message: 'x',
    last: { accuracy: NaN },
    params: { deep: true, layers: [1, 2], big: 12345678901234567890n },
  }),
];

describe('compare: filter', () => {
  const rows: [string, string][] = [
    ['', 'main abc1234 seed-12'],
    ['network', 'main abc1234'],
    ['network wider', 'main'],
    ['NETWORK -wider', 'abc1234'],
    ['accuracy>0.9', 'main'],
    ['accuracy<=0.87', 'abc1234'],
    ['accuracy>=0.87 ana', 'main'],
    ['lr=0.05', 'abc1234'],
    ['train.lr!=0.05', 'main seed-12'],
    ['opt=ADAM', 'main'],
    ['opt!=adam', 'abc1234 seed-12'],
    ['/seed-\\d+/', 'seed-12'],
    ['/^main$/m or prod', 'abc1234'],
    ['accuracy>0.9 or #prod', 'main abc1234'],
    ['wider or small', 'main abc1234'],
    ['"Small network"', 'abc1234'],
    ['digits@v0.1.0', 'abc1234'],
    ['/(/', ''],
    ['deep=true', 'seed-12'],
    ['big>1000', 'seed-12'],
    ['gone>1', ''],
    ['or', 'main abc1234 seed-12'],
    ['-', 'seed-12'],
  ];
  for (const [filter, expected] of rows) {
    it(JSON.stringify(filter), () =>
      assert.equal(
        ROWS.filter(parseFilter(filter))
          .map((one) => one.name)
          .join(' '),
        expected,
      ),
    );
  }
});
