/** The recording in `media/sample`: whole, small, consistent with itself, and refused when a part is broken. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { is } from '../../../src/engine/errors';
import { memoryHost } from '../../../src/engine/host/memory';
import { nodeHost } from '../../../src/engine/host/node';
import { joinRanges, readRecorded, undotted, type Recorded } from '../../../src/engine/sample/recorded';

const MEDIA = join(__dirname, '../../../media/sample');

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

describe('sample: the recording', () => {
  let recorded: Recorded;
  before(async () => {
    recorded = await readRecorded(nodeHost(), MEDIA);
  });

  it('takes at most 300 kB', () => {
    const names = readdirSync(MEDIA, { recursive: true, encoding: 'utf8' });
    const bytes = names.map((name) => statSync(join(MEDIA, name))).filter((stat) => stat.isFile());
    assert.ok(bytes.reduce((sum, stat) => sum + stat.size, 0) <= 300_000);
  });

  it('holds under each hash the content of that hash', () => {
    assert.ok(recorded.hashes.length >= 20);
    for (const hash of recorded.hashes) assert.equal(md5(recorded.object(hash)), hash.slice(0, 32));
  });

  it('has an object for each output, and none that no .dvc file, dvc.lock or folder names', async () => {
    let naming = '';
    for (const [i, commit] of recorded.history.commits.entries()) {
      for (const path of commit.files.filter((name) => /\.dvc$|dvc\.lock$/.test(name))) {
        const text = await recorded.file(i + 1, path);
        naming += text;
        const outs = Object.entries(commit.outs).filter(([out]) => path === 'dvc.lock' || `${out}.dvc` === path);
        for (const [, hash] of outs) assert.ok(text.includes(`md5: ${hash}\n`), `${path} names ${hash}`);
      }
      for (const hash of Object.values(commit.outs)) naming += hash.endsWith('.dir') ? recorded.object(hash) : '';
    }
    const outs = recorded.history.commits.flatMap((commit) => Object.values(commit.outs));
    assert.deepEqual(
      [...new Set(outs)].filter((hash) => !recorded.hashes.includes(hash)),
      [],
    );
    assert.deepEqual(
      recorded.hashes.filter((hash) => !naming.includes(hash)),
      [],
    );
  });

  it('names the source of the data and its licence', async () => {
    const text = await recorded.file(1, 'DATA-LICENSE.md');
    for (const part of ['Alpaydin', '10.24432/C50P49', 'creativecommons.org/licenses/by/4.0'])
      assert.ok(text.includes(part));
    assert.ok((await recorded.file(1, 'README.md')).includes('DATA-LICENSE.md'));
  });

  it('judges both models on the same held-out images, the later one better', () => {
    const [a, b] = [2, 4].map((i) => {
      const hash = recorded.history.commits[i]?.outs['eval/predictions.csv'] ?? '';
      return recorded
        .object(hash)
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((row) => row.split(','));
    });
    assert.equal(a?.length, 797);
    assert.deepEqual(
      a?.map(([id, truth]) => [id, truth]),
      b?.map(([id, truth]) => [id, truth]),
    );
    const right = (rows: string[][] | undefined): number =>
      rows?.filter(([, truth, guess]) => truth === guess).length ?? 0;
    assert.deepEqual([right(a), right(b)], [696, 740]);
  });
});

describe('sample: reading a recording', () => {
  const rows: [string, number[], string][] = [
    ['nothing', [], ''],
    ['one range', [0, 2], 'a\nb'],
    ['several, out of order', [2, 1, 0, 1], 'c\na'],
    ['a last line without end keeps none, an empty one gives it', [1, 1, 3, 1], 'b\n'],
  ];
  for (const [title, ranges, expected] of rows) {
    it(title, () => assert.equal(joinRanges(['a', 'b', 'c', ''], ranges), expected));
  }

  it('spells leading dots in words', () => {
    const table = { '.gitignore': 'dot-gitignore', '.dvc/.gitignore': 'dot-dvc/dot-gitignore', 'a/b.dvc': 'a/b.dvc' };
    for (const [path, name] of Object.entries(table)) assert.equal(undotted(path), name);
  });

  const good = { '/m/history.json': '{"commits": []}', '/m/objects.json.gz': gzipSync('{"lines": [], "objects": {}}') };
  const broken: [string, Record<string, string | Uint8Array | undefined>, string][] = [
    ['no history', { '/m/history.json': undefined }, '/m/history.json'],
    ['history cut off', { '/m/history.json': '{"comm' }, '/m/history.json'],
    ['no objects', { '/m/objects.json.gz': undefined }, '/m/objects.json.gz'],
    [
      'objects cut off',
      { '/m/objects.json.gz': gzipSync('{"lines": [], "objects": {}}').subarray(0, 20) },
      '/m/objects.json.gz',
    ],
    ['objects that are no gzip', { '/m/objects.json.gz': 'hello' }, '/m/objects.json.gz'],
  ];
  for (const [title, change, path] of broken) {
    it(`${title}: sample.damaged with the path`, async () => {
      const files: Record<string, string | Uint8Array> = {};
      for (const [name, content] of Object.entries({ ...good, ...change }))
        if (content !== undefined) files[name] = content;
      await assert.rejects(readRecorded(memoryHost(files), '/m'), (error: unknown) => {
        assert.ok(is(error, 'sample.damaged'));
        assert.equal(error.data['path'], path);
        return true;
      });
    });
  }

  it('a hash that is not there is damage too', async () => {
    const recorded = await readRecorded(memoryHost(good), '/m');
    assert.throws(
      () => recorded.object('0'.repeat(32)),
      (error: unknown) => is(error, 'sample.damaged'),
    );
  });
});
