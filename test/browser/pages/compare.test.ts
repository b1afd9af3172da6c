/** The Compare page: ticking, sorting, filtering, the verdict and what it rests on, memory across a reload. */

import assert from 'node:assert/strict';
import { type Page } from 'playwright-core';
import { closeBrowser, lastArgs, openPanel, type OpenOptions } from './harness';

const COMPARE = { panel: 'compare', version: 1, height: 900 };

async function withCompare(options: Partial<OpenOptions>, use: (page: Page) => Promise<void>): Promise<void> {
  const open = await openPanel({ ...COMPARE, ...options });
  try {
    await use(open.page);
    assert.deepEqual(open.problems, []);
  } finally {
    await open.close();
  }
}

/** Waits until the host was asked with these runs. */
async function compared(page: Page, runs: readonly string[]): Promise<void> {
  await page.waitForFunction((wanted) => {
    const call = window.stubHost.calls.filter(({ method }) => method === 'compare').at(-1);
    return JSON.stringify((call?.args as { runs?: unknown } | undefined)?.runs) === wanted;
  }, JSON.stringify(runs));
}

async function tick(page: Page, name: string): Promise<void> {
  await page.getByRole('checkbox', { name, exact: true }).click();
}

describe('compare', function () {
  this.timeout(60_000);
  after(closeBrowser);

  it('says what it is for when there are no runs, and its one button runs the pipeline', () =>
    withCompare({ knobs: { total: 0 } }, async (page) => {
      await page.waitForSelector('.state-empty');
      assert.match(await page.innerText('.state-empty'), /No runs to compare yet/);
      await page.getByRole('button', { name: 'Run pipeline' }).click();
      assert.deepEqual(await lastArgs(page, 'run'), {});
    }));

  it('two ticks make a comparison, whose first run is A', () =>
    withCompare({}, async (page) => {
      await page.waitForSelector('.grid-cell');
      assert.match(await page.innerText('.compare-below'), /Tick two or more runs/);
      await tick(page, '9f3df90');
      await tick(page, '9f3c0a1');
      await compared(page, ['run-2', 'run-1']);
      await page.waitForSelector('.compare-verdict h2');
      assert.match(await page.innerText('.compare-verdict h2'), /^B is better: accuracy \+1\.8 points/);
      assert.match(await page.innerText('.compare-pair'), /^A\s*9f3df90/);
      assert.deepEqual(await lastArgs(page, 'select'), { runs: ['run-2', 'run-1'] });
      const name = await page.locator('.compare-verdict .interval').getAttribute('aria-label');
      assert.match(name ?? '', /95 % interval 0\.6 to 3\.0/);
    }));

  it('swaps A and B, and compares with another run of several', () =>
    withCompare({ state: stateWith(['run-1', 'run-2', 'run-3']) }, async (page) => {
      await page.waitForSelector('.compare-verdict h2');
      await page.getByRole('combobox', { name: 'compared with' }).focus();
      await page.keyboard.press('ArrowDown');
      await page.getByRole('button', { name: 'Swap A and B' }).click();
      await compared(page, ['run-3', 'run-2', 'run-1']);
    }));

  it('tells how we know', () =>
    withCompare({ state: stateWith(['run-1', 'run-2']) }, async (page) => {
      await page.getByText('How do we know?').click();
      const facts = await page.innerText('.compare-verdict .facts');
      for (const part of ['exact McNemar test', '1,797 paired by id', 'Dropped', 'none'])
        assert.ok(facts.includes(part));
    }));

  it('offers the lines that save predictions where no verdict is possible', () =>
    withCompare({ state: stateWith(['run-1', 'run-2']), knobs: { single: true } }, async (page) => {
      await page.getByRole('button', { name: 'Show the lines that save predictions' }).click();
      assert.deepEqual(await lastArgs(page, 'showLogSnippet'), {});
      await page.getByRole('tab', { name: /Samples/ }).click();
      assert.match(await page.innerText('#view-samples'), /No per-sample predictions/);
    }));

  it('shows only the samples that broke', () =>
    withCompare({ state: { ...stateWith(['run-1', 'run-2']), tab: 'samples' } }, async (page) => {
      await page.waitForSelector('.compare-samples .grid-cell');
      await page.getByRole('combobox', { name: 'Show' }).focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await page.waitForSelector('.compare-samples table[aria-rowcount="17"]');
      // The rows follow their count by a frame.
      await page.locator('.compare-samples tr[aria-rowindex="2"] th', { hasText: 'Broken' }).waitFor();
      assert.equal(await page.locator('.compare-samples th', { hasText: 'Fixed' }).count(), 0);
    }));

  it('copies the report and says so aloud', () =>
    withCompare({ state: stateWith(['run-1', 'run-2']) }, async (page) => {
      await page.getByRole('button', { name: 'Copy report' }).click();
      await page.getByText('Report copied').first().waitFor();
      assert.deepEqual(await lastArgs(page, 'copyReport'), { runs: ['run-1', 'run-2'] });
    }));

  it('says it when the report cannot be copied, and keeps the comparison', () =>
    withCompare({ state: stateWith(['run-1', 'run-2']), failing: { copyReport: 'fs.denied' } }, async (page) => {
      await page.getByRole('button', { name: 'Copy report' }).click();
      await page.getByRole('alert').getByText('fs.denied').waitFor();
      assert.equal(await page.locator('.compare-verdict h2').isVisible(), true);
    }));

  it('sorts and filters in the host, and says when nothing matches', () =>
    withCompare({}, async (page) => {
      await page.getByRole('columnheader', { name: 'accuracy' }).click();
      await page.waitForSelector('tr[aria-rowindex="2"] [title="0.9900"]');
      const asked = (await lastArgs(page, 'table')) as { sort: unknown };
      assert.deepEqual(asked.sort, [{ column: 'metric:accuracy', descending: true }]);
      await page.getByRole('textbox', { name: 'Filter runs' }).fill('nothing like it');
      await page.waitForSelector('.state-empty');
      assert.match(await page.innerText('.state-empty'), /“nothing like it”/);
      await page.getByRole('textbox', { name: 'Filter runs' }).fill('');
      await page.waitForSelector('.grid-cell');
    }));

  it('hides a column', () =>
    withCompare({}, async (page) => {
      await page.waitForSelector('.grid-cell');
      await page.getByRole('button', { name: 'Columns' }).click();
      await page.getByRole('checkbox', { name: 'Message' }).click();
      await page.waitForFunction(() => !document.querySelector('thead')?.textContent.includes('Message'));
    }));

  it('remembers ticks, sort, filter, columns and tab across a reload', () =>
    withCompare({ state: stateWith(['run-1', 'run-2']) }, async (page) => {
      await page.getByRole('columnheader', { name: 'accuracy' }).click();
      await page.getByRole('textbox', { name: 'Filter runs' }).fill('9f');
      await page.getByRole('tab', { name: /What changed/ }).click();
      await page.waitForFunction(() => sessionStorage.getItem('state')?.includes('"filter":"9f"'));
      await page.reload();
      await page.waitForSelector('.compare-changed table');
      const asked = (await lastArgs(page, 'table')) as { sort: unknown; filter: unknown };
      assert.deepEqual(asked.sort, [{ column: 'metric:accuracy', descending: true }]);
      assert.equal(asked.filter, '9f');
      assert.equal(await page.getByRole('columnheader', { name: 'accuracy' }).getAttribute('aria-sort'), 'descending');
    }));

  it('follows ticks that are made in the Runs view', () =>
    withCompare({}, async (page) => {
      await page.waitForSelector('.grid-cell');
      await page.evaluate(() => window.stubHost.emit('selection', { runs: ['run-4', 'run-5'] }));
      await compared(page, ['run-4', 'run-5']);
      await page.waitForSelector('.compare-verdict h2');
      assert.equal(await page.locator('tr[aria-selected="true"]').count(), 2);
    }));
});

function stateWith(selected: readonly string[]) {
  return { selected, sort: [], filter: '', onlyDiffering: false, hidden: [], widths: {}, tab: 'metrics' };
}
