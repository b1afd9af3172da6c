import assert from 'node:assert/strict';
import { StrataError } from '../../../src/engine/errors';
import { locate, parseYaml, parseYamlSlowly } from '../../../src/engine/formats/yaml';
import { float, fromPlain, sameValue, toPlain, type Value } from '../../../src/engine/formats/values';

/** Reads both ways; the quick reader either gives the same or nothing. */
function check(text: string, value: Value): void {
  for (const parse of [parseYaml, parseYamlSlowly]) {
    const found = parse(text, 'f.yaml');
    assert.ok(sameValue(found, value), `${JSON.stringify(toPlain(found))} for ${JSON.stringify(text)}`);
  }
}

describe('YAML reader', () => {
  describe('scalars of YAML 1.2 as DVC reads them', () => {
    const cases: [string, Value][] = [
      ...['yes', 'no', 'on', 'off', 'y', 'n', '12:30:45', 'tRue', '1.2.3', '0b', '_1', '1e', '+', 'a b'].map(
        (text): [string, Value] => [text, text],
      ),
      ...['true', 'True', 'TRUE'].map((text): [string, Value] => [text, true]),
      ...['false', 'False', 'FALSE'].map((text): [string, Value] => [text, false]),
      ...['null', 'Null', 'NULL', '~', ''].map((text): [string, Value] => [text, null]),
      ['017', 17],
      ['0o17', 15],
      ['0x1F', 31],
      ['0b101', 5],
      ['1_000', 1000],
      ['+5', 5],
      ['-5', -5],
      ['123456789012345678901234567890', 123456789012345678901234567890n],
      ['1e3', float(1000)],
      ['1E+20', float(1e20)],
      ['1e-3', 0.001],
      ['.5', 0.5],
      ['5.', float(5)],
      ['1.e+2', float(100)],
      ['1_000.5', 1000.5],
      ['.inf', Infinity],
      ['-.INF', -Infinity],
      ['.nan', NaN],
      ['1.0', float(1)],
      ['-0.0', float(-0)],
      ['2020-01-01', { $date: '2020-01-01' }],
      ['2020-01-01T10:20:30Z', { $date: '2020-01-01T10:20:30Z' }],
      ["'1'", '1'],
      ['"\\x41\\u00e9\\U0001F600\\t"', 'Aé😀\t'],
      ['!!str 1', '1'],
      ['!!int "3"', 3],
      ['!!float 1', float(1)],
    ];
    for (const [text, value] of cases)
      it(text === '' ? 'empty' : text, () => check(`k: ${text}\n`, new Map([['k', value]])));
  });

  describe('structure', () => {
    const cases: [string, string, unknown][] = [
      ['an empty file', '', null],
      ['comments only', '# a\n\n# b\n', null],
      ['a document mark', '---\na: 1\n', { a: 1 }],
      [
        'dashes at the indent of their key',
        'a:\n- 1\n- b: 2\n  c: 3\n-\n- - x\n  - y\n',
        { a: [1, { b: 2, c: 3 }, null, ['x', 'y']] },
      ],
      ['dashes further in', 'a:\n  - 1\n  -   b: 2\n      c: 3\n', { a: [1, { b: 2, c: 3 }] }],
      ['folded plain text', 'a: one\n  two\n  three # c\nb: 1\n', { a: 'one two three', b: 1 }],
      ['text below its key', 'a: \n  one\n  two\nb:\n- \n  x y\n', { a: 'one two', b: ['x y'] }],
      ['quoted text over lines', "a: 'one\n  two''s'\nb: \"x\\\n  \\ y\n  z\"\n", { a: "one two's", b: 'x y z' }],
      ['block scalars', 'a: |\n  x\n  y\nb: >-\n  p\n  q\n', { a: 'x\ny\n', b: 'p q' }],
      ['a block scalar that ends with the file', 'a: |\n  x\n  y', { a: 'x\ny' }],
      ['a folded one that keeps its newline', 'a: >\n  x\n  y\n', { a: 'x y\n' }],
      ['brackets closed further out', "s:\n  d: [\n    'a',\n  b # c\n]\n  x: 1\n", { s: { d: ['a', 'b'], x: 1 } }],
      [
        'quoted text as far in as its key',
        "s:\n  a: 'it''s\n  b'\n  c: |\n    [x\n  d: \"x\n  y\"\n",
        { s: { a: "it's b", c: '[x\n', d: 'x y' } },
      ],
      ['flow collections', 'a: [1, {b: c}, [], {}]\n', { a: [1, { b: 'c' }, [], {}] }],
      ['comments at line ends', 'a: 1 # one\nb: # two\n  c: x#y\n', { a: 1, b: { c: 'x#y' } }],
      ['quoted keys', '"a b": 1\n\'c: d\': 2\n', { 'a b': 1, 'c: d': 2 }],
      ['aliases', 'a: &x [1]\nb: *x\n', { a: [1], b: [1] }],
      [
        'merge keys, own keys win',
        'a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n',
        { a: { p: 1, q: 2 }, b: { p: 1, q: 3 } },
      ],
      [
        'several merges, the first wins',
        'a: &x {p: 1}\nc: &y {p: 2, r: 3}\nb: {<<: [*x, *y]}\n',
        { a: { p: 1 }, c: { p: 2, r: 3 }, b: { p: 1, r: 3 } },
      ],
      ['a byte order mark and CRLF', '\ufeffa: 1\r\nb:\r\n- c\r\n', { a: 1, b: ['c'] }],
      ['no newline at the end', 'a: 1', { a: 1 }],
      ['urls and windows paths', 'a: http://x:9/y\nb: c:\\d\n', { a: 'http://x:9/y', b: 'c:\\d' }],
    ];
    for (const [name, text, plain] of cases) it(name, () => check(text, fromPlain(plain)));

    it('keeps keys that are not text', () => {
      const keys = new Map<number | null, Value>([
        [17, 'a'],
        [null, 'b'],
      ]);
      check('017: a\n~: b\n', keys);
    });

    it('shares what an alias names, so that it is written as an alias again', () => {
      const map = parseYaml('a: &x [1]\nb: *x\n', 'f') as ReadonlyMap<string, Value>;
      assert.equal(map.get('a'), map.get('b'));
    });
  });

  describe('places of what is wrong', () => {
    const cases: [string, string, string, number, number][] = [
      ['equal keys', 'a:\n  s: 1\n  s: 2\n', 'formats.yamlDuplicate', 3, 3],
      ['keys that Python takes as equal', '1: a\n1.0: b\n', 'formats.yamlDuplicate', 2, 1],
      ['an unclosed bracket', 'a: [1, 2\nb: 3\n', 'formats.yaml', 2, 1],
      ['an unclosed quote', 'a: "x\nb: 3\n', 'formats.yaml', 3, 1],
      ['a tab as indent', 'a:\n\tb: 1\n', 'formats.yaml', 2, 1],
      ['an unknown tag', 'a: !foo 1\n', 'formats.yamlTag', 1, 9],
      ['an alias to nothing', 'a: *x\n', 'formats.yaml', 1, 4],
      ['two documents', 'a: 1\n---\nb: 2\n', 'formats.yaml', 2, 1],
      ['a map as key', '{a: 1}: 2\n', 'formats.yamlKey', 1, 1],
      ['a colon inside plain text', 'a: b: c\n', 'formats.yaml', 1, 4],
      ['an alias to itself', 'a: &x [*x]\n', 'formats.yamlBomb', 1, 8],
    ];
    for (const [name, text, code, line, column] of cases) {
      it(name, () => {
        assert.throws(
          () => parseYaml(text, 'f.yaml'),
          (error) => {
            assert.ok(error instanceof StrataError);
            assert.deepEqual(
              [error.code, error.data.path, error.data.line, error.data.column],
              [code, 'f.yaml', line, column],
            );
            return true;
          },
        );
      });
    }
  });

  it('refuses a bomb of aliases at once', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i += 1)
      lines.push(
        `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    assert.throws(
      () => parseYaml(lines.join('\n'), 'f'),
      (error) => error instanceof StrataError && error.code === 'formats.yamlBomb',
    );
  });

  it('refuses nesting that would overflow', () => {
    for (const text of ['['.repeat(50_000), '- '.repeat(3_000) + 'x', `${'{a: '.repeat(3_000)}1${'}'.repeat(3_000)}`]) {
      assert.throws(() => parseYaml(text, 'f'), StrataError);
    }
  });

  it('does not touch the prototype of objects', () => {
    parseYaml('__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}\n', 'f');
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });

  it('names places as DVC does: the innermost list or map', () => {
    const text = 'outs:\n- path: z\n  foo: 1\n';
    assert.deepEqual(locate(text, ['outs', 0, 'foo']), { line: 2, column: 3 });
    assert.deepEqual(locate(text, ['outs', 0, 'foo'], true), { line: 3, column: 3 });
    assert.equal(locate(text, ['nothing']), undefined);
  });
});
