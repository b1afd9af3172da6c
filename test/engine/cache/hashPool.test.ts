import * as assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { buildSync } from 'esbuild';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import { isCancelled, quietCall, type Progress } from '../../../src/base/cancel';
import { openHashPool, type Batch, type HashPool } from '../../../src/engine/cache/hashPool';
import { NUMBERS, packNames } from '../../../src/engine/cache/look';
import { dropFolder, newFolder } from '../../support/temporary';

const md5 = (bytes: Uint8Array | string): string => createHash('md5').update(bytes).digest('hex');

/** Runs the same cases in this thread and with workers. */
for (const workers of [false, true]) {
  describe(`openHashPool ${workers ? 'with workers' : 'in this thread'}`, () => {
    let folder = '';
    let pool: HashPool;
    before(() => {
      folder = newFolder();
      const outfile = path.join(folder, 'hashWorker.js');
      const entry = path.join(__dirname, '../../../src/engine/cache/hashWorker.ts');
      buildSync({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
      pool = openHashPool(3, workers ? outfile : undefined);
    });
    after(() => {
      pool.close();
      dropFolder(folder);
    });

    const file = (name: string, content: string | Uint8Array): string => {
      const at = path.join(folder, name);
      fs.writeFileSync(at, content);
      return at;
    };
    const hashBatch = (paths: string[], bytes = 0): Batch => ({ job: { kind: 'hash', hashName: 'md5', paths }, bytes });

    it('gives outcomes in the order of the batches, failures among them', async () => {
      const texts = Array.from({ length: 600 }, (_, i) => `text ${i}`);
      const paths = texts.map((text, i) => file(`f${i}`, text));
      const batches = [0, 200, 400].map((at) => hashBatch(paths.slice(at, at + 200)));
      batches.push(hashBatch([path.join(folder, 'no')]));
      const outcomes = (await pool.run(batches, 'p', quietCall())).flat();
      assert.equal(outcomes.length, 601);
      texts.forEach((text, i) => {
        const outcome = outcomes[i];
        assert.ok(outcome && 'done' in outcome && outcome.done.md5 === md5(text), `file ${i}`);
      });
      assert.deepEqual(outcomes[600], { failed: { code: 'fs.notFound', data: { path: path.join(folder, 'no') } } });
    });

    it('streams big files and tells progress at most ten times a second', async () => {
      const big = Buffer.alloc(40 * 1024 * 1024, 'strata');
      const paths = [file('big1', big), file('big2', big.subarray(1))];
      const seen: [number, Progress][] = [];
      const call = { ...quietCall(), progress: (value: Progress): number => seen.push([Date.now(), value]) };
      const started = Date.now();
      const outcomes = (
        await pool.run(
          paths.map((at, i) => hashBatch([at], big.length - i)),
          'progress.hashing',
          { ...call, progress: (value) => void call.progress(value) },
        )
      ).flat();
      const hashes = outcomes.map((outcome) => 'done' in outcome && outcome.done.md5);
      assert.deepEqual(hashes, [md5(big), md5(big.subarray(1))]);
      assert.ok(seen.length <= (Date.now() - started) / 100 + 2, `${seen.length} reports`);
      const [, last] = seen.at(-1) ?? [];
      const total = big.length * 2 - 1;
      assert.deepEqual(last, {
        phase: 'progress.hashing',
        done: 2,
        total: 2,
        unit: 'files',
        bytes: total,
        totalBytes: total,
      });
      const bytes = seen.map(([, value]) => value.bytes ?? 0);
      assert.deepEqual(
        bytes,
        [...bytes].sort((a, b) => a - b),
        'never backwards',
      );
    });

    it('stops within a block when cancelled, and works again afterwards', async () => {
      const at = file('huge', '');
      fs.truncateSync(at, 3 * 1024 ** 3);
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 50);
      const started = Date.now();
      await assert.rejects(pool.run([hashBatch([at], 3 * 1024 ** 3)], 'p', quietCall(controller.signal)), isCancelled);
      assert.ok(Date.now() - started < 1000, `${Date.now() - started} ms`);
      const [[outcome] = []] = await pool.run([hashBatch([file('after', 'x')])], 'p', quietCall());
      assert.ok(outcome && 'done' in outcome && outcome.done.md5 === md5('x'));
    });

    it('leaves this thread time for others', async () => {
      const at = file('long', Buffer.alloc(200 * 1024 * 1024));
      let longest = 0;
      let last = Date.now();
      const timer = setInterval(() => {
        longest = Math.max(longest, Date.now() - last);
        last = Date.now();
      }, 1);
      await pool.run([hashBatch([at], 200 * 1024 * 1024)], 'p', quietCall());
      clearInterval(timer);
      assert.ok(longest < 200, `blocked for ${longest} ms`);
    });

    it('looks at many names in all lanes, each once', async () => {
      const stat = (name: string): fs.Stats => fs.statSync(path.join(folder, name));
      const three = ['same', 'other', 'gone'].map((name) => path.basename(file(name, name)));
      const names = ['', ...Array.from({ length: 20_000 }, (_, n) => three[n % 2] ?? ''), 'same'];
      const numbers = new Float64Array(names.length * NUMBERS);
      names.forEach((name, n) => {
        const { ino, size, mtimeMs, ctimeMs } = stat(name);
        numbers.set([ino, size + (name === 'other' ? 1 : 0), mtimeMs, ctimeMs], n * NUMBERS);
      });
      const look = { folder, names: packNames(names), numbers };
      const found = await pool.look(look, quietCall().signal);
      assert.deepEqual(
        found.map(({ n }) => n),
        names.flatMap((name, n) => (name === 'other' ? [n] : [])),
      );
      assert.equal(found[0]?.print?.size, 5);
      const [gone] = await pool.look({ ...look, names: packNames(['no']) }, quietCall().signal);
      assert.deepEqual(gone, { n: 0 });
      const stopped = AbortSignal.abort();
      await assert.rejects(pool.look(look, stopped), isCancelled);
    });

    it('gives up on a file that does not hold still', async () => {
      const restless = Buffer.alloc(30 * 1024 * 1024);
      const at = file('restless', restless);
      const writer = new Worker(
        `const { appendFileSync } = require('node:fs');
        const { parentPort, workerData } = require('node:worker_threads');
        for (let n = 0; ; n += 1) {
          appendFileSync(workerData, 'x');
          if (n === 0) parentPort.postMessage('at work');
        }`,
        { eval: true, workerData: at },
      );
      await new Promise((resolve) => writer.once('message', resolve));
      const [[outcome] = []] = await pool.run([hashBatch([at], restless.length)], 'p', quietCall());
      await writer.terminate();
      assert.deepEqual(outcome, { failed: { code: 'cache.fileChanging', data: { path: at } } });
    });
  });
}
