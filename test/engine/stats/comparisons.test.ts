/** The comparisons beyond the reference cases: exact tails at size, ties, missing values, samples without spread, choice of method. */

import assert from 'node:assert/strict';
import { fisherP, midP } from '../../../src/engine/stats/exactTests';
import { mcnemar, mcnemarFromLabels } from '../../../src/engine/stats/mcnemar';
import { pairedMean } from '../../../src/engine/stats/pairedMean';
import { pairedT } from '../../../src/engine/stats/pairedT';
import { twoProportions } from '../../../src/engine/stats/proportions';
import { bootstrapMean } from '../../../src/engine/stats/bootstrap';
import { signFlip } from '../../../src/engine/stats/signFlip';
import { seeded } from '../../../src/engine/stats/random';
import { runNow, runPaced } from '../../../src/engine/stats/steps';
import { judge } from '../../../src/engine/stats/verdict';

/** Compares the fields that a row names; numbers to ten digits. */
function check(got: object, want: Record<string, unknown>): void {
  for (const [field, value] of Object.entries(want)) {
    const found = (got as Record<string, unknown>)[field];
    if (typeof value === 'number' && typeof found === 'number' && value !== found) {
      assert.ok(Math.abs(found - value) <= 1e-10 * Math.abs(value), `${field}: ${found} instead of ${value}`);
    } else assert.deepEqual(found, value, field);
  }
}

const row = (n: number, f: (i: number) => number): number[] => Array.from({ length: n }, (_, i) => f(i));

describe('exact tests', () => {
  // SciPy 1.17 fisher_exact, and mpmath for the millions.
  const fisher: [number, number, number, number, number][] = [
    [60, 1, 55, 6, 0.053145718605811805],
    [1078095, 971, 2661809, 2906, 1.49022968139422069e-7],
    [10, 5, 10, 5, 1],
    [1, 0, 1, 1, 1],
    [8, 0, 8, 8, 2 / 12870],
    [30, 30, 30, 0, 2 / 118264581564861424],
  ];
  for (const [n_a, x_a, n_b, x_b, p] of fisher) {
    it(`Fisher ${x_a}/${n_a} against ${x_b}/${n_b}`, () => {
      const got = fisherP({ n_a, x_a, n_b, x_b });
      assert.ok(Math.abs(got - p) < 1e-9 * p, `${got}`);
      assert.ok(Math.abs(fisherP({ n_a: n_b, x_a: x_b, n_b: n_a, x_b: x_a }) / got - 1) < 1e-12, 'arms exchanged');
    });
  }

  it('mid-p is exact at small counts and stays positive at large ones', () => {
    check({ p: midP(0, 3) }, { p: 1 / 8 });
    check({ p: midP(1, 5) }, { p: (1 + 7) / 64 });
    assert.equal(midP(40, 40), 1);
    assert.ok(midP(6372, 11171) > 0 && Math.abs(midP(6372, 11171) / 4.195475724116868e-291 - 1) < 1e-9);
  });
});

describe('McNemar', () => {
  const rows: [string, Parameters<typeof mcnemar>[0], Parameters<typeof mcnemar>[1], Record<string, unknown>][] = [
    [
      'only B is ever right alone',
      { b: 0, c: 9, n: 100 },
      {},
      { odds_ratio: Infinity, p: 2 ** -9, verdict: 'B_better' },
    ],
    ['more is worse', { b: 0, c: 9, n: 100 }, { goal: 'min' }, { verdict: 'B_worse', needs: 0 }],
    [
      'nothing at all',
      { b: 0, c: 0, n: 0 },
      {},
      { estimate: null, ci: null, p: null, verdict: 'not_enough_data', needs: 2 },
    ],
    ['one sample', { b: 0, c: 1, n: 1 }, {}, { estimate: 1, verdict: 'not_enough_data', needs: 1 }],
    ['no disagreement, wide margin', { b: 0, c: 0, n: 50 }, { margin: 0.1 }, { p: 1, verdict: 'equivalent', needs: 0 }],
    ['all lost', { b: 40, c: 0, n: 40 }, {}, { verdict: 'B_worse', odds_ratio: 0 }],
  ];
  for (const [name, counts, options, want] of rows) it(name, () => check(mcnemar(counts, options), want));

  it('drops and counts what is missing, and says when one side misses more', () => {
    const truth = row(100, (i) => i % 3);
    const predA = truth.map((label, i) => (i < 10 ? null : String(label)));
    const predB = truth.map((label, i) => (i === 99 ? 'nan' : label === 2 ? 0 : label));
    const result = mcnemarFromLabels(truth, predA, predB);
    check(result, { n: 89, dropped: 11, accuracy_a: 1, b: 30, c: 0, warnings: ['many_dropped', 'missing_differs'] });
    assert.throws(() => mcnemarFromLabels(truth, [1], predB), { code: 'stats.lengths' });
  });
});

