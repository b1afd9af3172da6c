/** The sample project as it is made on this disk: Git, cache, workspace and remote agree; it never overwrites what is not its own. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCancelled, quietCall, type Call } from '../../../src/base/cancel';
import { is } from '../../../src/engine/errors';
import { type Host } from '../../../src/engine/host/host';
import { nodeHost } from '../../../src/engine/host/node';
import { makeSample } from '../../../src/engine/sample/sample';
import { type SampleAnswer } from '../../../src/engine/verbs/verbs';

const MEDIA = join(__dirname, '../../../media');

/** Names of all files below, with a hash of their bytes; Git's own and our machine state left out. */
function contents(root: string): Record<string, string> {
  const skip = /^(\.git|\.dvc\/tmp)(\/|$)/;
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => !skip.test(name))
    .sort();
  const files = names.filter((name) => statSync(join(root, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, md5(readFileSync(join(root, name)))]));
}

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

describe('sample: making it', () => {
  let folder = '';
  const git = (root: string, ...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' });
  const make = (
    target: string,
    force = false,
    call: Call = quietCall(),
    host: Host = nodeHost(),
  ): Promise<SampleAnswer> => makeSample({ dir: folder, host, media: MEDIA }, { targets: [target], force }, call);
  const withPath = (path: string): Host => ({ ...nodeHost(), env: { ...process.env, PATH: path } });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'strata sample '));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('gives a clean repository with five commits, a registered model in production, and all of its data', async () => {
    const answer = await make('a project/digits');
    const root = join(folder, 'a project/digits');
    assert.equal(answer.root, root);
    assert.equal(answer.commits, 5);
    assert.equal(git(root, 'status', '--porcelain'), '');
    assert.equal(git(root, 'log', '--format=%an').trim().split('\n').join(), 'Strata Sample,'.repeat(5).slice(0, -1));
    const tags = git(root, 'for-each-ref', '--format=%(refname:short) %(objecttype) %(*subject)', 'refs/tags');
    const first = 'tag Train a small network, with its gate';
    assert.equal(tags, `digits#prod#1 ${first}\ndigits@v0.1.0 ${first}\n`);
    const tracked = git(root, 'ls-files').trim().split('\n').length;
    const own = Object.keys(contents(root)).filter((name) => !/^(remote|\.dvc\/cache)\//.test(name));
    assert.equal(answer.files, own.length);
    assert.ok(own.length > tracked);
  });

  it('names each object of cache and remote by its content, and makes them read-only', async () => {
    const { root } = await make('digits');
    const files = contents(root);
    const objects = Object.entries(files).filter(([name]) => /\/files\/md5\//.test(name));
    for (const [name, hash] of objects) {
      assert.equal(
        name
          .replace(/^.*\/files\/md5\//, '')
          .replace('/', '')
          .slice(0, 32),
        hash,
      );
      assert.equal(statSync(join(root, name)).mode & 0o777, 0o444, name);
    }
    const remote = objects.filter(([name]) => name.startsWith('remote/'));
    assert.ok(remote.length >= 10 && remote.length < objects.length - remote.length);
  });

  it('is the same twice, to the byte and to the commit', async () => {
    const [a, b] = [await make('a'), await make('b')];
    assert.deepEqual(contents(a.root), contents(b.root));
    const refs = (root: string): string => git(root, 'for-each-ref', '--format=%(refname) %(objectname)');
    assert.equal(refs(a.root), refs(b.root));
  });

  it('runs its stages with the Python that is there', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'py'), '#!/bin/sh\n', { mode: 0o755 });
    const { root, python } = await make('digits', false, quietCall(), withPath(bin));
    assert.equal(python, 'py');
    for (const name of ['dvc.yaml', 'dvc.lock']) {
      const text = readFileSync(join(root, name), 'utf8');
      assert.equal(text.match(/cmd: py src\//g)?.length, 3, name);
      assert.ok(!text.includes('python3'), name);
    }
    assert.equal(git(root, 'status', '--porcelain'), '');
  });

  it('is made without any Python too, and tells by leaving it out', async () => {
    const answer = await make('digits', false, quietCall(), withPath(join(folder, 'none')));
    assert.ok(!('python' in answer));
    assert.match(readFileSync(join(answer.root, 'dvc.yaml'), 'utf8'), /cmd: python3 src\/train\.py/);
  });

  it('needs no identity of the user, and leaves one for this repository alone', async () => {
    const { root } = await make('digits');
    assert.equal(git(root, 'config', '--local', 'user.email'), 'sample@strata.invalid\n');
    const env = { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
    execFileSync('git', ['tag', '-a', 'mine', '-m', 'made without a global identity'], { cwd: root, env });
    assert.match(git(root, 'cat-file', '-p', 'mine'), /^tagger Strata Sample <sample@strata\.invalid>/m);
  });

  it('reports what it does', async () => {
    const seen: number[] = [];
    await make('digits', false, {
      ...quietCall(),
      progress: (value) => void (value.phase === 'progress.sample' && seen.push(value.done)),
    });
    assert.ok(seen.length >= 20);
    assert.deepEqual(
      seen,
      [...seen].sort((a, b) => a - b),
    );
  });

  it('leaves nothing behind when cancelled half-way', async () => {
    const control = new AbortController();
    const call = { ...quietCall(control.signal), progress: () => control.abort() };
    mkdirSync(join(folder, 'empty'));
    await assert.rejects(make('empty', false, call), isCancelled);
    await assert.rejects(make('new', false, call), isCancelled);
    assert.deepEqual(readdirSync(folder), ['empty']);
    assert.deepEqual(readdirSync(join(folder, 'empty')), []);
  });

  const refusals: [string, string[], boolean, string][] = [
    ['a folder with a file in it', ['notes.txt'], false, 'sample.notEmpty'],
    ['forced: a file in the way', ['notes.txt', 'params.yaml'], true, 'sample.occupied'],
    ["forced: somebody's repository", ['.git/config'], true, 'sample.occupied'],
    ["forced: somebody's project", ['.dvc/config'], true, 'sample.occupied'],
  ];
  for (const [title, names, force, code] of refusals) {
    it(`refuses ${title}, and touches nothing`, async () => {
      for (const name of names) {
        mkdirSync(join(folder, 'there', name, '..'), { recursive: true });
        writeFileSync(join(folder, 'there', name), 'mine');
      }
      const before = readdirSync(join(folder, 'there'), { recursive: true });
      await assert.rejects(make('there', force), (error: unknown) => is(error, code));
      assert.deepEqual(readdirSync(join(folder, 'there'), { recursive: true }), before);
    });
  }

  it('refuses a file as its folder', async () => {
    writeFileSync(join(folder, 'file'), 'mine');
    await assert.rejects(make('file', true), (error: unknown) => is(error, 'fs.notFolder'));
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'mine');
  });

  it('forced, replaces an earlier sample and keeps other files', async () => {
    const { root } = await make('digits');
    const fresh = contents(root);
    writeFileSync(join(root, 'params.yaml'), 'spoiled');
    rmSync(join(root, '.dvc'), { recursive: true });
    writeFileSync(join(root, 'notes.txt'), 'mine');
    await assert.rejects(make('digits'), (error: unknown) => is(error, 'sample.notEmpty'));
    await make('digits', true);
    assert.equal(readFileSync(join(root, 'notes.txt'), 'utf8'), 'mine');
    rmSync(join(root, 'notes.txt'));
    assert.deepEqual(contents(root), fresh);
    assert.equal(git(root, 'log', '--format=%h').trim().split('\n').length, 5);
  });

  it('forced into a folder with other files, stays beside them', async () => {
    mkdirSync(join(folder, 'there'));
    writeFileSync(join(folder, 'there', 'notes.txt'), 'mine');
    await make('there', true);
    assert.equal(readFileSync(join(folder, 'there', 'notes.txt'), 'utf8'), 'mine');
    assert.ok(existsSync(join(folder, 'there', 'models/digits.json')));
  });
});
