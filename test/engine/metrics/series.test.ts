/** `series` over logs that the real libraries wrote: the same numbers as their own readers. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quietCall } from '../../../src/base/cancel';
import { is } from '../../../src/engine/errors';
import { memoryHost } from '../../../src/engine/host/memory';
import { nodeHost } from '../../../src/engine/host/node';
import { series } from '../../../src/engine/metrics/metrics';

const SAMPLES = join(__dirname, '../../samples/metrics');

describe('metrics: series of real logs', () => {
  for (const name of ['dvclive', 'keras', 'lightning', 'ultralytics']) {
    it(name, async () => {
      const dir = join(SAMPLES, name);
      const expected = JSON.parse(readFileSync(join(dir, 'expected.json'), 'utf8')) as { series: unknown };
      const answer = await series({ dir, host: nodeHost() }, { targets: ['.'] }, quietCall());
      assert.deepEqual(answer.series, expected.series);
    });
  }
});

describe('metrics: series of a folder', () => {
  const read = (files: Record<string, string>, targets: string[], points = false) =>
    series({ dir: '/p', host: memoryHost(files) }, { targets, points }, quietCall());

  it('tells several logs apart by their paths', async () => {
    const files = { '/p/a.csv': 'step,loss\n0,1\n', '/p/b/plots/metrics/loss.tsv': 'step\tloss\n0\t2\n' };
    assert.deepEqual(Object.keys((await read(files, ['.'])).series), ['a.csv|loss', 'b|loss']);
  });

  it('leaves a copy out and says so', async () => {
    const files = { '/p/a.csv': 'step,loss\n0,1\n', '/p/x/a.csv': 'step,loss\n0,1\n' };
    const answer = await read(files, ['.']);
    assert.deepEqual(Object.keys(answer.series), ['|loss']);
    assert.deepEqual(answer.notes, ['x/a.csv: a copy of a.csv']);
  });

  it('gives the points when asked, numbers without a JSON word by name', async () => {
    const answer = await read({ '/p/a.csv': 'step,loss\n0,1\n1,nan\n2,-inf\n' }, ['a.csv'], true);
    assert.deepEqual(answer.series['|loss'], {
      n: 3,
      first: [0, 1],
      last: [2, '-Infinity'],
      min: 1,
      max: 1,
      nonfinite: 2,
      x: [0, 1, 2],
      y: [1, 'NaN', '-Infinity'],
    });
  });

  it('counts a last line without its end only when nobody has written for ten minutes', async () => {
    const host = memoryHost({ '/p/a.csv': 'step,loss\n0,1\n1,2' });
    const count = async () =>
      (await series({ dir: '/p', host }, { targets: ['a.csv'] }, quietCall())).series['|loss']?.n;
    assert.equal(await count(), 1);
    host.tick(11 * 60_000);
    assert.equal(await count(), 2);
  });

  it('says of a record that was cut short that it is incomplete', async () => {
    const host = memoryHost({ '/p/a.csv': 'step,loss,acc\n0,1,1\n1,2' });
    host.tick(11 * 60_000);
    const answer = await series({ dir: '/p', host }, { targets: ['.'] }, quietCall());
    assert.deepEqual(answer.notes, ['a.csv: the last record is incomplete']);
    assert.equal(answer.series['|loss']?.n, 1);
  });

  it('fails for a path that is not there', async () => {
    await assert.rejects(read({}, ['gone']), (error) => is(error, 'metrics.notFound'));
  });
});