describe('paired numbers', () => {
  const a = row(3, (i) => 0.5 + i / 10);
  const rows: [string, (number | string | null)[], (number | string | null)[], Record<string, unknown>][] = [
    [
      'three equal gains are no proof',
      a,
      a.map((x) => x + 0.1),
      { se: 0, p: 0.25, statistic: null, dz: null, verdict: 'no_evidence', warnings: ['zero_variance'] },
    ],
    [
      'equal but for rounding is identical',
      a,
      a.map((x) => (x * 3) / 3 + 1e-17),
      { estimate: 0, p: 1, verdict: 'identical' },
    ],
    [
      'eight equal losses',
      row(8, (i) => i),
      row(8, (i) => i - 1),
      { estimate: -1, p: 2 ** -7, ci: [-1, -1], verdict: 'B_worse' },
    ],
    ['nothing left', [null, 'nan'], [1, 2], { n: 0, dropped: 2, estimate: null, needs: 2, verdict: 'not_enough_data' }],
  ];
  for (const [name, left, right, want] of rows) it(name, () => check(pairedT(left, right), want));

  const noise = row(40, (i) => Math.sin(i * i));
  const choices: [string, number[], object, Record<string, unknown>][] = [
    ['enough samples: t', noise, {}, { method: 'paired_t', df: 39, warnings: [] }],
    [
      'few samples: sign flips',
      noise.slice(0, 10),
      {},
      { method: 'sign_flip', df: null, exact: true, interval: 'percentile', warnings: ['small_sample'] },
    ],
    [
      'skewed: sign flips',
      row(60, (i) => (i === 7 ? 50 : Math.sin(i))),
      {},
      { method: 'sign_flip', exact: false, interval: 'bca', warnings: ['skewed'] },
    ],
    ['a metric that jumps', noise, { smooth: false }, { method: 'sign_flip', warnings: ['not_smooth'] }],
    ['one sample', [1], {}, { method: 'paired_t', verdict: 'not_enough_data' }],
    ['no spread', row(5, () => 2), {}, { method: 'paired_t', p: 1 / 16, warnings: ['zero_variance'] }],
  ];
  for (const [name, d, options, want] of choices) {
    it(`chooses: ${name}`, () =>
      check(
        runNow(
          pairedMean(
            d.map(() => 0),
            d,
            options,
          ),
        ),
        want,
      ));
  }

  it('three gains that vary never make a claim', () => {
    check(runNow(pairedMean([0, 0, 0], [0.9, 1, 1.1])), { p: 0.25, verdict: 'no_evidence' });
  });

  it('stops when cancelled', async () => {
    const stop = new AbortController();
    const work = runPaced(
      pairedMean(
        row(3000, () => 0),
        row(3000, (i) => (i === 0 ? 1e6 : Math.sin(i))),
      ),
      { signal: stop.signal },
    );
    setTimeout(() => stop.abort(), 1);
    await assert.rejects(work, { name: 'Cancelled' });
  });
});

