/** Everything that a server or the way to it can do wrong, in the middle of an upload and of a download (N1), over S3. */

import * as assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { isCancelled, pause, quietCall } from '../../src/base/cancel';
import { is } from '../../src/engine/errors';
import { nodeHost } from '../../src/engine/host/node';
import { type Remote } from '../../src/engine/remotes/remotes';
import { type Patience } from '../../src/engine/remotes/retry';
import { openS3 } from '../../src/engine/remotes/s3';
import { fetchObjects, pushObjects, type TransferReport, type Wanted } from '../../src/engine/remotes/transfer';
import { ASKED_FOR, FaultServer, type Fault } from '../support/faultServer';
import { s3Settings } from '../support/s3Setup';
import { TestProject } from '../support/testStore';

const SECRET = 'pa55-w0rd-of-the-bucket';
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
  '403': { download: 's3.denied', upload: 's3.denied' },
  '404': { download: 'remotes.missing', upload: 's3.refused' },
  'redirect to another host': { download: 's3.elsewhere', upload: 's3.elsewhere' },
  'redirect to file:': { download: 's3.elsewhere', upload: 's3.elsewhere' },
  'endless headers': { download: 'remotes.broken', upload: 'remotes.broken' },
  'compressed bomb': { download: 'remotes.corrupt', upload: 'done' },
};

/** Three objects of some blocks. */
const CONTENTS = [0, 1, 2].map((n) => Buffer.from(Array.from({ length: SIZE + n }, (_, at) => (at * (n + 3)) % 251)));
const OBJECTS: readonly Wanted[] = CONTENTS.map((bytes, n) => ({
  hash: createHash('md5').update(bytes).digest('hex'),
  hashName: 'md5',
  path: `file${n}`,
}));
const keyOf = ({ hash }: Wanted): string => `bucket/base/files/md5/${hash.slice(0, 2)}/${hash.slice(2)}`;

const ends = (report: TransferReport): string[] =>
  report.failed.map((one) => `${one.path} ${is(one.error) ? one.error.code : String(one.error)}`);

