/** Locks: whoever comes second says in one sentence that the project is busy, and nobody's work is lost. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { withRepoLock } from '../../src/engine/cache/locks';
import { until } from '../support/pipelineProject';
import { HOLD_LOCK, HOLD_OURS } from './holders';
import { type Tool, TwoTools } from './twoTools';

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
      const started = Date.now();
      assert.match(busy('strata', 'add', 'data'), new RegExp(`${holder.pid}`));
      assert.ok(Date.now() - started >= 3000, 'after three seconds');
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

  for (const [name, program] of [
    ['DVC', HOLD_LOCK],
    ['us', HOLD_OURS],
  ] as const) {
    it(`held by ${name} and killed: free at once for both, whatever its file says`, async () => {
      for (const tool of ['strata', 'dvc'] as const) {
        const holder = two.start('python', '-c', program);
        const ended = once(holder, 'exit');
        assert.equal(String((await once(holder.stdout ?? holder, 'data'))[0]).trim(), 'held');
        holder.kill('SIGKILL');
        await ended;
        assert.equal(two.read('.dvc/tmp/lock').trim(), `${holder.pid}`);
        const started = Date.now();
        two.write({ data: `${name} ${tool}` });
        two.run(tool, 'add', 'data');
        if (tool === 'strata') assert.ok(Date.now() - started < 2500, 'without waiting');
      }
    });
  }

  for (const content of ['', 'no pid', ' 4194303\n', `${'x'.repeat(9999)}`]) {
    it(`a lock file that holds ${JSON.stringify(content.slice(0, 9))} and that nobody holds is in nobody's way`, () => {
      for (const tool of ['strata', 'dvc'] as const) {
        two.write({ '.dvc/tmp/lock': content, '.dvc/tmp/rwlock.lock': content });
        two.write({ data: `${content} ${tool}` });
        two.run(tool, 'add', 'data');
      }
    });
  }

  it('a list of paths that DVC left empty when it was killed is mended, so that DVC can go on', () => {
    two.write({ '.dvc/tmp/rwlock': '', data: 'changed once more' });
    assert.match(busy('dvc', 'add', 'data'), /rwlock/);
    two.run('strata', 'status');
    two.run('dvc', 'add', 'data');
  });

  it('a list of paths that was cut off is refused by both and kept, with the file and the next step named', () => {
    two.write({ '.dvc/tmp/rwlock': '{"write": {"/p/a": {"pid": 1,', data: 'changed again' });
    try {
      assert.match(busy('dvc', 'add', 'data'), /rwlock/);
      assert.match(busy('strata', 'add', 'data'), /rwlock cannot be read .* delete this file/);
      assert.match(two.read('.dvc/tmp/rwlock'), /"pid": 1,$/);
    } finally {
      two.remove('.dvc/tmp/rwlock');
    }
    two.run('strata', 'add', 'data');
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
