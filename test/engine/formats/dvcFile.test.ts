import assert from 'node:assert/strict';
import { StrataError } from '../../../src/engine/errors';
import {
  parseDvcFile,
  renderDvcFile,
  updateDvcFile,
  type DvcFile,
  type OutEntry,
} from '../../../src/engine/formats/dvcFile';

describe('.dvc files', () => {
  // Written by DVC 3.67.1: added files and folders, executables, 2.x entries, imports of each kind.
  const written: [string, string][] = [
    [
      'dvcfile-add-crlf win.txt.dvc',
      'outs:\n- md5: 59b0d7772f0561efb95518f3cb8abc60\n  size: 6\n  hash: md5\n  path: win.txt\n',
    ],
    [
      'dvcfile-add-exec run.sh.dvc',
      'outs:\n- md5: 46bbbe8aa98cc0714426e948474eaaf4\n  size: 18\n  isexec: true\n  hash: md5\n  path: run.sh\n',
    ],
    ['legacy-read t.txt.dvc', 'outs:\n- md5: dd8c6a395b5dd36c56d23275028f526c\n  size: 6\n  path: t.txt\n'],
    [
      'ops-gc-workspace d.dvc',
      'outs:\n- md5: 9af2f0a3c94f6c2d21d168c08de4d98c.dir\n  size: 1\n  nfiles: 1\n  hash: md5\n  path: d\n',
    ],
    [
      'ops-import-url dd.dvc',
      'md5: 46f051651bbf1c602bbc2c34066fd033\nfrozen: true\ndeps:\n- md5: 6bf0c62d33a623b5e7b226f4d9009a98.dir\n  size: 2\n  nfiles: 1\n  hash: md5\n  path: ../extd\nouts:\n- md5: 6bf0c62d33a623b5e7b226f4d9009a98.dir\n  size: 2\n  nfiles: 1\n  hash: md5\n  path: dd\n',
    ],
    [
      'ops-import-url ext.txt.dvc',
      'md5: ff183c62a196586826e53b72c40dab55\nfrozen: true\ndeps:\n- md5: aab7e3691d8e56dbebe8c22e116a21f4\n  size: 4\n  hash: md5\n  path: ../ext.txt\nouts:\n- md5: aab7e3691d8e56dbebe8c22e116a21f4\n  size: 4\n  hash: md5\n  path: ext.txt\n',
    ],
    [
      'ops-import-url noex.dvc',
      'frozen: true\ndeps:\n- hash: md5\n  path: ../ext.txt\nouts:\n- hash: md5\n  path: noex\n',
    ],
    [
      'ops-import aa.dvc',
      'md5: 6c4b637dd22c2ab50c18c021ad355c9c\nfrozen: true\ndeps:\n- path: d/a\n  repo:\n    url: ../src\n    rev_lock: d5e9ec873dcd985331018ffb9f405ddc26ad2e1f\nouts:\n- hash: md5\n  path: aa\n',
    ],
    [
      'ops-import dd.dvc',
      'md5: 07e85184ad46efcdd541234d24883219\nfrozen: true\ndeps:\n- path: d\n  repo:\n    url: ../src\n    rev: v1\n    rev_lock: d5e9ec873dcd985331018ffb9f405ddc26ad2e1f\nouts:\n- md5: 978ca45691cd12e610fb0788867f8252.dir\n  size: 2\n  nfiles: 1\n  hash: md5\n  path: dd\n',
    ],
    [
      'ops-import f.dvc',
      'md5: ed0d5d411c5766c1054a15f657895c16\nfrozen: true\ndeps:\n- path: f\n  repo:\n    url: ../src\n    rev_lock: d5e9ec873dcd985331018ffb9f405ddc26ad2e1f\nouts:\n- md5: 9a8ad92c50cae39aa2c5604fd0ab6d8c\n  size: 2\n  hash: md5\n  path: f\n',
    ],
    [
      'tree-granular-add d.dvc',
      'outs:\n- md5: ec36841ee272e69bbe48197ae8cd58c5.dir\n  nfiles: 3\n  hash: md5\n  path: d\n',
    ],
  ];
  for (const [name, text] of written) {
    it(`reads and writes again: ${name}`, () => assert.equal(renderDvcFile(parseDvcFile(text, 'x.dvc')), text));
  }

  it('fills in defaults and keeps what it does not understand', () => {
    const text =
      'outs:\n- md5: aaaa\n  path: d\n  version_id: v\n  cloud:\n    r:\n      etag: eee\n  cache: false\n  push: false\n  labels: [a]\n  meta: {k: 1.0}\nwdir: ..\n';
    const file = parseDvcFile(text, 'x.dvc');
    const [out] = file.outs;
    assert.deepEqual([file.wdir, file.frozen, file.deps.length], ['..', false, 0]);
    assert.ok(out);
    assert.deepEqual(
      [out.hash, out.hashName, out.cache, out.push, out.persist, out.labels],
      ['aaaa', 'md5-dos2unix', false, false, false, ['a']],
    );
    assert.deepEqual([...out.extra.keys()], ['version_id', 'cloud']);
    assert.match(renderDvcFile(file), /version_id: v\n {2}cloud:\n {4}r:\n {6}etag: eee\n/);
  });

  it('knows how a hash was made', () => {
    const names = (fields: string): unknown => {
      const [out] = parseDvcFile(`outs:\n- path: x\n${fields}`, 'x.dvc').outs;
      return [out?.hashName, out?.hash];
    };
    assert.deepEqual(names('  md5: aaaa\n  hash: md5\n'), ['md5', 'aaaa']);
    assert.deepEqual(names('  md5: aaaa\n'), ['md5-dos2unix', 'aaaa']);
    assert.deepEqual(names('  md5: 1234\n'), ['md5-dos2unix', '1234']);
    assert.deepEqual(names('  etag: \'"e"\'\n  hash: md5\n'), ['etag', '"e"']);
    assert.deepEqual(names('  md5: \n  hash: md5\n'), ['md5', undefined]);
    assert.deepEqual(names(''), ['md5', undefined]);
  });

  it('takes an empty file as one without outputs', () => assert.deepEqual(parseDvcFile('', 'x.dvc').outs, []));

  /** The file with its first output changed. */
  function withOut(file: DvcFile, change: Partial<OutEntry>): DvcFile {
    const [first, ...rest] = file.outs;
    assert.ok(first);
    return { ...file, outs: [{ ...first, ...change }, ...rest] };
  }

  const updates: [string, string, Partial<OutEntry>, string][] = [
    [
      'annotations, comments and order stay when data changed',
      '# head comment\nouts:\n- md5: b1946ac92492d2347c6235b4d2611184 # old hash\n  size: 6\n  hash: md5\n  path: x.txt\n  desc: some words\n  meta:\n    k: 1.5\nmeta:\n  custom: value\n',
      { hash: 'ec1bebaea2c042beb68f7679ddd106a4', size: 8 },
      '# head comment\nouts:\n- md5: ec1bebaea2c042beb68f7679ddd106a4 # old hash\n  size: 8\n  hash: md5\n  path: x.txt\n  desc: some words\n  meta:\n    k: 1.5\nmeta:\n  custom: value\n',
    ],
    [
      'a 2.x entry becomes 3.x with its hash field last',
      'outs:\n- md5: dd8c6a395b5dd36c56d23275028f526c\n  size: 6\n  path: t.txt\n',
      { hash: '8c8f2ff0bac61ccfb16c5bfc3a9b5c6a', hashName: 'md5', size: 9 },
      'outs:\n- md5: 8c8f2ff0bac61ccfb16c5bfc3a9b5c6a\n  size: 9\n  path: t.txt\n  hash: md5\n',
    ],
    ['a 2.x entry stays as it is', 'outs:\n- md5: aaaa\n  path: t\n', {}, 'outs:\n- md5: aaaa\n  path: t\n'],
    [
      'a remote is added',
      'outs:\n- md5: aaaa\n  hash: md5\n  path: t\n',
      { remote: 'r', push: false },
      'outs:\n- md5: aaaa\n  hash: md5\n  path: t\n  remote: r\n  push: false\n',
    ],
  ];
  for (const [name, text, change, expected] of updates) {
    it(name, () => assert.equal(updateDvcFile(text, 'x.dvc', withOut(parseDvcFile(text, 'x.dvc'), change)), expected));
  }

  // What DVC 3.67.1 says about each, after "validation failed".
  const wrong: [string, string, string, number, number][] = [
    ['unknown: 1\nouts:\n- path: z\n', 'extraKey', 'extra keys not allowed, in unknown', 1, 1],
    ['outs:\n- path: z\n  foo: 1\n', 'extraKey', 'extra keys not allowed, in outs -> 0 -> foo, line 2, column 3', 3, 3],
    ['outs:\n- path: z\n  md5: ab\n', 'badValue', 'not a valid value, in outs -> 0 -> md5, line 2, column 3', 3, 3],
    ["outs:\n- path: z\n  size: '5'\n", 'expectedInt', 'expected int, in outs -> 0 -> size, line 2, column 3', 3, 3],
    ['outs: z\n', 'expectedList', 'expected a list, in outs', 1, 1],
    ['outs:\n- path: z\n  cmd: x\n', 'extraKey', 'extra keys not allowed, in outs -> 0 -> cmd, line 2, column 3', 3, 3],
    [
      'deps:\n- path: z\n  repo: {rev: x}\n',
      'missingKey',
      'required key not provided, in deps -> 0 -> repo -> url, line 3, column 9',
      3,
      3,
    ],
  ];
  for (const [text, fault, words, line, column] of wrong) {
    it(words, () => {
      assert.throws(
        () => parseDvcFile(text, 'z.dvc'),
        (error) => {
          assert.ok(error instanceof StrataError);
          assert.deepEqual(
            [error.code, error.data.line, error.data.column, error.data.problems],
            [`formats.${fault}`, line, column, [words]],
          );
          return true;
        },
      );
    });
  }
});
