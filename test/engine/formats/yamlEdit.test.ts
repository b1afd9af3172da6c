import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromPlain, sameValue, type Value } from '../../../src/engine/formats/values';
import { parseYaml } from '../../../src/engine/formats/yaml';
import { updateYaml } from '../../../src/engine/formats/yamlEdit';
import { renderYaml } from '../../../src/engine/formats/yamlWriter';

type Change = [at: (string | number)[], value: unknown];

/** The value with one member set, or removed when it is undefined. */
function withMember(value: Value, at: readonly (string | number)[], member: Value | undefined): Value {
  const [step, ...rest] = at;
  if (step === undefined) return member ?? null;
  if (Array.isArray(value)) {
    const list = [...(value as readonly Value[])];
    list[Number(step)] = withMember(list[Number(step)] ?? null, rest, member);
    return list;
  }
  const map = new Map(value as ReadonlyMap<string, Value>);
  if (rest.length === 0 && member === undefined) map.delete(String(step));
  else map.set(String(step), withMember(map.get(String(step)) ?? null, rest, member));
  return map;
}

function check(text: string, changes: readonly Change[], expected: string): void {
  let value = parseYaml(text, 'f.yaml');
  for (const [at, member] of changes)
    value = withMember(value, at, member === undefined ? undefined : fromPlain(member));
  const edited = updateYaml(text, 'f.yaml', value);
  assert.equal(edited, expected);
  assert.ok(sameValue(parseYaml(edited, 'f.yaml'), value));
}

