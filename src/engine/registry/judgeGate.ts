/**
 * Judges the rules of a gate. Values come from the run's metrics. `not_worse_than` looks at the interval of B - A, turned so that more is
 * better: it passes when the whole of it lies above -by. What cannot be judged is `unknown`, says why, and counts as a failure.
 */

import { type RunPair } from '../compare/compareRuns';
import { type PlainValue } from '../verbs/pipeline';
import { type GateRule } from '../verbs/registry';
import { type Verdict } from '../verbs/runs';
import { type Rule } from './gates';

/** What a gate is judged by. */
export interface GateEvidence {
  /** Value of a metric of the run in question. */
  value(metric: string): Promise<PlainValue | undefined>;
  /** The run beside the one it is compared with; undefined when there is none. */
  readonly pair: Pick<RunPair, 'valueOfA' | 'verdict'> | undefined;
  /** What to compare with, as it was named; undefined when nothing was. */
  readonly against: string | undefined;
}

/** A rule's result, and the verdict it rests on. */
export interface Judged {
  readonly rule: GateRule;
  readonly verdict?: Verdict;
}

/** Judges one rule. */
export async function judgeRule(rule: Rule, evidence: GateEvidence): Promise<Judged> {
  if (rule.kind === 'other') return { rule: unknown(rule.name, 'notJudged', { kind: rule.name }) };
  if (rule.kind === 'not_worse_than') return judgeNotWorse(rule, evidence);
  return { rule: judgeLimit(rule, await evidence.value(rule.metric)) };
}

function judgeLimit(rule: Rule & { kind: 'min' | 'max' }, found: PlainValue | undefined): GateRule {
  const { kind, metric, limit } = rule;
  const name = `${kind} ${metric}`;
  const value = numberOf(found);
  if (found === undefined) return unknown(name, 'noMetric', { metric }, limit);
  if (value === undefined) return unknown(name, 'noNumber', { metric }, limit);
  const result = (kind === 'min' ? value >= limit : value <= limit) ? 'pass' : 'fail';
  const data = { metric, value, limit, digits: digitsFor([value, limit]) };
  return { rule: name, result, value, limit, evidence: { code: `gate.rule.${kind}.${result}`, data } };
}

async function judgeNotWorse(
  rule: Rule & { kind: 'not_worse_than' },
  { pair, against }: GateEvidence,
): Promise<Judged> {
  const { metric, mode } = rule;
  const name = `not_worse_than ${metric}`;
  if (against === undefined) return { rule: unknown(name, 'noAgainst', { metric }) };
  if (!pair) return { rule: unknown(name, 'nothingThere', { metric, against }) };
  const base = numberOf(pair.valueOfA(metric));
  if (mode === 'relative' && base === undefined) return { rule: unknown(name, 'noMetric', { metric }) };
  const by = mode === 'relative' ? rule.by * Math.abs(base ?? NaN) : rule.by;
  const verdict = await pair.verdict(metric, by > 0 ? { margin: by } : {});
  if (!verdict) return { rule: unknown(name, 'noMetric', { metric }) };
  const interval = orientedInterval(verdict);
  if (!interval) return { verdict, rule: unknown(name, 'noInterval', { metric, against }, -by) };
  const [low, high] = interval;
  const result = low > -by || verdict.verdict === 'identical' ? 'pass' : 'fail';
  const isPoints = verdict.unit === 'points';
  const shown = { low, high, by };
  const scaled = isPoints ? { low: low * 100, high: high * 100, by: by * 100 } : shown;
  const data = { metric, against, ...scaled, digits: digitsFor([scaled.low, -scaled.by]) };
  const code = `gate.rule.notWorse.${isPoints ? 'points.' : ''}${result}`;
  return { verdict, rule: { rule: name, result, value: low, limit: -by, evidence: { code, data } } };
}

/** The interval of B - A with more as better; undefined when the data allow none. */
function orientedInterval({ result, goal, verdict }: Verdict): readonly [number, number] | undefined {
  if (verdict === 'invalid' || verdict === 'none') return undefined;
  if (verdict === 'identical') return [0, 0];
  const { ci } = result;
  if (!Array.isArray(ci)) return undefined;
  const [low, high] = ci as unknown[];
  if (typeof low !== 'number' || typeof high !== 'number') return undefined;
  return goal === 'max' ? [low, high] : [-high, -low];
}

function numberOf(value: PlainValue | undefined): number | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function unknown(rule: string, reason: string, data: Record<string, string>, limit: number | null = null): GateRule {
  return { rule, result: 'unknown', value: null, limit, evidence: { code: `gate.rule.${reason}`, data }, reason };
}

/** As many decimals as it takes to see on which side of the limit a value lies: 2 at least, 10 at most. */
function digitsFor([value = 0, limit = 0]: readonly number[]): number {
  for (let digits = 2; digits < 10; digits += 1) {
    const isExact = Number(limit.toFixed(digits)) === limit;
    const differs = value === limit || value.toFixed(digits) !== limit.toFixed(digits);
    if (isExact && differs) return digits;
  }
  return 10;
}
