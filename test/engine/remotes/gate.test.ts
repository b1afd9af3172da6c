import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { isCancelled } from '../../../src/base/cancel';
import { Gate } from '../../../src/engine/remotes/gate';

const signal = new AbortController().signal;
// Thousands wait at once here.
setMaxListeners(0, signal);

/**
 * Lets `requests` acts pass a gate, so many wanting at once, at a server whose speed follows from how many it works on: `rate` gives requests a
 * millisecond for so many at once. Gives how wide the gate is in the end.
 */
async function widthAfter(gate: Gate, clock: { ms: number }, rate: (atOnce: number) => number): Promise<number> {
  let inside = 0;
  const act = async (): Promise<void> => {
    inside += 1;
    await Promise.resolve();
    clock.ms += 1 / rate(inside);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 6000 }, () => gate.run(signal, act)));
  return gate.open;
}

describe('a gate for requests', () => {
  it('of fixed width lets so many in at once, in their order', async () => {
    const gate = new Gate(2, 64, () => 0);
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    const acts = [30, 5, 5, 5].map((ms, n) =>
      gate.run(signal, async () => {
        inside += 1;
        most = Math.max(most, inside);
        order.push(n);
        await new Promise((resolve) => setTimeout(resolve, ms));
        inside -= 1;
      }),
    );
    await Promise.all(acts);
    assert.deepEqual([most, order, gate.open], [2, [0, 1, 2, 3], 2]);
    gate.less();
    assert.equal(gate.open, 2);
  });

  it('grows while more at once is faster, and not beyond the most', async () => {
    const clock = { ms: 0 };
    const gate = new Gate(undefined, 40, () => clock.ms);
    assert.equal(gate.open, 16);
    assert.equal(await widthAfter(gate, clock, (atOnce) => atOnce / 40), 40);
  });

  it('stays where it is when more at once brings nothing', async () => {
    const clock = { ms: 0 };
    const gate = new Gate(undefined, 64, () => clock.ms);
    assert.ok((await widthAfter(gate, clock, () => 0.2)) <= 24);
  });

  it('is halved when the other end says that it is too much, down to one', () => {
    const gate = new Gate(undefined, 64, () => 0);
    const widths = Array.from({ length: 5 }, () => {
      gate.less();
      return gate.open;
    });
    assert.deepEqual(widths, [8, 4, 2, 1, 1]);
  });

  it('lets the next one in when an act fails, and forgets who was cancelled while waiting', async () => {
    const gate = new Gate(1, 1, () => 0);
    const controller = new AbortController();
    let open = (): void => undefined;
    const first = gate.run(signal, () => new Promise<void>((_, reject) => (open = () => reject(new Error('no')))));
    const cancelled = gate.run(controller.signal, () => Promise.resolve('never'));
    const next = gate.run(signal, () => Promise.resolve('next'));
    controller.abort();
    await assert.rejects(cancelled, isCancelled);
    open();
    await assert.rejects(first, /no/);
    assert.equal(await next, 'next');
    await assert.rejects(async () => {
      const held = gate.run(signal, () => new Promise((resolve) => setTimeout(resolve, 5)));
      await gate.run(controller.signal, () => Promise.resolve()).finally(() => held);
    }, isCancelled);
  });
});
