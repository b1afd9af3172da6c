import * as assert from 'node:assert/strict';
import { parseDvcFile } from '../../../src/engine/formats/dvcFile';
import { importHash } from '../../../src/engine/data/importHash';

/** Definitions and the hashes DVC 3.67 wrote for them. */
const CASES: readonly (readonly [text: string, md5: string])[] = [
  [
    'md5: x\nfrozen: true\ndeps:\n- md5: 35e8fdf1750ca9b739c2e29aa323a386\n  size: 4\n  hash: md5\n  path: ../loc.txt\n' +
      'outs:\n- md5: 35e8fdf1750ca9b739c2e29aa323a386\n  size: 4\n  hash: md5\n  path: loc2.txt\n',
    '52eab8b6fc2bda30ea8eb6835b4b8ec4',
  ],
  [
    'frozen: true\ndeps:\n- path: d\n  repo:\n    url: ../src\n    rev: v1\n    rev_lock: d5e9ec873dcd985331018ffb9f405ddc26ad2e1f\n' +
      'outs:\n- md5: 978ca45691cd12e610fb0788867f8252.dir\n  size: 2\n  nfiles: 1\n  hash: md5\n  path: dd\n',
    '07e85184ad46efcdd541234d24883219',
  ],
];

describe('importHash', () => {
  for (const [text, md5] of CASES) {
    it(md5, () => assert.equal(importHash(parseDvcFile(text.replace('md5: x\n', 'md5: abc\n'), 'x.dvc')), md5));
  }
});
