/** The Live page: curves that grow, zoom that asks for more detail, runs that end, memory across a reload. */

import assert from 'node:assert/strict';
import { type Page } from 'playwright-core';
import { closeBrowser, lastArgs, openPanel, type OpenOptions } from './harness';

const LIVE = { panel: 'live', version: 1 };

async function withLive(options: Partial<OpenOptions>, use: (page: Page) => Promise<void>): Promise<void> {
  const open = await openPanel({ ...LIVE, ...options });
  try {
    await use(open.page);
    assert.deepEqual(open.problems, []);
  } finally {
    await open.close();
  }
}

/** Waits until the last question was for a range, or for everything. */
async function askedForRange(page: Page, wanted: boolean): Promise<void> {
  await page.waitForFunction((range) => {
    const last = window.stubHost.calls.at(-1)?.args as { range?: unknown } | undefined;
    return (last?.range !== undefined) === range;
  }, wanted);
}

describe('live', function () {
  this.timeout(60_000);
  after(closeBrowser);

  it('says what it is for when nothing runs, and fills itself when a run begins', () =>
    withLive({ knobs: { steps: 0 } }, async (page) => {
      await page.waitForSelector('.state-empty');
      await page.getByRole('button', { name: 'Run pipeline' }).click();
      assert.deepEqual(await lastArgs(page, 'run'), {});
      await page.evaluate(() => {
        window.stubHost.knobs['steps'] = 3;
        window.stubHost.emit('changed', {});
      });
      await page.waitForSelector('.chart-legend li');
      assert.equal(await page.locator('.chart').count(), 2);
    }));

  it('grows while the run writes, and keeps focus and charts', () =>
    withLive({ knobs: { steps: 10 } }, async (page) => {
      const cursor = page.getByRole('slider').first();
      await cursor.focus();
      const before = await page.locator('.chart').first().elementHandle();
      await page.evaluate(() => {
        window.stubHost.knobs['steps'] = 130;
        window.stubHost.emit('changed', {});
      });
      await page.waitForFunction(
        () => document.querySelector('.chart-cursor')?.getAttribute('aria-valuemax') === '130',
      );
      assert.equal(await cursor.evaluate((element) => element === document.activeElement), true);
      const after = await page.locator('.chart').first().elementHandle();
      assert.equal(await page.evaluate(([a, b]) => a === b, [before, after]), true);
    }));

  it('asks one question at a time, however often the host announces', () =>
    withLive({}, async (page) => {
      await page.waitForSelector('.chart-legend li');
      const asked = await page.evaluate(async () => {
        const from = window.stubHost.calls.length;
        for (let i = 0; i < 200; i += 1) window.stubHost.emit('changed', {});
        await new Promise((resolve) => setTimeout(resolve, 500));
        return window.stubHost.calls.length - from;
      });
      assert.ok(asked <= 5, `${asked} questions`);
    }));

  it('a zoom asks for that range and is remembered across a reload', () =>
    withLive({}, async (page) => {
      await page.getByRole('slider').first().press('Home');
      await page.getByRole('slider').first().press('+');
      await askedForRange(page, true);
      const first = (await lastArgs(page, 'read')) as { range: unknown };
      assert.deepEqual(first.range, [1, 50.5]);
      await page.reload();
      await page.waitForSelector('.chart-legend li');
      const again = (await lastArgs(page, 'read')) as { range: unknown };
      assert.deepEqual(again.range, [1, 50.5]);
      await page.getByRole('button', { name: 'Show everything again' }).click();
      await askedForRange(page, false);
    }));

  it('asks for at most as many pixels as there are', () =>
    withLive({ width: 700 }, async (page) => {
      await page.waitForSelector('.chart-legend li');
      await page.evaluate(() => window.stubHost.emit('changed', {}));
      await page.waitForTimeout(200);
      const { width } = (await lastArgs(page, 'read')) as { width: number };
      assert.ok(width > 200 && width <= 700, `${width}`);
    }));

  it('smooths in the engine and draws on a log axis', () =>
    withLive({}, async (page) => {
      await page.getByRole('combobox', { name: 'Smoothing' }).focus();
      await page.keyboard.press('ArrowDown');
      await page.waitForFunction(
        () => (window.stubHost.calls.at(-1)?.args as { smoothing?: number } | undefined)?.smoothing === 0.6,
      );
      const chart = page.locator('.chart-picture').nth(1);
      await page.waitForTimeout(200);
      const linear = await chart.screenshot();
      await page.getByRole('checkbox', { name: 'Log axis' }).click();
      await page.waitForTimeout(200);
      assert.equal((await chart.screenshot()).equals(linear), false);
    }));

  it('cancels a run and says aloud that it ended', () =>
    withLive({}, async (page) => {
      await page.getByRole('button', { name: 'Cancel' }).click();
      assert.deepEqual(await lastArgs(page, 'cancelRun'), { run: 'r1' });
      await page.waitForFunction(() =>
        [...document.querySelectorAll('[role=status]')].some((voice) => voice.textContent === 'train 1: finished'),
      );
      assert.equal(await page.getByRole('button', { name: 'Cancel' }).count(), 0);
    }));

  it('hides the curves of a run', () =>
    withLive({}, async (page) => {
      await page.getByRole('checkbox', { name: 'train 2' }).click();
      await page.waitForFunction(() => document.querySelectorAll('.chart-legend li').length === 3);
    }));

  it('keeps the last good picture when an answer fails, and says so', () =>
    withLive({}, async (page) => {
      await page.waitForSelector('.chart-legend li');
      await page.evaluate(() => {
        window.stubHost.failing['read'] = 'fs.io';
        window.stubHost.emit('changed', {});
      });
      await page.getByRole('alert').getByText('fs.io').waitFor();
      assert.equal(await page.locator('.chart').count(), 2);
      await page.evaluate(() => {
        delete window.stubHost.failing['read'];
        window.stubHost.emit('changed', {});
      });
      await page.waitForSelector('.live-problem', { state: 'hidden' });
    }));

  it('says how fresh the newest point is', () =>
    withLive({}, async (page) => {
      await page.getByText(/^Last point \d+ sec\. ago$/).waitFor();
    }));
});
