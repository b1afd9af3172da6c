/** The controls, the grid, the charts and the four states, each by itself: names, roles, keys, themes. */

import assert from 'node:assert/strict';
import { type Page } from 'playwright-core';
import {
  checkAxe,
  closeBrowser,
  fitsWidth,
  openPanel,
  shoot,
  THEMES,
  type OpenOptions,
  type OpenPage,
} from './harness';

const KIT = { panel: 'kit', version: 1, height: 1600 };

/** Opens the kit, runs `use`, and closes it; the policy must not have been violated. */
async function withKit(
  options: Partial<OpenOptions>,
  use: (page: Page, open: OpenPage) => Promise<void>,
): Promise<void> {
  const open = await openPanel({ ...KIT, ...options });
  try {
    await open.page.waitForSelector('#grid .grid-row .grid-cell');
    await open.page.waitForSelector('.chart canvas');
    await use(open.page, open);
    assert.deepEqual(open.problems, []);
  } finally {
    await open.close();
  }
}

describe('controls, grid and charts', function () {
  this.timeout(60_000);
  after(closeBrowser);

  for (const theme of THEMES) {
    it(`has nothing serious for axe in ${theme}`, () =>
      withKit({ theme }, async (page) => {
        await page.waitForTimeout(400);
        await shoot(page, `kit-${theme}`);
        await checkAxe(page);
      }));
  }
});
