/**
 * The three panels in the real workbench: no serious finding of axe in the four kinds of theme, their state after a reload, and
 * everything of ours in Spanish.
 */

import assert from 'node:assert/strict';
import { changeRow } from '../../support/changeRow';
import { assertAccessible } from '../../support/axe';
import { makeSample, type SampleFolder } from '../../support/sampleFolder';
import { themes, Workbench } from '../../support/workbench';

describe('walk: panels in all themes', function () {
  this.timeout(180_000);
  let sample: SampleFolder;
  let workbench: Workbench;

  before(async () => {
    sample = await makeSample();
    changeRow(sample.path, 'data/digits.csv', 2);
    workbench = await Workbench.open({ folder: sample.path, settings: { 'workbench.colorTheme': 'Dark Modern' } });
    await workbench.openActivity('Strata');
    const runs = workbench.view('Runs');
    await workbench.waitFor(
      'the runs',
      () => runs.rows(),
      (rows) => rows.length > 3,
    );
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed ${this.currentTest.fullTitle()}`);
  });

  after(async () => {
    await workbench.close();
    await sample.remove();
  });

  const inAllThemes = async (title: string | RegExp, name: string): Promise<void> => {
    for (const theme of Object.keys(themes) as (keyof typeof themes)[]) {
      await workbench.setTheme(theme);
      const frame = await workbench.webview(title);
      await frame
        .locator(
          `body.vscode-${{ dark: 'dark', light: 'light', highContrast: 'high-contrast', highContrastLight: 'high-contrast-light' }[theme]}`,
        )
        .waitFor();
      await workbench.screenshot(`theme-${name}-${theme}`);
      await assertAccessible(frame, `${name} in ${theme}`);
    }
    await workbench.setTheme('dark');
  };

  it('Compare', async () => {
    const runs = workbench.view('Runs');
    const prod = (await runs.rows()).find((row) => row.description.includes('digits#prod'));
    assert.ok(prod);
    await runs.tick(prod.label);
    await runs.tick('main');
    await workbench.runCommand('Strata: Compare Runs');
    const frame = await workbench.webview('Compare');
    await frame.getByText('B is better: accuracy', { exact: false }).first().waitFor();
    await inAllThemes('Compare', 'compare');
  });

  it('Live', async () => {
    await workbench.runCommand('Strata: Show Live Metrics');
    const frame = await workbench.webview('Live');
    await frame.locator('canvas').first().waitFor();
    await inAllThemes('Live', 'live');
  });

  it('Changes', async () => {
    await workbench.view('Data').inlineAction('digits.csv', 'Show Changes');
    const frame = await workbench.webview(/^Changes/);
    await frame.getByText('1 changed', { exact: false }).first().waitFor();
    await inAllThemes(/^Changes/, 'changes');
  });

  it('come back after a reload with what was chosen', async () => {
    await workbench.reload();
    const frame = await workbench.webview(/^Changes/);
    await frame.getByText('1 changed', { exact: false }).first().waitFor();
    await workbench.editor.tab('Compare').click();
    const compare = await workbench.webview('Compare');
    await compare.getByText('B is better: accuracy', { exact: false }).first().waitFor();
  });
});

describe('walk: Spanish', function () {
  this.timeout(120_000);
  let sample: SampleFolder;
  let workbench: Workbench;

  before(async () => {
    sample = await makeSample();
    workbench = await Workbench.open({
      folder: sample.path,
      locale: 'es',
      settings: { 'workbench.colorTheme': 'Light Modern' },
    });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed ${this.currentTest.fullTitle()}`);
  });
  after(async () => {
    await workbench.close();
    await sample.remove();
  });

  it('views, commands and panels', async () => {
    await workbench.openActivity('Strata');
    const runs = workbench.view('Ejecuciones');
    const rows = await workbench.waitFor(
      'the runs',
      () => runs.rows(),
      (all) => all.length > 3,
    );
    const prod = rows.find((row) => row.description.includes('digits#prod'));
    assert.ok(prod);
    await workbench.waitFor(
      'the stages',
      () => workbench.view('Pipeline').rows(),
      (all) => all.some((row) => row.description.includes('al día')),
    );
    await runs.tick(prod.label);
    await runs.tick('main');
    await workbench.runCommand('Strata: Comparar ejecuciones');
    const frame = await workbench.webview('Comparar');
    await frame.getByText('B es mejor', { exact: false }).first().waitFor();
    assert.equal(await frame.locator('html').getAttribute('lang'), 'es');
    await workbench.screenshot('spanish-compare');
  });
});
