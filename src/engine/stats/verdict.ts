/**
 * From an estimate with its interval and p to one of seven verdicts, the smallest difference the test could see, and how many samples
 * are missing. The rules are an ordered table; the first that holds decides. Everything here is in the metric's own unit, B - A.
 */

import { normal } from './distributions';
import { settings, type Settings, type StatsOptions } from './settings';

/** What may be claimed about B. */
export type Verdict =
  'invalid' | 'not_enough_data' | 'identical' | 'B_better' | 'B_worse' | 'equivalent' | 'no_evidence';

/** A two-sided interval, lower end first. */
export type Interval = readonly [number, number];

/** What the verdict is made from. Fields that could not be computed are null. */
export interface Evidence {
  readonly estimate: number | null;
  readonly se: number | null;
  readonly ci: Interval | null;
  readonly p: number | null;
  /** p within its family of comparisons; decides instead of `p` when there is one. */
  readonly p_adjusted?: number | null;
  /** Samples, of both arms together when there are two. */
  readonly n: number;
  /** The method's minimum n; 2. */
  readonly min?: number;
  /** Why nothing can be judged (ids, data hashes, sample ratio …), a code. */
  readonly invalid?: string | null;
}

/** A verdict with what it takes to say it. */
export interface Judgement {
  readonly verdict: Verdict;
  /** The true difference that this test finds with the wanted power, never made from the observed one. */
  readonly mde: number | null;
  /** Samples missing for the margin. */
  readonly needs: number | null;
}

/** The fields that every comparison has, named as in stored verdicts. `null` is what cannot be computed. */
export interface Result extends Judgement {
  readonly method: string;
  readonly n: number;
  readonly dropped: number;
  /** B - A, raw. */
  readonly estimate: number | null;
  readonly se: number | null;
  readonly ci: Interval | null;
  readonly statistic: number | null;
  readonly df: number | null;
  readonly p: number | null;
  readonly p_adjusted: number | null;
  /** Codes with a text `verdict.warning.<code>`. */
  readonly warnings: readonly string[];
}

/** z₁₋α/₂, the half-width of the interval in standard errors. */
export function criticalZ(alpha: number): number {
  return -normal.ppf(alpha / 2);
}

/** Minimal detectable effect `(z₁₋α/₂ + z_power)·se`, in the unit of `se`. */
export function mdeOf(se: number | null, options: StatsOptions): number | null {
  if (se === null || !Number.isFinite(se)) return null;
  const { alpha, power } = settings(options);
  return (criticalZ(alpha) + normal.ppf(power)) * se;
}

/** Applies the rules in order. */
export function judge(evidence: Evidence, options: StatsOptions = {}): Judgement {
  const set = settings(options);
  const mde = mdeOf(evidence.se, set);
  const verdict = RULES.find((rule) => rule.holds({ ...set, ...evidence, mde }))?.verdict ?? 'no_evidence';
  return { verdict, mde, needs: needsOf(evidence, verdict, mde, set.margin) };
}

type Case = Evidence & Settings & { readonly mde: number | null };

const RULES: readonly { readonly verdict: Verdict; readonly holds: (c: Case) => boolean }[] = [
  { verdict: 'invalid', holds: (c) => typeof c.invalid === 'string' },
  { verdict: 'not_enough_data', holds: (c) => c.n < (c.min ?? 2) || c.ci === null },
  { verdict: 'identical', holds: (c) => c.se === 0 && c.estimate === 0 },
  { verdict: 'B_better', holds: (c) => oriented(c)[0] > 0 && rejects(c) },
  { verdict: 'B_worse', holds: (c) => oriented(c)[1] < 0 && rejects(c) },
  { verdict: 'equivalent', holds: (c) => c.margin !== null && insideMargin(oriented(c), c.margin) },
  { verdict: 'not_enough_data', holds: (c) => c.margin !== null && c.mde !== null && c.mde > c.margin },
];

function insideMargin([low, high]: Interval, margin: number): boolean {
  return low > -margin && high < margin;
}

/** The interval turned so that positive is good for B. NaN when there is none, which no rule accepts. */
function oriented({ ci, goal }: Case): Interval {
  if (ci === null) return [NaN, NaN];
  return goal === 'max' ? ci : [-ci[1], -ci[0]];
}

function rejects({ p, p_adjusted: adjusted, alpha }: Case): boolean {
  const decisive = adjusted ?? p;
  return decisive !== null && decisive < alpha;
}

const SETTLED: ReadonlySet<Verdict> = new Set(['identical', 'B_better', 'B_worse', 'equivalent']);

function needsOf({ n, min = 2 }: Evidence, verdict: Verdict, mde: number | null, margin: number | null): number | null {
  if (SETTLED.has(verdict)) return 0;
  if (verdict === 'invalid') return null;
  if (margin === null) return n < min ? min - n : null;
  if (mde === null) return null;
  const wanted = n * (mde / margin) ** 2;
  // Nine decimals, so that rounding noise does not ask for one sample more; beyond 1e12 there are no such decimals.
  return Math.max(0, Math.ceil(wanted < 1e12 ? Number(wanted.toFixed(9)) : wanted) - n);
}
