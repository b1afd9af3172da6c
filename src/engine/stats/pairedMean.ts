/**
 * The mean difference of a number per sample, by the method that fits: the t test where it holds; with few samples, a heavy skew or a
 * metric that jumps, the sign-flip test with a bootstrap interval. The reason is in the warnings.
 */

import { bootstrapMean } from './bootstrap';
import { numberPairs, type Cell } from './pairs';
import { differences, pairedTOf, type Differences, type PairedResult } from './pairedT';
import { signFlip } from './signFlip';
import { type Steps } from './steps';
import { settings, type StatsOptions } from './settings';
import { judge } from './verdict';

/** `smooth: false` says that the metric per sample jumps (a rank, a count of few), so that the t interval does not fit. */
export interface PairedMeanOptions extends StatsOptions {
  readonly smooth?: boolean;
}

/** As the t test's, with method `sign_flip` and the facts of the resampling when that was used. */
export interface PairedMeanResult extends PairedResult {
  readonly interval?: 'bca' | 'percentile';
  readonly exact?: boolean;
  readonly resamples?: number;
  readonly seed?: number;
}

/** Fewest samples for the t test to be taken on its own. */
const SMALL = 15;
const SKEWED = 2;

/** Compares two columns of numbers on the same samples. Run it with `runPaced` (or `runNow` when small). */
export function* pairedMean(
  a: ArrayLike<Cell>,
  b: ArrayLike<Cell>,
  options: PairedMeanOptions = {},
): Steps<PairedMeanResult> {
  const diffs = differences(numberPairs(a, b));
  const byT = pairedTOf(diffs, options);
  const reason = whyNotT(diffs, options.smooth ?? true);
  if (reason === undefined) return byT;
  const { seed } = settings(options);
  const flips = yield* signFlip(diffs.d, seed);
  const { ci, interval, resamples, warnings } = yield* bootstrapMean(diffs.d, options);
  const evidence = { estimate: byT.estimate, se: byT.se, ci, p: flips.p, p_adjusted: null, n: byT.n };
  return {
    ...byT,
    ...evidence,
    method: 'sign_flip',
    statistic: null,
    df: null,
    ...judge(evidence, options),
    ...{ interval, exact: flips.exact, resamples, seed },
    warnings: [...byT.warnings, reason, ...warnings],
  };
}

/** A warning code, or undefined when t holds. Below two samples and without spread the t test's own rules speak. */
function whyNotT({ d, sd, skew }: Differences, smooth: boolean): string | undefined {
  if (d.length < 2 || sd === 0) return undefined;
  if (d.length < SMALL) return 'small_sample';
  if (Math.abs(skew) > SKEWED) return 'skewed';
  return smooth ? undefined : 'not_smooth';
}
