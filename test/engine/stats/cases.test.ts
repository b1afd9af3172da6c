/**
 * Reference answers of SciPy, statsmodels and others (test/conformance/ab), through the same door as `strata stats`. A case names the
 * fields that must match and how closely; what no method serves yet is listed in not-yet.json, with the method it waits for.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { methodNames, runMethod } from '../../../src/engine/stats/stats';

interface Tolerance {
  readonly rel?: number;
  readonly abs?: number;
}

interface Case {
  readonly id: string;
  readonly method: string;
  readonly title: string;
  readonly input: unknown;
  readonly options: unknown;
  readonly expect: Record<string, unknown>;
  readonly tol: Tolerance & { readonly fields?: Record<string, Tolerance> };
}

const folder = join(import.meta.dirname, '../../conformance/ab');
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.json') && name !== 'not-yet.json')
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Case);
const notYet = JSON.parse(readFileSync(join(folder, 'not-yet.json'), 'utf8')) as Record<string, string>;

function check({ method, input, options, expect, tol }: Case): void {
  // Through JSON, as the command line writes it.
  const got = JSON.parse(JSON.stringify(runMethod(method, input, options))) as Record<string, unknown>;
  for (const [field, want] of Object.entries(expect)) same(got[field], want, tol.fields?.[field] ?? tol, field);
}

function same(got: unknown, want: unknown, tol: Tolerance, where: string): void {
  if (typeof want === 'number') {
    assert.equal(typeof got, 'number', `${where}: ${String(got)} instead of ${want}`);
    const off = Math.abs((got as number) - want);
    const most = (tol.abs ?? 0) + (tol.rel ?? 0) * Math.abs(want);
    assert.ok(off <= most, `${where}: ${String(got)} instead of ${want}, off by ${off}`);
  } else if (Array.isArray(want)) {
    assert.ok(Array.isArray(got) && got.length === want.length, `${where}: ${JSON.stringify(got)}`);
    want.forEach((item, i) => same((got as unknown[])[i], item, tol, `${where}[${i}]`));
  } else if (typeof want === 'object' && want !== null) {
    for (const [key, item] of Object.entries(want)) {
      same((got as Record<string, unknown>)[key], item, tol, `${where}.${key}`);
    }
  } else {
    assert.deepEqual(got, want, where);
  }
}

describe('statistics against reference answers', () => {
  for (const one of cases) it(`${one.id}: ${one.title}`, () => check(one));

  it('has cases', () => assert.ok(cases.length >= 30, `${cases.length} cases`));

  it('not-yet.json names only methods that are not there, or statistics of them', () => {
    const known = new Set(methodNames);
    for (const [id, waitsFor] of Object.entries(notYet)) {
      assert.ok(!known.has(waitsFor), `${id} waits for ${waitsFor}, which is there`);
      assert.ok(!cases.some((one) => one.id === id), `${id} runs already`);
    }
  });
});
