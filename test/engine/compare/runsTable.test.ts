/** Windows of the runs table. */

import assert from 'node:assert/strict';
import { tableWindow } from '../../../src/engine/compare/runsTable';
import { type RunRow, type RunsTableArgs } from '../../../src/engine/verbs/runs';

function row(name: string, last: RunRow['last'], params: RunRow['params'] = {}): RunRow {
  return { id: name, source: 'commit', name, state: 'finished', labels: [], params, last, best: {} };
}

const ROWS = [
  row('a', { acc: 0.9, n: 10 }, { lr: 0.1, opt: 'adam' }),
  row('b', { acc: 0.8, n: 10 }, { lr: 0.1, opt: 'sgd' }),
  row('c', { n: 10 }, { lr: 0.1, opt: 'sgd' }),
  row('d', { acc: NaN, n: 10 }, { lr: 0.1 }),
  row('e', { acc: 0.8, n: 10 }, { lr: 0.1, opt: 7 }),
];

function check(args: Partial<RunsTableArgs>): string {
  const answer = tableWindow(ROWS, {
    from: 0,
    to: 10,
    sort: [],
    filter: '',
    onlyDiffering: false,
    generation: 4,
    ...args,
  });
  assert.equal(answer.generation, 4);
  const columns = answer.columns.map((column) => `${column.id}${column.numeric ? '#' : ''}`).join(' ');
  return `${answer.rows.map((one) => one.name).join('')} of ${answer.total}: ${columns}`;
}

describe('compare: runs table', () => {
  const all = 'metric:acc# metric:n# param:lr# param:opt';
  const rows: [string, Partial<RunsTableArgs>, string][] = [
    ['as it comes', {}, `abcde of 5: ${all}`],
    ['a window', { from: 1, to: 3 }, `bc of 5: ${all}`],
    ['only what differs', { onlyDiffering: true }, 'abcde of 5: metric:acc# param:opt'],
    ['missing and NaN last, upwards', { sort: [{ column: 'metric:acc', descending: false }] }, `beacd of 5: ${all}`],
    ['and downwards', { sort: [{ column: 'metric:acc', descending: true }] }, `abecd of 5: ${all}`],
    [
      'by several columns; numbers before texts',
      {
        sort: [
          { column: 'metric:acc', descending: false },
          { column: 'param:opt', descending: false },
        ],
      },
      `ebacd of 5: ${all}`,
    ],
    ['by name downwards', { sort: [{ column: 'name', descending: true }] }, `edcba of 5: ${all}`],
    [
      'an unknown column changes nothing',
      { sort: [{ column: 'metric:gone', descending: true }] },
      `abcde of 5: ${all}`,
    ],
    ['filtered: columns of what is left', { filter: 'acc>0.85' }, `a of 1: ${all}`],
    ['nothing left', { filter: 'acc>5' }, ' of 0: '],
  ];
  for (const [title, args, expected] of rows) it(title, () => assert.equal(check(args), expected));
});
