/**
 * “How do we know”: what stands behind a verdict, line by line, as text keys and data. Method in words, samples, the interval and p,
 * what this test could have seen, what was dropped, assumed or approximated, and where the method comes from.
 */

import { figuresOf, levelOf, type About, type Sentence } from './sentence';
import { settings, type StatsOptions } from './settings';
import { type Interval, type Result } from './verdict';

/** One line: the text key of its label, and the text beside it. */
export interface HowLine extends Sentence {
  readonly label: string;
}

/** A result with the fields that only some methods have. */
export interface Explained extends Result {
  readonly b?: number;
  readonly c?: number;
  readonly n_a?: number;
  readonly n_b?: number;
  readonly lift?: number | null;
  readonly lift_ci?: Interval | null;
  readonly exact?: boolean;
  readonly resamples?: number;
  readonly seed?: number;
}

/** All lines of one result. `options` are those that it was made with. */
export function howOf(result: Explained, about: About, options: StatsOptions = {}): HowLine[] {
  return [
    line('method', `verdict.how.${result.method}`),
    samples(result),
    ...disagreements(result),
    ...difference(result, about, options),
    ...lift(result, options),
    ...resampling(result),
    line('dropped', result.dropped === 0 ? 'verdict.how.droppedNone' : 'verdict.how.dropped', { n: result.dropped }),
    line('assumes', `verdict.assumes.${result.method}`),
    ...result.warnings.map((code) => line('warning', `verdict.warning.${code}`)),
    line('source', `verdict.source.${result.method}`),
  ];
}

/** p with two significant digits: `{p, pDigits}`; below 0.0001 there is only `verdict.how.pLow`, never 0. */
export function pSentence(p: number): Sentence {
  if (p < 0.0001) return { code: 'verdict.how.pLow', data: {} };
  return { code: 'verdict.how.p', data: { p, pDigits: p > 0.99 ? 2 : Math.max(2, 1 - Math.floor(Math.log10(p))) } };
}

function line(label: string, code: string, data: Sentence['data'] = {}): HowLine {
  return { label: `verdict.label.${label}`, code, data };
}

function samples({ n, n_a, n_b }: Explained): HowLine {
  if (n_a === undefined || n_b === undefined) return line('samples', 'verdict.how.samples', { n });
  return line('samples', 'verdict.how.arms', { n_a, n_b, n });
}

function disagreements({ b, c }: Explained): HowLine[] {
  return b === undefined || c === undefined ? [] : [line('changed', 'verdict.how.changed', { fixed: c, broken: b })];
}

function difference(result: Explained, { unit }: About, options: StatsOptions): HowLine[] {
  const figures = figuresOf(result, unit);
  if (figures === null) return [];
  const { alpha, power } = settings(options);
  const end = unit === 'points' ? '.points' : '';
  const lines = [line('interval', `verdict.how.interval${end}`, { ...figures, level: levelOf(alpha) })];
  if (result.p !== null) {
    const { code, data } = pSentence(result.p);
    lines.push(line('p', code, data));
  }
  if (figures.mde > 0) {
    const { mde, digits } = figures;
    lines.push(line('detectable', `verdict.how.detectable${end}`, { mde, digits, power: 100 * power }));
  }
  return lines;
}

function lift({ lift: value, lift_ci: ci }: Explained, options: StatsOptions): HowLine[] {
  if (value === undefined || value === null || ci === undefined || ci === null) return [];
  const se = (ci[1] - ci[0]) / 4;
  const figures = figuresOf({ estimate: value, se, ci, n: 0, mde: null, needs: null }, 'points');
  if (figures === null) return [];
  return [line('lift', 'verdict.how.lift', { ...figures, level: levelOf(settings(options).alpha) })];
}

function resampling({ resamples, seed, exact }: Explained): HowLine[] {
  if (resamples === undefined || seed === undefined) return [];
  const code = exact === true ? 'verdict.how.resamplesExact' : 'verdict.how.resamples';
  return [line('resamples', code, { n: resamples, seed: String(seed) })];
}
