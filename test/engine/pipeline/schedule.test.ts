/** The scheduler: order, failure, keep-going, cancel. A case is a graph in one line and what each stage does. */

import assert from 'node:assert/strict';
import { Cancelled } from '../../../src/base/cancel';
import { schedule, type StepEnd } from '../../../src/engine/pipeline/schedule';

describe('schedule', () => {
  const chain: Record<string, string[]> = { a: ['b'], b: ['c'], c: [], x: [] };
  const rows: [string, { fail?: string; throws?: Error; cancelAt?: string; keepGoing?: boolean }, string, string][] = [
    ['all run', {}, 'succeeded', 'a:ran b:ran c:ran x:ran'],
    ['a failure stops', { fail: 'b' }, 'failed', 'a:ran b:failed c:blocked x:cancelled'],
    ['keep going', { fail: 'a', keepGoing: true }, 'failed', 'a:failed b:blocked c:blocked x:ran'],
    [
      'what is thrown is a failure',
      { fail: 'b', throws: new Error('x') },
      'failed',
      'a:ran b:failed c:blocked x:cancelled',
    ],
    ['cancel', { cancelAt: 'b' }, 'cancelled', 'a:ran b:cancelled c:cancelled x:cancelled'],
  ];
  for (const [title, what, state, expected] of rows) {
    it(title, async () => {
      const stop = new AbortController();
      const seen: string[] = [];
      const answer = await schedule({
        order: ['a', 'b', 'c', 'x'],
        dependents: (id) => chain[id] ?? [],
        keepGoing: what.keepGoing ?? false,
        jobs: 1,
        signal: stop.signal,
        act: (id): Promise<StepEnd> => {
          if (id === what.cancelAt) {
            stop.abort();
            return Promise.reject(new Cancelled());
          }
          if (id !== what.fail) return Promise.resolve({ state: 'ran' });
          return what.throws ? Promise.reject(what.throws) : Promise.resolve({ state: 'failed', exit: 1 });
        },
        ended: (id, end) => seen.push(`${id}:${end.state}`),
      });
      assert.equal(answer, state);
      assert.equal(seen.join(' '), expected);
    });
  }

  /** Runs a graph; each stage takes its time. Gives what ran at the same moment, in order of beginning, and the most at once. */
  const timed = async (
    graph: Record<string, string[]>,
    jobs: number,
    take: (id: string) => Promise<StepEnd>,
  ): Promise<{ begun: string[]; most: number; ended: string[]; answer: string }> => {
    const begun: string[] = [];
    const ended: string[] = [];
    let now = 0;
    let most = 0;
    const answer = await schedule({
      order: Object.keys(graph),
      dependents: (id) => graph[id] ?? [],
      keepGoing: false,
      jobs,
      signal: new AbortController().signal,
      act: async (id) => {
        begun.push(id);
        most = Math.max(most, (now += 1));
        const end = await take(id);
        now -= 1;
        return end;
      },
      ended: (id, end) => ended.push(`${id}:${end.state}`),
    });
    return { begun, most, ended, answer };
  };
  const later = (): Promise<StepEnd> => new Promise((resolve) => setTimeout(() => resolve({ state: 'ran' }), 5));
  const fan = Object.fromEntries([
    ['first', ['1', '2', '3', '4', '5', '6', '7', '8'].map((n) => `m${n}`)],
    ...Array.from({ length: 8 }, (_, n) => [`m${n + 1}`, ['x', 'y']]),
    ['x', []],
    ['y', []],
  ]) as Record<string, string[]>;

  for (const [jobs, most] of [
    [1, 1],
    [3, 3],
    [8, 8],
    [64, 8],
  ] as const) {
    it(`runs at most ${jobs} of 1, 8 and 2 stages at a time, each after what it needs`, async () => {
      const { begun, most: found, ended } = await timed(fan, jobs, later);
      assert.deepEqual([begun.length, found, ended.length], [11, most, 11]);
      assert.deepEqual([begun[0], new Set(begun.slice(1, 9)).size, begun.slice(9).sort()], ['first', 8, ['x', 'y']]);
    });
  }

  it('lets what runs end after a failure, and begins no more', async () => {
    const graph = { quick: [], slow: ['after'], third: [], after: [] };
    const { begun, ended, answer } = await timed(graph, 2, (id) =>
      id === 'quick' ? Promise.resolve({ state: 'failed', exit: 1 }) : later(),
    );
    assert.deepEqual([begun, answer], [['quick', 'slow'], 'failed']);
    assert.deepEqual(ended, ['quick:failed', 'slow:ran', 'third:cancelled', 'after:cancelled']);
  });
});
