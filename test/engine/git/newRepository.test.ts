/** A repository made with its whole history: Git finds the same commits and tags in it, each time. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCancelled, quietCall } from '../../../src/base/cancel';
import { is } from '../../../src/engine/errors';
import { importHistory, initRepository, renderStream, type History } from '../../../src/engine/git/newRepository';

const PERSON = { name: 'Ana Ñ', email: 'ana@example.invalid' };
const HISTORY: History = {
  person: PERSON,
  commits: [
    {
      time: Date.UTC(2026, 2, 2, 9),
      message: 'Primero: año',
      files: new Map([
        ['a.txt', 'one\n'],
        ['d/b.txt', 'ñ without end'],
      ]),
    },
    { time: Date.UTC(2026, 2, 3, 9), message: 'second\n\nwith a body', files: new Map([['a.txt', 'two\n']]) },
  ],
  tags: [{ name: 'm#prod#1', commit: 1, time: Date.UTC(2026, 2, 4, 9), message: 'Assigning' }],
};

describe('git: a repository made at once', () => {
  let folder = '';
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'strata new '));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('has the commits, tags, files and identity, a clean tree, and passes fsck', async () => {
    await initRepository(folder, PERSON, quietCall());
    await importHistory(folder, HISTORY, quietCall());
    assert.equal(
      git('log', '--format=%an <%ae> %aI %cI %B--'),
      'Ana Ñ <ana@example.invalid> 2026-03-03T09:00:00+00:00 2026-03-03T09:00:00+00:00 second\n\nwith a body\n--\n' +
        'Ana Ñ <ana@example.invalid> 2026-03-02T09:00:00+00:00 2026-03-02T09:00:00+00:00 Primero: año\n--\n',
    );
    assert.equal(
      git(
        'for-each-ref',
        '--format=%(refname) %(objecttype) %(taggerdate:iso-strict) %(contents:subject)',
        'refs/tags',
      ),
      'refs/tags/m#prod#1 tag 2026-03-04T09:00:00+00:00 Assigning\n',
    );
    assert.equal(git('rev-parse', 'm#prod#1^{commit}'), git('rev-parse', 'HEAD~1'));
    assert.equal(git('status', '--porcelain', '--branch'), '## main\n');
    assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'two\n');
    assert.equal(readFileSync(join(folder, 'd/b.txt'), 'utf8'), 'ñ without end');
    assert.equal(git('config', '--local', 'user.email'), 'ana@example.invalid\n');
    git('fsck', '--strict');
  });

  it('gives the same ids whatever the surroundings say', async () => {
    const ids = [];
    for (const value of ['2001-01-01T00:00:00Z', '2002-02-02T00:00:00Z']) {
      const at = mkdtempSync(join(folder, 'r'));
      process.env['GIT_AUTHOR_DATE'] = value;
      process.env['GIT_DIR'] = join(folder, 'elsewhere');
      try {
        await initRepository(at, PERSON, quietCall());
        await importHistory(at, HISTORY, quietCall());
      } finally {
        delete process.env['GIT_AUTHOR_DATE'];
        delete process.env['GIT_DIR'];
      }
      ids.push(
        execFileSync('git', ['for-each-ref', '--format=%(refname) %(objectname)'], { cwd: at, encoding: 'utf8' }),
      );
    }
    assert.equal(ids[0], ids[1]);
    assert.match(ids[0] ?? '', /refs\/heads\/main/);
  });

  it('says what Git says when it refuses', async () => {
    await initRepository(folder, PERSON, quietCall());
    const bad = { ...HISTORY, tags: [{ name: 'no..name', commit: 1, time: 0, message: 'x' }] };
    await assert.rejects(importHistory(folder, bad, quietCall()), (error: unknown) => {
      assert.ok(is(error, 'git.failed'));
      assert.match(String(error.data['reason']), /no\.\.name/);
      return true;
    });
  });

  it('fails with git.missing where there is no Git', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = folder;
    try {
      await assert.rejects(initRepository(folder, PERSON, quietCall()), (error: unknown) => is(error, 'git.missing'));
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('stops when cancelled', async () => {
    const control = new AbortController();
    control.abort();
    await assert.rejects(initRepository(folder, PERSON, quietCall(control.signal)), isCancelled);
  });

  it('counts bytes, not characters, in the stream', () => {
    assert.match(renderStream(HISTORY), /data 14\nPrimero: año\n\nM 100644 inline a\.txt\ndata 4\none\n\n/);
  });
});
