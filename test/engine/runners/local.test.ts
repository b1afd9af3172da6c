/** The runner of this machine with real processes: verdicts, log in the order of arrival, environment, cancel within two seconds. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { is } from '../../../src/engine/errors';
import { localRunner } from '../../../src/engine/runners/local';
import { type JobView, type StageJob } from '../../../src/engine/runners/runners';
import { commandLines, shellCall, stageEnv } from '../../../src/engine/runners/shell';
import { isRunning } from '../../../src/engine/runners/processes';

describe('runners/local', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(`${tmpdir()}/strata-local-`);
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  const job = (cmd: readonly string[], more: Partial<StageJob> = {}): StageJob => {
    return {
      token: 'tok-1',
      name: 's',
      cmd,
      cwd: dir,
      dir: `${dir}/job`,
      after: [],
      res: {},
      files: 'shared',
      ...more,
    };
  };
  const run = async (cmd: readonly string[], env: Record<string, string> = {}): Promise<[JobView, string]> => {
    const runner = localRunner({ PATH: process.env['PATH'], SHELL: '/bin/sh', ...env });
    const [handle] = await runner.submit([job(cmd, { env: { DVC_STAGE: 's' } })]);
    assert.ok(handle);
    return [await runner.wait(handle), readFileSync(`${dir}/job/out.log`, 'utf8')];
  };

  const rows: [string, string[], Partial<JobView>, string][] = [
    [
      'both streams in order',
      ['echo a; echo b >&2; echo c'],
      { state: 'succeeded', exitCode: 0 },
      '> echo a; echo b >&2; echo c\na\nb\nc\n',
    ],
    ['a shell for each command', ['v=1', 'echo "v=$v"'], { state: 'succeeded' }, '> v=1\n> echo "v=$v"\nv=\n'],
    ['the first failure ends', ['exit 3', 'echo no'], { state: 'failed', exitCode: 3 }, '> exit 3\n'],
    ['ended by a signal', ['kill -9 $$'], { state: 'failed', signal: 'SIGKILL' }, '> kill -9 $$\n'],
    ['nothing to run', [], { state: 'succeeded', exitCode: 0 }, ''],
    [
      'nothing of the editor',
      ['echo $VSCODE_PID-$NODE_OPTIONS-$ELECTRON_RUN_AS_NODE-$KEPT-$DVC_STAGE'],
      { state: 'succeeded' },
      '---k-s\n',
    ],
  ];
  for (const [title, cmd, expected, log] of rows) {
    it(title, async () => {
      const [view, text] = await run(cmd, {
        VSCODE_PID: '1',
        NODE_OPTIONS: '--no-warnings',
        ELECTRON_RUN_AS_NODE: '1',
        KEPT: 'k',
      });
      assert.equal(view.source, 'verdict');
      for (const [key, value] of Object.entries(expected)) assert.equal(view[key as keyof JobView], value, key);
      assert.ok(text.endsWith(log), text);
    });
  }

  it('a shell that is not there fails at once', async () => {
    const runner = localRunner({ SHELL: '/nowhere/sh' });
    await assert.rejects(runner.submit([job(['true'])]), (error) => is(error, 'run.noShell'));
  });

  it('cancel reaches grandchildren that ignore TERM, within two seconds', async () => {
    const runner = localRunner({ PATH: process.env['PATH'], SHELL: '/bin/sh' });
    const script = `trap '' TERM; (trap '' TERM; sleep 60.25) & echo up; sleep 60.25; sleep 60.25`;
    const [handle] = await runner.submit([job([script])]);
    assert.ok(handle);
    while (!readFileSync(`${dir}/job/out.log`, 'utf8').endsWith('up\n')) await new Promise((r) => setTimeout(r, 10));
    const start = Date.now();
    await runner.cancel([handle]);
    assert.ok(Date.now() - start < 2000);
    const [view] = await runner.poll([handle]);
    assert.equal(view?.state, 'cancelled');
    const left = execFileSync('ps', ['-eo', 'pgid,args']).toString().split('\n');
    assert.deepEqual(
      left.filter((line) => line.trim().startsWith(`${handle.id} `) && !line.includes('defunct')),
      [],
    );
    await runner.cancel([handle]);
  });

  it('lets a command end in its own way when it is asked to', async () => {
    const runner = localRunner({ PATH: process.env['PATH'], SHELL: '/bin/sh' });
    const [handle] = await runner.submit([
      job([`trap 'echo bye; exit 9' TERM; echo up; while :; do sleep 0.05; done`]),
    ]);
    assert.ok(handle);
    while (!readFileSync(`${dir}/job/out.log`, 'utf8').endsWith('up\n')) await new Promise((r) => setTimeout(r, 10));
    await runner.cancel([handle]);
    const view = await runner.wait(handle);
    assert.equal(view.exitCode, 9);
    assert.ok(readFileSync(`${dir}/job/out.log`, 'utf8').endsWith('bye\n'));
  });

  it('follows the log to the end, bytes unchanged', async () => {
    const runner = localRunner({ PATH: process.env['PATH'], SHELL: '/bin/sh' });
    const [handle] = await runner.submit([job([`printf 'a\\377'; sleep 0.2; printf '\\033[1mz'`])]);
    assert.ok(handle);
    const parts: Uint8Array[] = [];
    for await (const chunk of runner.logs(handle, 0, new AbortController().signal)) parts.push(chunk.bytes);
    assert.deepEqual(Buffer.concat(parts), readFileSync(`${dir}/job/out.log`));
    assert.ok(Buffer.concat(parts).includes(Buffer.from([0x61, 0xff])));
  });

  it('is found again by another process through its verdict', async () => {
    const runner = localRunner({ PATH: process.env['PATH'], SHELL: '/bin/sh' });
    const [handle] = await runner.submit([job(['exit 4'])]);
    assert.ok(handle);
    await runner.wait(handle);
    const [again] = await localRunner({}).reattach([handle]);
    assert.equal(again?.exitCode, 4);
    assert.ok(existsSync(`${dir}/job/job.json`));
    const [lost] = await localRunner({}).reattach([{ token: 'other', id: '4194304', submitted: 0, dir }]);
    assert.equal(lost?.state, 'lost');
  });
});

describe('runners/shell', () => {
  const shells: [string | undefined, string, string[]][] = [
    ['/bin/bash', '/bin/bash', ['--noprofile', '--norc', '-c', 'x']],
    ['/usr/bin/zsh', '/usr/bin/zsh', ['--no-rcs', '-c', 'x']],
    ['/usr/bin/fish', '/usr/bin/fish', ['--no-config', '-c', 'x']],
    ['/bin/dash', '/bin/dash', ['-c', 'x']],
    [undefined, '/bin/sh', ['-c', 'x']],
    ['', '/bin/sh', ['-c', 'x']],
  ];
  for (const [shell, file, args] of shells) {
    it(`SHELL=${String(shell)}`, () => {
      const call = shellCall('x', { SHELL: shell }, 'linux');
      assert.deepEqual([call.file, call.args], [file, args]);
    });
  }
  it('Windows', () => {
    assert.deepEqual(shellCall('echo "a b"', { ComSpec: 'C:\\W\\cmd.exe' }, 'win32'), {
      file: 'C:\\W\\cmd.exe',
      args: ['/d', '/s', '/c', '"echo "a b""'],
      verbatim: true,
    });
  });
  it('lines of a command', () => {
    assert.deepEqual(commandLines('a\nb\r\n\nc\n'), ['a', 'b', '', 'c']);
    assert.deepEqual(commandLines('a'), ['a']);
    assert.deepEqual(commandLines(''), []);
    assert.deepEqual(commandLines(['a\nb', 'c']), ['a\nb', 'c']);
  });
  it('environment', () => {
    assert.deepEqual(stageEnv({ A: '1', B: undefined, VSCODE_X: '1' }, { C: '2' }), { A: '1', C: '2' });
  });
});

describe('runners/processes', () => {
  it('knows a process by its arguments', () => {
    assert.equal(isRunning(process.pid, 'mocha'), true);
    assert.equal(isRunning(4194304, ''), false);
    if (process.platform === 'linux') assert.equal(isRunning(process.pid, 'no-such-token'), false);
  });
});
