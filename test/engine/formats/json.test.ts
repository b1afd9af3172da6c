import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StrataError } from '../../../src/engine/errors';
import { parseJson, toJsonText } from '../../../src/engine/formats/json';
import { float, fromPlain, sameValue, type Value } from '../../../src/engine/formats/values';

describe('JSON', () => {
  const reads: [string, Value][] = [
    [
      '{"a": 1, "b": 1.0, "c": 1e5, "j": 1.10, "k": -0.0}',
      new Map<string, Value>([
        ['a', 1],
        ['b', float(1)],
        ['c', float(1e5)],
        ['j', 1.1],
        ['k', float(-0)],
      ]),
    ],
    ['12345678901234567890', 12345678901234567890n],
    ['-0', 0],
    ['[NaN, Infinity, -Infinity]', [NaN, Infinity, -Infinity]],
    ['1e999', Infinity],
    [' [ ] ', []],
    ['"\\u00e9\\n\\ud83d\\ude00"', 'é\n😀'],
    ['{"a": 1, "a": 2}', new Map([['a', 2]])],
    ['{"__proto__": {"x": 1}}', new Map([['__proto__', new Map([['x', 1]])]])],
  ];
  for (const [text, value] of reads) it(`reads ${text}`, () => assert.ok(sameValue(parseJson(text, 'p.json'), value)));

  const broken: [string, number, number][] = [
    ['', 1, 1],
    ['{"a": }', 1, 7],
    ['{"a": 1,}', 1, 9],
    ['[1,\n 2', 2, 3],
    ['[01]', 1, 3],
    ['{a: 1}', 1, 2],
    ['"tab\t"', 1, 1],
    ['[1] x', 1, 5],
    ["{'a': 1}", 1, 2],
    ['nul', 1, 1],
  ];
  for (const [text, line, column] of broken) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseJson(text, 'p.json'),
        (error) =>
          error instanceof StrataError &&
          error.code === 'formats.json' &&
          error.data.line === line &&
          error.data.column === column,
      );
    });
  }

  it('refuses nesting that would overflow', () => {
    assert.throws(
      () => parseJson('['.repeat(100_000), 'p'),
      (error) => error instanceof StrataError && error.code === 'formats.tooDeep',
    );
  });

  const writes: [unknown, string][] = [
    [{ a: 1, b: undefined, c: [undefined] }, '{"a": 1, "c": [null]}'],
    [
      new Map<string, Value>([
        ['x', float(1)],
        ['y', 2n ** 64n],
      ]),
      '{"x": 1.0, "y": 18446744073709551616}',
    ],
    [[NaN, Infinity, -Infinity], '["nan", "inf", "-inf"]'],
    [[1e21, 1e-7, float(1e16)], '[1e+21, 1e-07, 1e+16]'],
    ['é\n"', '"é\\n\\""'],
    [{ $date: '2020-01-01' }, '"2020-01-01"'],
    [[null, true], '[null, true]'],
  ];
  for (const [data, text] of writes) it(`writes ${text}`, () => assert.equal(toJsonText(data), text));

  it('reads back what it writes, and what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const value = fromPlain(data);
        assert.ok(sameValue(parseJson(toJsonText(value), 'x'), value));
        JSON.parse(toJsonText(value));
        assert.doesNotThrow(() => parseJson(JSON.stringify(data), 'x'));
      }),
      { numRuns: 300 },
    );
  }).timeout(20_000);
});
