/** Samples of two runs side by side. */

import assert from 'node:assert/strict';
import { quietCall } from '../../../src/base/cancel';
import { type Predictions } from '../../../src/engine/compare/predictions';
import { joinSamples, labelsOf, sortSamples } from '../../../src/engine/compare/samples';

/** `id:truth>pred …`; without ids `truth>pred …`. */
function predictions(text: string, data?: string): Predictions {
  const rows = text.split(' ').map((part) => part.split(/[:>]/));
  const hasIds = text.includes(':');
  const column = (i: number): string[] => rows.map((row) => row[i] ?? '');
  const [id, truth, pred] = hasIds ? [column(0), column(1), column(2)] : [[], column(0), column(1)];
  return {
    path: 'p.csv',
    n: rows.length,
    columns: new Map([
      ['id', id],
      ['y', truth],
      ['p', pred],
    ]),
    truth: 'y',
    pred: 'p',
    ...(hasIds ? { id: 'id' } : {}),
    ...(data === undefined ? {} : { data }),
  };
}

async function check(a: Predictions, b: Predictions): Promise<string> {
  const joined = await joinSamples(a, b, quietCall());
  if (joined.invalid !== undefined) return joined.invalid;
  const labels = labelsOf(a, b, joined);
  if (!labels) return 'measured';
  const { counts, samples } = sortSamples(joined.ids, labels);
  const shown = samples.map((one) => `${one.kind} ${one.id}:${one.truth}>${one.a}/${one.b}`).join(', ');
  return `${counts.fixed} ${counts.broken} ${counts.bothWrong} ${counts.bothRight} | ${shown}${joined.warnings.length > 0 ? ` ! ${joined.warnings.join(' ')}` : ''}`;
}

const many = (n: number, from = 0): string => Array.from({ length: n }, (_, i) => `${i + from}:1>1`).join(' ');

describe('compare: samples', () => {
  const rows: [string, Predictions, Predictions, string][] = [
    [
      'joined by id, in any order',
      predictions('1:a>a 2:a>b 3:a>b 4:a>a'),
      predictions('4:a>b 3:a>c 2:a>a 1:a>a'),
      '1 1 1 1 | broken 4:a>a/b, fixed 2:a>b/a, bothWrong 3:a>b/c',
    ],
    [
      'numbers are compared as numbers',
      predictions('1:3>3.0 2:4>5'),
      predictions('1:3>3 2:4>4'),
      '1 0 0 1 | fixed 2:4>5/4',
    ],
    ['texts as texts', predictions('1:x3>x3.0 2:y>y'), predictions('1:x3>x3 2:y>y'), '1 0 0 1 | fixed 1:x3>x3.0/x3'],
    ['an id twice', predictions('1:a>a 1:a>a'), predictions('1:a>a 2:a>a'), 'duplicate_ids'],
    ['a few without a partner', predictions(many(100)), predictions(many(99)), '0 0 0 99 |  ! unmatched'],
    ['too many without a partner', predictions(many(100)), predictions(many(100, 10)), 'unmatched'],
    ['labels that differ', predictions('1:a>a 2:b>b'), predictions('1:a>a 2:c>b'), 'labels_differ'],
    [
      'by position on the same data',
      predictions('a>a b>a', 'h'),
      predictions('a>a b>b', 'h'),
      '1 0 0 1 | fixed 2:b>a/b',
    ],
    ['not on other data', predictions('a>a b>a', 'h'), predictions('a>a b>b', 'g'), 'no_ids'],
    ['nor when the data are unknown', predictions('a>a b>a'), predictions('a>a b>b'), 'no_ids'],
    ['a regression', predictions('1:0.5>0.4'), predictions('1:0.5>0.6'), 'measured'],
    ['missing predictions belong to no kind', predictions('1:a> 2:a>a'), predictions('1:a>a 2:a>a'), '0 0 0 1 | '],
  ];
  for (const [title, a, b, expected] of rows) it(title, async () => assert.equal(await check(a, b), expected));

  it('lists at most 500 of a kind and counts all', () => {
    const ids = Array.from({ length: 1200 }, (_, i) => String(i));
    const { samples, counts } = sortSamples(ids, {
      truth: ids.map(() => 'a'),
      a: ids.map(() => 'b'),
      b: ids.map(() => 'a'),
    });
    assert.equal(samples.length, 500);
    assert.equal(counts.fixed, 1200);
  });
});