describe('resampling', () => {
  const d = Float64Array.from(row(80, (i) => Math.sin(i) + 0.2));

  it('the same seed gives the same numbers bit for bit, another seed others', () => {
    const run = (seed: number): unknown => runNow(bootstrapMean(d, { seed }));
    assert.deepEqual(run(1), run(1));
    assert.notDeepEqual((run(1) as { ci: unknown }).ci, (run(2) as { ci: unknown }).ci);
    assert.equal(runNow(signFlip(d, 3)).p, runNow(signFlip(d, 3)).p);
  });

  it('random sign flips come close to the exact share', () => {
    const few = d.slice(0, 16);
    const exact = runNow(signFlip(few));
    const doubled = runNow(signFlip(Float64Array.from([...few, 0]), 5));
    check(exact, { exact: true, resamples: 65536 });
    check(doubled, { exact: false, resamples: 10000 });
    assert.ok(Math.abs((exact.p ?? 0) - (doubled.p ?? 1)) < 0.02, `${exact.p} and ${doubled.p}`);
  });

  it('xoshiro128** is uniform over its words', () => {
    const random = seeded(7);
    const bins = new Array<number>(16).fill(0);
    for (let k = 0; k < 160_000; k++) {
      const bin = random() >>> 28;
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    const chi = bins.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0);
    assert.ok(chi < 45, `chi-squared ${chi} of 15 degrees`);
  });
});

describe('two proportions', () => {
  const rows: [string, Parameters<typeof twoProportions>[0], object, Record<string, unknown>][] = [
    [
      'an empty arm',
      { n_a: 0, x_a: 0, n_b: 10, x_b: 3 },
      {},
      { estimate: null, ci: null, p: null, verdict: 'not_enough_data' },
    ],
    [
      'no events is never identical',
      { n_a: 9, x_a: 0, n_b: 9, x_b: 0 },
      {},
      { verdict: 'no_evidence', mde: null, lift: null },
    ],
    [
      'no events, wide margin',
      { n_a: 900, x_a: 0, n_b: 900, x_b: 0 },
      { margin: 0.01 },
      { verdict: 'equivalent', needs: 0 },
    ],
    [
      'no events, narrow margin',
      { n_a: 9, x_a: 0, n_b: 9, x_b: 0 },
      { margin: 0.01 },
      { verdict: 'no_evidence', needs: null },
    ],
    ['B never converts', { n_a: 500, x_a: 60, n_b: 500, x_b: 0 }, {}, { lift: -1, lift_ci: null, verdict: 'B_worse' }],
  ];
  for (const [name, arms, options, want] of rows) it(name, () => check(twoProportions(arms, options), want));
});

describe('verdict rules', () => {
  const base = { estimate: 0.03, se: 0.01, ci: [0.0104, 0.0496] as const, p: 0.003, n: 400 };
  const rows: [string, object, object, Record<string, unknown>][] = [
    ['less is better', base, { goal: 'min' }, { verdict: 'B_worse' }],
    ['invalid before all else', { ...base, invalid: 'srm' }, {}, { verdict: 'invalid', needs: null }],
    ['adjusted p decides', { ...base, p_adjusted: 0.06 }, {}, { verdict: 'no_evidence' }],
    ['alpha decides', base, { alpha: 0.001 }, { verdict: 'no_evidence' }],
    ['below the minimum of a method', { ...base, min: 500 }, {}, { verdict: 'not_enough_data', needs: 100 }],
    ['no interval', { ...base, ci: null }, {}, { verdict: 'not_enough_data', needs: null }],
    [
      'identical',
      { ...base, estimate: 0, se: 0, ci: [0, 0], p: 1 },
      { margin: 1 },
      { verdict: 'identical', mde: 0, needs: 0 },
    ],
    [
      'equal within the margin',
      { ...base, p: 0.4, ci: [-0.01, 0.02] },
      { margin: 0.021 },
      { verdict: 'equivalent', needs: 0 },
    ],
    [
      'on the margin is not within',
      { ...base, p: 0.4, ci: [-0.01, 0.02] },
      { margin: 0.02 },
      { verdict: 'not_enough_data' },
    ],
    ['no p, no claim', { ...base, p: null }, {}, { verdict: 'no_evidence' }],
  ];
  for (const [name, evidence, options, want] of rows) {
    it(name, () => check(judge(evidence as Parameters<typeof judge>[0], options), want));
  }
});
