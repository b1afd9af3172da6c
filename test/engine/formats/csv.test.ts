import assert from 'node:assert/strict';
import { StrataError } from '../../../src/engine/errors';
import { parseCsv } from '../../../src/engine/formats/csv';

describe('CSV', () => {
  const cases: [string, string, ',' | '\t' | ';', string[], string[][]][] = [
    [
      'a header and rows',
      'x,y\n0,1.5\n1,2\n',
      ',',
      ['x', 'y'],
      [
        ['0', '1.5'],
        ['1', '2'],
      ],
    ],
    ['tabs', 'step\tacc\n0\t0.5\n', '\t', ['step', 'acc'], [['0', '0.5']]],
    ['quotes, commas and line ends inside', 'a,b\n"x, ""y""","l1\nl2"\n', ',', ['a', 'b'], [['x, "y"', 'l1\nl2']]],
    ['CRLF and a byte order mark', '\ufeffa;b\r\n1;2\r\n', ';', ['a', 'b'], [['1', '2']]],
    [
      'short and long rows',
      'a,b\n1\n1,2,3\n',
      ',',
      ['a', 'b'],
      [
        ['1', ''],
        ['1', '2', '3'],
      ],
    ],
    ['empty lines between', 'a\n\n1\n\n', ',', ['a'], [['1']]],
    ['nothing', '', ',', [], []],
    ['a header alone', 'a,b', ',', ['a', 'b'], []],
    ['text that looks like numbers', 'a\n007\nNaN\n', ',', ['a'], [['007'], ['NaN']]],
  ];
  for (const [name, text, delimiter, columns, rows] of cases) {
    it(name, () => assert.deepEqual(parseCsv(text, 'f.csv', delimiter), { columns, rows }));
  }

  it('refuses a quote that is never closed', () => {
    assert.throws(
      () => parseCsv('a,b\n1,"x\n2,y\n', 'f.csv'),
      (error) => error instanceof StrataError && error.code === 'formats.csv' && error.data.line === 2,
    );
  });
});
