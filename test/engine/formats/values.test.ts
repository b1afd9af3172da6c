import assert from 'node:assert/strict';
import {
  asNumber,
  float,
  fromPlain,
  int,
  isFloat,
  isInt,
  keyText,
  pyEqual,
  pyFloatText,
  sameValue,
  toPlain,
  type Value,
} from '../../../src/engine/formats/values';

describe('values', () => {
  describe('floats are written as Python writes them', () => {
    const cases: [number, string][] = [
      [1e-5, '1e-05'],
      [1e-7, '1e-07'],
      [0.0001, '0.0001'],
      [0.00012345, '0.00012345'],
      [1e15, '1000000000000000.0'],
      [1e16, '1e+16'],
      [123456789012345680, '1.2345678901234568e+17'],
      [1e22, '1e+22'],
      [1e100, '1e+100'],
      [5e-324, '5e-324'],
      [100, '100.0'],
      [-0, '-0.0'],
      [0, '0.0'],
      [-2.5, '-2.5'],
      [0.1, '0.1'],
      [Infinity, 'inf'],
      [-Infinity, '-inf'],
      [NaN, 'nan'],
    ];
    for (const [value, text] of cases) it(text, () => assert.equal(pyFloatText(value), text));
  });

  describe('Python equality', () => {
    const big = 2n ** 70n;
    const cases: [string, Value, Value, boolean][] = [
      ['1 == 1.0', 1, float(1), true],
      ['1 == True', 1, true, true],
      ['0.0 == False', float(0), false, true],
      ['1 != "1"', 1, '1', false],
      ['None != False', null, false, false],
      ['NaN != NaN', NaN, NaN, false],
      ['a large int equals the same float', big, float(Number(big)), true],
      ['2^53 + 1 differs from the float 2^53', 9007199254740993n, float(9007199254740992), false],
      ['lists by item', [1, [true]], [float(1), [1]], true],
      ['lists of other length', [1], [1, 1], false],
      ['maps in any order', fromPlain({ a: 1, b: 2 }), fromPlain({ b: 2, a: 1 }), true],
      ['maps with other keys', fromPlain({ a: null }), fromPlain({ b: null }), false],
      ['a list is not a map', [], new Map(), false],
      ['dates', { $date: '2020-01-01' }, { $date: '2020-01-01' }, true],
    ];
    for (const [name, a, b, equal] of cases) {
      it(name, () => {
        assert.equal(pyEqual(a, b), equal);
        assert.equal(pyEqual(b, a), equal);
      });
    }
  });

  it('tells int, float and boolean apart where nothing may be lost', () => {
    assert.equal(sameValue(1, float(1)), false);
    assert.equal(sameValue(1, true), false);
    assert.equal(sameValue(NaN, NaN), true);
    assert.equal(sameValue(float(0), float(-0)), false);
    assert.equal(sameValue([float(1)], [float(1)]), true);
  });

  it('keeps ints and floats in their own kinds', () => {
    assert.deepEqual(
      [isInt(1), isInt(2n ** 60n), isInt(float(1)), isInt(1.5), isInt(true)],
      [true, true, false, false, false],
    );
    assert.deepEqual([isFloat(float(1)), isFloat(1.5), isFloat(NaN), isFloat(1)], [true, true, true, false]);
    assert.equal(int(9007199254740991n), 9007199254740991);
    assert.equal(int(9007199254740992n), 9007199254740992n);
    assert.deepEqual([asNumber(float(2)), asNumber(3n), asNumber('x')], [2, 3, undefined]);
  });

  it('survives a clone between threads', () => {
    const value = fromPlain({ a: [1, { b: 2 ** 60 }] });
    assert.ok(sameValue(structuredClone(value), value));
  });

  it('becomes plain data without a prototype to hurt', () => {
    const plain = toPlain(
      new Map<string, Value>([
        ['__proto__', float(1)],
        ['n', 2n ** 60n],
      ]),
    ) as Record<string, unknown>;
    assert.deepEqual(Object.keys(plain), ['__proto__', 'n']);
    assert.equal(({} as Record<string, unknown>).n, undefined);
  });

  it('writes keys as JSON does', () => {
    assert.deepEqual(
      [1, true, null, float(1), 'x', 1.5].map((key) => keyText(key)),
      ['1', 'true', 'null', '1.0', 'x', '1.5'],
    );
  });
});
