/** Connections to a real sshd that break, hang and are given up: nothing is sent twice, nothing is left half-way, nobody waits for ever. */

import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { randomBytes } from 'node:crypto';
import { ensureSshd } from '../../scripts/machinery.mjs';
import { isCancelled } from '../../src/base/cancel';
import { is } from '../../src/engine/errors';
import { type Moving } from '../../src/engine/remotes/remotes';
import { skip } from '../support/skip';
import { openWay, startSshd, type CuttableWay, type SshServer } from '../support/sshServer';
import { openSession, type OpenSession, type Session } from '../support/sshSession';

const MIB = 1024 * 1024;
const SIZE = 64 * MIB;
/** What may be under way when a connection breaks, and what the protocol adds to 64 MiB. */
const SLACK = 8 * MIB;
const KEY = 'files/md5/ab/cdef';

describe('ssh remote on a bad connection', () => {
  let server: SshServer;
  let way: CuttableWay;
  let open: OpenSession[] = [];
  const big = (): string => path.join(server.folder, 'big');
  const stored = (key = KEY): string => path.join(server.store, key);
  const session = async (more: Session = {}): Promise<OpenSession> => {
    const one = await openSession(server, { port: way.port, options: { keyfile: server.key('id') }, ...more });
    open.push(one);
    return one;
  };
  const moving = (signal = new AbortController().signal): Moving & { bytes: number } => {
    const meter = { signal, bytes: 0, moved: (bytes: number): void => void (meter.bytes += bytes) };
    return meter;
  };
  const same = (a: string, b: string): boolean => fs.readFileSync(a).equals(fs.readFileSync(b));
  const left = (): string[] =>
    fs
      .readdirSync(server.store, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);

  before(async function () {
    const sshd = await ensureSshd();
    if ('skip' in sshd) return skip(this, sshd.skip);
    server = await startSshd(sshd.path);
    fs.writeFileSync(big(), randomBytes(SIZE));
  });
  after(() => server?.stop());
  beforeEach(async () => {
    way = await openWay(server.port);
    fs.appendFileSync(path.join(server.folder, '.ssh/known_hosts'), server.knownHosts('ed25519', way.port));
    open = [];
  });
  afterEach(async () => {
    way.close();
    for (const { remote } of open) await remote.close();
    fs.rmSync(server.store, { recursive: true });
    fs.mkdirSync(server.store);
    fs.rmSync(path.join(server.folder, 'got'), { force: true });
  });

  it('sends only the rest of an upload that was cut twice', async () => {
    const { remote } = await session();
    const meter = moving();
    way.cutAfter('sent', 20 * MIB);
    const watch: Moving = {
      signal: meter.signal,
      moved: (bytes) => {
        const before = meter.bytes;
        meter.moved(bytes);
        if (before < 40 * MIB && meter.bytes >= 40 * MIB) way.cutAfter('sent', MIB);
      },
    };
    await remote.upload(big(), KEY, watch);
    assert.ok(same(big(), stored()));
    assert.deepEqual(left(), ['cdef'], 'and no temporary');
    assert.ok(way.connections >= 3, String(way.connections));
    assert.ok(way.sent < SIZE + SLACK, `${(way.sent / MIB).toFixed(1)} MiB went for 64`);
    assert.equal(meter.bytes, SIZE);
  });

  it('asks only for the rest of a download that was cut twice', async () => {
    fs.mkdirSync(path.dirname(stored()), { recursive: true });
    fs.copyFileSync(big(), stored());
    const { remote } = await session();
    const goal = path.join(server.folder, 'got');
    const meter = moving();
    way.cutAfter('received', 20 * MIB);
    const watch: Moving = {
      signal: meter.signal,
      moved: (bytes) => {
        const before = meter.bytes;
        meter.moved(bytes);
        if (before < 40 * MIB && meter.bytes >= 40 * MIB) way.cutAfter('received', MIB);
      },
    };
    await remote.download(KEY, goal, watch);
    assert.ok(same(goal, stored()));
    assert.ok(way.connections >= 3, String(way.connections));
    assert.ok(way.received < SIZE + SLACK, `${(way.received / MIB).toFixed(1)} MiB came for 64`);
    assert.equal(meter.bytes, SIZE);
  });

  it('begins a download anew when the file has become another in between', async () => {
    fs.mkdirSync(path.dirname(stored()), { recursive: true });
    fs.copyFileSync(big(), stored());
    const { remote } = await session();
    const goal = path.join(server.folder, 'got');
    let swapped = false;
    const watch: Moving = {
      signal: new AbortController().signal,
      moved: () => {
        if (swapped) return;
        swapped = true;
        fs.rmSync(stored());
        fs.writeFileSync(stored(), randomBytes(5 * MIB));
        way.cutAfter('received', 1);
      },
    };
    await remote.download(KEY, goal, watch);
    assert.ok(same(goal, stored()));
  });

  it('moves many small files over a connection that is cut again and again', async () => {
    const { remote, call } = await session();
    const files = Array.from({ length: 200 }, (_, i) => ({
      key: `files/md5/${(i % 16).toString(16)}0/${i}`,
      at: `${big()}${i}`,
    }));
    for (const [i, { at }] of files.entries()) fs.writeFileSync(at, `text ${i}`);
    let done = 0;
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let one = files[next++]; one; one = files[next++]) {
        await remote.upload(one.at, one.key, moving());
        if ((done += 1) % 50 === 0) way.cutAfter('received', 1);
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    assert.deepEqual(
      await remote.has(
        files.map(({ key }) => key),
        call,
      ),
      new Set(files.map(({ key }) => key)),
    );
    for (const [i, { key }] of files.entries()) assert.equal(fs.readFileSync(stored(key), 'utf8'), `text ${i}`);
    assert.equal(left().filter((name) => name.endsWith('.tmp')).length, 0);
  });

  it('tries five times, then says that the connection breaks', async () => {
    const { remote } = await session({ options: { keyfile: server.key('id'), max_sessions: '1' } });
    const again = (): void => way.cutAfter('sent', 200_000);
    again();
    const meter = moving();
    const watch: Moving = { signal: meter.signal, moved: again };
    const timer = setInterval(again, 5);
    await assert
      .rejects(remote.upload(big(), KEY, watch), (error: unknown) => {
        assert.ok(is(error, 'remotes.broken') || is(error, 'remoteSsh.unreachable'), String(error));
        return true;
      })
      .finally(() => clearInterval(timer));
    assert.equal(way.connections, 5);
  });

  it('notices silence, and goes on over a new connection', async () => {
    const options = { keyfile: server.key('id'), timeout: '2' };
    const { remote } = await session({ options, patience: { idleMs: 1000 } });
    let silent = false;
    const watch: Moving = {
      signal: new AbortController().signal,
      moved: () => {
        if (silent) return;
        silent = true;
        way.stalled = true;
        setTimeout(() => (way.stalled = false), 900);
      },
    };
    await remote.upload(big(), KEY, watch);
    assert.ok(same(big(), stored()));
    assert.ok(way.connections >= 2);
  });

  for (const stalled of [false, true]) {
    it(`stops within a second when cancelled${stalled ? ', also while the server is silent' : ''}`, async () => {
      const controller = new AbortController();
      const { remote } = await session({ signal: controller.signal });
      let asked = 0;
      const watch: Moving = {
        signal: controller.signal,
        moved: () => {
          if (asked > 0) return;
          way.stalled = stalled;
          asked = performance.now();
          controller.abort();
        },
      };
      await assert.rejects(remote.upload(big(), KEY, watch), isCancelled);
      await remote.close();
      assert.ok(performance.now() - asked < 1000, `${performance.now() - asked} ms`);
      if (!stalled) assert.deepEqual(left(), []);
    });
  }

  it('stops connecting within a second when cancelled', async () => {
    way.stalled = true;
    const controller = new AbortController();
    const { remote, call } = await session({ signal: controller.signal });
    const asked = performance.now();
    setTimeout(() => controller.abort(), 200);
    await assert.rejects(remote.has([KEY], call), isCancelled);
    assert.ok(performance.now() - asked < 1000);
  });
});

