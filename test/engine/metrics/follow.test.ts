/** A file followed while it is written: only what is new is read, and what is replaced is read again. */

import assert from 'node:assert/strict';
import { quietCall } from '../../../src/base/cancel';
import { type HostFs } from '../../../src/engine/host/host';
import { memoryHost } from '../../../src/engine/host/memory';
import { followFile, metricFile } from '../../../src/engine/metrics/metrics';

const PATH = '/p/log.csv';

/** A followed file in memory, with what was read of it counted in bytes. */
function follow(content?: string) {
  const host = memoryHost(content === undefined ? {} : { [PATH]: content });
  let read = 0;
  const fs: HostFs = {
    ...host.fs,
    readRange: async (path, offset, length) => {
      const bytes = await host.fs.readRange(path, offset, length);
      read += bytes.length;
      return bytes;
    },
  };
  const file = metricFile('log.csv');
  assert.ok(file);
  const followed = followFile(fs, PATH, file);
  return {
    host,
    write: async (text: string) => {
      host.tick(1000);
      await host.fs.writeAtomic(PATH, text);
    },
    append: async (text: string) => {
      host.tick(1000);
      await host.fs.append(PATH, text);
    },
    finish: () => followed.finish(quietCall()),
    taken: () => read,
    counts: () => Object.fromEntries([...followed.series.series].map(([key, one]) => [key, one.n])),
    poll: async () => {
      await followed.poll(quietCall());
      const { series } = followed.series;
      return [...series]
        .map(([key, { x, y }]) => `${key}: ${[...x].map((at, i) => `${at}=${y[i]}`).join(' ')}`)
        .join('\n');
    },
  };
}

describe('metrics: following a file', () => {
  it('reads on where it was, whole lines only', async () => {
    const log = follow('step,a\n0,1\n1,');
    assert.equal(await log.poll(), 'a: 0=1');
    await log.append('2\n2,3\n');
    assert.equal(await log.poll(), 'a: 0=1 1=2 2=3');
  });

  it('does not read again what it knows', async () => {
    const log = follow(`step,a\n${'1,2\n'.repeat(1000)}`);
    await log.poll();
    const before = log.taken();
    await log.poll();
    assert.equal(log.taken(), before);
    await log.append('2,3\n');
    await log.poll();
    assert.ok(log.taken() - before < 200, `${log.taken() - before} bytes`);
  });

  const replaced: [string, string, string, string][] = [
    ['one that shrank', 'step,a\n0,1\n1,2\n', 'step,a\n0,9\n', 'a: 0=9'],
    ['one with a new column', 'step,a\n0,1\n', 'step,a,b\n0,1,2\n1,1,2\n', 'a: 0=1 1=1\nb: 0=2 1=2'],
    ['one that became longer with other rows', 'step,a\n0,1\n1,2\n', 'step,a\n0,5\n1,6\n2,7\n', 'a: 0=5 1=6 2=7'],
  ];
  for (const [title, first, second, expected] of replaced) {
    it(`reads ${title} again from its start`, async () => {
      const log = follow(first);
      await log.poll();
      await log.write(second);
      assert.equal(await log.poll(), expected);
    });
  }

  it('sees rows that were changed in the same file', async () => {
    const log = follow(`step,a\n${'0,1\n'.repeat(50)}`);
    await log.poll();
    const node = await log.host.fs.readFile(PATH);
    await log.write(new TextDecoder().decode(node).replace(/0,1\n$/, '0,3\n1,4\n'));
    assert.ok((await log.poll()).endsWith('0=1 0=3 1=4'));
  });

  it('has no series while the file is not there, and finds it when it comes', async () => {
    const log = follow();
    assert.equal(await log.poll(), '');
    await log.write('step,a\n0,1\n');
    assert.equal(await log.poll(), 'a: 0=1');
    await log.host.fs.unlink(PATH);
    assert.equal(await log.poll(), '');
  });

  it('takes a whole last line when the writer has ended', async () => {
    const log = follow('step,a\n0,1\n1,2');
    assert.equal(await log.finish(), true);
    assert.equal(await log.poll(), 'a: 0=1 1=2');
  });

  it('reads a long file in slices without losing or cutting a row', async () => {
    const log = follow(`step,ñandú\n${'0,1\n'.repeat(300_000)}`);
    await log.poll();
    assert.deepEqual(log.counts(), { ñandú: 300_000 });
  }).timeout(20_000);

  it('stops when the call is cancelled, and goes on with the next one', async () => {
    const host = memoryHost({ [PATH]: `step,a\n${'0,1\n'.repeat(500_000)}` });
    const file = metricFile('log.csv');
    assert.ok(file);
    const followed = followFile(host.fs, PATH, file);
    const abort = new AbortController();
    const stopped = followed.poll({ signal: abort.signal });
    setTimeout(() => abort.abort(), 1);
    await assert.rejects(stopped, { name: 'Cancelled' });
    const before = followed.series.series.get('a')?.n ?? 0;
    assert.ok(before < 500_000);
    await followed.poll(quietCall());
    assert.equal(followed.series.series.get('a')?.n, 500_000);
  }).timeout(20_000);
});
