import assert from 'node:assert/strict';
import { is } from '../../../src/engine/errors';
import { parseGates, rulesFor } from '../../../src/engine/registry/gates';

const gate = (rules: string, more = ''): string => `schema: 1\nmodels:\n  m:\n${more}    rules:\n${rules}`;

describe('registry: gates.yaml', () => {
  const kinds: [string, object][] = [
    ['- {metric: e.json:acc, min: 0.9}', { kind: 'min', metric: 'e.json:acc', limit: 0.9 }],
    ['- max: {metric: ms, value: 40}', { kind: 'max', metric: 'ms', limit: 40 }],
    ['- {metric: a, not_worse_than: {by: 0.01}}', { kind: 'not_worse_than', metric: 'a', by: 0.01, mode: 'absolute' }],
    [
      '- {metric: a, not_worse_than: {by: 1, mode: relative}}',
      { kind: 'not_worse_than', metric: 'a', by: 1, mode: 'relative' },
    ],
    ['- {metric: a, better: true, required_for: [prod]}', { kind: 'other', name: 'better', requiredFor: ['prod'] }],
    ['- max: {size_of: m.json, value: 300MB}', { kind: 'other', name: 'size_of' }],
    ['- require: [clean, pushed]', { kind: 'other', name: 'require' }],
  ];
  for (const [text, expected] of kinds)
    it(text, () => assert.deepEqual(parseGates(gate(`      ${text}\n`)).get('m')?.rules, [expected]));

  const wrong: [string, string, string, number][] = [
    ['a key that is not known', gate('      - {metric: a, min: 1, mni: 2}\n'), 'formats.extraKeyNear', 5],
    ['two kinds in one rule', gate('      - {metric: a, min: 1, max: 2}\n'), 'formats.extraKey', 5],
    ['no kind', gate('      - {metric: a}\n'), 'formats.missingKey', 5],
    ['a limit that is no number', gate('      - {metric: a, min: high}\n'), 'formats.badValue', 5],
    ['a margin below zero', gate('      - {metric: a, not_worse_than: {by: -1}}\n'), 'formats.badValue', 5],
    ['no schema', 'models: {}\n', 'formats.missingKey', 1],
    ['another schema', 'schema: 2\nmodels: {}\n', 'formats.badValue', 1],
    ['a key of a model', gate('      []\n', '    againts: prod\n'), 'formats.extraKeyNear', 4],
  ];
  for (const [what, text, code, line] of wrong)
    it(`refuses ${what}`, () =>
      assert.throws(
        () => parseGates(text),
        (error) => is(error, code) && error.data['line'] === line,
      ));

  it('binds some rules at some stages', () => {
    const rules = '      - {metric: a, min: 1}\n      - {metric: b, min: 1, required_for: [prod]}\n';
    const found = parseGates(gate(rules, '    stages: {staging: [0], prod: all}\n')).get('m');
    assert.ok(found);
    const at = (stage?: string): number[] => rulesFor(found, stage).map((one) => one.at);
    assert.deepEqual([at(), at('prod'), at('staging'), at('dev')], [[0, 1], [0, 1], [0], [0]]);
  });
});
