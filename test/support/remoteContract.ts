/** What every Remote has to do: folder and memory now, S3, SSH, HTTP and WebDAV when they come. */

import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isCancelled, quietCall } from '../../src/base/cancel';
import { is } from '../../src/engine/errors';
import { type Moving, type Remote } from '../../src/engine/remotes/remotes';
import { dropFolder, newFolder } from './temporary';

type Soon<T> = T | Promise<T>;

/** A remote under test. */
export interface RemoteUnderTest {
  readonly remote: Remote;
  /** Puts a file there behind the remote's back. */
  plant(key: string, bytes: Uint8Array): Soon<void>;
  /** The bytes of a file there, undefined when absent. */
  peek(key: string): Soon<Uint8Array | undefined>;
  /** Everything that lies there, temporaries too. */
  keys(): Soon<string[]>;
  dispose(): Soon<void>;
}

const KEY = 'files/md5/b1/946ac92492d2347c6235b4d2611184';
const OTHER = 'dd/8c6a395b5dd36c56d23275028f526c.dir';

/** Describes the suite for one kind of remote; `lists`: whether that server can be listed. */
export function remoteContract(name: string, open: () => Soon<RemoteUnderTest>, { lists = true } = {}): void {
  describe(`${name} keeps the Remote contract`, () => {
    let under: RemoteUnderTest;
    let folder = '';
    const call = quietCall();
    const moving = (signal = call.signal): Moving & { bytes: number } => {
      const meter = { signal, bytes: 0, moved: (bytes: number): void => void (meter.bytes += bytes) };
      return meter;
    };
    const local = (file: string, content: string | Uint8Array): string => {
      const at = path.join(folder, file);
      fs.writeFileSync(at, content);
      return at;
    };
    beforeEach(async () => {
      under = await open();
      folder = newFolder();
    });
    afterEach(async () => {
      await under.remote.close();
      await under.dispose();
      dropFolder(folder);
    });

    it('has nothing at first', async () => {
      assert.deepEqual(await under.remote.has([KEY, OTHER], call), new Set());
    });

    for (const [size, bytes] of [
      ['an empty file', Buffer.alloc(0)],
      ['a small file', Buffer.from('hello\n')],
      ['a file of several blocks', Buffer.alloc(3_500_000, 'strata')],
    ] as const) {
      it(`takes ${size} and gives it back, counting its bytes`, async () => {
        const up = moving();
        await under.remote.upload(local('a', bytes), KEY, up);
        assert.equal(up.bytes, bytes.length);
        assert.deepEqual(await under.keys(), [KEY], 'and no temporary');
        assert.deepEqual(Buffer.from((await under.peek(KEY)) ?? []), bytes);
        assert.deepEqual(await under.remote.has([OTHER, KEY], call), new Set([KEY]));
        const down = moving();
        await under.remote.download(KEY, path.join(folder, 'b'), down);
        assert.equal(down.bytes, bytes.length);
        assert.deepEqual(fs.readFileSync(path.join(folder, 'b')), bytes);
      });
    }

    it('replaces what is there when it is sent again', async () => {
      await under.plant(KEY, Buffer.from('old'));
      await under.remote.upload(local('a', 'new'), KEY, moving());
      assert.equal(Buffer.from((await under.peek(KEY)) ?? []).toString(), 'new');
    });

    it('says that a file is missing', async () => {
      await assert.rejects(under.remote.download(KEY, path.join(folder, 'b'), moving()), (error: unknown) => {
        assert.ok(is(error, 'remotes.missing'), String(error));
        assert.equal(error.data['key'], KEY);
        return true;
      });
    });

    it('takes several at once; one that fails leaves the rest done', async () => {
      const files = Array.from({ length: 30 }, (_, i) => ({
        path: local(`f${i}`, `text ${i}`),
        key: `files/md5/${String(i % 7).padStart(2, '0')}/${i}`,
      }));
      files.push({ path: path.join(folder, 'gone'), key: KEY });
      const up = moving();
      const ends = await Promise.allSettled(files.map((one) => under.remote.upload(one.path, one.key, up)));
      const failed = ends.map((end): unknown => (end.status === 'rejected' ? end.reason : undefined));
      assert.deepEqual(failed.slice(0, 30), Array(30).fill(undefined));
      assert.ok(is(failed[30]), 'an error of ours');
      assert.deepEqual((await under.keys()).length, 30);
      assert.equal(Buffer.from((await under.peek(files[29]?.key ?? '')) ?? []).toString(), 'text 29');
      assert.ok(up.bytes > 0);
    });

    it(lists ? 'lists by folder' : 'says that it cannot be listed', async () => {
      assert.ok('list' in under.remote || !lists, 'can list');
      for (const key of [KEY, OTHER]) await under.plant(key, Buffer.from('12345'));
      const listed = async (prefix: string): Promise<string[]> => {
        const found: string[] = [];
        for await (const file of under.remote.list?.(prefix, call) ?? []) found.push(`${file.key} ${file.size}`);
        return found.sort();
      };
      if (!lists && 'list' in under.remote) return assert.rejects(listed('files/md5'), (error: unknown) => is(error));
      if (!lists) return undefined;
      assert.deepEqual(await listed('files/md5'), [`${KEY} 5`]);
      assert.deepEqual(await listed(''), [`${OTHER} 5`, `${KEY} 5`]);
      assert.deepEqual(await listed('files/nothing'), []);
    });

    it('removes, also what is not there', async () => {
      await under.plant(KEY, Buffer.from('x'));
      await under.remote.remove([KEY, OTHER], call);
      assert.deepEqual(await under.keys(), []);
    });

    it('stops when cancelled and leaves nothing half-way', async () => {
      const controller = new AbortController();
      const big = local('big', Buffer.alloc(8 * 1024 * 1024));
      const stopping: Moving = { signal: controller.signal, moved: () => controller.abort() };
      await under.remote.upload(big, KEY, stopping).then(
        async () => assert.deepEqual((await under.peek(KEY))?.length, 8 * 1024 * 1024),
        async (error: unknown) => {
          assert.ok(isCancelled(error), String(error));
          assert.deepEqual(await under.keys(), []);
        },
      );
      await assert.rejects(under.remote.upload(big, OTHER, stopping), isCancelled);
      await assert.rejects(under.remote.download(KEY, path.join(folder, 'b'), stopping), isCancelled);
    });
  });
}
