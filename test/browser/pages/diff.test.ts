/** The Diff page: versions to pick from, changed rows and cells, another key, restoring. */

import assert from 'node:assert/strict';
import { type Page } from 'playwright-core';
import { closeBrowser, lastArgs, openPanel, type OpenOptions } from './harness';

const COMMIT = '9f3a1b2'.padStart(40, '0');
const DIFF = {
  panel: 'diff',
  version: 1,
  state: { path: 'data/pool.csv', a: COMMIT, b: 'workspace', key: [], column: null },
};

async function withDiff(options: Partial<OpenOptions>, use: (page: Page) => Promise<void>): Promise<void> {
  const open = await openPanel({ ...DIFF, ...options });
  try {
    await use(open.page);
    assert.deepEqual(open.problems, []);
  } finally {
    await open.close();
  }
}

describe('diff', function () {
  this.timeout(60_000);
  after(closeBrowser);

  it('says what it is for while nothing is chosen', () =>
    withDiff({ state: undefined }, async (page) => {
      await page.waitForSelector('.state-empty');
      await page.evaluate((a) => window.stubHost.emit('show', { path: 'data/pool.csv', a, b: 'workspace' }), COMMIT);
      await page.waitForSelector('.diff-rows .grid-cell');
      assert.equal(await page.innerText('h1'), 'data/pool.csv');
    }));

  it('shows old and new value in the changed cell, by text as well as by colour', () =>
    withDiff({}, async (page) => {
      const row = page.locator('.diff-rows tr[aria-rowindex="2"]');
      await row.waitFor();
      assert.equal(await row.locator('th').innerText(), 'changed');
      assert.deepEqual(await row.locator('.is-changed').allInnerTexts(), ['0 → 1', '1.0 → 0.5']);
      assert.equal(await row.locator('.is-changed del').first().innerText(), '0');
      assert.equal(await page.innerText('h2'), '43 rows added, 42 removed, 215 changed');
      assert.match(await page.innerText('.diff-content'), /The first 300 of 342 rows/);
    }));

  it('puts the key and the changed columns before the others', () =>
    withDiff({}, async (page) => {
      await page.waitForSelector('.diff-rows .grid-cell');
      const heads = await page.locator('.diff-rows thead th').allInnerTexts();
      assert.deepEqual(heads, ['Change', 'id', 'label', 'weight', 'split']);
    }));

  it('shows only rows in which one column changed', () =>
    withDiff({}, async (page) => {
      await page.getByRole('button', { name: 'weight: 54 changed cells' }).click();
      await page.waitForSelector('.diff-rows table[aria-rowcount="55"]');
      await page.getByRole('button', { name: 'weight: 54 changed cells' }).click();
      await page.waitForSelector('.diff-rows table[aria-rowcount="301"]');
    }));

  it('asks again with another key', () =>
    withDiff({}, async (page) => {
      await page.getByRole('button', { name: 'Key' }).click();
      await page.getByRole('checkbox', { name: 'split' }).click();
      await page.getByText('Rows matched by id, split').waitFor();
      assert.deepEqual(((await lastArgs(page, 'diff')) as { key: unknown }).key, ['id', 'split']);
    }));

  it('picks another pair of versions with the keyboard and remembers it across a reload', () =>
    withDiff({}, async (page) => {
      const from = page.locator('input[name="a"]:checked');
      await from.focus();
      await page.keyboard.press('ArrowDown');
      await page.waitForFunction(
        () => (window.stubHost.calls.at(-1)?.args as { a?: string } | undefined)?.a?.endsWith('9f3c0a1') === true,
      );
      await page.reload();
      await page.waitForSelector('.diff-rows .grid-cell');
      assert.match((await page.locator('input[name="a"]:checked').getAttribute('value')) ?? '', /9f3c0a1$/);
    }));

  it('restores a version and says so aloud', () =>
    withDiff({}, async (page) => {
      await page.getByRole('button', { name: 'Restore 9f3c0a1' }).click();
      await page.waitForFunction(() =>
        [...document.querySelectorAll('[role=status]')].some((voice) => voice.textContent.startsWith('9f3c0a1 is in')),
      );
      const { path, version } = (await lastArgs(page, 'restore')) as { path: string; version: string };
      assert.equal(path, 'data/pool.csv');
      assert.match(version, /9f3c0a1$/);
    }));

  it('opens a file of a folder with Enter', () =>
    withDiff({ knobs: { kind: 'folder' } }, async (page) => {
      await page.locator('.diff-rows [title="labels.csv"]').click();
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => window.stubHost.calls.at(-1)?.method === 'open');
      assert.deepEqual(await lastArgs(page, 'open'), { path: 'data/pool.csv/labels.csv', a: COMMIT, b: 'workspace' });
    }));

  it('offers the editor for text, and only for text', async () => {
    await withDiff({ knobs: { kind: 'text' } }, async (page) => {
      await page.getByRole('button', { name: 'Open in the diff editor' }).click();
      assert.deepEqual(await lastArgs(page, 'open'), { path: 'data/pool.csv', a: COMMIT, b: 'workspace' });
    });
    await withDiff({ knobs: { kind: 'binary' } }, async (page) => {
      await page.waitForSelector('.plain-table');
      assert.equal(await page.getByRole('button', { name: 'Open in the diff editor' }).count(), 0);
    });
  });
});
