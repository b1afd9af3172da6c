import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Cancelled, isCancelled } from '../../../src/base/cancel';
import { is, StrataError } from '../../../src/engine/errors';
import { nodeHost } from '../../../src/engine/host/node';
import { patienceOf, Retry, retryAfter, withRetry, type Patience } from '../../../src/engine/remotes/retry';
import { memoryRemote } from '../../support/memoryRemote';
import { dropFolder, newFolder } from '../../support/temporary';

const reset = (): Error => Object.assign(new Error('reset'), { code: 'ECONNRESET' });
const busy = (afterMs?: number): StrataError =>
  new StrataError('remotes.busy', { url: 'x', status: 503, ...(afterMs === undefined ? {} : { afterMs }) });

/** Patience that notes its pauses and takes none. */
function impatient(change: Partial<Patience> = {}): Patience & { pauses: number[] } {
  const pauses: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    pauses.push(ms);
    return Promise.resolve();
  };
  return { ...patienceOf(nodeHost(), { firstPauseMs: 100, sleep, ...change }), pauses };
}

describe('Retry', () => {
  const { signal } = new AbortController();

  /** Runs an act that fails with each of `failures` in turn and then succeeds; gives tries, pauses and end. */
  async function check(
    failures: readonly Error[],
    change: Partial<Patience> = {},
  ): Promise<[number, number[], unknown]> {
    const patience = impatient(change);
    let tries = 0;
    const end = await new Retry('x://y', patience)
      .run(signal, async () => {
        tries += 1;
        const failure = failures[tries - 1];
        if (failure) throw failure;
        return 'done';
      })
      .catch((error: unknown) => error);
    return [tries, patience.pauses, end];
  }

  it('succeeds at once where nothing fails', async () => {
    assert.deepEqual(await check([]), [1, [], 'done']);
  });

  it('tries five times and no more, with the last error', async () => {
    const failures = [1, 2, 3, 4, 5, 6].map(() => reset());
    const [tries, pauses, end] = await check(failures);
    assert.equal(tries, 5);
    assert.equal(pauses.length, 4);
    assert.equal(end, failures[4]);
  });

  for (const chance of [0, 0.37, 0.999]) {
    it(`pauses longer and longer, at chance ${chance}`, async () => {
      const [, pauses] = await check(Array.from({ length: 5 }, reset), { random: () => chance });
      pauses.forEach((ms, n) => {
        assert.ok(ms >= 50 * 2 ** n && ms <= 100 * 2 ** n, `${ms}`);
        assert.ok(n === 0 || ms > (pauses[n - 1] ?? 0));
      });
    });
  }

  it('waits as long as it was asked to', async () => {
    const [tries, pauses, end] = await check([busy(7000), busy()]);
    assert.deepEqual([tries, pauses[0], end], [3, 7000, 'done']);
    assert.ok((pauses[1] ?? 0) <= 200);
  });

  it('does not wait beyond its patience', async () => {
    const [tries, pauses, end] = await check([busy(601_000)]);
    assert.deepEqual([tries, pauses], [1, []]);
    assert.ok(is(end, 'remotes.busy'));
  });

  for (const code of ['remotes.missing', 'remotes.denied', 'fs.full', 'remotes.corrupt']) {
    it(`does not try again after ${code}`, async () => {
      const [tries, , end] = await check([new StrataError(code)]);
      assert.equal(tries, 1);
      assert.ok(is(end, code));
    });
  }

  it('does not try again after a bug or a cancel', async () => {
    assert.equal((await check([new TypeError('x')]))[0], 1);
    const [tries, , end] = await check([new Cancelled()]);
    assert.ok(tries === 1 && isCancelled(end));
  });

  it('ends a silent try, an act that stops when told', async () => {
    const retry = new Retry('x://y', impatient({ idleMs: 30, tries: 2 }));
    let tries = 0;
    const end = await retry
      .run(signal, (attempt) => {
        tries += 1;
        return new Promise((_, reject) => attempt.signal.addEventListener('abort', () => reject(reset())));
      })
      .catch((error: unknown) => error);
    assert.ok(is(end, 'remotes.silent'), String(end));
    assert.equal(tries, 2);
  });

  it('leaves a try that does not stop when told', async () => {
    const retry = new Retry('x://y', impatient({ idleMs: 30, tries: 1 }));
    await assert.rejects(
      retry.run(signal, () => new Promise(() => undefined)),
      (error: unknown) => is(error, 'remotes.silent'),
    );
  });

  for (const [what, bytes, ms, ends] of [
    ['crawls', 1, 400, 'remotes.slow'],
    ['moves well', 1000, 400, undefined],
  ] as const) {
    it(`${ends ? 'ends' : 'lets be'} a try that ${what}`, async () => {
      const retry = new Retry('x://y', impatient({ idleMs: 60, totalMs: 120, slowest: 10_000, tries: 2 }));
      const end = await retry
        .run(signal, async (attempt) => {
          for (let at = 0; at < ms; at += 20) {
            attempt.signal.throwIfAborted();
            await new Promise((resolve) => setTimeout(resolve, 20));
            attempt.moved(bytes);
          }
          return undefined;
        })
        .catch((error: unknown) => error);
      if (ends) assert.ok(is(end, ends), String(end));
      else assert.equal(end, undefined);
    });
  }

  for (const when of ['during a try', 'during a pause']) {
    it(`is cancelled ${when}, within a second`, async () => {
      const controller = new AbortController();
      const retry = new Retry('x://y', patienceOf(nodeHost(), { firstPauseMs: 60_000 }));
      const started = Date.now();
      setTimeout(() => controller.abort(), 30);
      const act = (): Promise<void> =>
        when === 'during a try' ? new Promise(() => undefined) : Promise.reject(reset());
      await assert.rejects(retry.run(controller.signal, act), isCancelled);
      assert.ok(Date.now() - started < 1000);
    });
  }

  it('gives up sooner on a place that answers nobody, until it answers', async () => {
    const retry = new Retry('x://y', impatient());
    let tries = 0;
    let down = true;
    const act = async (): Promise<void> => {
      tries += 1;
      if (down) throw reset();
    };
    for (const expected of [5, 5, 5, 1, 1]) {
      tries = 0;
      await assert.rejects(retry.run(signal, act));
      assert.equal(tries, expected);
    }
    down = false;
    await retry.run(signal, act);
    down = true;
    tries = 0;
    await assert.rejects(retry.run(signal, act));
    assert.equal(tries, 5);
  });
});

