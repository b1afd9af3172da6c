/** Rows loaded in blocks: what is asked, what stays on screen, and that a stale answer is dropped. */

import assert from 'node:assert/strict';
import { RowWindow, type RowAnswer, type RowRequest } from '../../../webview-ui/table/rowWindow';

interface Asked extends RowRequest {
  answer(rows: readonly string[], total: number): void;
  fail(error: Error): void;
  readonly signal: AbortSignal;
}

/** A window whose questions the test answers by hand. */
function openWindow() {
  const asked: Asked[] = [];
  const errors: unknown[] = [];
  let changes = 0;
  const load = (request: RowRequest, signal: AbortSignal): Promise<RowAnswer<string>> =>
    new Promise((resolve, reject) => {
      asked.push({
        ...request,
        signal,
        answer: (rows, total) => resolve({ rows, total, from: request.from }),
        fail: reject,
      });
    });
  const window = new RowWindow<string>(load, { changed: () => (changes += 1), failed: (error) => errors.push(error) });
  return { window, asked, errors, changes: () => changes };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function names(from: number, generation = 'a'): string[] {
  return Array.from({ length: 100 }, (_, i) => `${generation}${from + i}`);
}

describe('rows in sight', () => {
  it('are asked for once, in whole blocks', async () => {
    const { window, asked } = openWindow();
    window.ensure(90, 110);
    window.ensure(95, 105);
    assert.deepEqual(
      asked.map(({ from, to }) => [from, to]),
      [
        [0, 100],
        [100, 200],
      ],
    );
    asked[0]?.answer(names(0), 250);
    await settle();
    assert.equal(window.total, 250);
    assert.equal(window.row(99), 'a99');
    assert.equal(window.row(100), undefined);
  });

  it('stay while a newer generation loads, and an answer to an older question is dropped', async () => {
    const { window, asked, changes } = openWindow();
    window.ensure(0, 10);
    asked[0]?.answer(names(0), 100);
    await settle();
    window.refresh(0, 10);
    window.refresh(0, 10);
    assert.equal(window.row(5), 'a5');
    assert.equal(asked[1]?.signal.aborted, true);
    asked[1]?.answer(names(0, 'stale'), 7);
    await settle();
    assert.equal(window.row(5), 'a5');
    assert.equal(changes(), 1);
    asked[2]?.answer(names(0, 'b'), 100);
    await settle();
    assert.equal(window.row(5), 'b5');
  });

  it('are asked for again after a failure, which is told once', async () => {
    const { window, asked, errors } = openWindow();
    window.ensure(0, 10);
    asked[0]?.fail(new Error('gone'));
    await settle();
    assert.equal(errors.length, 1);
    window.ensure(0, 10);
    assert.equal(asked.length, 2);
  });

  it('ask for nothing once the grid is gone', async () => {
    const { window, asked, changes } = openWindow();
    window.ensure(0, 10);
    window.dispose();
    asked[0]?.answer(names(0), 100);
    await settle();
    assert.equal(changes(), 0);
    assert.equal(asked[0]?.signal.aborted, true);
  });
});
