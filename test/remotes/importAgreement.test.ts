/**
 * `import-url`, `update`, `get-url` and `list-url` at real servers, by the real DVC in one project and ours in another: the same `.dvc` files and the
 * same data, before and after the source changes; and each reads what the other wrote.
 */

import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { s3Bucket, s3Keys, startSeaweed } from '../../scripts/lib/objectServers.mjs';
import { ensureNginx, ensureServers, ensureSshd } from '../../scripts/machinery.mjs';
import { TwoTools, type Tool } from '../agreement/twoTools';
import { Bucket } from '../support/s3Setup';
import { skip } from '../support/skip';
import { startSshd, USER } from '../support/sshServer';
import { startNginx, startRcloneDav } from '../support/webServers';

/** A server with a place to import from. */
interface Place {
  /** URL of the place. */
  readonly url: string;
  /** Settings of a remote that reaches it. */
  readonly options: Readonly<Record<string, string>>;
  put(file: string, text: string): Promise<void>;
  remove(file: string): Promise<void>;
  /** What a project needs beside it. */
  prepare?(tools: TwoTools): void;
  stop(): Promise<void> | void;
}

const LOGIN = { user: 'ana', password: 'open sesame' };

/** Files below a folder of this machine; a server may remember what it listed. */
function inFolder(folder: string, refresh: () => void = () => undefined): Pick<Place, 'put' | 'remove'> {
  return {
    put: (file, text) => {
      fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      fs.writeFileSync(path.join(folder, file), text);
      refresh();
      return Promise.resolve();
    },
    remove: (file) => {
      fs.rmSync(path.join(folder, file));
      refresh();
      return Promise.resolve();
    },
  };
}

/** Files written through the server itself: rclone remembers for minutes what lies in a folder. */
function throughServer(base: string): Pick<Place, 'put' | 'remove'> {
  const authorization = `Basic ${Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64')}`;
  const at = (file: string): string => [base, ...file.split('/').map(encodeURIComponent)].join('/');
  const send = async (method: string, url: string, body?: string): Promise<void> => {
    await fetch(url, { method, headers: { authorization }, ...(body === undefined ? {} : { body }) });
  };
  return {
    put: async (file, text) => {
      const parts = file.split('/');
      for (let n = 0; n < parts.length; n += 1) await send('MKCOL', at(parts.slice(0, n).join('/')));
      await send('PUT', at(file), text);
    },
    remove: (file) => send('DELETE', at(file)),
  };
}

const KINDS: readonly {
  readonly name: string;
  readonly folders: boolean;
  /** False where the real DVC fails on single files by a mistake of its own, and tells folders apart by tags that change: ours is looked at alone. */
  readonly files?: false;
  readonly start: () => Promise<Place | { skip: string }>;
}[] = [
  {
    name: 'S3 at SeaweedFS',
    folders: true,
    start: async () => {
      const server = await startSeaweed();
      const bucket = new Bucket(server.endpoint);
      return {
        url: `s3://${s3Bucket}/src`,
        options: {
          endpointurl: server.endpoint,
          access_key_id: s3Keys.accessKeyId,
          secret_access_key: s3Keys.secretAccessKey,
        },
        put: (file, text) => bucket.put(`src/${file}`, Buffer.from(text)),
        remove: (file) => bucket.remove(`src/${file}`),
        stop: async () => {
          bucket.close();
          await server.stop();
        },
      };
    },
  },
  {
    name: 'SSH at sshd',
    folders: true,
    start: async () => {
      const sshd = await ensureSshd();
      if ('skip' in sshd) return sshd;
      const server = await startSshd(sshd.path);
      return {
        url: `ssh://${USER}@127.0.0.1:${server.port}${server.store}/src`,
        options: { keyfile: server.key('id') },
        ...inFolder(path.join(server.store, 'src'), () => server.refresh()),
        prepare: (tools) => fs.cpSync(path.join(server.folder, '.ssh'), tools.at('../.ssh'), { recursive: true }),
        stop: () => server.stop(),
      };
    },
  },
  {
    name: 'HTTP at nginx',
    folders: false,
    start: async () => {
      const nginx = await ensureNginx();
      if ('skip' in nginx) return nginx;
      const server = await startNginx(nginx.path, LOGIN);
      return {
        url: `${server.url}/src`,
        options: { auth: 'basic', ...LOGIN },
        ...inFolder(path.join(server.root, 'src')),
        stop: () => server.stop(),
      };
    },
  },
  {
    name: 'WebDAV at rclone',
    folders: true,
    files: false,
    start: async () => {
      const server = await startRcloneDav((await ensureServers()).rclone, LOGIN);
      return {
        url: `${server.url.replace('http', 'webdav')}/src`,
        options: LOGIN,
        ...throughServer(`${server.url}/src`),
        stop: () => server.stop(),
      };
    },
  },
];

