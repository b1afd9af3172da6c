import assert from 'node:assert/strict';
import { StrataError } from '../../../src/engine/errors';
import { pyRepr } from '../../../src/engine/formats/pyText';
import { parseToml } from '../../../src/engine/formats/tomlParams';

// Each with what DVC 3.67.1 reads, as Python prints it.
const FILES: readonly (readonly [string, string])[] = [
  ['a = 1\nb = 1.0\nc = 1e-5\nd = -0.0\n', "{'a': 1, 'b': 1.0, 'c': 1e-05, 'd': -0.0}"],
  [
    'a = 0x1F\nb = 0o17\nc = 0b11\nd = 1_000\ne = inf\nf = -inf\n',
    "{'a': 31, 'b': 15, 'c': 3, 'd': 1000, 'e': inf, 'f': -inf}",
  ],
  ['a = 9223372036854775807\n', "{'a': 9223372036854775807}"],
  ['a = "x\\u00e9"\nb = \'\\n\'\nc = """\nx\ny"""\n', "{'a': 'xé', 'b': '\\\\n', 'c': 'x\\ny'}"],
  ['[t.u]\nv = 1\n[[arr]]\nq = 1\n[[arr]]\n', "{'t': {'u': {'v': 1}}, 'arr': [{'q': 1}, {}]}"],
  [
    'a.b.c = 1\na.d = [1, 2.5, "x", true]\nf = {x = {y = 1}}\n',
    "{'a': {'b': {'c': 1}, 'd': [1, 2.5, 'x', True]}, 'f': {'x': {'y': 1}}}",
  ],
  ['"a b" = 1\n"__proto__" = 2\nconstructor = 3\n', "{'a b': 1, '__proto__': 2, 'constructor': 3}"],
  ['# only a comment\n', '{}'],
  ['a = """x\r\ny"""\r\nb = 1\r\n', "{'a': 'x\\ny', 'b': 1}"],
];

describe('TOML params', () => {
  for (const [text, expected] of FILES)
    it(JSON.stringify(text), () => assert.equal(pyRepr(parseToml(text, 'p.toml')), expected));

  it('keeps dates apart from texts', () => {
    const dates = 'a = 1979-05-27\nb = 07:32:00\nc = 1979-05-27T07:32:00Z\nd = 1979-05-27 07:32:00.5\n';
    const shown = "{'a': 1979-05-27, 'b': 07:32:00, 'c': 1979-05-27 07:32:00+00:00, 'd': 1979-05-27 07:32:00.500}";
    assert.equal(pyRepr(parseToml(dates, 'p.toml')), shown);
  });

  for (const [text, line, column] of [
    ['a = 1\na = 2\n', 2, 1],
    ['a = \n', 1, 5],
    ['a = [1\n', 2, 1],
    ['a = 01\n', 1, 5],
    ['[a]\n[a]\n', 2, 2],
  ] as const) {
    it(`refuses ${JSON.stringify(text)} with its place`, () => {
      assert.throws(
        () => parseToml(text, 'p.toml'),
        (error) => {
          assert.ok(error instanceof StrataError);
          assert.deepEqual([error.code, error.data['line'], error.data['column']], ['formats.toml', line, column]);
          return typeof error.data['detail'] === 'string' && !error.data['detail'].includes('\n');
        },
      );
    });
  }

  it('refuses what is nested too deeply', () => {
    for (const text of [`a = ${'['.repeat(400)}${']'.repeat(400)}`, `${'a.'.repeat(400)}a = 1`])
      assert.throws(
        () => parseToml(text, 'p.toml'),
        (error) => error instanceof StrataError,
      );
  });
});
