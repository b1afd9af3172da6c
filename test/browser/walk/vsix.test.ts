/** The packaged VSIX, installed into a VS Code that knows nothing of this folder: it activates and shows the sample. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../../scripts/lib/root.mjs';
import { installVsix } from '../../../scripts/vscodeServer.mjs';
import { makeSample, type SampleFolder } from '../../support/sampleFolder';
import { Workbench } from '../../support/workbench';

describe('walk: the VSIX', function () {
  this.timeout(180_000);
  let dir: string;
  let sample: SampleFolder;
  let workbench: Workbench | undefined;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'strata-vsix-'));
    sample = await makeSample();
    const vsix = join(dir, 'strata.vsix');
    const vsce = join(root, 'node_modules/@vscode/vsce/vsce');
    const options = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--out', vsix];
    execFileSync(process.execPath, [vsce, 'package', ...options], { cwd: root, stdio: 'pipe' });
    await installVsix(vsix, join(dir, 'extensions'));
    workbench = await Workbench.open({ folder: sample.path, extensionsDir: join(dir, 'extensions'), own: false });
  });

  after(async () => {
    await workbench?.close();
    await sample.remove();
    await rm(dir, { recursive: true, force: true });
  });

  it('installs, activates and shows the project', async () => {
    assert.ok(workbench);
    await workbench.openActivity('Strata');
    for (const [view, text] of [
      ['Data', 'digits.csv'],
      ['Pipeline', 'train'],
      ['Models', 'digits'],
    ] as const) {
      const shown = workbench.view(view);
      await workbench.waitFor(
        `${text} in ${view}`,
        () => shown.rows(),
        (rows) => rows.some((row) => row.label === text),
      );
    }
  });
});
