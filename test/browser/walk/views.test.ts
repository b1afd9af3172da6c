/** The workbench opens on the sample and shows what the project holds, before anything is clicked but the icon. */
import assert from 'node:assert/strict';
import { makeSample, type SampleFolder } from '../../support/sampleFolder';
import { Workbench } from '../../support/workbench';

describe('walk: views', function () {
  this.timeout(120_000);
  let sample: SampleFolder;
  let workbench: Workbench;

  before(async () => {
    sample = await makeSample();
    workbench = await Workbench.open({ folder: sample.path });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed ${this.currentTest.fullTitle()}`);
  });

  after(async () => {
    await workbench.close();
    await sample.remove();
  });

  it('shows the four views of the sample, each with rows', async () => {
    await workbench.openActivity('Strata');
    for (const name of ['Data', 'Pipeline', 'Runs', 'Models']) {
      const view = workbench.view(name);
      await view.unfold();
      const rows = await workbench.waitFor(
        `rows in ${name}`,
        () => view.rows(),
        (all) => all.length > 0,
      );
      assert.ok(
        rows.every((row) => row.accessibleName.includes(row.label)),
        `a row of ${name} does not say its own label: ${JSON.stringify(rows)}`,
      );
    }
    await workbench.screenshot('views');
  });
});