describe('ssh remote at sshd, in detail', () => {
  let server: SshServer;
  before(async function () {
    const sshd = await ensureSshd();
    if ('skip' in sshd) return skip(this, sshd.skip);
    server = await startSshd(sshd.path);
  });
  after(() => server?.stop());

  const shelf = (i: number): string => (i % 7).toString(16).padStart(2, '0');
  const plant = (count: number): string[] => {
    const keys = Array.from({ length: count }, (_, i) => `files/md5/${shelf(i)}/${i}`);
    for (const key of keys) {
      fs.mkdirSync(path.join(server.store, path.dirname(key)), { recursive: true });
      fs.writeFileSync(path.join(server.store, key), 'x');
    }
    return keys;
  };

  for (const [there, wanted] of [
    [0, 500],
    [300, 10],
    [300, 600],
    [2000, 60],
  ] as const) {
    it(`finds what is there: ${wanted} keys asked for, ${there} files`, async () => {
      const { remote, call } = await openSession(server, { options: { keyfile: server.key('id') } });
      const keys = plant(there);
      const asked = Array.from({ length: wanted }, (_, i) => `files/md5/${shelf(i)}/${i * 2}`);
      // A folder is no file, and a link to a file is one.
      fs.mkdirSync(path.join(server.store, 'files/md5/00/sub'), { recursive: true });
      fs.rmSync(path.join(server.store, 'files/md5/00/link'), { force: true });
      fs.symlinkSync(server.key('id'), path.join(server.store, 'files/md5/00/link'));
      const extra = ['files/md5/00/sub', 'files/md5/00/link', '00/11'];
      const expected = new Set([...asked.filter((key) => keys.includes(key)), 'files/md5/00/link']);
      assert.deepEqual(await remote.has([...asked, ...extra], call), expected);
      await remote.close();
      fs.rmSync(path.join(server.store, 'files'), { recursive: true });
    });
  }

  it('says whose permissions are missing, and what is a file where a folder should be', async function () {
    const { remote } = await openSession(server, {
      options: { keyfile: server.key('id') },
      base: `${server.folder}/id/deep`,
    });
    const meter = { signal: new AbortController().signal, moved: (): void => undefined };
    await assert.rejects(remote.upload(server.key('id'), KEY, meter), (error: unknown) => {
      assert.ok(is(error, 'remoteSsh.notFolder') || is(error, 'remoteSsh.refused'), String(error));
      return true;
    });
    await remote.close();
  });

  it('gives files and folders the permissions that the server gives new ones, as DVC does', async () => {
    const { remote } = await openSession(server, { options: { keyfile: server.key('id') } });
    const meter = { signal: new AbortController().signal, moved: (): void => undefined };
    await remote.upload(server.key('id'), KEY, meter);
    await remote.close();
    const mode = (key: string): number => fs.statSync(path.join(server.store, key)).mode & 0o777;
    const umask = process.umask();
    assert.deepEqual([mode(KEY), mode('files/md5')], [0o666 & ~umask, 0o777 & ~umask]);
  });
});
