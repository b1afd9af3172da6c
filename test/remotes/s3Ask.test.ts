/** A bucket whose keys nobody has configured: they are asked for once, again when they were wrong, and without an answer the error says what to do. */
import * as assert from 'node:assert/strict';
import * as path from 'node:path';
import { s3Bucket, s3Keys, startSeaweed, type ObjectServer } from '../../scripts/lib/objectServers.mjs';
import { Cancelled, isCancelled, quietCall, type Call } from '../../src/base/cancel';
import { is } from '../../src/engine/errors';
import { nodeHost } from '../../src/engine/host/node';
import { open } from '../../src/engine/remotes/s3';
import { s3Settings } from '../support/s3Setup';
import { dropFolder, newFolder } from '../support/temporary';

const KEY = 'files/md5/b1/946ac92492d2347c6235b4d2611184';

describe('S3 without keys', function () {
  this.timeout(120_000);
  let server: ObjectServer;
  let home = '';
  const before_: Record<string, string | undefined> = {};
  /** What the AWS tools would look at: nothing is there. */
  const nowhere = (): Record<string, string | undefined> => ({
    HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: path.join(home, 'none'),
    AWS_SHARED_CREDENTIALS_FILE: path.join(home, 'none'),
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_PROFILE: undefined,
  });
  const set = (values: Record<string, string | undefined>): void => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };

  before(async () => {
    server = await startSeaweed();
    home = newFolder();
    for (const name of Object.keys(nowhere())) before_[name] = process.env[name];
    set(nowhere());
  });
  after(async () => {
    set(before_);
    await server.stop();
    dropFolder(home);
  });

  /** Looks for an object, with these answers to questions; gives what was asked and how it ended. */
  const look = async (
    answers: readonly (string | Error)[],
    host = nodeHost(),
  ): Promise<{ asked: string[]; ended: unknown }> => {
    const asked: string[] = [];
    const call: Call = {
      ...quietCall(),
      ask: ({ kind, code, data }) => {
        assert.equal(kind, 'secret');
        asked.push(`${code} ${data['name']} ${data['url']}`);
        const answer = answers[asked.length - 1] ?? new Error('nobody');
        return typeof answer === 'string' ? Promise.resolve(answer) : Promise.reject(answer);
      },
    };
    const settings = s3Settings(`s3://${s3Bucket}/x`, { endpointurl: server.endpoint, region: 'us-east-1' });
    const remote = await open(settings, host, call);
    const ended = await Promise.all([remote.has([KEY], call), remote.has([KEY], call)]).catch(
      (error: unknown) => error,
    );
    await remote.close();
    return { asked, ended };
  };
  const both = [`s3.accessKeyId cloud s3://${s3Bucket}/x`, `s3.secretAccessKey cloud s3://${s3Bucket}/x`];
  const right = [s3Keys.accessKeyId, s3Keys.secretAccessKey];

  it('asks for both halves once, however much is done at the same time, and keeps them as long as the engine lives', async () => {
    const host = nodeHost();
    assert.deepEqual(await look(right, host), { asked: both, ended: [new Set(), new Set()] });
    assert.deepEqual(await look([], host), { asked: [], ended: [new Set(), new Set()] });
    assert.deepEqual((await look([], nodeHost())).asked, both.slice(0, 1));
  });

  it('asks again after wrong ones', async () => {
    const host = nodeHost();
    const wrong = await look([s3Keys.accessKeyId, 'wrong'], host);
    assert.ok(is(wrong.ended, 's3.wrongSecret') || is(wrong.ended, 's3.denied'), String(wrong.ended));
    const unknown = await look(['nobody', 'wrong'], nodeHost());
    assert.ok(is(unknown.ended, 's3.unknownKey'), String(unknown.ended));
    assert.deepEqual((await look(right, host)).ended, [new Set(), new Set()]);
  });

  it('says that there are no keys when nobody answers or nothing is typed, and stops when the answer is to stop', async () => {
    for (const answers of [[], [''], [s3Keys.accessKeyId, ' ']]) {
      const { ended } = await look(answers);
      assert.ok(is(ended, 's3.noKeys'), String(ended));
    }
    assert.ok(isCancelled((await look([new Cancelled()])).ended));
  });
});
