/** Locks: whoever comes second says in one sentence that the project is busy, and nobody's work is lost. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { withRepoLock } from '../../src/engine/cache/locks';
import { until } from '../support/pipelineProject';
import { type Tool, TwoTools } from './twoTools';

/** Holds the repository's lock by DVC's own class until standard input ends. */
const HOLD_LOCK = `
import sys
from dvc.repo import Repo
with Repo().lock:
    print("held", flush=True)
    sys.stdin.read()
`;
const SLOW = `stages:
  slow:
    cmd: touch ../started && while [ ! -f ../go ]; do sleep 0.05; done && cat in > out
    deps:
    - in
    outs:
    - out
  quick:
    cmd: cat other > done
    deps:
    - other
    outs:
    - done
`;

describe('agreement: locks', function () {
  this.timeout(180_000);
  let two: TwoTools;
  before(async () => {
    two = await TwoTools.make('dvc');
    two.write({ in: 'x', other: 'y', data: 'z', 'dvc.yaml': SLOW });
    two.run('dvc', 'add', 'in', 'other');
  });
  after(() => two.dispose());

  /** The call failed with exactly one line that names who is in the way. */
  const busy = (tool: Tool, ...args: string[]): string => {
    const { code, stderr } = two.try(tool, ...args);
    assert.notEqual(code, 0, `${tool} ${args.join(' ')} should have been busy`);
    const lines = stderr.trim().split('\n');
    if (tool === 'strata') assert.equal(lines.length, 1, stderr);
    return stderr;
  };

  it('held by DVC: we say so, and do our work once it is free', async () => {
    const holder = two.start('python', '-c', HOLD_LOCK);
    const released = once(holder, 'exit');
    assert.equal(String((await once(holder.stdout ?? holder, 'data'))[0]).trim(), 'held');
    try {
      assert.match(busy('strata', 'add', 'data'), new RegExp(`${holder.pid}`));
      assert.deepEqual(
        two.json('strata', 'data', 'status'),
        { committed: { added: ['in', 'other'] } },
        'reading goes on',
      );
    } finally {
      holder.stdin?.end();
      await released;
    }
    two.run('strata', 'add', 'data');
  });

  it('held by us: DVC says so', async () => {
    const options = { command: 'strata test', hardlink: false, signal: new AbortController().signal };
    await withRepoLock(join(two.root, '.dvc'), options, async () => {
      assert.match(busy('dvc', 'add', 'data'), /Unable to acquire lock/);
    });
    two.run('dvc', 'add', 'data');
  });

  for (const [runner, second] of [
    ['dvc', 'strata'],
    ['strata', 'dvc'],
  ] as const) {
    it(`while ${runner} runs a stage, ${second} works beside it, and says busy about what it makes`, async () => {
      two.remove('../started', '../go', 'dvc.lock', 'out', 'done', '.dvc/cache/runs');
      const run = two.start(runner, 'repro', 'slow');
      const ended = once(run, 'exit');
      await until(() => two.exists('../started'), `${runner} runs its stage`);
      const answer = busy(second, 'repro', 'slow');
      assert.match(answer, /out|in/);
      assert.match(answer, /\d+/, 'the process is named');
      two.run(second, 'repro', 'quick');
      two.write({ '../go': '' });
      assert.deepEqual(await ended, [0, null]);
      assert.deepEqual(two.agree('status'), {});
      assert.match(two.read('dvc.lock'), /slow:[^]*quick:|quick:[^]*slow:/);
    });
  }
});
