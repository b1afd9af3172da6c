/** Everything that a server or the way to it can do wrong, in the middle of an upload and of a download (N1), over HTTP and WebDAV; and that nothing is connected before it is needed (N4). */

import * as assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { isCancelled, quietCall } from '../../src/base/cancel';
import { is } from '../../src/engine/errors';
import { nodeHost } from '../../src/engine/host/node';
import { openHttp } from '../../src/engine/remotes/http';
import { type Remote } from '../../src/engine/remotes/remotes';
import { type Patience } from '../../src/engine/remotes/retry';
import { fetchObjects, pushObjects, type TransferReport, type Wanted } from '../../src/engine/remotes/transfer';
import { openWebdav } from '../../src/engine/remotes/webdav';
import { ASKED_FOR, FaultServer, type Fault } from '../support/faultServer';
import { TestProject } from '../support/testStore';
import { webSettings } from '../support/webServers';

const SECRET = 'pa55-w0rd';
const SIZE = 300_000;

/** What becomes of the object whose transfer goes wrong: `done`, or the code of its failure. */
const EXPECTED: Readonly<Record<Fault, { readonly download: string; readonly upload: string }>> = {
  reset: { download: 'done', upload: 'done' },
  stall: { download: 'done', upload: 'done' },
  'byte by byte': { download: 'remotes.slow', upload: 'done' },
  'short body': { download: 'done', upload: 'done' },
  'long body': { download: 'remotes.corrupt', upload: 'done' },
  '500': { download: 'done', upload: 'done' },
  '503 with Retry-After': { download: 'done', upload: 'done' },
  '429': { download: 'done', upload: 'done' },
  '403': { download: 'remoteHttp.denied', upload: 'remoteHttp.denied' },
  // Over WebDAV a folder that has gone is made again.
  '404': { download: 'remotes.missing', upload: 'remotes.missing' },
  'redirect to another host': { download: 'done', upload: 'remoteHttp.notKept' },
  'redirect to file:': { download: 'remoteHttp.redirect', upload: 'remoteHttp.redirect' },
  'endless headers': { download: 'remoteHttp.notHttp', upload: 'remoteHttp.notHttp' },
  'compressed bomb': { download: 'remoteHttp.packed', upload: 'done' },
};

/** Three objects of some blocks. */
const CONTENTS = [0, 1, 2].map((n) => Buffer.from(Array.from({ length: SIZE + n }, (_, at) => (at * (n + 3)) % 251)));
const OBJECTS: readonly Wanted[] = CONTENTS.map((bytes, n) => ({
  hash: createHash('md5').update(bytes).digest('hex'),
  hashName: 'md5',
  path: `file${n}`,
}));
const keyOf = ({ hash }: Wanted): string => `base/files/md5/${hash.slice(0, 2)}/${hash.slice(2)}`;

const ends = (report: TransferReport): string[] =>
  report.failed.map((one) => `${one.path} ${is(one.error) ? one.error.code : String(one.error)}`);

