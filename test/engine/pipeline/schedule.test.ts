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
});
