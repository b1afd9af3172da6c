import assert from 'node:assert/strict';
import { StrataError } from '../../../src/engine/errors';
import {
  parseDvcLock,
  parseLockEntry,
  removeLockEntry,
  renderDvcLock,
  renderLockEntry,
  setLockEntry,
  type LockEntry,
} from '../../../src/engine/formats/dvcLock';
import { float, sameValue } from '../../../src/engine/formats/values';

const ENTRY: LockEntry = {
  cmd: 'cat z > a',
  deps: [
    { path: 'z', hash: 'b026324c6904b2a9cb4b88d6d61c81d1', hashName: 'md5', size: 2, extra: new Map() },
    { path: 'b', hash: 'aaaa.dir', hashName: 'md5', size: 3, nfiles: 2, extra: new Map() },
  ],
  params: new Map([
    ['z.yaml', new Map([['k', 1]])],
    [
      'params.yaml',
      new Map([
        ['q', 1],
        ['p', 2],
      ]),
    ],
    ['a.json', new Map()],
  ]),
  outs: [
    { path: 'a', hash: 'b026324c6904b2a9cb4b88d6d61c81d1', hashName: 'md5', size: 2, isexec: true, extra: new Map() },
  ],
};

const ENTRY_TEXT = `cmd: cat z > a
deps:
- path: b
  hash: md5
  md5: aaaa.dir
  size: 3
  nfiles: 2
- path: z
  hash: md5
  md5: b026324c6904b2a9cb4b88d6d61c81d1
  size: 2
params:
  params.yaml:
    p: 2
    q: 1
  a.json: {}
  z.yaml:
    k: 1
outs:
- path: a
  hash: md5
  md5: b026324c6904b2a9cb4b88d6d61c81d1
  size: 2
  isexec: true
`;

const indented = (text: string): string => text.replace(/^(?=.)/gm, '    ');

