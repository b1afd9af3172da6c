/** The controls, the grid and the charts, each by itself: names, roles, keys, themes. The same tests run against a replacement. */

import assert from 'node:assert/strict';
import { type Page } from 'playwright-core';
import { checkAxe, closeBrowser, openPanel, shoot, THEMES, type OpenOptions, type OpenPage } from './harness';

const KIT = { panel: 'kit', version: 1, height: 1600 };

/** Opens the kit, runs `use`, and closes it; the policy must not have been violated. */
async function withKit(
  options: Partial<OpenOptions>,
  use: (page: Page, open: OpenPage) => Promise<void>,
): Promise<void> {
  const open = await openPanel({ ...KIT, ...options });
  try {
    await open.page.waitForSelector('#grid .grid-row .grid-cell');
    await open.page.waitForSelector('.chart canvas', { state: 'attached' });
    await use(open.page, open);
    assert.deepEqual(open.problems, []);
  } finally {
    await open.close();
  }
}

/** What the last act said. */
function said(page: Page): Promise<string> {
  return page.innerText('#log');
}

/** The focused cell as `row:column`, the head being row 1. */
function focusedCell(page: Page): Promise<string> {
  return page.evaluate(() => {
    const cell = document.activeElement?.closest<HTMLTableCellElement>('th, td');
    return `${cell?.closest('tr')?.getAttribute('aria-rowindex') ?? 'none'}:${cell?.cellIndex ?? 'none'}`;
  });
}

describe('controls', function () {
  this.timeout(60_000);
  after(closeBrowser);

  for (const theme of THEMES) {
    it(`have nothing serious for axe in ${theme}`, () =>
      withKit({ theme }, async (page) => {
        await page.waitForTimeout(400);
        await shoot(page, `kit-${theme}`);
        await checkAxe(page);
      }));
  }

  const presses: readonly (readonly [string, string, string])[] = [
    ['button', 'Act', 'acted'],
    ['checkbox', 'Only what differs', 'differs true'],
    ['button', 'Refresh', 'refreshed'],
    ['link', 'How do we know?', 'linked'],
    ['tab', 'Tab two', 'tab two'],
  ];
  for (const [role, name, answer] of presses) {
    it(`${role} “${name}” acts on click`, () =>
      withKit({}, async (page) => {
        await page
          .getByRole(role as 'button', { name })
          .first()
          .click();
        assert.equal(await said(page), answer);
      }));
  }

  const keys: readonly (readonly [string, string, string, string])[] = [
    ['button', 'Act', 'Enter', 'acted'],
    ['button', 'Refresh', 'Space', 'refreshed'],
    ['checkbox', 'Only what differs', 'Space', 'differs true'],
    ['combobox', 'Value', 'ArrowDown', 'value best'],
    ['tab', 'Tab one', 'ArrowRight', 'tab two'],
  ];
  for (const [role, name, key, answer] of keys) {
    it(`${role} “${name}” acts on ${key}`, () =>
      withKit({}, async (page) => {
        const control = page.getByRole(role as 'button', { name }).first();
        await control.focus();
        await control.press(key);
        assert.equal(await said(page), answer);
      }));
  }

  it('a disabled button does nothing', () =>
    withKit({}, async (page) => {
      await page.getByText('Not now').click({ force: true });
      assert.equal(await said(page), '');
    }));

  it('a text field tells when typing rests', () =>
    withKit({}, async (page) => {
      await page.getByRole('textbox', { name: 'Filter' }).pressSequentially('lr');
      await page.waitForFunction(() => document.getElementById('log')?.textContent === 'filter lr');
    }));

  it('a toolbar is one tab stop with arrows inside', () =>
    withKit({}, async (page) => {
      await page.getByRole('button', { name: 'Refresh' }).focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Enter');
      assert.equal(await said(page), 'reset');
      const stops = await page.locator('.toolbar button[tabindex="0"]').count();
      assert.equal(stops, 1);
    }));

  it('a popover opens, takes the focus, and Escape gives it back', () =>
    withKit({}, async (page) => {
      const opener = page.getByRole('button', { name: 'Columns' });
      await opener.press('Enter');
      assert.equal(await opener.getAttribute('aria-expanded'), 'true');
      await page.keyboard.press('Space');
      assert.equal(await said(page), 'column false');
      await page.keyboard.press('Escape');
      assert.equal(await opener.getAttribute('aria-expanded'), 'false');
      assert.equal(await opener.evaluate((element) => element === document.activeElement), true);
    }));
});

