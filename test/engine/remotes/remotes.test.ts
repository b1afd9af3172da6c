import { quietCall } from '../../../src/base/cancel';
import * as assert from 'node:assert/strict';
import { is } from '../../../src/engine/errors';
import { mergeConfigs, parseConfig } from '../../../src/engine/formats/dvcConfig';
import { memoryHost } from '../../../src/engine/host/memory';
import { openRemote, remoteName } from '../../../src/engine/remotes/remotes';

const CONFIG = `
[core]
    remote = Here
['remote "here"']
    url = ../store
['remote "abs"']
    url = /mnt/share/dvc
    jobs = 9
['remote "home"']
    url = ~/store
['remote "hdfs"']
    url = hdfs://user@host/path
['remote "gs"']
    url = gs://bucket/path
['remote "file"']
    url = file:///etc
['remote "nourl"']
    jobs = 2
['remote "jobs"']
    url = /x
    jobs = many
['remote "cloud"']
    url = /x
    version_aware = true
`;

const config = mergeConfigs([parseConfig(CONFIG, '/p/.dvc/config')]);
const host = { ...memoryHost(), env: { HOME: '/home/ada' } };

describe('openRemote', () => {
  const good: [string, string, number][] = [
    ['here', '/p/store', 4],
    ['abs', '/mnt/share/dvc', 9],
    ['home', '/home/ada/store', 4],
  ];
  for (const [name, url, jobs] of good) {
    it(`opens ${name} as ${url}`, async () => {
      const remote = await openRemote(config, name, host, quietCall());
      assert.equal(remote.url, url);
      assert.equal(remote.jobs, jobs);
    });
  }

  const bad: [string, string, Record<string, string>][] = [
    ['gs', 'remotes.unsupported', { name: 'gs', scheme: 'gs' }],
    ['hdfs', 'remotes.unsupported', { name: 'hdfs', scheme: 'hdfs' }],
    ['file', 'remotes.unsupported', { name: 'file', scheme: 'file' }],
    ['nourl', 'remotes.noUrl', { name: 'nourl' }],
    ['other', 'remotes.unknown', { name: 'other' }],
    ['jobs', 'remotes.badJobs', { name: 'jobs', jobs: 'many' }],
    ['cloud', 'remotes.versioned', { name: 'cloud', option: 'version_aware' }],
  ];
  for (const [name, code, data] of bad) {
    it(`refuses ${name} with ${code}`, async () => {
      await assert.rejects(openRemote(config, name, host, quietCall()), (error: unknown) => {
        assert.ok(is(error, code), String(error));
        assert.deepEqual(error.data, data);
        return true;
      });
    });
  }
});

describe('remoteName', () => {
  it('takes the one asked for, else the default, else says that there is none', () => {
    assert.equal(remoteName(config, 'ABS'), 'abs');
    assert.equal(remoteName(config, undefined), 'here');
    assert.throws(
      () => remoteName(new Map(), undefined),
      (error: unknown) => is(error, 'remotes.none'),
    );
  });
});
