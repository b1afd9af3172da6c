/** `.strata/compare.yaml`: where samples are found, which column is what, goals and margins of metrics (strata-files.md). */

import { absolute, type Repo } from '../data/repo';
import { StrataError } from '../errors';
import { bool, mapOf, shape, text as textCheck, validate, type Check } from '../formats/schema';
import { asNumber, isDict, keyText, type Dict, type Value } from '../formats/values';
import { parseYaml } from '../formats/yaml';

/** What is declared about one metric. */
export interface MetricRule {
  readonly goal?: 'max' | 'min';
  /** Smallest difference that matters, in the metric's unit. */
  readonly margin?: number;
  readonly primary: boolean;
  /** Column of the samples that holds its value per sample. */
  readonly column?: string;
}

/** Columns of the samples by role, where they are not called as usual. */
export interface SampleRoles {
  /** File, from the root. */
  readonly path?: string;
  readonly id?: string;
  readonly truth?: string;
  readonly pred?: string;
  readonly cluster?: string;
}

/** The whole file; all empty when there is none. */
export interface CompareConfig {
  readonly samples: SampleRoles;
  readonly metrics: ReadonlyMap<string, MetricRule>;
}

/** Where the file lies, from the root. */
const COMPARE_CONFIG = '.strata/compare.yaml';

const number: Check = (value, at, found) => {
  if (asNumber(value) === undefined) found.push({ fault: 'badValue', at });
};
const goal: Check = (value, at, found) => {
  if (value !== 'max' && value !== 'min') found.push({ fault: 'badValue', at });
};
const SCHEMA = shape(
  {
    schema: (value, at, found) => {
      if (value !== 1) found.push({ fault: 'badValue', at });
    },
    samples: shape({ path: textCheck, id: textCheck, true: textCheck, pred: textCheck, cluster: textCheck }),
    metrics: mapOf(shape({ goal, margin: number, primary: bool, column: textCheck })),
  },
  ['schema'],
);

/** Reads the file. Fails as `parseYaml` and `validate` do, and with `compare.margin` {path, metric} for a margin that is not above 0. */
export async function readCompareConfig(repo: Repo): Promise<CompareConfig> {
  const text = await repo.host.fs.readText(absolute(repo, COMPARE_CONFIG));
  return text === undefined ? { samples: {}, metrics: new Map() } : parseCompareConfig(text);
}

/** The settings in the text of the file. */
export function parseCompareConfig(text: string): CompareConfig {
  const value = parseYaml(text, COMPARE_CONFIG) ?? new Map<string, Value>();
  validate(trueKeys(value), SCHEMA, { path: COMPARE_CONFIG, text });
  const map = trueKeys(value) as Dict;
  const samples = map.get('samples');
  const metrics = map.get('metrics');
  return {
    samples: isDict(samples) ? rolesOf(samples) : {},
    metrics: new Map(
      isDict(metrics) ? [...metrics].map(([name, rule]) => [keyText(name), ruleOf(keyText(name), rule as Dict)]) : [],
    ),
  };
}

/** A key written `true:` is the boolean in YAML; here it is the name of a role. */
function trueKeys(value: Value): Value {
  if (!isDict(value)) return value;
  return new Map([...value].map(([key, member]) => [keyText(key), trueKeys(member)]));
}

function rolesOf(map: Dict): SampleRoles {
  const names = { path: 'path', id: 'id', true: 'truth', pred: 'pred', cluster: 'cluster' } as const;
  const pairs = Object.entries(names).map(([key, role]) => [role, map.get(key)] as const);
  return Object.fromEntries(pairs.filter(([, name]) => typeof name === 'string'));
}

function ruleOf(metric: string, map: Dict): MetricRule {
  const margin = asNumber(map.get('margin'));
  if (margin !== undefined && !(margin > 0)) throw new StrataError('compare.margin', { path: COMPARE_CONFIG, metric });
  const wanted = map.get('goal');
  const column = map.get('column');
  return {
    primary: map.get('primary') === true,
    ...(wanted === 'max' || wanted === 'min' ? { goal: wanted } : {}),
    ...(margin === undefined ? {} : { margin }),
    ...(typeof column === 'string' ? { column } : {}),
  };
}