describe('dvc.lock', () => {
  // Written by DVC 3.67.1.
  const written: [string, string][] = [
    [
      'lock-basic dvc.lock',
      "schema: '2.0'\nstages:\n  s:\n    cmd: cp z.txt o2 && mkdir -p od && cp a.txt od/x && cp a.txt é.txt\n    deps:\n    - path: a.txt\n      hash: md5\n      md5: 0cc175b9c0f1b6a831c399e269772661\n      size: 1\n    - path: din\n      hash: md5\n      md5: 96f600b11e9b594722735620fe6b160f.dir\n      size: 1\n      nfiles: 1\n    - path: z.txt\n      hash: md5\n      md5: fbade9e36a3f36d3d676c1b808451dd7\n      size: 1\n    params:\n      params.yaml:\n        p: 1\n        q.r: 2\n      other.json:\n        k.z: héllo\n    outs:\n    - path: o2\n      hash: md5\n      md5: fbade9e36a3f36d3d676c1b808451dd7\n      size: 1\n    - path: od\n      hash: md5\n      md5: 1bb104d3614a4bbe3a96117b7a394b99.dir\n      size: 1\n      nfiles: 1\n    - path: é.txt\n      hash: md5\n      md5: 0cc175b9c0f1b6a831c399e269772661\n      size: 1\n",
    ],
    [
      'lock-cmd-forms dvc.lock',
      'schema: \'2.0\'\nstages:\n  l:\n    cmd:\n    - echo 1 > a\n    - echo 2 > b\n    outs:\n    - path: a\n      hash: md5\n      md5: b026324c6904b2a9cb4b88d6d61c81d1\n      size: 2\n    - path: b\n      hash: md5\n      md5: 26ab0db90d72e28ad0ba1e22ee510510\n      size: 2\n  m:\n    cmd: "v=1\\necho \\"v=$v\\" > c\\n"\n    outs:\n    - path: c\n      hash: md5\n      md5: b2cec2c3c6f2d980bb9e4ac19eff130c\n      size: 3\n  w:\n    cmd: echo --alpha 0.5 --beta 0.25 --gamma 0.125 --delta 0.0625 --epsilon \n      0.03125 --zeta 0.015625 > d\n    outs:\n    - path: d\n      hash: md5\n      md5: 32d3593a154a9d5e8d4a6db68ea18e5a\n      size: 87\n  q:\n    cmd: "echo \'k: v\' --alpha 0.5 --beta 0.25 --gamma 0.125 --delta 0.0625 --epsilon\n      0.03125 --zeta 0.015625 > e"\n    outs:\n    - path: e\n      hash: md5\n      md5: 502b3d76bb5719af7eeda4c03abca3ae\n      size: 92\n',
    ],
    [
      'lock-flags dvc.lock',
      "schema: '2.0'\nstages:\n  s:\n    cmd: cp -p in.sh o && echo '{\"a\":1}' > m.json && echo x > n && printf \n      'x,y\\n1,2\\n' > p.csv\n    deps:\n    - path: in.sh\n      hash: md5\n      md5: 3e2b31c72181b87149ff995e7202c0e3\n      size: 10\n      isexec: true\n    outs:\n    - path: m.json\n      hash: md5\n      md5: 4588ff3797b78d819d858fa3bdd82b09\n      size: 8\n    - path: o\n      hash: md5\n      md5: 3e2b31c72181b87149ff995e7202c0e3\n      size: 10\n      isexec: true\n    - path: p.csv\n      hash: md5\n      md5: 344fd2323dd33d5c058b7cf27de029e8\n      size: 8\n",
    ],
    [
      'params-json dvc.lock',
      "schema: '2.0'\nstages:\n  s:\n    cmd: echo hi > out\n    params:\n      p.json:\n        a: 1\n        b: 1.0\n        c: 100000.0\n        e:\n        - 1\n        - x:\n        f: é\n        g: true\n        h: 12345678901234567890\n        j: 1.1\n        k: -0.0\n    outs:\n    - path: out\n      hash: md5\n      md5: 764efa883dda1e11db47671c4a3bbd9e\n      size: 3\n",
    ],
    [
      'params-keys dvc.lock',
      "schema: '2.0'\nstages:\n  s:\n    cmd: echo hi > out\n    params:\n      params.yaml:\n        a/b: 8\n        el: []\n        empty: {}\n        lst.0: 10\n        lst.1.1: 21\n        lst.2.k: 5\n        n:\n          a: 1\n          b: 2\n        n.a: 1\n        nul:\n    outs:\n    - path: out\n      hash: md5\n      md5: 764efa883dda1e11db47671c4a3bbd9e\n      size: 3\n",
    ],
    [
      'params-yaml-types dvc.lock',
      "schema: '2.0'\nstages:\n  s:\n    cmd: echo hi > out\n    params:\n      p2.yaml:\n        b1: yes\n        b2: true\n        b3: true\n        f1: 0.001\n        f2: 1e-05\n        f3: 1.0\n        f4: 1000.0\n        f5: 1e+20\n        f6: .inf\n        f7: 123456789.123\n        f8: 1e+16\n        f9: 0.12345678901234568\n        i1: 15\n        i2: 17\n        i3: 31\n        i4: 1000\n        i5: 123456789012345678901234567890\n        i6: 12:30:45\n        l1:\n        - 1\n        - 2.0\n        - a\n        - - x\n          - \n        - k: v\n        l2: []\n        m1: {}\n        m2:\n          b: 1\n          a:\n            z: 1\n            y:\n            - true\n        n1:\n        n2:\n        n3:\n        s1: '1e-3'\n        s2: 'true'\n        s3: \"multi\\nline\\n\"\n        s4: \"block\\ntext\\n\"\n        s5: '2020-01-01'\n        s6: 'a: b'\n        s7: é\n    outs:\n    - path: out\n      hash: md5\n      md5: 764efa883dda1e11db47671c4a3bbd9e\n      size: 3\n",
    ],
    [
      'runcache-basic dvc.lock',
      "schema: '2.0'\nstages:\n  s:\n    cmd: cat i > o\n    deps:\n    - path: i\n      hash: md5\n      md5: b026324c6904b2a9cb4b88d6d61c81d1\n      size: 2\n    params:\n      params.yaml:\n        lr: 1e-05\n        nest:\n          size: 5\n          nfiles: 7\n          k:\n          - 1.5\n          - 2\n          - \n          - é\n    outs:\n    - path: o\n      hash: md5\n      md5: b026324c6904b2a9cb4b88d6d61c81d1\n      size: 2\n",
    ],
    [
      'status-callback-frozen dvc.lock',
      "schema: '2.0'\nstages:\n  cb:\n    cmd: echo cb\n  ac:\n    cmd: echo > ac.out\n    outs:\n    - path: ac.out\n      hash: md5\n      md5: 68b329da9893e34099c7d8ad5cb9c940\n      size: 1\n  fr:\n    cmd: cp i f.out\n    deps:\n    - path: i\n      hash: md5\n      md5: c4ca4238a0b923820dcc509a6f75849b\n      size: 1\n    outs:\n    - path: f.out\n      hash: md5\n      md5: 9dd4e461268c8034f5c8564e155c67a6\n      size: 1\n",
    ],
  ];
  for (const [name, text] of written) {
    it(`reads and writes again: ${name}`, () => {
      const lock = parseDvcLock(text, 'dvc.lock');
      assert.equal(renderDvcLock(lock.stages), text);
      for (const [stage, entry] of lock.stages) {
        assert.equal(setLockEntry(text, 'dvc.lock', [stage, entry]), text);
        assert.equal(renderLockEntry(parseLockEntry(renderLockEntry(entry), 'x')), renderLockEntry(entry));
      }
    });
  }

  it('sorts what DVC sorts', () => assert.equal(renderLockEntry(ENTRY), ENTRY_TEXT));

  it('keeps the kinds of values', () => {
    const text =
      "schema: '2.0'\nstages:\n  s:\n    cmd: x\n    params:\n      p.yaml:\n        a: 1\n        b: 1.0\n        c: 1e3\n";
    const values = parseDvcLock(text, 'dvc.lock').stages.get('s')?.params.get('p.yaml');
    assert.ok(
      values &&
        sameValue(
          values,
          new Map<string, number | ReturnType<typeof float>>([
            ['a', 1],
            ['b', float(1)],
            ['c', float(1000)],
          ]),
        ),
    );
  });

  const HEAD = "# lock comment\nschema: '2.0'\nstages:\n";
  const STALE = '  stale:\n    cmd: echo stale   # why\n';
  const edits: [string, string | undefined, string, string][] = [
    ['a new file', undefined, 's', `schema: '2.0'\nstages:\n  s:\n${indented(ENTRY_TEXT)}`],
    [
      'an entry is replaced in its place',
      `${HEAD}  aa:\n    cmd: old # gone\n${STALE}`,
      'aa',
      `${HEAD}  aa:\n${indented(ENTRY_TEXT)}${STALE}`,
    ],
    ['a new entry goes last', `${HEAD}${STALE}`, 'new', `${HEAD}${STALE}  new:\n${indented(ENTRY_TEXT)}`],
    [
      'without a newline at the end',
      `${HEAD}${STALE.trimEnd()}`,
      'new',
      `${HEAD}${STALE}  new:\n${indented(ENTRY_TEXT)}`,
    ],
    [
      'comments between entries stay',
      `${HEAD}  aa:\n    cmd: old\n\n  # about stale\n${STALE}`,
      'aa',
      `${HEAD}  aa:\n${indented(ENTRY_TEXT)}\n  # about stale\n${STALE}`,
    ],
    ['no stages yet', "schema: '2.0'\nstages: {}\n", 's', `schema: '2.0'\nstages:\n  s:\n${indented(ENTRY_TEXT)}`],
    [
      'datasets stay',
      `schema: '2.0'\ndatasets:\n- name: x\nstages:\n${STALE}`,
      'new',
      `schema: '2.0'\ndatasets:\n- name: x\nstages:\n${STALE}  new:\n${indented(ENTRY_TEXT)}`,
    ],
    [
      'other entries in flow style',
      "schema: '2.0'\nstages:\n  b: {cmd: x,   deps: []} # why\n",
      'new',
      `schema: '2.0'\nstages:\n  b: {cmd: x,   deps: []} # why\n  new:\n${indented(ENTRY_TEXT)}`,
    ],
    [
      'a name that needs quotes',
      `${HEAD}${STALE}`,
      'train@a: b',
      `${HEAD}${STALE}  'train@a: b':\n${indented(ENTRY_TEXT)}`,
    ],
  ];
  for (const [name, text, stage, expected] of edits) {
    it(`writes: ${name}`, () => assert.equal(setLockEntry(text, 'dvc.lock', [stage, ENTRY]), expected));
  }

  it('removes one entry', () => {
    assert.equal(removeLockEntry(`${HEAD}  aa:\n    cmd: old\n${STALE}`, 'dvc.lock', 'aa'), `${HEAD}${STALE}`);
    assert.equal(removeLockEntry(`${HEAD}${STALE}`, 'dvc.lock', 'stale'), `${HEAD.trimEnd()} {}\n`);
    assert.equal(removeLockEntry(`${HEAD}${STALE}`, 'dvc.lock', 'nope'), `${HEAD}${STALE}`);
  });

  // What DVC 3.67.1 says about each.
  const wrong: [string, string, string[]][] = [
    ['schema: "1.0"\nstages: {}\n', 'schemaVersion', ['invalid schema version, in schema']],
    ['schema: 2.0\nstages: {}\n', 'schemaVersion', ['invalid schema version, in schema']],
    [
      's:\n  cmd: x\n',
      'extraKey',
      ['extra keys not allowed, in s, line 2, column 3', 'required key not provided, in schema'],
    ],
    [
      "schema: '2.0'\nstages:\n  s:\n    cmd: x\n    zzz: 1\n",
      'extraKey',
      ['extra keys not allowed, in stages -> s -> zzz, line 4, column 5'],
    ],
    ['', 'missingKey', ['required key not provided, in schema']],
  ];
  for (const [text, fault, problems] of wrong) {
    it(problems.join('; '), () => {
      const fails = (error: unknown): boolean => {
        assert.ok(error instanceof StrataError);
        assert.deepEqual([error.code, error.data.problems], [`formats.${fault}`, problems]);
        return true;
      };
      assert.throws(() => parseDvcLock(text, 'dvc.lock'), fails);
      assert.throws(() => setLockEntry(text, 'dvc.lock', ['s', ENTRY]), fails);
    });
  }

  it('sees the marks of an unfinished merge', () => {
    const text = "schema: '2.0'\nstages:\n  s:\n<<<<<<< HEAD\n    cmd: a\n=======\n    cmd: b\n>>>>>>> other\n";
    assert.throws(
      () => parseDvcLock(text, 'dvc.lock'),
      (error) => error instanceof StrataError && error.code === 'formats.conflict' && error.data.line === 4,
    );
  });

  it('reads and changes 20,000 stages within 2 seconds', () => {
    const stage = ENTRY_TEXT.replace(/^(?=.)/gm, '    ');
    const text = `schema: '2.0'\nstages:\n${Array.from({ length: 20_000 }, (_, i) => `  s${i}:\n${stage}`).join('')}`;
    const start = process.cpuUsage();
    const lock = parseDvcLock(text, 'dvc.lock');
    // Processor time: the clock on the wall also counts what else the machine does.
    const read = process.cpuUsage(start).user / 1000;
    assert.equal(lock.stages.size, 20_000);
    const changed = setLockEntry(text, 'dvc.lock', ['s777', { ...ENTRY, cmd: 'new' }]);
    assert.equal(changed.length, text.length - 'cat z > a'.length + 'new'.length);
    assert.ok(read < 2000, `${read} ms`);
  }).timeout(20_000);
});
