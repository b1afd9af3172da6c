/** Keys and values of the run cache, from real runs of DVC 3.67.1 (conformance cases of `runcache`, `lock` and `params`). */

import assert from 'node:assert/strict';
import { parseLockEntry, renderLockEntry } from '../../../src/engine/formats/dvcLock';
import { runCacheKey, runCacheValue } from '../../../src/engine/pipeline/runCache';

describe('runCache: names', () => {
  const rows: [string, string, string, string][] = [
    [
      'sizes are left out, in params too',
      'cmd: cat i > o\ndeps:\n- path: i\n  hash: md5\n  md5: b026324c6904b2a9cb4b88d6d61c81d1\n  size: 2\nparams:\n  params.yaml:\n    lr: 1e-05\n    nest:\n      size: 5\n      nfiles: 7\n      k:\n      - 1.5\n      - 2\n      - \n      - é\nouts:\n- path: o\n  hash: md5\n  md5: b026324c6904b2a9cb4b88d6d61c81d1\n  size: 2\n',
      '82dcd5ed0ee705cb1544aa40f0f0564203eb71397551103513a4d53549f4ea1f',
      'ee080aab28c71d9be669e7db375e100901d32c6ab72a2b8e873173fb42a7281c',
    ],
    [
      'isexec counts',
      'cmd: cp ../../in.sh o\ndeps:\n- path: ../../in.sh\n  hash: md5\n  md5: 3e2b31c72181b87149ff995e7202c0e3\n  size: 10\n  isexec: true\nparams:\n  params.yaml:\n    a: 1\n  ../p2.yaml:\n    b: 2\nouts:\n- path: o\n  hash: md5\n  md5: 3e2b31c72181b87149ff995e7202c0e3\n  size: 10\n  isexec: true\n',
      'df49bf814adc9031ef65aa20244b1fb032f03d878d92bb8c5977ba844fa5dfc6',
      'd3749aa5313628d3ea5800d25856e8010fdf2f14f510381b423665d5be415000',
    ],
    [
      'a metric',
      'cmd: echo {} > m.json\ndeps:\n- path: i\n  hash: md5\n  md5: c4ca4238a0b923820dcc509a6f75849b\n  size: 1\nouts:\n- path: m.json\n  hash: md5\n  md5: 8a80554c91d9fca8acb82f023de02f11\n  size: 3\n',
      '1510f311263f01b41c91abe3ea1fb811a8b9c2ac9f28c6aa422eca4538c71029',
      'f2e77a7f4f50f08bd58aa32b77ecec1e21df6af086804c44852ceb930e965dc3',
    ],
  ];
  for (const [title, text, key, value] of rows) {
    it(title, async () => {
      const entry = parseLockEntry(text, 'x');
      assert.equal(await runCacheKey(entry), key);
      assert.equal(await runCacheValue(entry), value);
      assert.equal(renderLockEntry(entry), text);
    });
  }
});