describe('YAML edited in place', () => {
  const cases: [string, string, Change[], string][] = [
    ['nothing to change', '# a\na:   1   # b\n', [], '# a\na:   1   # b\n'],
    [
      'a hash and a size, comments stay',
      '# head\nouts:\n- md5: aaa # old hash\n  size: 6\n  path: x\n  meta:\n    k: 1.50\n',
      [
        [['outs', 0, 'md5'], 'bbb'],
        [['outs', 0, 'size'], 8],
      ],
      '# head\nouts:\n- md5: bbb # old hash\n  size: 8\n  path: x\n  meta:\n    k: 1.50\n',
    ],
    [
      'a new key goes last',
      'a:\n  b: 1 # x\n\n# about c\nc: 2\n',
      [
        [
          ['a', 'n'],
          [1, { k: 'v' }],
        ],
      ],
      'a:\n  b: 1 # x\n  n:\n  - 1\n  - k: v\n\n# about c\nc: 2\n',
    ],
    [
      'a new key in a list item',
      'outs:\n  - path: x\n  - path: y\n',
      [[['outs', 0, 'isexec'], true]],
      'outs:\n  - path: x\n    isexec: true\n  - path: y\n',
    ],
    ['a vanished key takes the comments below it', 'a: 1\n# gone\nb: 2\n', [[['a'], undefined]], 'b: 2\n'],
    [
      'the first key of an item',
      'outs:\n- md5: x\n  path: y\n',
      [[['outs', 0, 'md5'], undefined]],
      'outs:\n- path: y\n',
    ],
    ['the last key', 'a:\n  b: 1\n  c: 2 # c\nd: 3\n', [[['a', 'c'], undefined]], 'a:\n  b: 1\nd: 3\n'],
    ['a scalar becomes a block', 'a: 1 # x\nb: 2\n', [[['a'], { c: 1 }]], 'a:\n  c: 1 # x\nb: 2\n'],
    ['a block becomes a scalar', 'a: # x\n  c: 1\n  d: 2\nb: 2\n', [[['a'], 'text']], 'a: text # x\nb: 2\n'],
    ['a block scalar becomes plain', 'a: |\n  x\n  y\nb: 2\n', [[['a'], 'one']], 'a: one\nb: 2\n'],
    ['a null gets a value', 'a:\nb: 2\n', [[['a'], 1]], 'a: 1\nb: 2\n'],
    ['an item that is null', 'a:\n-\n- x\n', [[['a', 0], 'y']], 'a:\n- y\n- x\n'],
    [
      'a list of another length is replaced',
      'a:\n- x # why\n- y\nb: 1 # b\n',
      [[['a'], ['x', 'y', 'z']]],
      'a:\n- x\n- y\n- z\nb: 1 # b\n',
    ],
    ['items one by one', 'a:\n- x   # why\n- y # also\n', [[['a', 1], 'z']], 'a:\n- x   # why\n- z # also\n'],
    [
      'flow style stays',
      'a: {x: 1.50,   y: [a,   b]} # c\n',
      [[['a', 'z'], 'q, r']],
      "a: {x: 1.50, y: [a,   b], z: 'q, r'} # c\n",
    ],
    ['a flow list grows', 'a: [x,   y]\n', [[['a'], ['x', 'y', null, 'z']]], 'a: [x, y, null, z]\n'],
    [
      'empty flow collections open up',
      'a: {}\nb: []\n',
      [
        [['a', 'x'], 1],
        [['b'], [1]],
      ],
      'a:\n  x: 1\nb:\n- 1\n',
    ],
    ['a map that becomes empty', 'a:\n  b: 1\nc: 2\n', [[['a', 'b'], undefined]], 'a: {}\nc: 2\n'],
    ['no newline at the end', 'a: 1', [[['b'], 2]], 'a: 1\nb: 2\n'],
    [
      'CRLF stays',
      'a: 1\r\nb:\r\n  c: 1\r\n',
      [
        [
          ['b', 'd'],
          [1, 2],
        ],
      ],
      'a: 1\r\nb:\r\n  c: 1\r\n  d:\r\n  - 1\r\n  - 2\r\n',
    ],
    ['a file of comments', '# only\n', [[['a'], 1]], '# only\na: 1\n'],
    ['spelling of numbers elsewhere', 'a: 0o17\nb: 1e3\nc: x\n', [[['c'], 'y']], 'a: 0o17\nb: 1e3\nc: y\n'],
    ['an anchored map is written anew', 'a: &x\n  k: 1\nb: *x\n', [[['b'], { k: 2 }]], 'a: &x\n  k: 1\nb:\n  k: 2\n'],
    [
      'an edit that would change an alias too',
      'a: &x\n  k: 1 # c\nb: *x\n',
      [
        [['a', 'k'], 2],
        [['b'], { k: 1 }],
      ],
      'a:\n  k: 2\nb:\n  k: 1\n',
    ],
    [
      'long text is folded',
      'stages:\n  s:\n    cmd: x\n',
      [[['stages', 's', 'cmd'], `${'w '.repeat(40)}end`]],
      `stages:\n  s:\n    cmd: ${'w '.repeat(35)}w\n      ${'w '.repeat(4)}end\n`,
    ],
  ];
  for (const [name, text, changes, expected] of cases) it(name, () => check(text, changes, expected));

  it('gives the wanted value and keeps every comment when nothing is removed', () => {
    const leaf = fc.constantFrom<unknown>(
      1,
      'x',
      'a: b',
      null,
      true,
      `${'long '.repeat(20)}text`,
      'm\nl',
      [1, 'y'],
      { p: 1, q: ['z'] },
      [],
      {},
    );
    const key = fc.constantFrom('k1', 'k2', 'k3', 'new');
    const tree = fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, leaf), fc.array(leaf, { maxLength: 3 })), {
      minKeys: 1,
    });
    fc.assert(
      fc.property(tree, fc.array(fc.tuple(key, key, leaf), { minLength: 1, maxLength: 3 }), (plain, sets) => {
        const lines = renderYaml(fromPlain(plain)).split('\n');
        // A comment at the end of each line that opens a key of the first level and has its value below.
        const text = lines.map((line, i) => (/^\w+:$/.test(line) ? `${line} # c${i}` : line)).join('\n');
        let value = parseYaml(text, 'f');
        for (const [a, b, member] of sets) {
          const at = (value as ReadonlyMap<string, Value>).get(a) instanceof Map ? [a, b] : [a];
          value = withMember(value, at, fromPlain(member));
        }
        const edited = updateYaml(text, 'f', value);
        assert.ok(sameValue(parseYaml(edited, 'f'), value), edited);
        for (const comment of text.match(/# c\d+/g) ?? []) {
          const changed = sets.some(([a]) => text.includes(`${a}: ${comment}`));
          if (!changed) assert.ok(edited.includes(comment), `${comment} lost in\n${edited}`);
        }
      }),
      { numRuns: 400 },
    );
  }).timeout(20_000);
});
