/** Tails and quantiles where libraries lose their digits, against SciPy 1.17 and mpmath; and laws that hold everywhere. */

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import * as laws from '../../../src/engine/stats/distributions';

type Name = 'normal' | 't' | 'chi2' | 'f' | 'beta' | 'binomial';
type Law = Record<'cdf' | 'sf' | 'ppf', (at: number, ...args: number[]) => number>;

function law(name: Name): Law {
  return laws[name];
}

function check(name: Name, kind: 'cdf' | 'sf' | 'ppf', [at, ...args]: [number, ...number[]], want: number): void {
  const got = law(name)[kind](at, ...args);
  if (want === got || (Number.isNaN(want) && Number.isNaN(got))) return;
  assert.ok(Math.abs(got - want) <= 2e-10 * Math.abs(want), `${got} instead of ${want}`);
}

const rows: [Name, 'cdf' | 'sf' | 'ppf', [number, ...number[]], number][] = [
  ['normal', 'sf', [30], 4.906713927147908e-198],
  ['normal', 'ppf', [1e-300], -37.0470962993612],
  ['normal', 'ppf', [1e-16], -8.222082216130435],
  ['normal', 'ppf', [0], -Infinity],
  ['normal', 'ppf', [1.5], NaN],
  ['t', 'sf', [50, 3], 8.808576020635984e-6],
  ['t', 'cdf', [-25, 1000], 7.601770691660709e-108],
  ['t', 'ppf', [0.4999999, 30.5], -2.5272551374731413e-7],
  ['t', 'ppf', [1e-30, 2], -707106781186547.5],
  ['t', 'ppf', [1e-300, 1], -3.183098861837907e299],
  ['t', 'sf', [1e300, 1], 3.183098861837907e-301],
  ['t', 'ppf', [0.975, Infinity], 1.9599639845400545],
  ['t', 'ppf', [0.975, 0], NaN],
  ['chi2', 'cdf', [992978.0203152662, 1e6], 3.2374200236029698872e-7],
  ['chi2', 'sf', [5000, 3000], 4.639743730929379e-104],
  ['chi2', 'cdf', [1e-6, 3], 2.6596144047918106e-10],
  ['chi2', 'ppf', [1e-100, 1], 1.5707963267949288e-200],
  ['chi2', 'ppf', [0.999999, 50], 112.60809249886348],
  ['chi2', 'cdf', [3, -1], NaN],
  ['f', 'ppf', [0.999999, 3, 1], 540379646060.9456],
  ['f', 'cdf', [1e-8, 10, 8], 1.7089842147827236e-38],
  ['f', 'sf', [900, 2, 60], 1.8161394196689512e-45],
  ['f', 'ppf', [1e-6, 0.5, 500], 2.7039333647988855e-24],
  ['beta', 'cdf', [0.4968962544305517, 5e4, 5e4], 0.024823374127749594],
  ['beta', 'ppf', [0.5, 0.1, 0.1], 0.5],
  ['beta', 'ppf', [0.975, 50, 3], 0.9879406819732616],
  ['beta', 'ppf', [1, 50, 3], 1],
  ['binomial', 'cdf', [766824, 1e6, 0.77], 2.462764733425744e-14],
  ['binomial', 'sf', [504709, 1e6, 0.5], 2.2755296615750977e-21],
  ['binomial', 'ppf', [0.33, 333, 0.01], 2],
  ['binomial', 'cdf', [-1, 10, 0.3], 0],
  ['binomial', 'sf', [3, 10, 0], 0],
];

describe('distributions', () => {
  for (const [name, kind, args, want] of rows) {
    it(`${name} ${kind}(${args.join(', ')})`, () => check(name, kind, args, want));
  }

  const shapes: Record<Exclude<Name, 'binomial'>, fc.Arbitrary<number>[]> = {
    normal: [],
    t: [fc.double({ min: 0.5, max: 1e6, noNaN: true })],
    chi2: [fc.double({ min: 0.2, max: 5000, noNaN: true })],
    f: [fc.double({ min: 0.5, max: 900, noNaN: true }), fc.double({ min: 0.5, max: 900, noNaN: true })],
    beta: [fc.double({ min: 0.2, max: 900, noNaN: true }), fc.double({ min: 0.2, max: 900, noNaN: true })],
  };
  for (const [name, args] of Object.entries(shapes) as [Exclude<Name, 'binomial'>, fc.Arbitrary<number>[]][]) {
    it(`${name}: the quantile is where the tails say, and the tails sum to 1`, () => {
      const p = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });
      fc.assert(
        fc.property(p, fc.tuple(...args), (share, shape) => {
          const { cdf, sf, ppf } = law(name);
          const x = ppf(share, ...shape);
          // A quantile at the very edge of its support has fewer digits than p.
          fc.pre(Number.isFinite(x) && Math.abs(x) > 1e-290 && (name !== 'beta' || x < 0.9999));
          assert.ok(Math.abs(cdf(x, ...shape) - share) <= 1e-9 * share + 1e-12, `${x}: ${cdf(x, ...shape)}`);
          assert.ok(Math.abs(cdf(x, ...shape) + sf(x, ...shape) - 1) < 1e-12);
        }),
      );
    });
  }
});
