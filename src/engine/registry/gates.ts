/**
 * `gates.yaml`, the rules that a model's version has to keep before it is promoted (strata-files.md). A rule's place in its list is its
 * number, which `stages:` names. Kinds of rules that are not judged yet are read all the same, so that the file may hold them.
 */

import { bool, either, listOf, mapOf, shape, text as textCheck, validate, whole, type Check } from '../formats/schema';
import { asNumber, isDict, isInt, isList, keyText, type Dict, type Value } from '../formats/values';
import { parseYaml } from '../formats/yaml';

/** What a rule asks. `metric` is `FILE:KEY`, or a bare key when it is unique. */
export type Rule = { readonly requiredFor?: readonly string[] } & (
  | { readonly kind: 'min' | 'max'; readonly metric: string; readonly limit: number }
  | {
      readonly kind: 'not_worse_than';
      readonly metric: string;
      readonly by: number;
      readonly mode: 'absolute' | 'relative';
    }
  | { readonly kind: 'other'; readonly name: string }
);

/** The gate of one model. */
export interface Gate {
  /** Stage, version or branch to compare with; undefined: only absolute rules can be judged. */
  readonly against?: string;
  readonly rules: readonly Rule[];
  /** Numbers of the rules that bind at a stage; a stage that is not named is bound by all. */
  readonly stages: ReadonlyMap<string, 'all' | readonly number[]>;
}

/** Where the file lies, from the root. */
export const GATES_FILE = 'gates.yaml';

const number: Check = (value, at, found) => {
  if (asNumber(value) === undefined) found.push({ fault: 'badValue', at });
};
/** A margin: a number, not below zero. */
const distance: Check = (value, at, found) => {
  if (!((asNumber(value) ?? NaN) >= 0)) found.push({ fault: 'badValue', at });
};
const oneOf =
  (...words: readonly unknown[]): Check =>
  (value, at, found) => {
    if (!words.includes(value)) found.push({ fault: 'badValue', at });
  };
const amount: Check = (value, at, found) => {
  if (asNumber(value) === undefined && typeof value !== 'string') found.push({ fault: 'badValue', at });
};

const COMMON = { metric: textCheck, required_for: listOf(textCheck) };
const METRIC_LIMIT = shape({ metric: textCheck, value: number }, ['metric', 'value']);
const SIZE_LIMIT = shape({ size_of: textCheck, value: amount }, ['size_of', 'value']);
const LIMIT = either(METRIC_LIMIT, SIZE_LIMIT);
const NOT_WORSE = shape({ by: distance, mode: oneOf('absolute', 'relative') }, ['by']);
const REQUIRED = listOf(oneOf('reproducible', 'clean', 'pushed', 'verdict'));
/** One rule, one kind. */
const KINDS: Readonly<Record<string, { readonly check: Check; readonly isOfMetric: boolean }>> = {
  not_worse_than: { check: NOT_WORSE, isOfMetric: true },
  better: { check: bool, isOfMetric: true },
  require: { check: REQUIRED, isOfMetric: false },
};

const rule: Check = (value, at, found) => {
  const kind = isDict(value) ? kindOf(value) : undefined;
  const isMap = isDict(value) && kind !== undefined && isDict(value.get(kind));
  checkOf(kind, isMap)(value, at, found);
};

function checkOf(kind: string | undefined, isMap: boolean): Check {
  if (kind === undefined) return shape({ ...COMMON, min: number }, ['metric', 'min']);
  const known = KINDS[kind];
  const isOfMetric = known?.isOfMetric ?? !isMap;
  const { metric, ...rest } = COMMON;
  const check = known?.check ?? (isMap ? LIMIT : number);
  return shape({ ...(isOfMetric ? { metric } : {}), ...rest, [kind]: check }, isOfMetric ? ['metric', kind] : [kind]);
}

const stageRules: Check = (value, at, found) => {
  if (value !== 'all') listOf(whole)(value, at, found);
};
const GATE = shape({ against: textCheck, rules: listOf(rule), stages: mapOf(stageRules) }, ['rules']);
const SCHEMA = shape({ schema: oneOf(1), models: mapOf(GATE) }, ['schema', 'models']);

/** The gates by model. Fails as `parseYaml`, and with `formats.*` {path, place, line, column} where the file says what it may not. */
export function parseGates(text: string): Map<string, Gate> {
  const value = parseYaml(text, GATES_FILE);
  validate(value ?? new Map<string, Value>(), SCHEMA, { path: GATES_FILE, text });
  const models = isDict(value) ? value.get('models') : undefined;
  const entries = isDict(models) ? [...models] : [];
  return new Map(entries.map(([name, gate]) => [keyText(name), toGate(gate as Dict)]));
}

function toGate(map: Dict): Gate {
  const [against, rules, stages] = [map.get('against'), map.get('rules'), map.get('stages')];
  return {
    ...(typeof against === 'string' ? { against } : {}),
    rules: isList(rules) ? rules.map((one) => toRule(one as Dict)) : [],
    stages: new Map(isDict(stages) ? [...stages].map(([name, some]) => [keyText(name), toNumbers(some)]) : []),
  };
}

function toNumbers(value: Value): 'all' | number[] {
  return isList(value) ? value.map((one) => (isInt(one) ? Number(one) : -1)) : 'all';
}

function toRule(map: Dict): Rule {
  const required = map.get('required_for');
  const common = isList(required) ? { requiredFor: required.filter((one) => typeof one === 'string') } : {};
  const kind = kindOf(map) ?? '';
  const body = map.get(kind);
  if (kind === 'min' || kind === 'max') return { ...common, ...toLimit(kind, map, body) };
  if (kind !== 'not_worse_than' || !isDict(body)) return { ...common, kind: 'other', name: kind };
  const mode = body.get('mode') === 'relative' ? 'relative' : 'absolute';
  return { ...common, kind, metric: textAt(map, 'metric'), by: asNumber(body.get('by')) ?? 0, mode };
}

function toLimit(kind: 'min' | 'max', map: Dict, body: Value | undefined): Rule {
  if (!isDict(body)) return { kind, metric: textAt(map, 'metric'), limit: asNumber(body) ?? NaN };
  if (body.has('size_of')) return { kind: 'other', name: 'size_of' };
  return { kind, metric: textAt(body, 'metric'), limit: asNumber(body.get('value')) ?? NaN };
}

function textAt(map: Dict, key: string): string {
  const value = map.get(key);
  return typeof value === 'string' ? value : '';
}

function kindOf(map: Dict): string | undefined {
  return ['min', 'max', ...Object.keys(KINDS)].find((kind) => map.has(kind));
}

/** The rules that bind at a stage, with their numbers; all of them without one. */
export function rulesFor(gate: Gate, stage: string | undefined): { readonly at: number; readonly rule: Rule }[] {
  const numbered = gate.rules.map((one, at) => ({ at, rule: one }));
  if (stage === undefined) return numbered;
  const some = gate.stages.get(stage) ?? 'all';
  return numbered.filter(
    ({ at, rule: one }) => (some === 'all' || some.includes(at)) && one.requiredFor?.includes(stage) !== false,
  );
}