describe('retryAfter', () => {
  const now = Date.UTC(2026, 0, 1);
  for (const [header, expected] of [
    ['120', 120_000],
    [' 0 ', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['1e9', undefined],
    ['', undefined],
    [undefined, undefined],
  ] as const) {
    it(`reads ${JSON.stringify(header)}`, () => assert.equal(retryAfter(header, now), expected));
  }
});

describe('withRetry', () => {
  const moving = { signal: new AbortController().signal, moved: (): void => undefined };

  for (const resumes of [true, false]) {
    it(`goes on with a download ${resumes ? 'behind what arrived' : 'from its start'}`, async () => {
      const root = newFolder();
      const goal = path.join(root, 'goal');
      const bytes = Buffer.from('0123456789');
      const from: (number | undefined)[] = [];
      const inner = {
        ...memoryRemote(),
        resumes,
        download: async (_key: string, to: string, how: { from?: number }) => {
          from.push(how.from);
          const start = how.from ?? 0;
          fs.writeFileSync(to, bytes.subarray(start, start + 4), { flag: start > 0 ? 'a' : 'wx' });
          if (from.length < 3) throw reset();
        },
      };
      await withRetry(inner, new Retry('x://y', impatient())).download('k', goal, moving);
      assert.deepEqual(from, resumes ? [0, 4, 8] : [0, 0, 0]);
      assert.equal(fs.readFileSync(goal, 'utf8'), resumes ? '0123456789' : '0123');
      dropFolder(root);
    });
  }

  it('sends an upload again and leaves the rest of the remote as it is', async () => {
    const root = newFolder();
    fs.writeFileSync(path.join(root, 'a'), 'hello');
    const inner = memoryRemote();
    let faults = 2;
    inner.fault = (): void => {
      if (faults > 0) {
        faults -= 1;
        throw reset();
      }
    };
    const remote = withRetry(inner, new Retry('x://y', impatient()));
    let moved = 0;
    await remote.upload(path.join(root, 'a'), 'k', { ...moving, moved: (n) => void (moved += n) });
    assert.deepEqual(inner.arrived, ['k']);
    assert.equal(moved, 5);
    assert.deepEqual([remote.url, remote.jobs, 'pathOf' in remote], [inner.url, inner.jobs, false]);
    dropFolder(root);
  });
});
