import assert from 'node:assert/strict';
import fc from 'fast-check';
import { dict, float, fromPlain, sameValue, toPlain, type Value } from '../../../src/engine/formats/values';
import { parseYamlSlowly } from '../../../src/engine/formats/yaml';
import { renderFlow, renderYaml } from '../../../src/engine/formats/yamlWriter';

/** Writes, compares with what DVC wrote for the same data, and reads back. */
function check(value: Value, text: string): void {
  assert.equal(renderYaml(value), text);
  assert.ok(sameValue(parseYamlSlowly(text, 'x'), value), JSON.stringify(toPlain(parseYamlSlowly(text, 'x'))));
}

const X = 'x'.repeat(70);

describe('YAML writer', () => {
  describe('strings as DVC wrote them', () => {
    const cases: [string, string][] = [
      ['echo a', 'cmd: echo a\n'],
      ["echo 'a'", "cmd: echo 'a'\n"],
      ['a: b', "cmd: 'a: b'\n"],
      ['# c', "cmd: '# c'\n"],
      ['- a', "cmd: '- a'\n"],
      ['[a]', "cmd: '[a]'\n"],
      ['{x}', "cmd: '{x}'\n"],
      ['a, b', 'cmd: a, b\n'],
      ['%a', "cmd: '%a'\n"],
      ['@a', "cmd: '@a'\n"],
      ['`a', "cmd: '`a'\n"],
      ['!a', "cmd: '!a'\n"],
      ['&a', "cmd: '&a'\n"],
      ['*a', "cmd: '*a'\n"],
      ['|a', "cmd: '|a'\n"],
      ['>a', "cmd: '>a'\n"],
      ['true', "cmd: 'true'\n"],
      ['yes', 'cmd: yes\n'],
      ['1', "cmd: '1'\n"],
      ['1.0', "cmd: '1.0'\n"],
      ['0x1f', "cmd: '0x1f'\n"],
      ['~', "cmd: '~'\n"],
      ['null', "cmd: 'null'\n"],
      ['trailing ', "cmd: 'trailing '\n"],
      ['tab\tin', 'cmd: "tab\\tin"\n'],
      ['multi\nline\n', 'cmd: "multi\\nline\\n"\n'],
      ['émile', 'cmd: émile\n'],
      ['a\\b', 'cmd: a\\b\n'],
      ["it's", "cmd: it's\n"],
      ['12:30', 'cmd: 12:30\n'],
      ['2020-01-01', "cmd: '2020-01-01'\n"],
      ['=', "cmd: '='\n"],
      ['<<', "cmd: '<<'\n"],
      [
        'python train.py --alpha 0.5 --beta 0.25 --gamma 0.125 --delta 0.0625 --epsilon 0.03125 --zeta 0.015625 --eta 0.0078125',
        'cmd: python train.py --alpha 0.5 --beta 0.25 --gamma 0.125 --delta 0.0625 \n  --epsilon 0.03125 --zeta 0.015625 --eta 0.0078125\n',
      ],
      [
        'python x.py --msg "k: v" --alpha 0.5 --beta 0.25 --gamma 0.125 --delta 0.0625 --epsilon 0.03125 --zeta 12345',
        'cmd: \'python x.py --msg "k: v" --alpha 0.5 --beta 0.25 --gamma 0.125 --delta 0.0625\n  --epsilon 0.03125 --zeta 12345\'\n',
      ],
      ['', "cmd: ''\n"],
      ["it's: x", 'cmd: "it\'s: x"\n'],
      ['\u0007bell', 'cmd: "\\abell"\n'],
      ['a\u007fb', 'cmd: "a\\x7Fb"\n'],
      ['\ufeff', 'cmd: "\\uFEFF"\n'],
      ['\ufffe', 'cmd: "\\uFFFE"\n'],
      ['1e3', "cmd: '1e3'\n"],
      ['...', "cmd: '...'\n"],
      [':a', 'cmd: :a\n'],
      ['?a', 'cmd: ?a\n'],
      ['-a', 'cmd: -a\n'],
      ['?', "cmd: '?'\n"],
      ['a:', "cmd: 'a:'\n"],
      ['a #b', "cmd: 'a #b'\n"],
      ['a#b', 'cmd: a#b\n'],
      ['br[1]', 'cmd: br[1]\n'],
      ['日本 😀', 'cmd: 日本 😀\n'],
      ['x'.repeat(90), `cmd: \n  ${'x'.repeat(90)}\n`],
    ];
    for (const [text, written] of cases) it(JSON.stringify(text), () => check(new Map([['cmd', text]]), written));
  });

  describe('structure', () => {
    const list = [1, new Map([['x', 2]])];
    const map = new Map([['q', 1]]);
    const cases: [string, Value, string][] = [
      [
        'nested lists and maps',
        fromPlain({ a: [[1, [2, 3]], { k: [1] }, [], {}, null, ''] }),
        "a:\n- - 1\n  - - 2\n    - 3\n- k:\n  - 1\n- []\n- {}\n- \n- ''\n",
      ],
      ['maps in lists', fromPlain({ a: [{ b: { c: 1 } }, { d: [{ e: 1 }] }] }), 'a:\n- b:\n    c: 1\n- d:\n  - e: 1\n'],
      ['null', fromPlain({ a: null, b: { c: null } }), 'a:\nb:\n  c:\n'],
      ['empty documents', new Map(), '{}\n'],
      ['an empty list', [], '[]\n'],
      ['a list at the top', fromPlain([1, [2]]), '- 1\n- - 2\n'],
      [
        'numbers',
        fromPlain({ a: float(1e16), b: float(-0), c: NaN, d: -Infinity, e: 10n ** 30n, f: true, g: float(1), h: 1e-5 }),
        'a: 1e+16\nb: -0.0\nc: .nan\nd: -.inf\ne: 1000000000000000000000000000000\nf: true\ng: 1.0\nh: 1e-05\n',
      ],
      [
        'keys',
        new Map<Value, Value>([
          ['', 1],
          [null, 2],
          [true, 3],
          ['x: y', 4],
          ["it's: x", 5],
          ['1', 6],
        ] as [string, Value][]),
        "'': 1\nnull: 2\ntrue: 3\n'x: y': 4\n\"it's: x\": 5\n'1': 6\n",
      ],
      ['a key of several lines', new Map([['m\nl', 1]]), '? "m\\nl"\n: 1\n'],
      [
        'a key that is too long',
        new Map<string, Value>([['k'.repeat(123), new Map([['x', 1]])]]),
        `? ${'k'.repeat(123)}\n: x: 1\n`,
      ],
      [
        'aliases',
        dict([
          ['a', list],
          ['b', list],
          ['c', map],
          ['d', map],
          ['e', [list, [map]]],
        ]),
        'a: &id001\n- 1\n- x: 2\nb: *id001\nc: &id002\n  q: 1\nd: *id002\ne:\n- *id001\n- - *id002\n',
      ],
    ];
    for (const [name, value, text] of cases) it(name, () => check(value, text));
  });

  describe('folding at column 80', () => {
    const cases: [string, unknown, string][] = [
      ['plain text leaves its space behind', { a: [`w w w ${X} yy zz e`] }, `a:\n- w w w ${X} \n  yy zz e\n`],
      ['quoted text breaks past the column', { a: `: ${X} yy zzzzz last` }, `a: ': ${X} yy zzzzz\n  last'\n`],
      ['double quoted text', { a: `\n${X} yy zzzzzz last` }, `a: "\\n${X} yy zzzzzz\n  last"\n`],
      ['several spaces are not lost', { a: `${X}    yyyyyyyyyyyyy e` }, `a: ${X}    yyyyyyyyyyyyy\n  e\n`],
      ['a break after an escape keeps the text', { a: `\t${X}xxxxxxx\té` }, `a: "\\t${X}xxxxxxx\\t\\\n  é"\n`],
      ['deeper indents', { s: { t: { cmd: `${X} yy` } } }, `s:\n  t:\n    cmd: ${X} \n      yy\n`],
    ];
    for (const [name, plain, text] of cases) it(name, () => check(fromPlain(plain), text));
  });

  it('reads back as it was, whatever the text', () => {
    const piece = fc.constantFrom(
      'a',
      '--lr',
      X,
      ' ',
      '  ',
      '\n',
      '\t',
      "'",
      '"',
      '\\',
      ':',
      ': ',
      ' #',
      '#',
      '-',
      '[',
      '{',
      ',',
      '😀',
      'é',
      '\u00a0',
      '\u0085',
      '\u2028',
      '\ud800',
      '1',
      'true',
      '=',
      '?',
    );
    const text = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(''));
    const tree = fc.letrec<{ value: Value }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.constantFrom<Value>(null, true, 1, float(1), 10n ** 20n, 0.1, NaN),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
      ),
    })).value;
    fc.assert(
      fc.property(tree, (value) => {
        const document = new Map([['k', value]]);
        assert.ok(sameValue(parseYamlSlowly(renderYaml(document), 'x'), document));
        assert.ok(sameValue(parseYamlSlowly(`k: ${renderFlow(value)}\n`, 'x'), document), 'flow');
      }),
      { numRuns: 600 },
    );
  }).timeout(20_000);
});
