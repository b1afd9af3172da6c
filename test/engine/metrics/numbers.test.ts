/** Spellings of numbers and moments. */

import assert from 'node:assert/strict';
import { cellMoment, cellNumber } from '../../../src/engine/metrics/numbers';

describe('metrics: cells', () => {
  const numbers: [string, number | undefined][] = [
    ['1', 1],
    [' 2.5e-3 ', 0.0025],
    ['.5', 0.5],
    ['5.', 5],
    ['-0', -0],
    ['NAN', NaN],
    ['+Inf', Infinity],
    ['-Infinity', -Infinity],
    ['', undefined],
    ['NA', undefined],
    ['0x10', undefined],
    ['1,5', undefined],
    ['12abc', undefined],
  ];
  for (const [cell, number] of numbers)
    it(`${JSON.stringify(cell)} is ${number}`, () => assert.ok(Object.is(cellNumber(cell), number)));

  const moments: [string, number | undefined][] = [
    ['1700000000', 1_700_000_000_000],
    ['1700000000000', 1_700_000_000_000],
    ['12.5', undefined],
    ['2026-01-01', Date.UTC(2026, 0, 1)],
    ['2026-01-01 00:00:00Z', Date.UTC(2026, 0, 1)],
    ['today', undefined],
    ['inf', undefined],
  ];
  for (const [cell, moment] of moments)
    it(`${cell} is the moment ${moment}`, () => assert.equal(cellMoment(cell), moment));
});
