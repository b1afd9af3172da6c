import assert from 'node:assert/strict';
import { StrataError } from '../../../src/engine/errors';
import { lookupParam, parseParams, selectParams } from '../../../src/engine/formats/params';
import { float, fromPlain, sameValue, toPlain, type Scalar, type Value } from '../../../src/engine/formats/values';

const TEXT = `n: {a: 1, b: 2, 3: z}
lst: [10, [20, 21], {k: 5}]
"a/b": 8
nul: null
"a.b": 9
e: ""
s: abc
17: int
`;

describe('parameters', () => {
  let data: Value;
  before(async () => (data = await parseParams(TEXT, 'params.yaml')));

  // What DVC finds under each key.
  const found: [string, unknown][] = [
    ['n.a', 1],
    ['n.3', 'z'],
    ['17', 'int'],
    ['lst.0', 10],
    ['lst.-1.k', 5],
    ['lst.1.-1', 21],
    ['lst.01', [20, 21]],
    ['a/b', 8],
    ['nul', null],
    ['e', ''],
    ['n.[a]', 1],
    ['*.a', 1],
    ['lst.*.k', 5],
    ['l*', [10, [20, 21], { k: 5 }]],
  ];
  for (const [key, value] of found) {
    it(`finds ${key}`, () => {
      const got = lookupParam(data, key);
      assert.ok(got !== undefined && sameValue(got, fromPlain(value)), JSON.stringify(toPlain(got ?? 'nothing')));
    });
  }

  for (const key of [
    'missing',
    'a.b',
    's.0',
    'n.',
    '',
    'lst.5',
    'lst.x',
    'n.a.b',
    'x*',
    '__proto__',
    'constructor',
    'n.constructor.name',
  ]) {
    it(`does not find ${JSON.stringify(key)}`, () => assert.equal(lookupParam(data, key), undefined));
  }

  for (const key of ['n.*', 'lst.?', 'n.[!b]']) {
    it(`refuses ${key}, which matches several`, () => {
      assert.throws(
        () => lookupParam(data, key),
        (error) => error instanceof StrataError && error.code === 'formats.paramsGlob',
      );
    });
  }

  it('selects keys in the order asked, or every top-level key', () => {
    const selected = selectParams(data, ['lst.0', 'missing', 'n', 'n.a', 'nul']);
    assert.deepEqual([...selected.keys()], ['lst.0', 'n', 'n.a', 'nul']);
    assert.deepEqual([...selectParams(data, []).keys()], ['n', 'lst', 'a/b', 'nul', 'a.b', 'e', 's', '17']);
  });

  // What DVC reads in files of each kind; what is empty or false as a whole is an empty map.
  const files: [string, string, Value][] = [
    ['p.json', '{"b": 1.0}', new Map([['b', float(1)]])],
    ['p.yml', 'b: 1e3', new Map([['b', float(1000)]])],
    ['p.unknown', 'b: 1', new Map([['b', 1]])],
    [
      'p.toml',
      'b = 1.0\n[t]\nc = 2',
      new Map<Scalar, Value>([
        ['b', float(1)],
        ['t', new Map([['c', 2]])],
      ]),
    ],
    ['P.TOML', 'b = 1', new Map([['b', 1]])],
    ['p.py', 'b = -1.0\nc = f()', new Map([['b', float(-1)]])],
    ['empty.yaml', '', new Map()],
    ['empty.py', '', new Map()],
    ['list.yaml', '[]', new Map()],
    ['zero.json', '0.0', new Map()],
    ['one.json', '1', 1],
  ];
  for (const [path, text, value] of files)
    it(`reads ${path} by its ending`, async () => assert.ok(sameValue(await parseParams(text, path), value)));

  const wrong: [string, string, string, number, number][] = [
    ['p.toml', 'a = 1\nb = \n', 'formats.toml', 2, 5],
    ['p.py', 'a = 1\nb = (\n', 'formats.python', 3, 1],
    ['p.json', '{\n"a": }', 'formats.json', 2, 6],
  ];
  for (const [path, text, code, line, column] of wrong) {
    it(`refuses a broken ${path} with its place`, async () => {
      const { data: facts, ...error } = (await parseParams(text, path).catch((e: unknown) => e)) as StrataError;
      assert.deepEqual([error.code, facts['path'], facts['line'], facts['column']], [code, path, line, column]);
    });
  }
});
