/** The real DVC and ours on one remote over HTTP and over WebDAV: what either pushes, the other brings into an empty clone, and both say the same about it. */

import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensureNginx, ensureServers } from '../../scripts/machinery.mjs';
import { TwoTools, type Tool } from '../agreement/twoTools';
import { skip } from '../support/skip';
import { startNginx, startRcloneDav, type WebServer } from '../support/webServers';

const DATA: Readonly<Record<string, string>> = {
  'data/a.txt': 'a\n',
  'data/sub/b.txt': 'b\n',
  'data/sub/ñ.txt': 'ñ\n',
  'data/empty': '',
  'model.bin': 'm'.repeat(3_000_000),
};
/** The real DVC writes other letters in Latin-1 over HTTP and in UTF-8 over WebDAV. */
const login = { user: 'ana', password: 'open sesame' };

const KINDS = [
  {
    name: 'HTTP at nginx',
    scheme: 'http',
    options: { auth: 'basic', method: 'PUT' },
    start: async () => {
      const nginx = await ensureNginx();
      return 'skip' in nginx ? nginx : startNginx(nginx.path, login);
    },
  },
  {
    name: 'WebDAV at rclone',
    scheme: 'webdav',
    options: {},
    start: async () => startRcloneDav((await ensureServers()).rclone, login),
  },
] as const;

for (const { name, scheme, options, start } of KINDS) {
  describe(`both tools over ${name}`, function () {
    this.timeout(240_000);
    let server: WebServer;
    before(async function () {
      const started = await start();
      if ('skip' in started) return skip(this, started.skip);
      server = started;
    });
    after(() => server?.stop());

    const below = (base: string): string[] => {
      const folder = path.join(server.root, base);
      const all = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
      return all
        .filter((one) => one.isFile())
        .map((one) => path.relative(folder, path.join(one.parentPath, one.name)))
        .sort();
    };
    const configure = (tools: TwoTools, base: string): void => {
      tools.run('strata', 'remote', 'add', '-d', 'web', `${server.url.replace('http', scheme)}/${base}`);
      for (const [option, value] of Object.entries({ ...options, user: login.user }))
        tools.run('strata', 'remote', 'modify', 'web', option, value);
      tools.run('strata', 'remote', 'modify', '--local', 'web', 'password', login.password);
    };
    /** The real DVC does not make the folder that a WebDAV URL names. */
    const makeBase = async (base: string): Promise<void> => {
      const authorization = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
      await fetch(`${server.url}/${base}/`, { method: 'MKCOL', headers: { authorization } });
    };

    for (const [from, to] of [
      ['strata', 'dvc'],
      ['dvc', 'strata'],
    ] as const satisfies readonly (readonly [Tool, Tool])[]) {
      it(`${from} pushes, ${to} pulls into an empty clone`, async () => {
        const tools = await TwoTools.make(from);
        try {
          const base = `${from}-first`;
          tools.write(DATA);
          configure(tools, base);
          if (from === 'dvc') await makeBase(base);
          tools.run(from, 'add', 'data', 'model.bin');
          tools.run(from, 'push');
          const keys = below(base);
          assert.equal(keys.length, 6, keys.join());
          assert.ok(
            keys.every((key) => /^files\/md5\/[0-9a-f]{2}\/[0-9a-f]{30}(\.dir)?$/.test(key)),
            keys.join(),
          );
          // Each finds that nothing is left to do.
          for (const tool of [from, to]) tools.run(tool, 'push');
          tools.remove('.dvc/cache', 'data', 'model.bin', '.dvc/tmp');
          tools.run(to, 'pull');
          for (const [file, text] of Object.entries(DATA)) assert.equal(tools.read(file), text, file);
          assert.deepEqual(below(base), keys);
        } finally {
          tools.dispose();
        }
      });
    }

    it('status of the remote is the same in both', async () => {
      const tools = await TwoTools.make('strata');
      try {
        tools.write(DATA);
        configure(tools, 'status');
        await makeBase('status');
        tools.run('strata', 'add', 'data', 'model.bin');
        for (const step of ['nothing there', 'all there']) {
          const [ours, theirs] = (['strata', 'dvc'] as const).map((tool) =>
            JSON.stringify(tools.json(tool, 'data', 'status', '--not-in-remote')),
          );
          assert.equal(ours, theirs, step);
          tools.run('strata', 'push');
        }
      } finally {
        tools.dispose();
      }
    });

    it('a wrong password is told, and not shown', async () => {
      const tools = await TwoTools.make('strata');
      try {
        tools.write(DATA);
        configure(tools, 'wrong');
        tools.run('strata', 'remote', 'modify', '--local', 'web', 'password', 'n0t-this');
        tools.run('strata', 'add', 'data');
        const { code, stdout, stderr } = tools.try('strata', 'push');
        assert.notEqual(code, 0);
        assert.match(stderr, /wants to know who asks/);
        assert.doesNotMatch(stdout + stderr, /n0t-this/);
      } finally {
        tools.dispose();
      }
    });
  });
}
