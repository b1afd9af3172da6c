/** Tables as they come in pieces, with everything that writers do to them. */

import assert from 'node:assert/strict';
import { SeriesSet } from '../../../src/engine/metrics/seriesStore';
import { TableParser, type TableShape } from '../../../src/engine/metrics/tableParser';

/** `key: x=y x=y …`, a line a series, moments after `@`. */
function parse(pieces: readonly string[], shape: TableShape = {}, end = false): string {
  const set = new SeriesSet();
  const parser = new TableParser(set, shape);
  for (const piece of pieces) parser.push(piece);
  if (end) parser.end();
  return [...set.series]
    .map(([key, { x, y, wall }]) => {
      const points = [...x].map((at, i) => `${at}=${y[i]}${wall ? `@${wall[i]}` : ''}`);
      return `${key}: ${points.join(' ')}`;
    })
    .join('\n');
}

describe('metrics: tables', () => {
  const rows: [string, string[], string, TableShape?][] = [
    ['a header and rows', ['step,loss\n0,1.5\n1,1\n'], 'loss: 0=1.5 1=1'],
    ['pieces cut anywhere', ['st', 'ep,lo', 'ss\n0', ',1.', '5\n1,', '1\n'], 'loss: 0=1.5 1=1'],
    ['a line without its end waits', ['step,loss\n0,1\n1,0.1'], 'loss: 0=1'],
    ['CRLF', ['step,loss\r\n0,1\r\n1,2\r\n'], 'loss: 0=1 1=2'],
    ['a byte order mark', ['\ufeffstep,loss\n0,1\n'], 'loss: 0=1'],
    [
      'NaN and infinities are data',
      ['step,a\n0,nan\n1,NaN\n2,inf\n3,-Infinity\n'],
      'a: 0=NaN 1=NaN 2=Infinity 3=-Infinity',
    ],
    ['empty cells and NA are not', ['step,a,b\n0,,1\n1,2,NA\n'], 'b: 0=1\na: 1=2'],
    ['steps repeat and go back', ['step,a\n5,1\n5,2\n3,3\n'], 'a: 5=1 5=2 3=3'],
    ['step is taken before epoch', ['epoch,step,a\n0,7,1\n'], 'epoch: 7=0\na: 7=1'],
    ['without steps rows are counted', ['a\n4\n5\n'], 'a: 0=4 1=5'],
    ['a header in the middle starts anew', ['step,a\n0,1\nstep,a,b\n1,2,3\n'], 'a: 0=1 1=2\nb: 1=3'],
    ['moments are wall time, in milliseconds', ['step,time,a\n0,1700000000.5,1\n'], 'a: 0=1@1700000000500'],
    ['ISO moments too', ['step,timestamp,a\n0,2026-01-01T00:00:00Z,1\n'], 'a: 0=1@1767225600000'],
    ['seconds since the start are a metric', ['epoch,time,a\n1,0.5,1\n'], 'time: 1=0.5\na: 1=1'],
    ['quotes, doubled quotes, line ends within', ['step,a,t\n0,1,"x, ""y""\nz"\n1,2,w\n'], 'a: 0=1 1=2'],
    ['lists and texts are no metrics', ['step,a,l\n0,1,"[1, 2]"\n'], 'a: 0=1'],
    ['padded names and cells', ['  epoch,  a \n  1,  2 \n'], 'a: 1=2'],
    ['semicolons', ['step;a\n0;1\n'], 'a: 0=1'],
    [
      'a name given from outside',
      ['timestamp\tstep\tloss\n1767225600000\t0\t1\n'],
      'train/loss: 0=1@1767225600000',
      { delimiter: '\t', metric: 'train/loss' },
    ],
    ['short rows', ['step,a,b\n0,1\n'], 'a: 0=1'],
    ['rubbish', ['\u0000\u0001\n{"a": 1}\n\n,,,\n'], ''],
  ];
  for (const [title, pieces, expected, shape] of rows) {
    it(title, () => assert.equal(parse(pieces, shape), expected));
  }

  it('loses one row at most to a quote that nobody closes', () => {
    const set = new SeriesSet();
    new TableParser(set).push(`step,a\n0,"x\n${'1,2\n'.repeat(20_000)}`);
    assert.equal(set.series.get('a')?.n, 20_000);
  });

  it('takes the last line at the end when it is whole', () => {
    assert.equal(parse(['step,a\n0,1\n1,2'], {}, true), 'a: 0=1 1=2');
    assert.equal(parse(['step,a,b\n0,1,1\n1,2'], {}, true), 'a: 0=1\nb: 0=1');
  });
});
