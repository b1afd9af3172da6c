import * as assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type AddressInfo } from 'node:net';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isCancelled, quietCall } from '../../../src/base/cancel';
import { is } from '../../../src/engine/errors';
import { checkRepoUrl, cloneRepository, remoteCommit, withoutSecrets } from '../../../src/engine/git/clone';
import { dropFolder, newFolder } from '../../support/temporary';

const GOOD = [
  'https://example.com/a/b.git',
  'ssh://git@example.com:22/a',
  'git://example.com/a',
  'file:///srv/a',
  'git@example.com:a/b.git',
  '../src',
  '/srv/a',
];
const BAD = [
  '',
  '-uhttps://x',
  '--upload-pack=touch x',
  'ext::sh -c touch% x',
  'fd::7',
  'gopher://x',
  'ssh://-oProxyCommand=x/y',
  'ssh://me@-oProxyCommand=x/y',
  'https://x\n.y',
];

describe('addresses of repositories', () => {
  it('of known transports pass', () => {
    for (const url of GOOD) assert.equal(checkRepoUrl(url), url);
  });

  it('that would run programs or be options are refused', () => {
    for (const url of BAD)
      assert.throws(
        () => checkRepoUrl(url),
        (error) => is(error, 'git.badUrl'),
        url,
      );
  });

  it('show no names and passwords', () => {
    assert.equal(withoutSecrets('https://me:token@example.com/a'), 'https://example.com/a');
    assert.equal(withoutSecrets('../src'), '../src');
  });
});

describe('copies of repositories', () => {
  it('end within a second when they are cancelled, and leave nothing', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const folder = newFolder();
    try {
      const url = `git://127.0.0.1:${(server.address() as AddressInfo).port}/a`;
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 300);
      const started = Date.now();
      const into = path.join(folder, 'copy');
      await assert.rejects(
        cloneRepository({ url, workspace: folder }, into, quietCall(controller.signal)),
        isCancelled,
      );
      assert.ok(Date.now() - started < 1300);
      assert.equal(fs.existsSync(into), false);
    } finally {
      server.close();
      dropFolder(folder);
    }
  });

  it('of what is none fail by name', async () => {
    const folder = newFolder();
    try {
      const origin = { url: path.join(folder, 'nothing'), workspace: folder };
      await assert.rejects(remoteCommit(origin, quietCall()), (error) => is(error, 'git.unreachable'));
    } finally {
      dropFolder(folder);
    }
  });
});
