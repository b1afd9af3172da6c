/**
 * What a verdict says, as a text key and its data: the sentence itself, for `base/text` in any language. Numbers are rounded here, so
 * that two significant digits of the standard error remain, and proportions are in percentage points.
 */

import { settings, type Goal, type Settings, type StatsOptions } from './settings';
import { type Interval, type Result, type Verdict } from './verdict';

/** A text key with what fills it. */
export interface Sentence {
  readonly code: string;
  readonly data: Record<string, string | number>;
}

/** How numbers of a metric are shown: `points` are percentage points of a proportion (times 100). */
export type Unit = 'points' | 'none';

/** What is compared. */
export interface About {
  readonly metric: string;
  readonly unit: Unit;
  /** Why nothing can be judged, a code of `verdict.invalid.*`; for verdict `invalid`. */
  readonly reason?: string;
  /** The method's minimum of samples; 2. */
  readonly min?: number;
}

/** The fields of a result that the sentence is made from. `none` is one value a run: no test at all. */
export interface Said extends Pick<Result, 'estimate' | 'se' | 'ci' | 'n' | 'mde' | 'needs'> {
  readonly verdict: Verdict | 'none';
}

/** Numbers in shown units, rounded together; `digits` is how many decimals they keep. */
export interface Figures {
  readonly est: number;
  readonly lo: number;
  readonly hi: number;
  readonly mde: number;
  readonly digits: number;
}

const PROPORTIONS: ReadonlySet<string> = new Set(['mcnemar', 'two_proportions', 'wilson']);

/** The unit that results of a method are shown in. */
export function unitOf(method: string): Unit {
  return PROPORTIONS.has(method) ? 'points' : 'none';
}

/** The sentence of a verdict: `{code: 'verdict.…', data}`. `options` are those that the result was made with. */
export function sentenceOf(said: Said, about: About, options: StatsOptions = {}): Sentence {
  return SENTENCES[said.verdict](said, about, settings(options));
}

/** Estimate, interval and detectable difference in shown units; null where there is no interval. */
export function figuresOf(said: Omit<Said, 'verdict'>, unit: Unit): Figures | null {
  const { estimate, ci, mde } = said;
  if (estimate === null || ci === null) return null;
  const scale = scaleOf(unit);
  const digits = decimals(scale * spreadOf(said.se, ci), scale * estimate);
  const show = (value: number): number => roundTo(value * scale, digits);
  return { est: show(estimate), lo: show(ci[0]), hi: show(ci[1]), mde: show(mde ?? 0), digits: Math.max(0, digits) };
}

type Say = (said: Said, about: About, set: Settings) => Sentence;

const SENTENCES: Readonly<Record<Said['verdict'], Say>> = {
  invalid: (_said, { metric, reason }) => ({ code: `verdict.invalid.${reason ?? 'unknown'}`, data: { metric } }),
  not_enough_data: notEnough,
  identical: ({ n }, { metric }) => ({ code: 'verdict.identical', data: { metric, n } }),
  B_better: (said, about, set) => claim('verdict.B_better', said, about, set),
  B_worse: (said, about, set) => claim('verdict.B_worse', said, about, set),
  equivalent: ({ n }, about, set) => {
    const { margin, marginDigits } = marginOf(set.margin, about.unit);
    const data = { metric: about.metric, margin, marginDigits, samples: n, n: margin };
    return { code: keyOf('verdict.equivalent', about.unit), data };
  },
  no_evidence: noEvidence,
  none: (_said, { metric }) => ({ code: 'verdict.none', data: { metric } }),
};

function claim(code: string, said: Said, about: About, set: Settings): Sentence {
  const { metric, unit } = about;
  const small = code === 'verdict.B_better' && set.margin !== null && bestCase(said.ci, set.goal) < set.margin;
  const bound = small ? marginOf(set.margin, unit) : {};
  const data = { metric, ...(figuresOf(said, unit) ?? {}), ...bound, level: levelOf(set.alpha), n: said.n };
  return { code: keyOf(small ? `${code}.small` : code, unit), data };
}

/** The end of the interval that is best for B, turned so that positive is good. */
function bestCase(ci: Interval | null, goal: Goal): number {
  if (ci === null) return Infinity;
  return goal === 'max' ? ci[1] : -ci[0];
}

function notEnough(said: Said, about: About, set: Settings): Sentence {
  const { metric, unit, min = 2 } = about;
  const { n, needs } = said;
  if (said.ci === null || n < min || set.margin === null || needs === null) {
    return { code: 'verdict.not_enough_data', data: { metric, n, min } };
  }
  const data = { metric, ...marginOf(set.margin, unit), needs, total: n + needs, n: needs };
  return { code: keyOf('verdict.not_enough_data.margin', unit), data };
}

function noEvidence(said: Said, about: About, set: Settings): Sentence {
  const { metric, unit } = about;
  const figures = figuresOf(said, unit);
  const data = { metric, ...(figures ?? {}), level: levelOf(set.alpha), n: said.n };
  // Where no spread was seen, nothing can be said about what would have shown.
  const open = said.mde === null || said.mde === 0;
  return { code: keyOf(open ? 'verdict.no_evidence.open' : 'verdict.no_evidence', unit), data };
}

function keyOf(code: string, unit: Unit): string {
  return unit === 'points' ? `${code}.points` : code;
}

/** 95 for alpha 0.05. */
export function levelOf(alpha: number): number {
  return Number((100 * (1 - alpha)).toPrecision(6));
}

function marginOf(margin: number | null, unit: Unit): { margin: number; marginDigits: number } {
  const shown = Number(((margin ?? 0) * scaleOf(unit)).toPrecision(6));
  return { margin: shown, marginDigits: decimalsIn(shown) };
}

function scaleOf(unit: Unit): number {
  return unit === 'points' ? 100 : 1;
}

/** The standard error, or what the interval makes of it. */
function spreadOf(se: number | null, [lo, hi]: Interval): number {
  return se !== null && se > 0 ? se : (hi - lo) / 4;
}

/** Decimals that keep two significant digits of `spread` (three of the value when there is no spread); negative: tens, hundreds. */
function decimals(spread: number, value: number): number {
  if (spread > 0 && Number.isFinite(spread)) return 1 - exponentOf(Number(spread.toPrecision(2)));
  return value === 0 ? 1 : 2 - exponentOf(value);
}

function exponentOf(value: number): number {
  return Math.floor(Math.log10(Math.abs(value)) + 1e-12);
}

/** Decimals that a short number is written with. */
function decimalsIn(value: number): number {
  for (let digits = 0; digits < 12; digits++) if (Number(value.toFixed(digits)) === value) return digits;
  return 12;
}

/** Rounded half away from zero to `digits` decimals, which may be negative; never -0. 1.95, however stored, becomes 2.0. */
function roundTo(value: number, digits: number): number {
  const scaled = Number((Math.abs(value) * 10 ** digits).toPrecision(12));
  const rounded = digits >= 0 ? Math.round(scaled) / 10 ** digits : Math.round(scaled) * 10 ** -digits;
  return Math.sign(value) * rounded + 0;
}
