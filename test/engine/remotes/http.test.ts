/** The HTTP remote at small servers that do one thing each: logins, certificates, redirects, odd answers; and options that cannot be. */

import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { type AddressInfo } from 'node:net';
import * as path from 'node:path';
import { quietCall } from '../../../src/base/cancel';
import { is } from '../../../src/engine/errors';
import { nodeHost } from '../../../src/engine/host/node';
import { openHttp } from '../../../src/engine/remotes/http';
import { Digest } from '../../../src/engine/remotes/httpAuth';
import { type Remote } from '../../../src/engine/remotes/remotes';
import { openWebdav } from '../../../src/engine/remotes/webdav';
import { skip } from '../../support/skip';
import { dropFolder, newFolder } from '../../support/temporary';
import { webSettings } from '../../support/webServers';

const call = quietCall();
const moving = { signal: call.signal, moved: (): void => undefined };
const sleep = (): Promise<void> => Promise.resolve();
type Options = Readonly<Record<string, string>>;

describe('the HTTP remote', () => {
  const servers: http.Server[] = [];
  const remotes: Remote[] = [];
  let folder = '';
  before(() => (folder = newFolder()));
  after(() => dropFolder(folder));
  afterEach(async () => {
    for (const remote of remotes.splice(0)) await remote.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  const listen = async (server: http.Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const serve = (answer: http.RequestListener): Promise<number> => listen(http.createServer(answer));
  const open = async (url: string, options: Options = {}): Promise<Remote> => {
    const kind = url.startsWith('webdav') ? openWebdav : openHttp;
    const remote = await kind(webSettings(url, options), nodeHost(), call, { sleep });
    remotes.push(remote);
    return remote;
  };
  const fails = (code: string) => (error: unknown) => {
    assert.ok(is(error, code), String(error));
    return true;
  };

  for (const [code, url, options] of [
    ['remoteHttp.badUrl', 'http://[', {}],
    ['remoteHttp.badMethod', 'http://h', { method: 'PATCH' }],
    ['remoteHttp.badAuth', 'http://h', { auth: 'ntlm' }],
    ['remoteHttp.badSeconds', 'http://h', { read_timeout: 'long' }],
    ['remoteHttp.incomplete', 'http://h', { auth: 'basic' }],
    ['remoteHttp.incomplete', 'http://h', { auth: 'basic', user: 'ana' }],
    ['remoteHttp.incomplete', 'http://h', { auth: 'custom', password: 'x' }],
    ['remoteHttp.badHeader', 'http://h', { auth: 'custom', custom_auth_header: 'X-A', password: 'a\r\nHost: b' }],
    ['remoteHttp.badHeader', 'http://h', { auth: 'custom', custom_auth_header: 'X A', password: 'x' }],
    ['remoteHttp.badHeader', 'webdav://h', { token: 'a\nb' }],
    ['remoteHttp.nobodyToAsk', 'http://h', { auth: 'basic', user: 'ana', ask_password: 'true' }],
    ['remoteWebdav.tokenCommand', 'webdav://h', { bearer_token_command: 'touch x' }],
    ['remoteHttp.incomplete', 'webdav://h', { custom_auth_header: 'X-A' }],
    ['fs.notFound', 'webdavs://h', { cert_path: '/nowhere' }],
  ] as const) {
    it(`${code}: ${url} with ${JSON.stringify(options)}`, () => assert.rejects(open(url, options), fails(code)));
  }

  for (const [what, url, options, header, value] of [
    ['nothing', 'http://', {}, 'authorization', undefined],
    ['nothing without auth, as DVC', 'http://', { user: 'ana', password: 'x' }, 'authorization', undefined],
    ['a header of its own', 'http://', { auth: 'custom', custom_auth_header: 'X-Key', password: 'k' }, 'x-key', 'k'],
    ['a token', 'webdav://', { token: 't', user: 'ana', password: 'x' }, 'authorization', 'Bearer t'],
    ['a user', 'webdav://', { user: 'ana', password: 'x' }, 'authorization', 'Basic YW5hOng='],
    ['a user of the URL', 'webdav://ana:x@', {}, 'authorization', 'Basic YW5hOng='],
    ['a header of its own over WebDAV', 'webdav://', { custom_auth_header: 'X-Key', password: 'k' }, 'x-key', 'k'],
  ] as const) {
    it(`says who asks by ${what}`, async () => {
      const seen: http.IncomingHttpHeaders[] = [];
      const port = await serve((request, reply) => {
        seen.push(request.headers);
        reply.writeHead(404).end();
      });
      const remote = await open(`${url}127.0.0.1:${port}/base`, options);
      assert.equal((await remote.has(['a/b'], call)).size, 0);
      assert.equal(seen[0]?.[header], value);
    });
  }

  it('posts unless told otherwise, and reads by GET where HEAD is unknown', async () => {
    const files = new Map<string, Buffer>();
    const methods: string[] = [];
    const port = await serve((request, reply) => {
      const chunks: Buffer[] = [];
      methods.push(request.method ?? '');
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.method === 'POST') files.set(request.url ?? '', Buffer.concat(chunks));
        const bytes = files.get(request.url ?? '');
        if (request.method === 'POST') reply.writeHead(200).end('thanks');
        else if (request.method !== 'GET') reply.writeHead(405).end();
        else if (bytes) reply.writeHead(200, { 'content-length': bytes.length }).end(bytes);
        else reply.writeHead(404).end();
      });
    });
    const remote = await open(`http://127.0.0.1:${port}/base?token=t`);
    const local = path.join(folder, 'a');
    fs.writeFileSync(local, 'x'.repeat(600_000));
    await remote.upload(local, 'aa/bb', moving);
    assert.deepEqual([...files.keys()], ['/base/aa/bb?token=t']);
    assert.deepEqual(methods, ['POST', 'HEAD', 'GET']);
    assert.deepEqual(await remote.has(['aa/bb', 'aa/cc'], call), new Set(['aa/bb']));
    await assert.rejects(remote.remove(['aa/bb'], call), fails('remoteHttp.cannotRemove'));
    assert.doesNotMatch(remote.url, /token/);
  });

  it('does not believe a page that answers to everything', async () => {
    const port = await serve((request, reply) => {
      request.resume();
      request.on('end', () => reply.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>'));
    });
    const local = path.join(folder, 'b');
    fs.writeFileSync(local, 'some bytes that are no page');
    for (const scheme of ['http', 'webdav']) {
      const remote = await open(`${scheme}://127.0.0.1:${port}`);
      await assert.rejects(remote.upload(local, 'aa/bb', moving), (error: unknown) => is(error));
    }
    const dav = await open(`webdav://127.0.0.1:${port}`);
    const keys = Array.from({ length: 20 }, (_, n) => `aa/${n}`);
    await assert.rejects(dav.has(keys, call), fails('remoteWebdav.listing'));
  });

  it('takes 403 for some keys as absent, for all as a refusal', async () => {
    const port = await serve((request, reply) => reply.writeHead(request.url === '/aa/1' ? 200 : 403).end());
    const remote = await open(`http://127.0.0.1:${port}`);
    assert.deepEqual(await remote.has(['aa/1', 'aa/2'], call), new Set(['aa/1']));
    await assert.rejects(remote.has(['aa/2'], call), fails('remoteHttp.denied'));
  });

  it('does not go round in circles', async () => {
    let count = 0;
    const port = await serve((_request, reply) => {
      count += 1;
      reply.writeHead(302, { location: '/again' }).end();
    });
    const remote = await open(`http://127.0.0.1:${port}`);
    await assert.rejects(remote.has(['a/b'], call), fails('remoteHttp.redirect'));
    assert.ok(count < 10);
  });

  for (const algorithm of ['MD5', 'SHA-256'] as const) {
    it(`logs in by Digest with ${algorithm}, and again when the nonce is stale`, async () => {
      let nonce = 0;
      let refused = 0;
      const hash = (text: string): string =>
        createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
          .update(text)
          .digest('hex');
      const port = await serve((request, reply) => {
        const given = request.headers.authorization ?? '';
        const field = (name: string): string => new RegExp(`\\b${name}="?([^",]*)`).exec(given)?.[1] ?? '';
        const who = hash('ana:files:open sesame');
        const parts = [field('nonce'), field('nc'), field('cnonce'), 'auth', hash(`${request.method}:${request.url}`)];
        const good =
          given !== '' && field('nonce') === `n${nonce}` && field('response') === hash([who, ...parts].join(':'));
        if (good) return void reply.writeHead(200, { 'content-length': 0 }).end();
        refused += 1;
        const challenge = `Digest realm="files", nonce="n${nonce}", qop="auth,auth-int", algorithm=${algorithm}`;
        reply.writeHead(401, { 'www-authenticate': `${challenge}${given ? ', stale=true' : ''}` }).end();
      });
      const remote = await open(`http://127.0.0.1:${port}`, { auth: 'digest', user: 'ana', password: 'open sesame' });
      assert.equal((await remote.has(['a/1', 'a/2', 'a/3'], call)).size, 3);
      nonce += 1;
      assert.equal((await remote.has(['a/1'], call)).size, 1);
      assert.ok(refused <= 5);
      const stranger = await open(`http://127.0.0.1:${port}`, { auth: 'digest', user: 'bob', password: 'x' });
      await assert.rejects(stranger.has(['a/1'], call), (error: unknown) => is(error));
    });
  }

  describe('with certificates', () => {
    const file = (name: string): string => path.join(folder, name);
    before(function () {
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
      const files = ['-keyout', file('key.pem'), '-out', file('cert.pem')];
      const made = spawnSync('openssl', [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        ...subject,
        ...files,
      ]);
      if (made.status !== 0) return skip(this, 'openssl is not installed');
    });
    const start = (): Promise<number> => {
      const [key, cert] = ['key.pem', 'cert.pem'].map((name) => fs.readFileSync(file(name)));
      const options = { key, cert, ca: cert, requestCert: true, rejectUnauthorized: false };
      return listen(
        https.createServer(options, (request, reply) => {
          const known = (request.socket as import('node:tls').TLSSocket).authorized;
          reply.writeHead(known ? 200 : 404, { 'content-length': 0 }).end();
        }),
      );
    };

    it('refuses one that nobody vouches for', async () => {
      for (const scheme of ['https', 'webdavs']) {
        const remote = await open(`${scheme}://127.0.0.1:${await start()}`);
        await assert.rejects(remote.has(['a/b'], call), fails('remoteHttp.certificate'));
      }
    });

    it('takes it when told so, by its file or at all', async () => {
      for (const ssl_verify of [file('cert.pem'), 'false']) {
        const remote = await open(`https://127.0.0.1:${await start()}`, { ssl_verify });
        assert.equal((await remote.has(['a/b'], call)).size, 0);
      }
    });

    it('shows its own, to that server only', async () => {
      const options = { ssl_verify: file('cert.pem'), cert_path: file('cert.pem'), key_path: file('key.pem') };
      const port = await start();
      const remote = await open(`webdavs://127.0.0.1:${port}`, options);
      assert.equal((await remote.has(['a/b'], call)).size, 1);
      const key = fs.readFileSync(file('key.pem'));
      const front = https.createServer({ key, cert: fs.readFileSync(file('cert.pem')) }, (_request, reply) => {
        reply.writeHead(307, { location: `https://127.0.0.1:${port}/a/b` }).end();
      });
      const led = await open(`webdavs://127.0.0.1:${await listen(front)}`, options);
      assert.equal((await led.has(['a/b'], call)).size, 0);
    });

    it('does not leave HTTPS for HTTP', async () => {
      const plain = await serve((_request, reply) => reply.writeHead(200).end());
      const key = fs.readFileSync(file('key.pem'));
      const front = https.createServer({ key, cert: fs.readFileSync(file('cert.pem')) }, (_request, reply) => {
        reply.writeHead(302, { location: `http://127.0.0.1:${plain}/a/b` }).end();
      });
      const port = await listen(front);
      const remote = await open(`https://127.0.0.1:${port}`, { ssl_verify: 'false' });
      await assert.rejects(remote.has(['a/b'], call), fails('remoteHttp.redirect'));
    });

    it('says so when HTTPS is not spoken there', async () => {
      const port = await serve((_request, reply) => reply.writeHead(200).end());
      await assert.rejects((await open(`https://127.0.0.1:${port}`)).has(['a/b'], call), fails('remoteHttp.notHttp'));
    });
  });
});

describe('Digest', () => {
  // The example of RFC 7616 §3.9.1.
  const challenge = (algorithm: string): string =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
  for (const [algorithm, response] of [
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const) {
    it(`answers as the example with ${algorithm}`, () => {
      const digest = new Digest('Mufasa', 'Circle of Life', () => 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ');
      assert.equal(digest.header('GET', '/dir/index.html'), undefined);
      assert.ok(digest.learn(challenge(algorithm), undefined));
      const header = digest.header('GET', '/dir/index.html') ?? '';
      assert.match(header, new RegExp(`response="${response}"`));
      assert.match(header, /nc=00000001, cnonce=/);
      assert.equal(digest.learn(challenge(algorithm), header), false, 'a wrong password is not sent twice');
    });
  }

  for (const [what, header] of [
    ['another way', 'Basic realm="x"'],
    ['an algorithm that it does not know', 'Digest realm="x", nonce="y", algorithm=SHA-512-256'],
    ['nothing', undefined],
  ] as const) {
    it(`does not answer ${what}`, () => assert.equal(new Digest('a', 'b', () => 'c').learn(header, undefined), false));
  }

  it('takes the challenge that it knows among several', () => {
    const digest = new Digest('a', 'b', () => 'c');
    assert.ok(digest.learn(`Digest realm="x", nonce="1", algorithm=SHA-512-256, ${challenge('MD5')}`, undefined));
    assert.match(digest.header('GET', '/') ?? '', /algorithm=MD5/);
  });
});