const FILES: Readonly<Record<string, string>> = {
  'f.txt': 'one\n',
  'd/a': 'a\n',
  'd/s/b': 'b\n',
  'd/s/ñ c': 'c\n',
};

for (const { name, folders, files = true, start } of KINDS) {
  describe(`imports by both tools: ${name}`, function () {
    this.timeout(240_000);
    let place: Place;
    before(async function () {
      const started = await start();
      if ('skip' in started) return skip(this, started.skip);
      place = started;
    });
    after(() => place?.stop());
    const projects: TwoTools[] = [];
    afterEach(() => projects.splice(0).forEach((tools) => tools.dispose()));

    /** A project that knows the place as a remote; the source holds its first files. */
    async function make(tool: 'dvc' | 'strata'): Promise<TwoTools> {
      const tools = await TwoTools.make(tool);
      projects.push(tools);
      place.prepare?.(tools);
      tools.run('strata', 'remote', 'add', 'src', place.url);
      for (const [option, value] of Object.entries(place.options))
        tools.run('strata', 'remote', 'modify', '--local', 'src', option, value);
      return tools;
    }

    /** One command in both projects: both succeed or both fail, and the projects hold the same. */
    function act(pair: Readonly<Record<'dvc' | 'strata', TwoTools>>, ...args: string[]): void {
      const [theirs, ours] = (['dvc', 'strata'] as const).map((tool) => pair[tool].try(tool, ...args));
      const said = `${args.join(' ')}\nDVC ${theirs?.code}: ${theirs?.stderr}\nours ${ours?.code}: ${ours?.stderr}`;
      assert.equal(ours?.code === 0, theirs?.code === 0, said);
      assert.deepEqual(held(pair.strata), held(pair.dvc), said);
    }

    function held(tools: TwoTools): Record<string, string> {
      const names = tools.list('.').filter((file) => !/^\.(git\/|dvc\/tmp|dvc\/config)/.test(file));
      const texts = names.map((file): [string, string] => [file, tools.read(file)]);
      // DVC also leaves a list that names files by their etags: no object that anyone can read.
      return Object.fromEntries(texts.filter(([file, text]) => !(file.endsWith('.dir') && text.includes('"etag"'))));
    }

    /** The same by ours without the real DVC beside it. */
    async function alone(tools: TwoTools): Promise<void> {
      tools.run('strata', 'import-url', 'remote://src/f.txt');
      const before = tools.read('f.txt.dvc');
      assert.match(
        before,
        /^md5: [0-9a-f]{32}\nfrozen: true\ndeps:\n- etag: .+\n {2}size: 4\n {2}hash: md5\n {2}path: remote:/,
      );
      tools.run('strata', 'update', 'f.txt.dvc');
      assert.equal(tools.read('f.txt.dvc'), before);
      await place.put('f.txt', 'two, and longer\n');
      tools.run('strata', 'update', 'f.txt.dvc');
      assert.equal(tools.read('f.txt'), 'two, and longer\n');
      assert.notEqual(tools.read('f.txt.dvc'), before);
      assert.deepEqual(tools.json('dvc', 'status'), {});
    }

    async function aloneWithFolder(tools: TwoTools): Promise<void> {
      tools.run('strata', 'import-url', 'remote://src/d');
      assert.equal(tools.read('d/s/ñ c'), FILES['d/s/ñ c']);
      const before = tools.read('d.dvc');
      tools.run('strata', 'update', 'd.dvc');
      assert.equal(tools.read('d.dvc'), before);
      await place.put('d/a', 'two, and longer\n');
      tools.run('strata', 'update', 'd.dvc');
      assert.equal(tools.read('d/a'), 'two, and longer\n');
      assert.deepEqual(tools.json('dvc', 'status'), {});
    }

    const source = async (): Promise<void> => {
      for (const [file, text] of Object.entries(FILES)) await place.put(file, text);
    };

    it('a file is imported, and brought up to date', async () => {
      await source();
      if (!files) return alone(await make('strata'));
      const pair = { dvc: await make('dvc'), strata: await make('strata') };
      act(pair, 'import-url', 'remote://src/f.txt');
      act(pair, 'import-url', 'remote://src/f.txt', 'other');
      act(pair, 'import-url', '--no-download', 'remote://src/f.txt', 'later');
      act(pair, 'import-url', '--no-exec', 'remote://src/f.txt', 'never');
      act(pair, 'import-url', 'remote://src/nope');
      act(pair, 'update', 'f.txt.dvc');
      await place.put('f.txt', 'two, and longer\n');
      act(pair, 'update', 'f.txt.dvc');
      act(pair, 'update', '--no-download', 'other.dvc');
      act(pair, 'update', 'other.dvc');
      // DVC has taken the file from the workspace before it finds nothing to put there; ours keeps it.
      await place.remove('f.txt');
      const ended = (['dvc', 'strata'] as const).map((tool) => pair[tool].try(tool, 'update', 'f.txt.dvc').code === 0);
      assert.deepEqual(ended, [false, false]);
      assert.equal(pair.strata.read('f.txt'), 'two, and longer\n');
    });

    if (folders)
      it('a folder is imported, and brought up to date', async () => {
        await source();
        if (!files) return aloneWithFolder(await make('strata'));
        const pair = { dvc: await make('dvc'), strata: await make('strata') };
        act(pair, 'import-url', 'remote://src/d');
        act(pair, 'update', 'd.dvc');
        await place.put('d/s/b', 'changed\n');
        await place.put('d/new', 'n\n');
        act(pair, 'update', 'd.dvc');
        await place.remove('d/new');
        act(pair, 'update', 'd.dvc');
        act(pair, 'import-url', '--no-download', 'remote://src/d', 'later');
        act(pair, 'update', 'later.dvc');
      });

    for (const [from, to] of [
      ['dvc', 'strata'],
      ['strata', 'dvc'],
    ] as const satisfies readonly (readonly [Tool, Tool])[]) {
      if (files)
        it(`what ${from} imported, ${to} finds unchanged, brings back and updates`, async () => {
          await source();
          const tools = await make(from);
          if (files) tools.run(from, 'import-url', 'remote://src/f.txt');
          if (folders) tools.run(from, 'import-url', 'remote://src/d');
          tools.run(from, 'remote', 'add', '-q', '-d', 'store', '../store');
          tools.run(from, 'push');
          assert.deepEqual(tools.json(to, 'status'), {});
          const one = files ? 'f.txt.dvc' : 'd.dvc';
          const before = tools.read(one);
          tools.run(to, 'update', one);
          assert.equal(tools.read(one), before);
          tools.remove('.dvc/cache', '.dvc/tmp', 'f.txt', 'd');
          tools.run(to, 'pull');
          if (files) assert.equal(tools.read('f.txt'), FILES['f.txt']);
          if (folders) assert.equal(tools.read('d/s/ñ c'), FILES['d/s/ñ c']);
          const changed = files ? 'f.txt' : 'd/a';
          await place.put(changed, 'two, and longer\n');
          tools.run(to, 'update', one);
          assert.equal(tools.read(changed), 'two, and longer\n');
          assert.deepEqual(tools.json(from, 'status'), {});
        });
    }

    it('is listed and got without a record', async () => {
      await source();
      const pair = { dvc: await make('dvc'), strata: await make('strata') };
      act(pair, 'get-url', 'remote://src/f.txt');
      act(pair, 'get-url', 'remote://src/f.txt', 'named');
      act(pair, 'get-url', 'remote://src/nope');
      if (!folders) return;
      act(pair, 'get-url', 'remote://src/d');
      for (const args of [['remote://src/d'], ['remote://src/d', '-R'], ['remote://src']]) {
        const lists = (['dvc', 'strata'] as const).map((tool) =>
          pair[tool]
            .run(tool, 'list-url', ...args)
            .split('\n')
            .filter(Boolean)
            .sort(),
        );
        assert.deepEqual(lists[1], lists[0], args.join(' '));
      }
    });
  });
}
