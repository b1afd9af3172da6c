/** Results put back from the run cache, and what Git holds among them: files of its own, whatever links `cache.type` asks for. */

import assert from 'node:assert/strict';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { quietCall } from '../../../src/base/cancel';
import { repro } from '../../../src/engine/pipeline/pipeline';
import { makeProject, supervisor, type TestProject } from '../../support/pipelineProject';

const PIPELINE = `stages:
  s:
    cmd: cp in out && echo '{}' > m.json && cp in plain
    deps: [in]
    outs: [out]
    metrics: [m.json: {cache: false}]
    plots: [plain: {cache: false}]
`;

describe('restoreResult', () => {
  for (const [type, isLink] of [
    ['symlink', (at: string) => lstatSync(at).isSymbolicLink()],
    ['hardlink', (at: string) => lstatSync(at).nlink > 1],
  ] as const) {
    it(`links of type ${type} are for what the cache holds, not for what Git holds`, async () => {
      const config = `[core]\n    no_scm = True\n[cache]\n    type = ${type}\n`;
      const project = await makeProject({ '.dvc/config': config, 'dvc.yaml': PIPELINE, in: 'x' });
      const look = (run: TestProject): void => {
        assert.ok(isLink(join(run.root, 'out')), 'out is a link');
        for (const path of ['m.json', 'plain']) {
          const stat = lstatSync(join(run.root, path));
          assert.ok(stat.isFile() && stat.nlink === 1 && (stat.mode & 0o200) !== 0, `${path} is a file of its own`);
        }
      };
      const run = async (): Promise<string[]> => {
        const { stages } = await repro(project.repo, { targets: [] }, quietCall(), { supervisor: supervisor() });
        return stages.map((stage) => stage.state);
      };
      try {
        assert.deepEqual(await run(), ['ran']);
        look(project);
        project.remove('dvc.lock');
        for (const path of ['out', 'm.json', 'plain']) project.remove(path);
        assert.deepEqual(await run(), ['cached']);
        look(project);
      } finally {
        await project.dispose();
      }
    });
  }
});
