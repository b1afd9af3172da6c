import assert from 'node:assert/strict';
import { closest } from '../../../src/base/closest';
import { StrataError } from '../../../src/engine/errors';
import {
  expressionsIn,
  fillText,
  isWhole,
  stepsOf,
  valueText,
  type ArgsStyle,
} from '../../../src/engine/formats/interpolation';
import { pyRepr } from '../../../src/engine/formats/pyText';
import { float, fromPlain, tuple, type Value } from '../../../src/engine/formats/values';
import { parseYaml } from '../../../src/engine/formats/yaml';

function failure(act: () => unknown): StrataError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof StrataError, String(error));
    return error;
  }
  return assert.fail('was accepted');
}

describe('expressions in texts', () => {
  // What stands between the braces of each.
  const texts: [string, string[]][] = [
    ['echo ${a} ${b.c}', ['a', 'b.c']],
    ['${a}', ['a']],
    ['${ a }', [' a ']],
    ['\\${a}', []],
    ['\\\\${a}', []],
    ['\\${a} ${b}', ['b']],
    ['${a', []],
    ['${a\n}', []],
    ['${a\n} ${b}', ['b']],
    ['${${a}}', ['${a']],
    ['$a $(b) {c}', []],
    ['${}', ['']],
    ['${\n${a}', ['a']],
  ];
  for (const [text, inner] of texts)
    it(JSON.stringify(text), () =>
      assert.deepEqual(
        expressionsIn(text).map((one) => one.inner),
        inner,
      ),
    );

  it('one is whole when nothing stands beside it', () => {
    for (const [text, whole] of [
      ['${a}', true],
      [' ${a}', false],
      ['${a}${b}', false],
      ['a', false],
    ] as const)
      assert.equal(isWhole(text, expressionsIn(text)), whole, text);
  });

  it('a text of 2 MB without an end is looked through at once', () => {
    assert.deepEqual(expressionsIn('${a\n'.repeat(500_000)), []);
    assert.equal(expressionsIn(`${'${a\n'.repeat(100_000)}}`).length, 0);
  });

  it('fills and unescapes', () => {
    const text = 'a ${x} \\${y} ${z}';
    assert.equal(fillText(text, expressionsIn(text), ['1', '\\${v}']), 'a 1 ${y} ${v}');
  });
});

describe('names of values', () => {
  const names: [string, string[]][] = [
    ['a', ['a']],
    [' a ', ['a']],
    ['a.b.c', ['a', 'b', 'c']],
    ['a[0].b', ['a', '0', 'b']],
    ['a[-1][x y]', ['a', '-1', 'x y']],
    ['a . b [ 0 ] ', ['a', 'b', '0']],
    ['key with space', ['key with space']],
    ['x-y', ['x-y']],
  ];
  for (const [inner, steps] of names) it(inner, () => assert.deepEqual(stepsOf(inner), steps));

  // The character of the whole expression at which it goes wrong, from 1.
  const wrong: [string, number][] = [
    ['', 3],
    ['.a', 3],
    ['a.', 5],
    ['a..b', 5],
    ['a[]', 5],
    ['a[0', 6],
    ['a]', 4],
    ['a[0]b', 7],
    ['a[b.c]', 6],
    ['[0]', 3],
  ];
  for (const [inner, at] of wrong) {
    it(`\${${inner}} is none`, () => {
      const { code, data } = failure(() => stepsOf(inner));
      assert.deepEqual([code, data['text'], data['at']], ['template.syntax', `\${${inner}}`, at]);
    });
  }
});

describe('values as text', () => {
  const values: [Value, string][] = [
    [1, '1'],
    [float(1), '1.0'],
    [1e-5, '1e-05'],
    [float(1e22), '1e+22'],
    [10n ** 20n, '100000000000000000000'],
    [true, 'true'],
    [false, 'false'],
    [null, 'None'],
    ["it's", "it's"],
    [fromPlain([true, null, 'a', "it's"]), `[True, None, 'a', "it's"]`],
    [tuple([1]), '(1,)'],
    [NaN, 'nan'],
  ];
  for (const [value, text] of values) it(text, () => assert.equal(valueText(value), text));

  const reprs: [string, string][] = [
    ['a', `'a'`],
    ["a'b", `"a'b"`],
    [`a'b"c`, `'a\\'b"c'`],
    ['a\n\t\\', `'a\\n\\t\\\\'`],
    ['\u0000\u001b\u00a0\u2028\u{1f600}é', `'\\x00\\x1b\\xa0\\u2028\u{1f600}é'`],
  ];
  for (const [text, repr] of reprs) it(`${repr} is quoted so`, () => assert.equal(pyRepr(text), repr));
});

describe('a map as arguments', () => {
  const args: [string, string, ArgsStyle?][] = [
    ['{k1: v1, k2: 2.0, k3: true, k4: false}', '--k1 v1 --k2 2.0 --k3'],
    ['{k3: true, k4: false}', '--k3 --no-k4', { bool: 'boolean_optional' }],
    ['{k5: [1, a b, true, null]}', "--k5 1 'a b' True None"],
    ['{k5: [1, a b]}', "--k5 1 --k5 'a b'", { list: 'append' }],
    ['{k6: {z: 1, y: {x: 2}}, e: {}, l: [], n: null, s: ""}', "--k6.z 1 --k6.y.x 2 --n None --s ''"],
    ['{q: "it\'s $HOME"}', `--q 'it'"'"'s $HOME'`],
    ['{safe: "a/b.c-d_e:f@g%h+i=j,k", uni: é}', `--safe a/b.c-d_e:f@g%h+i=j,k --uni 'é'`],
    ['{}', ''],
  ];
  for (const [yaml, text, style] of args)
    it(`${yaml} → ${text}`, () => assert.equal(valueText(parseYaml(yaml, ''), style), text));

  it('refuses lists in lists, and names that come twice', () => {
    assert.equal(failure(() => valueText(parseYaml('{k: [[1]]}', ''))).code, 'template.nestedList');
    assert.equal(failure(() => valueText(parseYaml('{k: [{a: 1}]}', ''))).code, 'template.nestedList');
    assert.equal(failure(() => valueText(parseYaml('{a.b: 1, a: {b: 2}}', ''))).code, 'template.sameArgument');
  });
});

describe('the name that is meant', () => {
  const known = ['learning_rate', 'lr', 'model', 'Batch', 'x'];
  const cases: [string, string | undefined][] = [
    ['lerning_rate', 'learning_rate'],
    ['laerning_rate', 'learning_rate'],
    ['LR', 'lr'],
    ['l', 'lr'],
    ['modle', 'model'],
    ['batch', 'Batch'],
    ['dropout', undefined],
    ['model', undefined],
    ['y'.repeat(100), undefined],
  ];
  for (const [name, meant] of cases)
    it(`${name.slice(0, 20)} → ${meant ?? 'nothing'}`, () => assert.equal(closest(name, known), meant));
});
