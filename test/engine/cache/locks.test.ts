import * as assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isCancelled } from '../../../src/base/cancel';
import { withRepoLock, type LockOptions } from '../../../src/engine/cache/locks';
import { is } from '../../../src/engine/errors';
import { dropFolder, newFolder } from '../../support/temporary';
import { zombie } from '../../support/zombie';

describe('withRepoLock', () => {
  let dvc = '';
  let children: ChildProcess[] = [];
  beforeEach(() => void (dvc = path.join(newFolder(), '.dvc')));
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children = [];
    dropFolder(path.dirname(dvc));
  });
  const lockFile = (): string => path.join(dvc, 'tmp', 'lock');
  const options = (more: Partial<LockOptions> = {}): LockOptions => ({
    command: 'strata test',
    hardlink: false,
    signal: new AbortController().signal,
    ...more,
  });

  /** Another program that takes the lock as DVC does, says so, and keeps it until it is killed or its time is over. */
  async function holder(seconds = 60): Promise<ChildProcess> {
    const program = `import fcntl,sys,time,os
f=open(sys.argv[1],'a+'); fcntl.flock(f,fcntl.LOCK_EX|fcntl.LOCK_NB)
f.truncate(0); f.write(' %d\\n' % os.getpid()); f.flush(); print('held',flush=True); time.sleep(${seconds})`;
    fs.mkdirSync(path.dirname(lockFile()), { recursive: true });
    const child = spawn('python3', ['-c', program, lockFile()], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    await once(child.stdout, 'data');
    return child;
  }

  const canLock = (): boolean => spawnSync('flock', ['-n', lockFile(), 'true']).status === 0;

  it('holds a lock that others see, with our pid in the file, until the work ends', async () => {
    await withRepoLock(dvc, options(), async () => {
      assert.equal(fs.readFileSync(lockFile(), 'utf8'), ` ${process.pid}\n`);
      assert.equal(canLock(), false);
    });
    assert.equal(canLock(), true);
    await assert.rejects(
      withRepoLock(dvc, options(), () => Promise.reject(new Error('work'))),
      /work/,
    );
    assert.equal(canLock(), true, 'released after a failure too');
    assert.ok(fs.existsSync(lockFile()), 'never deleted');
  });

  it('gives up after the wait and says who holds it', async () => {
    const child = await holder();
    const started = Date.now();
    await assert.rejects(
      withRepoLock(dvc, options({ waitMs: 400 }), async () => undefined),
      (error: unknown) => {
        assert.ok(is(error, 'lock.busy'), String(error));
        assert.equal(error.data['pid'], child.pid);
        assert.match(String(error.data['holder']), /python3/);
        assert.equal(error.data['path'], lockFile());
        return true;
      },
    );
    assert.ok(Date.now() - started >= 400);
  });

  it('waits for a holder that ends, or is killed', async () => {
    await holder(0.3);
    assert.equal(await withRepoLock(dvc, options(), async () => 'mine'), 'mine');
    const child = await holder();
    setTimeout(() => child.kill('SIGKILL'), 200);
    const started = Date.now();
    assert.equal(await withRepoLock(dvc, options(), async () => 'mine'), 'mine');
    assert.ok(Date.now() - started < 1500, 'at once');
  });

  it('waits three seconds unless told otherwise', async () => {
    await holder();
    const started = Date.now();
    await assert.rejects(
      withRepoLock(dvc, options(), async () => undefined),
      (error: unknown) => is(error, 'lock.busy'),
    );
    const waited = Date.now() - started;
    assert.ok(waited >= 3000 && waited < 4500, `${waited} ms`);
  });

  const BLAMELESS: Readonly<Record<string, () => string>> = {
    // An id that was given again, or that of a process of another machine which has the same folder.
    'a process that does not have the file open': () => ` ${process.ppid}\n`,
    'a process that has ended and that nobody asked about': () => ` ${zombie(children)}\n`,
    'nobody, since it is empty': () => '',
    'nobody, since it is broken': () => 'not a pid',
  };
  for (const [name, content] of Object.entries(BLAMELESS)) {
    it(`blames no process when the lock is held and its file names ${name}`, async () => {
      await holder();
      fs.writeFileSync(lockFile(), content());
      await assert.rejects(
        withRepoLock(dvc, options({ waitMs: 0 }), async () => undefined),
        (error: unknown) => {
          assert.ok(is(error, 'lock.busy'), String(error));
          assert.deepEqual(error.data, { path: lockFile(), holder: 'DVC / Strata' });
          return true;
        },
      );
    });
  }

  for (const [name, content] of [
    ['empty', ''],
    ['of a process that is gone', ' 4194303\n'],
    ['of a process of another kind', ` ${process.ppid}\n`],
    ['nonsense', 'not a pid'],
    ['of far too much', 'x'.repeat(1 << 20)],
  ] as const) {
    it(`does not mind a lock file that is ${name} and held by nobody`, async () => {
      fs.mkdirSync(path.dirname(lockFile()), { recursive: true });
      fs.writeFileSync(lockFile(), content);
      assert.equal(await withRepoLock(dvc, options({ waitMs: 0 }), async () => 'mine'), 'mine');
    });
  }

  it('stops waiting when cancelled', async () => {
    await holder();
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const started = Date.now();
    await assert.rejects(
      withRepoLock(dvc, options({ signal: controller.signal }), async () => undefined),
      isCancelled,
    );
    assert.ok(Date.now() - started < 1000);
  });

  it('excludes a second taker in the same process', async () => {
    await withRepoLock(dvc, options(), async () => {
      await assert.rejects(
        withRepoLock(dvc, options({ waitMs: 200 }), async () => undefined),
        (error: unknown) => is(error, 'lock.busy'),
      );
    });
  });

  describe('with core.hardlink_lock', () => {
    const claims = (): string[] =>
      fs.readdirSync(path.join(dvc, 'tmp')).filter((name) => /^[0-9a-f]{32}\.lock$/.test(name));

    it('links a claim file to the name, and removes both', async () => {
      await withRepoLock(dvc, options({ hardlink: true }), async () => {
        const [claim = ''] = claims();
        const file = path.join(dvc, 'tmp', claim);
        assert.equal(fs.readFileSync(file, 'utf8'), file);
        assert.equal(fs.statSync(lockFile()).nlink, 2);
        assert.ok(fs.statSync(lockFile()).mtimeMs > Date.now() + 364 * 86_400_000);
      });
      assert.deepEqual(fs.readdirSync(path.join(dvc, 'tmp')), []);
    });

    it('waits for a live one and takes over a stale one', async () => {
      fs.mkdirSync(path.dirname(lockFile()), { recursive: true });
      fs.writeFileSync(lockFile(), '');
      await assert.rejects(
        withRepoLock(dvc, options({ hardlink: true, waitMs: 200 }), async () => undefined),
        (error: unknown) => is(error, 'lock.busy'),
      );
      assert.deepEqual(claims(), [], 'no claim stays');
      const past = Date.now() / 1000 - 60;
      fs.utimesSync(lockFile(), past, past);
      assert.equal(await withRepoLock(dvc, options({ hardlink: true }), async () => 'mine'), 'mine');
    });
  });
});
