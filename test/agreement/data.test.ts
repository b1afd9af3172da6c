/** Tracked data: DVC on what we write, and we on what DVC writes, over the same table of files. */

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { TwoTools } from './twoTools';

const FILES = {
  'table.csv': 'id,x\r\n1,2\r\n',
  'run.sh': '#!/bin/sh\necho ok\n',
  'with space #1.txt': 'odd name\n',
  'images/a.png': '\u0089PNG',
  'images/Zürich/é.txt': 'composed',
  'images/Zürich/e\u0301.txt': 'decomposed',
  'images/日本/😀.txt': 'astral',
  'images/.hidden': '',
  'images/sub-1/y': 'y',
  'images/sub.txt': 's',
  'images/sub/x': 'y',
  'deep/er/model.bin': '\u0000\u0001',
};
const TARGETS = ['table.csv', 'run.sh', 'with space #1.txt', 'images', 'deep/er/model.bin'];
const other = { dvc: 'strata', strata: 'dvc' } as const;

for (const writer of ['strata', 'dvc'] as const) {
  const reader = other[writer];
  describe(`agreement: data that ${writer} tracks, for ${reader}`, function () {
    this.timeout(180_000);
    let two: TwoTools;
    before(async () => {
      two = await TwoTools.make(writer);
      two.write(FILES);
      two.run(writer, 'add', ...TARGETS);
      two.run(writer, 'remote', 'add', '-d', 'store', '../store');
      two.commit('data');
    });
    after(() => two.dispose());

    it('is clean, before and after it is added again', () => {
      assert.deepEqual(two.json(reader, 'status'), {});
      assert.deepEqual(two.agree('data', 'status', '--granular'), {});
      const cache = two.list('.dvc/cache');
      two.run(reader, 'add', ...TARGETS);
      assert.equal(two.run('git', 'status', '--porcelain'), '');
      assert.deepEqual(two.list('.dvc/cache'), cache);
    });

    it('comes back from the cache', () => {
      two.remove(...TARGETS);
      two.run(reader, 'checkout');
      for (const [path, text] of Object.entries(FILES)) assert.equal(two.read(path), text, path);
      assert.equal(statSync(two.at('run.sh')).mode & 0o111, 0o100);
      assert.deepEqual(two.json(writer, 'status'), {});
    });

    it('changed, both say the same about it', () => {
      two.write({ 'table.csv': 'id,x\n1,3\n', 'images/new': 'n', 'images/sub.txt': 'other' });
      two.remove('images/a.png', 'deep/er/model.bin');
      const states = two.agree('status');
      assert.deepEqual(states, {
        'deep/er/model.bin.dvc': [{ 'changed outs': { 'deep/er/model.bin': 'deleted' } }],
        'images.dvc': [{ 'changed outs': { images: 'modified' } }],
        'table.csv.dvc': [{ 'changed outs': { 'table.csv': 'modified' } }],
      });
      two.agree('data', 'status', '--granular', '--unchanged');
    });

    it('recorded anew by the one, it is clean for the other', () => {
      two.run(reader, 'commit', '-f', 'images.dvc', 'table.csv.dvc');
      two.run(reader, 'checkout', 'deep/er/model.bin');
      assert.deepEqual(two.json(writer, 'status'), {});
      two.agree('data', 'status', '--granular');
    });

    it('goes through the remote', () => {
      two.run(writer, 'push');
      two.remove('.dvc/cache', 'images', 'run.sh');
      two.run(reader, 'pull');
      assert.equal(two.read('images/日本/😀.txt'), 'astral');
      assert.equal(two.run(reader, 'push').trim(), 'Everything is up to date.');
      assert.deepEqual(two.json(writer, 'status', '-c'), {});
      assert.deepEqual(two.json(writer, 'status'), {});
    });
  });
}

describe('agreement: data that DVC 2.x tracked', function () {
  this.timeout(120_000);
  let two: TwoTools;
  before(async () => {
    two = await TwoTools.make('dvc');
    const cache = '.dvc/cache';
    two.write({
      'old.txt.dvc': 'outs:\n- md5: dd8c6a395b5dd36c56d23275028f526c\n  size: 6\n  path: old.txt\n',
      [`${cache}/dd/8c6a395b5dd36c56d23275028f526c`]: 'a\r\nb\r\n',
      'folder.dvc': 'outs:\n- md5: 626066b0c466903c65c0da2153b37d87.dir\n  size: 6\n  nfiles: 1\n  path: folder\n',
    });
    two.write({
      [`${cache}/62/6066b0c466903c65c0da2153b37d87.dir`]:
        '[{"md5": "dd8c6a395b5dd36c56d23275028f526c", "relpath": "inner.txt"}]',
    });
  });
  after(() => two.dispose());

  it('is restored by us and clean for both', () => {
    two.run('strata', 'checkout');
    assert.equal(two.read('old.txt'), 'a\r\nb\r\n');
    assert.equal(two.read('folder/inner.txt'), 'a\r\nb\r\n');
    assert.deepEqual(two.agree('status'), {});
  });

  it('becomes 3.x by us when it changes, and stays 2.x where it does not', () => {
    two.write({ 'old.txt': 'c\n' });
    two.run('strata', 'add', 'old.txt', 'folder');
    assert.match(two.read('old.txt.dvc'), /hash: md5/);
    assert.doesNotMatch(two.read('folder.dvc'), /hash: md5/);
    assert.deepEqual(two.agree('status'), {});
  });
});
