/** The sample as the real DVC and GTO see it, and as we see it after DVC has run it again. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePython } from '../../scripts/machinery.mjs';
import { quietCall } from '../../src/base/cancel';
import { openRepo } from '../../src/engine/data/data';
import { nodeHost } from '../../src/engine/host/node';
import { status } from '../../src/engine/pipeline/pipeline';
import { makeSample } from '../../src/engine/sample/sample';
import { type StatusAnswer } from '../../src/engine/verbs/data';

const MEDIA = join(__dirname, '../../media');

describe('agreement: the sample', function () {
  this.timeout(300_000);
  let folder = '';
  let root = '';
  let run: (program: 'dvc' | 'gto' | 'git', ...args: string[]) => string;

  before(async () => {
    const { dvc, gto, env } = await ensurePython();
    const programs = { dvc, gto, git: 'git' };
    folder = mkdtempSync(join(tmpdir(), 'strata sample '));
    run = (program, ...args) => execFileSync(programs[program], args, { cwd: root, env, encoding: 'utf8' });
    ({ root } = await makeSample(
      { dir: folder, host: nodeHost(), media: MEDIA },
      { targets: ['digits'] },
      quietCall(),
    ));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const ours = async (): Promise<StatusAnswer> => {
    const repo = await openRepo({ root, cwd: '.', host: nodeHost(), trusted: true, command: 'strata status' });
    try {
      return await status(repo, { targets: [] }, quietCall());
    } finally {
      repo.git?.close();
      await repo.store.close();
    }
  };
  const runCache = (): string[] => {
    const names = readdirSync(join(root, '.dvc/cache/runs'), { recursive: true, encoding: 'utf8' });
    return names.filter((name) => /[0-9a-f]{64}.[0-9a-f]{64}$/.test(name)).sort();
  };

  it('is clean for DVC, Git and us', async () => {
    assert.deepEqual(JSON.parse(run('dvc', 'status', '--json')), {});
    assert.deepEqual(JSON.parse(run('dvc', 'data', 'status', '--json')), {});
    assert.deepEqual(await ours(), {});
    assert.equal(run('git', 'status', '--porcelain'), '');
  });

  it('has its model in production for GTO', () => {
    const shown = JSON.parse(run('gto', 'show', '--json')) as unknown;
    const digits = { version: 'v0.1.0', stage: { prod: 'v0.1.0' }, registered: true, active: true };
    assert.deepEqual(shown, { digits });
  });

  it('holds on the remote what production needs, for DVC', () => {
    run('git', 'checkout', '-q', 'digits#prod#1');
    run('dvc', 'checkout', '-q');
    assert.deepEqual(JSON.parse(run('dvc', 'status', '--json')), {});
    assert.deepEqual(JSON.parse(run('dvc', 'status', '-c', '--json')), {});
    run('git', 'checkout', '-q', 'main');
    run('dvc', 'checkout', '-q');
  });

  it('run again from scratch by DVC: the same bytes, the same results kept, clean for us', async () => {
    const before = runCache();
    run('dvc', 'repro', '-f');
    assert.equal(run('git', 'status', '--porcelain'), '');
    assert.deepEqual(runCache(), before);
    assert.deepEqual(await ours(), {});
  });

  it('pushed, cache deleted and pulled by DVC: nothing is missing', async () => {
    run('dvc', 'push', '-q');
    rmSync(join(root, '.dvc/cache'), { recursive: true });
    run('dvc', 'pull', '-q');
    assert.deepEqual(JSON.parse(run('dvc', 'status', '--json')), {});
    assert.deepEqual(await ours(), {});
  });
});
