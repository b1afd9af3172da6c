/** The S3 remote against real servers: SeaweedFS, which is strict, and rclone, which differs from it in small things. */

import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { root } from '../../scripts/lib/root.mjs';
import { s3Bucket, startRcloneS3, startSeaweed, type ObjectServer } from '../../scripts/lib/objectServers.mjs';
import { isCancelled, quietCall } from '../../src/base/cancel';
import { is } from '../../src/engine/errors';
import { nodeHost } from '../../src/engine/host/node';
import { type Moving, type Remote } from '../../src/engine/remotes/remotes';
import { open } from '../../src/engine/remotes/s3';
import { remoteContract } from '../support/remoteContract';
import { Bucket, reaching, s3Settings } from '../support/s3Setup';
import { dropFolder, newFolder } from '../support/temporary';

const MIB = 1024 * 1024;
const call = quietCall();
let folders = 0;

function meter(signal: AbortSignal = call.signal): Moving & { bytes: number } {
  const moving = { signal, bytes: 0, moved: (count: number): void => void (moving.bytes += count) };
  return moving;
}

function keyOf(bytes: Uint8Array): string {
  const md5 = createHash('md5').update(bytes).digest('hex');
  return `files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`;
}

for (const [name, start] of [
  ['SeaweedFS', startSeaweed],
  ['rclone', startRcloneS3],
] as const) {
  describe(`S3 at ${name}`, function () {
    this.timeout(180_000);
    let server: ObjectServer;
    let bucket: Bucket;
    let here = '';
    before(async () => {
      server = await start();
      bucket = new Bucket(server.endpoint);
    });
    after(async () => {
      bucket.close();
      await server.stop();
    });
    beforeEach(() => {
      here = newFolder();
    });
    afterEach(() => dropFolder(here));

    const opened = (prefix: string, options: Record<string, string> = {}): Promise<Remote> =>
      open(s3Settings(`s3://${s3Bucket}/${prefix}`, { ...reaching(server.endpoint), ...options }), nodeHost(), call);
    const newPrefix = (): string => `of tests/ñ ${(folders += 1)}`;
    const local = (file: string, bytes: Uint8Array): string => {
      const at = path.join(here, file);
      fs.writeFileSync(at, bytes);
      return at;
    };

    remoteContract(`S3 at ${name}`, async () => {
      const prefix = newPrefix();
      return {
        remote: await opened(prefix),
        plant: (key, bytes) => bucket.put(`${prefix}/${key}`, bytes),
        peek: (key) => bucket.get(`${prefix}/${key}`),
        keys: () => bucket.keys(prefix),
        dispose: () => undefined,
      };
    });

    it('tells size and etag of a file', async () => {
      const remote = await opened(newPrefix());
      const bytes = Buffer.from('hello\n');
      await remote.upload(local('a', bytes), keyOf(bytes), meter());
      const facts = { key: keyOf(bytes), size: 6, tag: { name: 'etag', value: 'b1946ac92492d2347c6235b4d2611184' } };
      assert.deepEqual(await remote.stat?.(keyOf(bytes), call), facts);
      assert.equal(await remote.stat?.('files/md5/00/00', call), undefined);
      const listed = [];
      for await (const file of remote.list?.('', call) ?? []) listed.push(file);
      assert.deepEqual(listed, [facts]);
      await remote.close();
    });

    it('holds 1,100 files, lists them by pages, finds them among others and removes them', async () => {
      const prefix = newPrefix();
      const remote = await opened(prefix);
      const keys = Array.from({ length: 1100 }, (_, i) => keyOf(Buffer.from(String(i))));
      const absent = Array.from({ length: 1100 }, (_, i) => keyOf(Buffer.from(`no ${i}`)));
      const at = local('small', Buffer.from('x'));
      let next = 0;
      const lane = async (): Promise<void> => {
        while (next < keys.length) await remote.upload(at, keys[next++] ?? '', meter());
      };
      await Promise.all(Array.from({ length: 16 }, lane));
      assert.deepEqual(await bucket.keys(prefix), [...keys].sort());
      const sorted = (found: ReadonlySet<string>): string[] => [...found].sort();
      assert.deepEqual(sorted(await remote.has([...absent, ...keys], call)), [...keys].sort());
      const few = [...keys.slice(0, 5), ...absent.slice(0, 5)];
      assert.deepEqual(sorted(await remote.has(few, call)), keys.slice(0, 5).sort());
      const listed: string[] = [];
      for await (const file of remote.list?.('files', call) ?? []) listed.push(file.key);
      assert.deepEqual(listed.sort(), [...keys].sort());
      await remote.remove([...keys.slice(1), ...absent], call);
      assert.deepEqual(await bucket.keys(prefix), [keys[0]]);
      await remote.close();
    });

    it('sends a big file in parts and brings it back in pieces, one object and nothing unfinished', async () => {
      const prefix = newPrefix();
      const remote = await opened(prefix);
      const bytes = randomBytes(70 * MIB + 12_345);
      const up = meter();
      await remote.upload(local('big', bytes), keyOf(bytes), up);
      assert.equal(up.bytes, bytes.length);
      assert.deepEqual(await bucket.keys(prefix), [keyOf(bytes)]);
      assert.deepEqual(await bucket.unfinished(prefix), []);
      const down = meter();
      await remote.download(keyOf(bytes), path.join(here, 'back'), down);
      assert.ok(fs.readFileSync(path.join(here, 'back')).equals(bytes), 'the same bytes');
      assert.ok(down.bytes < bytes.length + MIB, `no piece twice: ${down.bytes}`);
      await remote.close();
    });

    it('goes on with a big file after its process was killed: one object, no parts left, nothing sent twice', async () => {
      const prefix = newPrefix();
      const bytes = randomBytes(150 * MIB);
      const at = local('big', bytes);
      const url = `s3://${s3Bucket}/${prefix}`;
      const program = path.join(root, 'test/remotes/s3Killed.ts');
      const args = ['--import=tsx', program, server.endpoint, url, at, keyOf(bytes), String(100 * MIB)];
      const killed = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
      assert.equal(killed.signal, 'SIGKILL', killed.stderr);
      assert.deepEqual(await bucket.keys(prefix), [], 'no half object');
      assert.equal((await bucket.unfinished(prefix)).length, 1);
      const remote = await opened(prefix);
      const up = meter();
      await remote.upload(at, keyOf(bytes), up);
      assert.ok(up.bytes <= bytes.length - 16 * MIB, `what arrived is not sent again: ${up.bytes}`);
      assert.deepEqual(await bucket.unfinished(prefix), []);
      assert.deepEqual(await bucket.keys(prefix), [keyOf(bytes)]);
      assert.ok(Buffer.from((await bucket.get(`${prefix}/${keyOf(bytes)}`)) ?? []).equals(bytes), 'the same bytes');
      await remote.close();
    });

    for (const [what, length] of [
      ['in one request', 60 * MIB],
      ['in parts', 100 * MIB],
    ] as const) {
      it(`stops within a second while it sends a file ${what}, and while it brings it`, async () => {
        const prefix = newPrefix();
        const remote = await opened(prefix);
        const bytes = randomBytes(length);
        const at = local('big', bytes);
        const stopped = async (act: (moving: Moving) => Promise<void>): Promise<void> => {
          const controller = new AbortController();
          let since = 0;
          const moved = (): void => {
            since ||= performance.now();
            controller.abort();
          };
          await assert.rejects(act({ signal: controller.signal, moved }), isCancelled);
          assert.ok(performance.now() - since < 1000, `${performance.now() - since} ms`);
        };
        await stopped((moving) => remote.upload(at, keyOf(bytes), moving));
        assert.deepEqual(await bucket.keys(prefix), []);
        await remote.upload(at, keyOf(bytes), meter());
        await stopped((moving) => remote.download(keyOf(bytes), path.join(here, 'back'), moving));
        await remote.close();
      });
    }

    const failing: [string, string, Record<string, string>, string][] = [
      ['a wrong secret', s3Bucket, { secret_access_key: 'another-secret-0987' }, 's3.wrongSecret'],
      ['an unknown key', s3Bucket, { access_key_id: 'nobody-knows-me' }, 's3.unknownKey'],
      ['a bucket that is not there', 'nothing-here', {}, 's3.noBucket'],
    ];
    for (const [what, where, options, code] of failing) {
      it(`says ${what}, without the secret, whatever was asked`, async () => {
        const settings = s3Settings(`s3://${where}/x`, { ...reaching(server.endpoint), ...options });
        const remote = await open(settings, nodeHost(), call);
        const key = 'files/md5/aa/bb';
        const reads: [string, () => Promise<unknown>][] = [
          ['download', () => remote.download(key, path.join(here, 'back'), meter())],
          ['list', async () => await remote.list?.('', call)[Symbol.asyncIterator]().next()],
        ];
        // Who may make buckets may get one by writing to it.
        const writes: [string, () => Promise<unknown>][] = [
          ['has', () => remote.has([key], call)],
          ['upload', () => remote.upload(local('a', Buffer.from('x')), key, meter())],
          ['upload of a big file', () => remote.upload(local('b', Buffer.alloc(2 * MIB)), key, meter())],
        ];
        const acts = code === 's3.noBucket' ? reads : [...reads, ...writes];
        for (const [act, run] of acts) {
          await assert.rejects(run(), (error: unknown) => {
            assert.ok(is(error), `${act}: ${String(error)}`);
            assert.equal(error.code, code, act);
            const all = `${error.message} ${error.stack} ${JSON.stringify(error.data)} ${String(error.cause)}`;
            const { secret_access_key: secret = '' } = { ...reaching(server.endpoint), ...options };
            assert.ok(!all.includes(secret), all);
            return true;
          });
        }
        await remote.close();
      });
    }

    it('reads without keys only where that is allowed', async () => {
      const remote = await opened(newPrefix(), { allow_anonymous_login: 'true' });
      await assert.rejects(remote.has(['files/md5/aa/bb'], call), (error: unknown) =>
        is(error, name === 'rclone' ? 's3.refused' : 's3.denied'),
      );
      await remote.close();
    });
  });
}

describe('the clock', () => {
  it('is named when it is a day off', async function () {
    this.timeout(60_000);
    const server = await startSeaweed();
    try {
      for (const off of [-1, 1]) {
        const host = { ...nodeHost(), now: () => Date.now() + off * 86_400_000 };
        const remote = await open(s3Settings(`s3://${s3Bucket}`, reaching(server.endpoint)), host, call);
        await assert.rejects(remote.has(['files/md5/aa/bb'], call), (error: unknown) => {
          assert.ok(is(error, 's3.clock'), String(error));
          assert.ok(Math.abs(Number(error.data['minutes']) - 1440) < 2, String(error.data['minutes']));
          return true;
        });
        await remote.close();
      }
    } finally {
      await server.stop();
    }
  });
});
