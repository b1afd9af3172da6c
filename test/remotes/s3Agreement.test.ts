/** The real DVC and ours on one S3 remote: what either pushes, the other brings into an empty clone, and both say the same about it. */

import * as assert from 'node:assert/strict';
import { s3Bucket, s3Keys, startRcloneS3, startSeaweed, type ObjectServer } from '../../scripts/lib/objectServers.mjs';
import { TwoTools, type Tool } from '../agreement/twoTools';
import { Bucket } from '../support/s3Setup';

const DATA: Readonly<Record<string, string>> = {
  'data/a.txt': 'a\n',
  'data/sub/b.txt': 'b\n',
  'data/sub/ñ.txt': 'ñ\n',
  'data/empty': '',
  'model.bin': 'm'.repeat(3_000_000),
};

for (const [name, start] of [
  ['SeaweedFS', startSeaweed],
  ['rclone', startRcloneS3],
] as const) {
  describe(`both tools at ${name}`, function () {
    this.timeout(240_000);
    let server: ObjectServer;
    let bucket: Bucket;
    before(async () => {
      server = await start();
      bucket = new Bucket(server.endpoint);
    });
    after(async () => {
      bucket.close();
      await server.stop();
    });

    const configure = (tools: TwoTools, prefix: string): void => {
      const { accessKeyId, secretAccessKey } = s3Keys;
      tools.run('strata', 'remote', 'add', '-d', 'cloud', `s3://${s3Bucket}/${prefix}`);
      tools.run('strata', 'remote', 'modify', 'cloud', 'endpointurl', server.endpoint);
      tools.run('strata', 'remote', 'modify', '--local', 'cloud', 'access_key_id', accessKeyId);
      tools.run('strata', 'remote', 'modify', '--local', 'cloud', 'secret_access_key', secretAccessKey);
    };

    for (const [from, to] of [
      ['strata', 'dvc'],
      ['dvc', 'strata'],
    ] as const satisfies readonly (readonly [Tool, Tool])[]) {
      it(`${from} pushes, ${to} pulls into an empty clone`, async () => {
        const tools = await TwoTools.make(from);
        try {
          const prefix = `${from} first`;
          tools.write(DATA);
          configure(tools, prefix);
          tools.run(from, 'add', 'data', 'model.bin');
          tools.run(from, 'push');
          const keys = await bucket.keys(prefix);
          assert.equal(keys.length, 6, keys.join());
          assert.ok(keys.every((key) => /^files\/md5\/[0-9a-f]{2}\/[0-9a-f]{30}(\.dir)?$/.test(key)));
          // Each finds that nothing is left to do.
          for (const tool of [from, to]) tools.run(tool, 'push');
          tools.remove('.dvc/cache', 'data', 'model.bin', '.dvc/tmp');
          tools.run(to, 'pull');
          for (const [path, text] of Object.entries(DATA)) assert.equal(tools.read(path), text, path);
          assert.deepEqual(await bucket.keys(prefix), keys);
          // What one of them removes there, the other misses, and brings again.
          const lost = keys.find((key) => !key.endsWith('.dir')) ?? '';
          await bucket.remove(`${prefix}/${lost}`);
          tools.run('strata', 'push');
          assert.deepEqual(await bucket.keys(prefix), keys);
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
  });
}