describe('a transfer over S3', () => {
  let server: FaultServer;
  let other: FaultServer;
  let project: TestProject;
  let remote: Remote;
  let pauses: number[];
  const call = quietCall();
  const open = (change: Partial<Patience> = {}): Promise<Remote> => {
    const options = { access_key_id: 'AKID', secret_access_key: SECRET, region: 'us-east-1', jobs: '1' };
    const sleep = async (ms: number): Promise<void> => void pauses.push(ms);
    const settings = s3Settings('s3://bucket/base', { ...options, endpointurl: `http://${server.host}` });
    return openS3(settings, nodeHost(), { idleMs: 5000, slowest: 100_000, firstPauseMs: 10, sleep, ...change });
  };
  beforeEach(async () => {
    server = await new FaultServer().start();
    other = await new FaultServer().start();
    server.other = other;
    project = new TestProject();
    pauses = [];
    remote = await open();
  });
  afterEach(async () => {
    await remote.close();
    await project.dispose();
    await server.stop();
    await other.stop();
  });
  /** Silence ends a try soon; a byte now and then is none, so that only the end of patience helps. */
  const beShort = async (fault: Fault): Promise<void> => {
    if (fault === 'stall') remote = await open({ idleMs: 200 });
    if (fault === 'byte by byte') remote = await open({ idleMs: 200, totalMs: 500 });
  };
  /** The n-th transfer of that kind goes wrong, once. */
  const plan = (verb: 'GET' | 'PUT', position: number, fault: Fault): void => {
    let count = 0;
    server.plan = ({ method }) => {
      if (method !== verb) return undefined;
      count += 1;
      return count === position + 1 ? fault : undefined;
    };
  };
  const noSecret = (report: TransferReport): void => {
    for (const { error } of report.failed) {
      assert.ok(is(error), String(error));
      assert.ok(!`${error.message} ${JSON.stringify(error.data)} ${error.stack}`.includes(SECRET));
    }
    assert.deepEqual(other.seen, [], 'nothing follows to another host');
    for (const { headers } of server.seen) {
      assert.match(headers.authorization ?? '', /^AWS4-HMAC-SHA256 Credential=AKID\//);
      assert.ok(!JSON.stringify(headers).includes(SECRET));
    }
  };
  const patient = (fault: Fault): void => {
    const asked = ASKED_FOR[fault.slice(0, 3) as keyof typeof ASKED_FOR];
    if (asked) assert.deepEqual(pauses, [asked * 1000]);
  };
  const plantAll = (): void => OBJECTS.forEach((one, n) => server.plant(keyOf(one), CONTENTS[n] ?? Buffer.alloc(0)));

  for (const fault of Object.keys(EXPECTED) as Fault[]) {
    for (const position of [0, 1, 2]) {
      it(`download ${position + 1} of 3: ${fault}`, async () => {
        plantAll();
        await beShort(fault);
        plan('GET', position, fault);
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
          const sent = gets.reduce((sum, one) => sum + one.sent, 0);
          assert.equal(sent, SIZE + position, 'nothing is sent twice');
        }
        assert.deepEqual(project.temporaries(), []);
        server.plan = () => undefined;
        assert.deepEqual(ends(await fetchObjects({ store: project.store, remote }, OBJECTS, call)), []);
        for (const [n, one] of OBJECTS.entries())
          assert.deepEqual(fs.readFileSync(project.store.pathOf(one.hash)), CONTENTS[n]);
      });

      it(`upload ${position + 1} of 3: ${fault}`, async () => {
        await project.store.addFiles(
          CONTENTS.map((bytes, n) => project.put(`in${n}`, bytes)),
          call,
        );
        await beShort(fault);
        plan('PUT', position, fault);
        const report = await pushObjects({ store: project.store, remote }, OBJECTS, call);
        const expected = EXPECTED[fault].upload;
        assert.deepEqual(ends(report), expected === 'done' ? [] : [`file${position} ${expected}`]);
        noSecret(report);
        patient(fault);
        const there = OBJECTS.filter((_, n) => expected === 'done' || n !== position).map(keyOf);
        assert.deepEqual(server.files(), there.sort());
        server.plan = () => undefined;
        assert.deepEqual(ends(await pushObjects({ store: project.store, remote }, OBJECTS, call)), []);
        for (const [n, one] of OBJECTS.entries()) assert.deepEqual(fs.readFileSync(server.at(keyOf(one))), CONTENTS[n]);
      });
    }
  }

  it('takes an object away that a server keeps too short again and again', async () => {
    await project.store.addFiles([project.put('in', CONTENTS[0] ?? '')], call);
    server.plan = ({ method }) => (method === 'PUT' ? 'short body' : undefined);
    const report = await pushObjects({ store: project.store, remote }, OBJECTS.slice(0, 1), call);
    assert.deepEqual(ends(report), ['file0 s3.wrongLength']);
    assert.equal(server.seen.filter(({ method }) => method === 'PUT').length, 3);
    assert.deepEqual(server.files(), []);
  });

  it('gives up after five tries with growing pauses', async () => {
    plantAll();
    server.plan = ({ method }) => (method === 'GET' ? '500' : undefined);
    const report = await fetchObjects({ store: project.store, remote }, OBJECTS.slice(0, 1), call);
    assert.deepEqual(ends(report), ['file0 remotes.busy']);
    assert.equal(server.seen.length, 5);
    assert.equal(pauses.length, 4);
    pauses.forEach((ms, n) => assert.ok(n === 0 || ms > (pauses[n - 1] ?? 0)));
  });

  it('starts anew when another object is put there while it comes', async () => {
    const [one] = OBJECTS as [Wanted];
    server.plant(keyOf(one), Buffer.alloc(1000));
    let left = 1;
    server.plan = ({ method }) => {
      if (method !== 'GET' || left-- <= 0) return undefined;
      setTimeout(() => server.plant(keyOf(one), CONTENTS[0] as Buffer), 5);
      return 'reset';
    };
    remote = await open({ sleep: (_, signal) => pause(50, signal) });
    const report = await fetchObjects({ store: project.store, remote }, [one], call);
    assert.deepEqual(ends(report), []);
    assert.deepEqual(fs.readFileSync(project.store.pathOf(one.hash)), CONTENTS[0]);
  });

  for (const way of ['upload', 'download'] as const) {
    it(`stops a stalled ${way} within a second`, async () => {
      plantAll();
      await project.store.addFiles([project.put('in', CONTENTS[0] ?? '')], call);
      server.plan = ({ method }) => (method === 'HEAD' ? '404' : 'stall');
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 300);
      const started = performance.now();
      const quiet = quietCall(controller.signal);
      const all = { store: project.store, remote };
      const act = way === 'upload' ? pushObjects(all, OBJECTS.slice(0, 1), quiet) : fetchObjects(all, OBJECTS, quiet);
      await assert.rejects(act, isCancelled);
      assert.ok(performance.now() - started < 1300, `${performance.now() - started} ms`);
    });
  }

  it('says what cannot be reached, and where', async () => {
    const { host } = server;
    await server.stop();
    await assert.rejects(remote.has(['files/md5/aa/bb'], call), (error: unknown) => {
      assert.ok(is(error, 's3.unreachable'), String(error));
      assert.equal(error.data['endpoint'], `http://${host}`);
      return true;
    });
    server = await new FaultServer().start();
  });
});