describe('grid', function () {
  this.timeout(60_000);
  after(closeBrowser);

  it('keeps only the rows in sight and says how many there are', () =>
    withKit({ knobs: { total: 100_000 } }, async (page) => {
      const drawn = await page.locator('#grid tbody tr.grid-row').count();
      assert.ok(drawn < 60, `${drawn} rows are drawn`);
      assert.equal(await page.locator('#grid table').getAttribute('aria-rowcount'), '100001');
      await page.locator('#grid').evaluate((grid) => grid.scrollTo(0, grid.scrollHeight));
      await page.waitForSelector('#grid [title="run-99999"]');
    }));

  const walks: readonly (readonly [string, readonly string[], string])[] = [
    ['arrows', ['ArrowDown', 'ArrowDown', 'ArrowRight'], '3:1'],
    ['to the end of the row', ['ArrowDown', 'End'], '2:11'],
    ['back to its beginning', ['ArrowDown', 'End', 'Home'], '2:0'],
    ['to the last row', ['Control+End'], '10001:11'],
    ['and back to the first', ['Control+End', 'Control+Home'], '2:0'],
    ['by pages', ['ArrowDown', 'PageDown'], '8:0'],
    ['up into the head', ['ArrowDown', 'ArrowUp', 'ArrowUp'], '1:0'],
  ];
  for (const [name, presses, at] of walks) {
    it(`moves the focus: ${name}`, () =>
      withKit({}, async (page) => {
        await page.locator('#grid [tabindex="0"]').focus();
        for (const key of presses) await page.keyboard.press(key);
        // The last rows have to be loaded first.
        for (let tries = 0; tries < 50 && (await focusedCell(page)) !== at; tries += 1) await page.waitForTimeout(20);
        assert.equal(await focusedCell(page), at);
      }));
  }

  it('sorts by several columns through the host', () =>
    withKit({}, async (page) => {
      await page.getByRole('columnheader', { name: 'Score' }).click();
      await page.waitForSelector('#grid tr[aria-rowindex="2"] [title="99"]');
      await page.getByRole('columnheader', { name: 'Number' }).click({ modifiers: ['Shift'] });
      const sort = [
        { column: 'score', descending: true },
        { column: 'id', descending: false },
      ];
      await page.waitForFunction(() => (window.stubHost.calls.at(-1)?.args as { sort: unknown[] }).sort.length === 2);
      const asked = await page.evaluate(() => (window.stubHost.calls.at(-1)?.args as { sort: unknown }).sort);
      assert.deepEqual(asked, sort);
      const heads = await page.locator('#grid thead th[aria-sort]').evaluateAll((all) => all.map((th) => th.ariaSort));
      assert.deepEqual(heads, ['none', 'descending', 'ascending']);
    }));

  it('ticks by mouse and by Space, and remembers across a reload', () =>
    withKit({}, async (page) => {
      await page.locator('#grid tr[aria-rowindex="4"] input').click();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Space');
      await page.reload();
      await page.waitForSelector('#grid .grid-row .grid-cell');
      const ticked = await page
        .locator('#grid tbody input')
        .evaluateAll((all) => all.flatMap((box) => ((box as HTMLInputElement).checked ? [box.ariaLabel] : [])));
      assert.deepEqual(ticked, ['run-2', 'run-3']);
    }));

  it('changes the width of a column by drag and by keys', () =>
    withKit({}, async (page) => {
      const head = page.getByRole('columnheader', { name: 'Score' });
      const width = async (): Promise<number> => (await head.boundingBox())?.width ?? 0;
      const handle = await head.locator('.grid-resize').boundingBox();
      assert.ok(handle);
      await page.mouse.move(handle.x + 3, handle.y + 10);
      await page.mouse.down();
      await page.mouse.move(handle.x + 53, handle.y + 10);
      await page.mouse.up();
      assert.equal(await width(), 140);
      await head.focus();
      await head.press('Alt+ArrowLeft');
      assert.equal(await width(), 124);
    }));

  it('keeps the rows on screen until newer ones are there', () =>
    withKit({}, async (page) => {
      await page.evaluate(() => {
        window.stubHost.failing['rows'] = 'hang';
        window.stubHost.emit('changed', {});
      });
      await page.waitForTimeout(300);
      assert.equal(await page.locator('#grid [title="run-0"]').count(), 1);
    }));
});

