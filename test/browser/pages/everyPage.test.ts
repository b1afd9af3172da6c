/** What every panel must be: readable in four themes, usable at 320 pixels, whole in Spanish, safe with any text, honest in failure. */

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
import { HOSTILE_TEXT } from './hostile';

const COMMIT = '9f3a1b2'.padStart(40, '0');

/** A panel in the state that shows most. */
interface PanelCase {
  readonly name: string;
  readonly options: OpenOptions;
  /** What is there once the page is full. */
  readonly full: string;
  /** Method whose failure leaves the page without content. */
  readonly method: string;
}

const COMPARE_STATE = {
  selected: ['run-1', 'run-2', 'run-3'],
  sort: [{ column: 'metric:accuracy', descending: true }],
  filter: '',
  onlyDiffering: false,
  hidden: [],
  widths: {},
  tab: 'metrics',
};
const DIFF_STATE = { path: 'data/pool.csv', a: COMMIT, b: 'workspace', key: [], column: null };
const LIVE_STATE = { runs: [], smoothing: 0.6, logY: false, zoom: null, hidden: [], asTable: false };

const PANELS: readonly PanelCase[] = [
  {
    name: 'compare',
    options: { panel: 'compare', version: 1, state: COMPARE_STATE, height: 900 },
    full: '.compare-verdict .interval svg',
    method: 'table',
  },
  {
    name: 'compare-samples',
    options: { panel: 'compare', version: 1, state: { ...COMPARE_STATE, tab: 'samples' }, height: 900 },
    full: '.compare-samples .grid-cell',
    method: 'table',
  },
  {
    name: 'compare-changed',
    options: { panel: 'compare', version: 1, state: { ...COMPARE_STATE, tab: 'changed' }, height: 900 },
    full: '.compare-changed table',
    method: 'table',
  },
  { name: 'live', options: { panel: 'live', version: 1, state: LIVE_STATE }, full: '.chart-legend li', method: 'read' },
  {
    name: 'live-tables',
    options: { panel: 'live', version: 1, state: { ...LIVE_STATE, asTable: true } },
    full: '.chart-table .grid-cell',
    method: 'read',
  },
  {
    name: 'diff',
    options: { panel: 'diff', version: 1, state: DIFF_STATE },
    full: '.diff-rows .grid-cell',
    method: 'diff',
  },
  {
    name: 'diff-folder',
    options: { panel: 'diff', version: 1, state: DIFF_STATE, knobs: { kind: 'folder' } },
    full: '.diff-rows .grid-cell',
    method: 'diff',
  },
  {
    name: 'diff-text',
    options: { panel: 'diff', version: 1, state: DIFF_STATE, knobs: { kind: 'text' } },
    full: '.plain-table',
    method: 'diff',
  },
];

/** Opens a panel, waits until it is full, runs `use`; the policy was kept and nothing was thrown. */
async function withPanel(
  panel: PanelCase,
  more: Partial<OpenOptions>,
  use: (page: Page, open: OpenPage) => Promise<void>,
): Promise<void> {
  const knobs = { ...panel.options.knobs, ...more.knobs };
  const open = await openPanel({ ...panel.options, ...more, knobs });
  try {
    if (more.failing === undefined) await open.page.waitForSelector(panel.full);
    await use(open.page, open);
    assert.deepEqual(open.problems, []);
  } finally {
    await open.close();
  }
}

describe('every panel', function () {
  this.timeout(60_000);
  after(closeBrowser);

  for (const panel of PANELS) {
    it(`${panel.name} has nothing serious for axe in ${THEMES.length} themes`, () =>
      withPanel(panel, {}, async (page, open) => {
        for (const theme of THEMES) {
          await open.setTheme(theme);
          await shoot(page, `${panel.name}-${theme}`);
          await checkAxe(page);
        }
      }));

    it(`${panel.name} fits 320 pixels and 200 % zoom`, async () => {
      for (const width of [320, 500]) {
        await withPanel(panel, { width, height: width === 320 ? 640 : 350 }, async (page) => {
          await shoot(page, `${panel.name}-${width}`);
          assert.equal(await fitsWidth(page), true, `scrolls sideways at ${width} pixels`);
          if (width === 320) await checkAxe(page);
        });
      }
    });

    it(`${panel.name} speaks Spanish and clips no button`, () =>
      withPanel(panel, { language: 'es' }, async (page) => {
        await shoot(page, `${panel.name}-es`);
        assert.equal(await page.evaluate(() => document.documentElement.lang), 'es');
        assert.deepEqual(await clippedControls(page), []);
        const keys = await page.evaluate(() => document.body.innerText.match(/\b(panel|webview)\.[a-z]\w*/g));
        assert.equal(keys, null, 'text keys without a text');
      }));

    it(`${panel.name} shows hostile text as text`, () =>
      withPanel(panel, { knobs: { label: HOSTILE_TEXT } }, async (page) => {
        const found = await page.evaluate(() => ({
          broken: (window as unknown as { broken?: number }).broken,
          elements: document.querySelectorAll('main img, main script, main iframe, main style, main [onerror]').length,
          links: document.querySelectorAll('main a[href^="javascript:"], main a[href^="command:"]').length,
        }));
        assert.deepEqual(found, { broken: undefined, elements: 0, links: 0 });
      }));

    it(`${panel.name} says what failed and tries again`, () =>
      withPanel(panel, { failing: { [panel.method]: 'fs.denied' } }, async (page) => {
        await page.waitForSelector('.state-error');
        assert.match(await page.innerText('.state-error'), /data\/pool\.csv/);
        await checkAxe(page);
        await page.evaluate((method) => delete window.stubHost.failing[method], panel.method);
        await page.locator('.state-error strata-button').click();
        await page.waitForSelector(panel.full);
      }));

    it(`${panel.name} shows a skeleton only while the answer is late`, () =>
      withPanel(panel, { failing: { [panel.method]: 'hang' } }, async (page) => {
        await page.waitForSelector('.skeleton');
        assert.equal(await page.locator('[data-state="loading"]').count(), 1);
        await checkAxe(page);
      }));

    it(`${panel.name} ignores what is not part of the conversation`, () =>
      withPanel(panel, {}, async (page) => {
        await page.evaluate(() => {
          const wrong = [null, 7, 'x', [], { v: 2 }, { v: 1, k: 'done', id: 999, value: {} }, { v: 1, k: 'event' }];
          for (const message of wrong) window.stubHost.post(message);
          window.stubHost.emit('selection', { runs: 'not a list' });
          window.stubHost.emit('show', { path: 7 });
        });
        await page.waitForTimeout(100);
        assert.equal(await page.locator(panel.full).first().isVisible(), true);
      }));
  }

  it('a page whose boot data is of another version shows the sentence of the host', async () => {
    const open = await openPanel({ panel: 'live', version: 99 });
    try {
      await open.page.waitForSelector('#boot-error:not([hidden])');
    } finally {
      await open.close();
    }
  });

  it('state that an older build left behind is dropped', async () => {
    const open = await openPanel({ panel: 'live', version: 1 });
    try {
      await open.page.waitForSelector('.chart-legend li');
      const broken = { version: 1, value: { runs: 7, zoom: 'far' } };
      await open.page.evaluate((state) => sessionStorage.setItem('state', JSON.stringify(state)), broken);
      await open.page.reload();
      await open.page.waitForSelector('.chart-legend li');
      assert.deepEqual(open.problems, []);
    } finally {
      await open.close();
    }
  });
});

/** Buttons whose text does not fit into them. */
function clippedControls(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, strata-button, strata-panel-tab, .mark')]
      .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
      .map((element) => element.innerText),
  );
}
