/** The HTTP remote at nginx, the WebDAV remote at rclone and nginx: real servers, with and without a login. */

import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensureNginx, ensureServers } from '../../scripts/machinery.mjs';
import { quietCall, type Call } from '../../src/base/cancel';
import { is } from '../../src/engine/errors';
import { nodeHost } from '../../src/engine/host/node';
import { open as openHttp } from '../../src/engine/remotes/http';
import { type OpenRemote, type Remote } from '../../src/engine/remotes/remotes';
import { open as openWebdav } from '../../src/engine/remotes/webdav';
import { remoteContract, type RemoteUnderTest } from '../support/remoteContract';
import { skip } from '../support/skip';
import { dropFolder, newFolder } from '../support/temporary';
import { LOGIN, startNginx, startRcloneDav, webSettings, type Login, type WebServer } from '../support/webServers';

const KEY = 'files/md5/b1/946ac92492d2347c6235b4d2611184';
const call = quietCall();
const moving = { signal: call.signal, moved: (): void => undefined };

/** Files below a folder, relative, temporaries too. */
function filesBelow(folder: string): string[] {
  const all = fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  return all.filter((one) => one.isFile()).map((one) => path.relative(folder, path.join(one.parentPath, one.name)));
}

/** Puts a file there through the server: rclone remembers for minutes what lies in a folder. */
async function put(server: WebServer, key: string, bytes: Uint8Array): Promise<void> {
  const headers = { authorization: `Basic ${Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64')}` };
  const parts = key.split('/').map(encodeURIComponent);
  for (let n = 1; n < parts.length; n += 1)
    await fetch(`${server.url}/${parts.slice(0, n).join('/')}/`, { method: 'MKCOL', headers });
  const { status } = await fetch(`${server.url}/${parts.join('/')}`, {
    method: 'PUT',
    body: Buffer.from(bytes),
    headers,
  });
  assert.ok(status === 201 || status === 204, String(status));
}

