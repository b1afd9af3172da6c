import assert from 'node:assert/strict';
import { canonicalJson } from '../../../src/engine/formats/canonicalJson';
import { StrataError } from '../../../src/engine/errors';
import { float, fromPlain, type Value } from '../../../src/engine/formats/values';

describe('canonical JSON', () => {
  const cases: [string, Value, string][] = [
    [
      'keys sorted by code point',
      fromPlain({ b: 1, a: 2, '😀': 3, '\ufffd': 4 }),
      '{"a": 2, "b": 1, "\\ufffd": 4, "\\ud83d\\ude00": 3}',
    ],
    ['ASCII only', 'é\u007f\u001f/"\\\n\r\t\b\f', '"\\u00e9\\u007f\\u001f/\\"\\\\\\n\\r\\t\\b\\f"'],
    ['int and float', [1, float(1), 1e-5, float(1e16), float(-0)], '[1, 1.0, 1e-05, 1e+16, -0.0]'],
    ['ints of any size', [12345678901234567890n, -5], '[12345678901234567890, -5]'],
    ['not finite', [Infinity, -Infinity, NaN], '[Infinity, -Infinity, NaN]'],
    ['words', [null, true, false], '[null, true, false]'],
    ['empty', fromPlain({ l: [], m: {} }), '{"l": [], "m": {}}'],
    [
      'keys that are not text',
      new Map<number | null, Value>([
        [1, 'a'],
        [null, 'b'],
      ]),
      '{"1": "a", "null": "b"}',
    ],
  ];
  for (const [name, value, text] of cases) it(name, () => assert.equal(canonicalJson(value), text));

  it('refuses dates, as DVC does', () => {
    assert.throws(
      () => canonicalJson([{ $date: '2020-01-01' }]),
      (error) => error instanceof StrataError && error.code === 'formats.dateInJson',
    );
  });
});