for (const scheme of ['http', 'webdav'] as const) {
  describe(`a transfer over ${scheme}`, () => {
    let server: FaultServer;
    let other: FaultServer;
    let project: TestProject;
    let remote: Remote;
    let pauses: number[];
    const call = quietCall();
    const open = (change: Partial<Patience> = {}, jobs = 1): Promise<Remote> => {
      const url = `${scheme}://ana:${SECRET}@${server.host}/base`;
      const sleep = async (ms: number): Promise<void> => void pauses.push(ms);
      const patience = { idleMs: 5000, slowest: 100_000, firstPauseMs: 10, sleep, ...change };
      const settings = { ...webSettings(url, { method: 'PUT' }), jobs };
      return (scheme === 'http' ? openHttp : openWebdav)(settings, nodeHost(), call, patience);
    };
    beforeEach(async () => {
      server = await new FaultServer().start();
      other = await new FaultServer().start();
      server.other = other;
      project = new TestProject();
      pauses = [];
      remote = await open();
    });
    /** Silence ends a try soon; a byte now and then is none, so that only the end of patience helps. */
    const beShort = async (fault: Fault): Promise<void> => {
      if (fault === 'stall') remote = await open({ idleMs: 200 });
      if (fault === 'byte by byte') remote = await open({ idleMs: 200, totalMs: 500 });
    };
    afterEach(async () => {
      await remote.close();
      await project.dispose();
      await server.stop();
      await other.stop();
    });

    /** The n-th transfer of that kind goes wrong, once. */
    const plan = (way: 'download' | 'upload', position: number, fault: Fault): void => {
      let count = 0;
      server.plan = ({ method }) => {
        const counts = way === 'download' ? method === 'GET' : method === 'PUT' || method === 'POST';
        if (!counts) return undefined;
        count += 1;
        return count === position + 1 ? fault : undefined;
      };
    };
    const noSecret = (report: TransferReport): void => {
      for (const { error } of report.failed) {
        assert.ok(is(error), String(error));
        assert.doesNotMatch(
          `${error.message} ${JSON.stringify(error.data)} ${error.stack}`,
          new RegExp(`${SECRET}|ana:|YW5h`),
        );
      }
      for (const { headers } of other.seen) assert.equal(headers.authorization, undefined, 'credentials stay here');
      for (const { headers } of server.seen) assert.match(headers.authorization ?? '', /^Basic /);
    };
    const patient = (fault: Fault): void => {
      const asked = ASKED_FOR[fault.slice(0, 3) as keyof typeof ASKED_FOR];
      if (asked) assert.deepEqual(pauses, [asked * 1000]);
    };

    for (const fault of Object.keys(EXPECTED) as Fault[]) {
      for (const position of [0, 1, 2]) {
        it(`download ${position + 1} of 3: ${fault}`, async () => {
          OBJECTS.forEach((one, n) => server.plant(keyOf(one), CONTENTS[n] ?? Buffer.alloc(0)));
          OBJECTS.forEach((one, n) => other.plant(keyOf(one), CONTENTS[n] ?? Buffer.alloc(0)));
          // Connections have served before, as in the middle of a command.
          assert.equal(
            (
              await remote.has(
                OBJECTS.map((one) => keyOf(one).slice(5)),
                call,
              )
            ).size,
            3,
          );
          await beShort(fault);
          plan('download', position, fault);
          const report = await fetchObjects({ store: project.store, remote }, OBJECTS, call);
          const expected = EXPECTED[fault].download;
          assert.deepEqual(ends(report), expected === 'done' ? [] : [`file${position} ${expected}`]);
          assert.equal(report.files, expected === 'done' ? 3 : 2);
          noSecret(report);
          patient(fault);
          const gets = server.seen.filter(
            (one) => one.method === 'GET' && one.path === keyOf(OBJECTS[position] as Wanted),
          );
          assert.ok(gets.length <= 2);
          if (['reset', 'stall', 'short body'].includes(fault)) {
            const half = Math.floor((SIZE + position) / 2);
            assert.equal(gets[1]?.headers.range, `bytes=${half}-`, 'goes on behind what arrived');
            assert.equal(
              gets.reduce((sum, one) => sum + one.sent, 0),
              SIZE + position,
              'nothing is sent twice',
            );
          }
          assert.deepEqual(project.temporaries(), []);
          server.plan = () => undefined;
          const again = await fetchObjects({ store: project.store, remote }, OBJECTS, call);
          assert.deepEqual(ends(again), []);
          for (const [n, one] of OBJECTS.entries())
            assert.deepEqual(fs.readFileSync(project.store.pathOf(one.hash)), CONTENTS[n]);
        });

        it(`upload ${position + 1} of 3: ${fault}`, async () => {
          await project.store.addFiles(
            CONTENTS.map((bytes, n) => project.put(`in${n}`, bytes)),
            call,
          );
          await beShort(fault);
          plan('upload', position, fault);
          const report = await pushObjects({ store: project.store, remote }, OBJECTS, call);
          const remade = scheme === 'webdav' && fault === '404';
          const expected = remade ? 'done' : EXPECTED[fault].upload;
          assert.deepEqual(ends(report), expected === 'done' ? [] : [`file${position} ${expected}`]);
          noSecret(report);
          patient(fault);
          const there = OBJECTS.filter((_, n) => expected === 'done' || n !== position).map(keyOf);
          assert.deepEqual(server.files(), there.sort(), 'whole files only, and no temporary');
          server.plan = () => undefined;
          assert.deepEqual(ends(await pushObjects({ store: project.store, remote }, OBJECTS, call)), []);
          for (const [n, one] of OBJECTS.entries())
            assert.deepEqual(fs.readFileSync(server.at(keyOf(one))), CONTENTS[n]);
        });
      }
    }

    for (const [method, fault] of scheme === 'webdav'
      ? ([
          ['MKCOL', '500'],
          ['MKCOL', '503 with Retry-After'],
          ['MOVE', '500'],
          ['MOVE', '429'],
          ['HEAD', '500'],
        ] as const)
      : ([['HEAD', '500'] as const] as const)) {
      it(`uploads although ${method} meets ${fault} once, and sends no file twice`, async () => {
        await project.store.addFiles([project.put('in', CONTENTS[0] ?? '')], call);
        let left = 1;
        server.plan = (seen) => (seen.method === method && left-- > 0 ? fault : undefined);
        const report = await pushObjects({ store: project.store, remote }, OBJECTS.slice(0, 1), call);
        assert.deepEqual(ends(report), []);
        assert.equal(server.seen.filter((one) => one.method === 'PUT').length, 1);
      });
    }

    it('gives up after five tries with growing pauses', async () => {
      OBJECTS.forEach((one, n) => server.plant(keyOf(one), CONTENTS[n] ?? Buffer.alloc(0)));
      server.plan = ({ method }) => (method === 'GET' ? '500' : undefined);
      const report = await fetchObjects({ store: project.store, remote }, OBJECTS.slice(0, 1), call);
      assert.deepEqual(ends(report), ['file0 remotes.busy']);
      assert.equal(server.seen.length, 5);
      assert.equal(pauses.length, 4);
      pauses.forEach((ms, n) => assert.ok(n === 0 || ms > (pauses[n - 1] ?? 0)));
    });

    it('resumes again and again', async () => {
      OBJECTS.forEach((one, n) => server.plant(keyOf(one), CONTENTS[n] ?? Buffer.alloc(0)));
      let left = 4;
      server.plan = ({ method }) => (method === 'GET' && left-- > 0 ? 'short body' : undefined);
      const report = await fetchObjects({ store: project.store, remote }, OBJECTS.slice(0, 1), call);
      assert.deepEqual(ends(report), []);
      assert.equal(
        server.seen.reduce((sum, one) => sum + one.sent, 0),
        SIZE,
      );
    });

    for (const way of ['download', 'upload'] as const) {
      it(`is cancelled in the middle of a silent ${way}, within a second`, async () => {
        const one = OBJECTS[0] as Wanted;
        const local = project.put('in', CONTENTS[0] ?? '');
        if (way === 'download') server.plant(keyOf(one), CONTENTS[0] ?? Buffer.alloc(0));
        plan(way, 0, 'stall');
        const slow = await open({ idleMs: 30_000, totalMs: 60_000 });
        const controller = new AbortController();
        const moving = { signal: controller.signal, moved: (): void => undefined };
        const key = keyOf(one).slice(5);
        const transfer =
          way === 'download' ? slow.download(key, project.at('out'), moving) : slow.upload(local, key, moving);
        const ended = assert.rejects(transfer, isCancelled);
        while (!server.seen.some((seen) => seen.fault)) await new Promise((resolve) => setTimeout(resolve, 5));
        const started = Date.now();
        controller.abort();
        await ended;
        assert.ok(Date.now() - started < 1000, `${Date.now() - started} ms`);
        await slow.close();
      });
    }

    it('is tried soon again where nobody listens, and then named', async () => {
      const { host } = server;
      await server.stop();
      server = await new FaultServer().start();
      const url = `${scheme}://ana:${SECRET}@${host}/base`;
      const sleep = async (ms: number): Promise<void> => void pauses.push(ms);
      const gone = await (scheme === 'http' ? openHttp : openWebdav)(webSettings(url), nodeHost(), call, { sleep });
      await assert.rejects(gone.has(['a/b'], call), (error: unknown) => {
        assert.ok(is(error, 'remoteHttp.unreachable'), String(error));
        assert.equal(error.data['url'], `${scheme}://${host}/base`);
        return true;
      });
      assert.equal(pauses.length, 4);
    });

    it('connects to nobody before it has something to do', async () => {
      const opened = await open();
      await opened.has([], call);
      await opened.remove([], call);
      await opened.close();
      assert.equal(server.connections, 0);
    });
  });
}