/** A fresh folder of a server as remote. */
function underTest(remote: Remote, server: WebServer, base: string): RemoteUnderTest {
  const folder = path.join(server.root, base);
  const at = (key: string): string => path.join(folder, key);
  return {
    remote,
    plant: (key, bytes) => put(server, `${base}/${key}`, bytes),
    peek: (key) => (fs.existsSync(at(key)) ? fs.readFileSync(at(key)) : undefined),
    keys: () => filesBelow(folder),
    dispose: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

/** A kind of remote at a kind of server. */
interface Pair {
  readonly name: string;
  readonly scheme: string;
  readonly open: OpenRemote;
  readonly options: Readonly<Record<string, string>>;
  readonly login: Readonly<Record<string, string>>;
  readonly lists: boolean;
  start(login?: Login): Promise<WebServer | { readonly skip: string }>;
}

const nginx = async (login?: Login): Promise<WebServer | { skip: string }> => {
  const found = await ensureNginx();
  return 'skip' in found ? found : startNginx(found.path, login);
};
const rclone = async (login?: Login): Promise<WebServer> => startRcloneDav((await ensureServers()).rclone, login);

const PAIRS: readonly Pair[] = [
  {
    name: 'http at nginx',
    scheme: 'http',
    open: openHttp,
    options: { method: 'PUT' },
    login: { auth: 'basic', ...LOGIN },
    lists: false,
    start: nginx,
  },
  {
    name: 'webdav at rclone',
    scheme: 'webdav',
    open: openWebdav,
    options: {},
    login: LOGIN,
    lists: true,
    start: rclone,
  },
  {
    name: 'webdav at nginx',
    scheme: 'webdav',
    open: openWebdav,
    options: {},
    login: LOGIN,
    lists: false,
    start: nginx,
  },
];

for (const pair of PAIRS) {
  describe(pair.name, () => {
    const servers: WebServer[] = [];
    let count = 0;
    before(async function () {
      for (const login of [undefined, LOGIN]) {
        const server = await pair.start(login);
        if ('skip' in server) return skip(this, server.skip);
        servers.push(server);
      }
    });
    after(async () => {
      for (const server of servers) await server.stop();
    });
    const urlOf = (server: WebServer, base: string): string =>
      `${server.url.replace('http', pair.scheme)}/${base.replaceAll(' ', '%20')}`;
    const fresh = async (login: boolean, options: Readonly<Record<string, string>>): Promise<RemoteUnderTest> => {
      const server = servers[login ? 1 : 0];
      assert.ok(server);
      const base = `base ${(count += 1)}/ñ+deep`;
      const settings = webSettings(urlOf(server, base), { ...pair.options, ...options });
      return underTest(await pair.open(settings, nodeHost(), call), server, base);
    };

    remoteContract(`the remote ${pair.name}`, () => fresh(false, {}), { lists: pair.lists });
    remoteContract(`the remote ${pair.name} with a login`, () => fresh(true, pair.login), { lists: pair.lists });

    it('is asked with a login from its URL, which no message shows', async () => {
      const server = servers[1];
      assert.ok(server);
      const { user, password } = LOGIN;
      const open = (secret: string): Promise<Remote> => {
        const url = urlOf(server, 'x').replace('://', `://${user}:${encodeURIComponent(secret)}@`);
        return pair.open(webSettings(url, pair.options), nodeHost(), call);
      };
      const good = await open(password);
      assert.deepEqual(await good.has([KEY], call), new Set());
      const bad = await open('s3cret');
      await assert.rejects(bad.has([KEY], call), (error: unknown) => {
        assert.ok(is(error, 'remoteHttp.login'), String(error));
        assert.equal(error.data['url'], urlOf(server, 'x'));
        assert.doesNotMatch(JSON.stringify([error.data, error.message, bad.url]), /s3cret|ana/);
        return true;
      });
    });

    it('asks for the password once, when it is told to', async () => {
      const questions: string[] = [];
      const asking: Call = {
        ...call,
        ask: (question) => {
          questions.push(`${question.kind} ${question.code} ${question.data['user']}`);
          return Promise.resolve(LOGIN.password);
        },
      };
      const server = servers[1];
      assert.ok(server);
      const login = Object.fromEntries(Object.entries(pair.login).filter(([option]) => option !== 'password'));
      const settings = webSettings(urlOf(server, 'x'), { ...pair.options, ...login, ask_password: 'true' });
      const host = nodeHost();
      for (let round = 0; round < 2; round += 1) {
        const remote = await pair.open(settings, host, asking);
        assert.deepEqual(await remote.has([KEY], call), new Set());
        await remote.close();
      }
      assert.deepEqual(questions, ['secret remoteHttp.password ana']);
      await assert.rejects(pair.open(settings, nodeHost(), call), (error: unknown) =>
        is(error, 'remoteHttp.nobodyToAsk'),
      );
    });

    it('asks for the password again after a wrong one', async () => {
      const answers = ['wrong', LOGIN.password];
      const asking: Call = { ...call, ask: () => Promise.resolve(answers.shift() ?? 'nothing more') };
      const server = servers[1];
      assert.ok(server);
      const login = Object.fromEntries(Object.entries(pair.login).filter(([option]) => option !== 'password'));
      const settings = webSettings(urlOf(server, 'x'), { ...pair.options, ...login, ask_password: 'true' });
      const host = nodeHost();
      const first = await pair.open(settings, host, asking);
      await assert.rejects(first.has([KEY], call), (error: unknown) => is(error, 'remoteHttp.login'));
      await first.close();
      for (let round = 0; round < 2; round += 1) {
        const remote = await pair.open(settings, host, asking);
        assert.deepEqual(await remote.has([KEY], call), new Set());
        await remote.close();
      }
      assert.deepEqual(answers, []);
    });

    it('goes on behind what arrived of a download', async () => {
      const under = await fresh(false, {});
      const root = newFolder();
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => n % 251));
      await under.plant(KEY, bytes);
      for (const from of [1, 150_000, 299_999, 300_000]) {
        const goal = path.join(root, String(from));
        fs.writeFileSync(goal, bytes.subarray(0, from));
        let moved = 0;
        const meter = { ...moving, moved: (n: number): void => void (moved += n) };
        await under.remote.download(KEY, goal, { ...meter, from });
        assert.deepEqual(fs.readFileSync(goal), bytes);
        assert.equal(moved, bytes.length - from);
      }
      await under.remote.close();
      await under.dispose();
      dropFolder(root);
    });

    it('says what the server calls a file', async () => {
      const under = await fresh(false, {});
      await under.plant(KEY, Buffer.from('hello'));
      const found = await under.remote.stat?.(KEY, call);
      assert.equal(found?.size, 5);
      assert.equal(found?.tag?.name, pair.scheme === 'http' ? 'checksum' : 'etag');
      assert.match(found?.tag?.value ?? '', /^"[^"]+"$/);
      assert.equal(await under.remote.stat?.(`${KEY}0`, call), undefined);
      await under.remote.close();
      await under.dispose();
    });
  });
}