describe('charts', function () {
  this.timeout(60_000);
  after(closeBrowser);

  it('have a name in words, a table, and curves told apart by more than colour', () =>
    withKit({}, async (page) => {
      const name = await page.locator('.chart-picture').first().getAttribute('aria-label');
      assert.match(name ?? '', /^val_acc by step, 3 curves\. run-0: last value .+ at 120\./);
      const dashes = await page
        .locator('.chart')
        .first()
        .locator('.chart-swatch line')
        .evaluateAll((lines) => lines.map((line) => line.getAttribute('stroke-dasharray')));
      assert.equal(new Set(dashes).size, 3);
      await page.getByRole('button', { name: 'Show val_acc as table' }).click();
      await page.waitForSelector('.chart-table .grid-cell');
      await checkAxe(page);
    }));

  it('share the cursor: one step is compared in all of them', () =>
    withKit({}, async (page) => {
      const cursor = page.getByRole('slider').first();
      await cursor.focus();
      await cursor.press('Home');
      assert.match((await cursor.getAttribute('aria-valuetext')) ?? '', /^step 1, run-0 /);
      const other = page.getByRole('slider').nth(1);
      assert.match((await other.getAttribute('aria-valuetext')) ?? '', /^step 1, run-0 /);
      await cursor.press('ArrowRight');
      assert.match((await other.getAttribute('aria-valuetext')) ?? '', /^step 2, /);
      assert.equal(await page.locator('.chart').nth(1).locator('.chart-dot').count(), 3);
    }));

  it('share the zoom, by drag and by keys, and Escape shows everything again', () =>
    withKit({}, async (page) => {
      const cursor = page.getByRole('slider').first();
      const other = page.getByRole('slider').nth(1);
      const box = await cursor.boundingBox();
      assert.ok(box);
      await page.mouse.move(box.x + box.width * 0.25, box.y + 60);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
      await page.mouse.up();
      await page.waitForFunction(() => {
        const [, second] = document.querySelectorAll('.chart-cursor');
        return Number(second?.getAttribute('aria-valuemax')) < 70;
      });
      await cursor.focus();
      await page.keyboard.press('Escape');
      await page.waitForFunction(
        () => document.querySelector('.chart-cursor')?.getAttribute('aria-valuemax') === '120',
      );
      await page.keyboard.press('+');
      await page.waitForFunction(
        () => document.querySelector('.chart-cursor')?.getAttribute('aria-valuemax') !== '120',
      );
      assert.ok(Number(await other.getAttribute('aria-valuemax')) < 120);
    }));

  it('are drawn anew in the colours of another theme', () =>
    withKit({}, async (page, open) => {
      await page.waitForTimeout(300);
      const chart = page.locator('.chart-picture').first();
      const dark = await chart.screenshot();
      await open.setTheme('vscode-light');
      await page.waitForTimeout(300);
      assert.equal((await chart.screenshot()).equals(dark), false);
      const line = page.locator('.chart-swatch line').first();
      assert.equal(await line.evaluate((element) => getComputedStyle(element).stroke), 'rgb(0, 100, 193)');
      await checkAxe(page);
    }));

  it('open as tables when a screen reader is in use', () =>
    withKit({ bodyClass: 'vscode-using-screen-reader' }, async (page) => {
      await page.waitForSelector('.chart-table .grid-cell');
      assert.equal(await page.locator('.chart.is-table').count(), 2);
    }));

  it('nothing moves when less motion is asked for', () =>
    withKit({ bodyClass: 'vscode-reduce-motion' }, async (page) => {
      await page.waitForSelector('.skeleton-line');
      const moving = await page.evaluate(() =>
        document.getAnimations().filter(({ playState }) => playState === 'running'),
      );
      assert.equal(moving.length, 0);
    }));

  it('an interval says in words what it draws', () =>
    withKit({}, async (page) => {
      const picture = page.getByRole('img', { name: /^B minus A is \+1\.8 points/ }).first();
      assert.equal(await picture.locator('.interval-line').count(), 3);
      assert.equal(await picture.locator('.interval-band').count(), 1);
    }));
});
