import * as assert from 'node:assert/strict';
import { splitUrl } from '../../../../src/engine/data/imports/farSource';

const CASES: readonly (readonly [string, string, string])[] = [
  ['https://h/a/b.csv', 'https://h/a', 'b.csv'],
  ['https://h/b.csv', 'https://h', 'b.csv'],
  ['https://h/a/b.csv?token=1/2', 'https://h/a?token=1/2', 'b.csv'],
  ['https://h/a%20b.csv', 'https://h', 'a%20b.csv'],
  ['s3://bucket/a/folder/', 's3://bucket/a', 'folder'],
  ['s3://bucket', 's3://bucket', ''],
  ['s3://bucket/what?.csv', 's3://bucket', 'what?.csv'],
  ['ssh://me@host:2222/srv/data', 'ssh://me@host:2222/srv', 'data'],
];

describe('a URL', () => {
  for (const [url, base, key] of CASES)
    it(`${url}: the folder above and the last part`, () => assert.deepEqual(splitUrl(url), { base, key }));
});
