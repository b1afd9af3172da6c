/** Runs as others see them: status, logs, events, cancel, locks while a command runs, supervisors that die, old folders. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { quietCall } from '../../../src/base/cancel';
import { is } from '../../../src/engine/errors';
import {
  answerOf,
  followRun,
  pipelineView,
  repro,
  runCancel,
  runLog,
  runsActive,
  runStart,
  runStatus,
  why,
} from '../../../src/engine/pipeline/pipeline';
import { type RunEvent } from '../../../src/engine/pipeline/follow';
import { KEPT_RUNS, runDir } from '../../../src/engine/pipeline/runDir';
import { type RunStartAnswer } from '../../../src/engine/verbs/pipeline';
import { cancellableCall, makeProject, supervisor, until, type TestProject } from '../../support/pipelineProject';

const SLOW = `stages:
  quick: {cmd: 'echo ü > q', deps: [i], outs: [q]}
  slow:
    cmd:
    - echo first
    - 'echo up > up; sleep 0.3; while test -e wait; do sleep 0.05; done; echo late >&2; echo s > s'
    deps: [q]
    outs: [s]
  after: {cmd: cp s z, deps: [s], outs: [z]}
`;

describe('runs', function () {
  this.timeout(30_000);
  let project: TestProject;
  beforeEach(async () => {
    project = await makeProject({ 'dvc.yaml': SLOW, i: '1' });
  });
  afterEach(() => project.dispose());

  const start = (): Promise<RunStartAnswer> => {
    return runStart(project.repo, { targets: [] }, quietCall(), { supervisor: supervisor() });
  };
  const untilUp = (): Promise<void> => until(() => existsSync(`${project.root}/up`), 'stage is up');
  const follow = async (dir: string): Promise<[RunEvent[], Awaited<ReturnType<typeof followRun>>]> => {
    const events: RunEvent[] = [];
    const last = await followRun(project.repo.host, dir, (event) => events.push(event), new AbortController().signal);
    return [events, last];
  };

  it('tells what happens, in order, and ends with the answer', async () => {
    const { token, dir } = await start();
    const [events, last] = await follow(dir);
    const told = events.map((event) => {
      return event.kind === 'stage' ? `${event.stage.name}:${event.stage.state}` : Buffer.from(event.bytes).toString();
    });
    assert.equal(last.state, 'succeeded');
    assert.deepEqual(
      told.join('|').replaceAll('\n|', '\n'),
      'quick:running|> echo ü > q\nquick:ran|slow:running|> echo first\nfirst\n> ' +
        `${SLOW.split("'")[3] ?? ''}\nlate\nslow:ran|after:running|> cp s z\nafter:ran`,
    );
    const answer = answerOf(last);
    assert.deepEqual(answer.files, ['dvc.lock']);
    assert.equal(answer.run, token);
    const log = await runLog(project.repo, { token, stage: 'quick', from: 0 });
    assert.deepEqual(log, { text: '> echo ü > q\n', next: 14 });
    assert.deepEqual(await runLog(project.repo, { token, stage: 'quick', from: 7 }), { text: 'ü > q\n', next: 14 });
    const verdict = JSON.parse(readFileSync(`${dir}/001/verdict.json`, 'utf8')) as Record<string, unknown>;
    assert.equal(verdict['state'], 'succeeded');
  });

  it('holds DVC locks only as DVC does while a command runs', async () => {
    project.write({ wait: '' });
    const { dir } = await start();
    await untilUp();
    const table = JSON.parse(readFileSync(`${project.root}/.dvc/tmp/rwlock`, 'utf8')) as Record<string, object>;
    assert.deepEqual(Object.keys(table['write'] ?? {}), [`${project.root}/s`]);
    assert.deepEqual(Object.keys(table['read'] ?? {}), [`${project.root}/q`]);
    assert.equal(spawnSync('flock', ['-n', `${project.root}/.dvc/tmp/lock`, 'true']).status, 0);
    await assert.rejects(
      repro(project.repo, { targets: ['after'] }, quietCall(), { supervisor: supervisor() }),
      (error) => is(error, 'lock.paths'),
    );
    project.remove('wait');
    const [, last] = await follow(dir);
    assert.equal(last.state, 'succeeded');
    assert.equal(readFileSync(`${project.root}/.dvc/tmp/rwlock`, 'utf8'), '{"write": {}}');
  });

  const cancels: [string, (token: string, pid: number) => unknown][] = [
    ['by its token', (token) => runCancel(project.repo, { token })],
    ['by SIGTERM', (_, pid) => process.kill(pid, 'SIGTERM')],
  ];
  for (const [title, cancel] of cancels) {
    it(`cancel ${title} ends commands within two seconds and keeps what is done`, async () => {
      project.write({ wait: '' });
      const { token, dir } = await start();
      await untilUp();
      const began = Date.now();
      await cancel(token, (await runStatus(project.repo, { token })).pid);
      const [, last] = await follow(dir);
      assert.ok(Date.now() - began < 2500, `${Date.now() - began} ms`);
      assert.deepEqual(
        [last.state, ...last.stages.map((stage) => stage.state)],
        ['cancelled', 'ran', 'cancelled', 'cancelled'],
      );
      assert.deepEqual((await runsActive(project.repo)).runs, []);
      assert.ok(project.read('dvc.lock')?.includes('quick'));
      assert.ok(!project.read('dvc.lock')?.includes('slow'));
      assert.equal(commandsLeft(project.root), '');
    });
  }

  it('a cancelled call cancels its run', async () => {
    project.write({ wait: '' });
    const { call, cancel } = cancellableCall();
    const done = repro(project.repo, { targets: [] }, call, { supervisor: supervisor() });
    const judged = assert.rejects(done, { name: 'Cancelled' });
    await untilUp();
    cancel();
    await judged;
    assert.equal(commandsLeft(project.root), '');
  });

  it('a killed supervisor leaves a run that is lost, and the next run goes on', async () => {
    project.write({ wait: '' });
    const { token } = await start();
    await untilUp();
    const [active] = (await runsActive(project.repo)).runs;
    assert.equal(active?.token, token);
    process.kill(active.pid, 'SIGKILL');
    await until(async () => (await runStatus(project.repo, { token })).state === 'lost', 'lost');
    assert.deepEqual((await runsActive(project.repo)).runs, []);
    project.remove('wait');
    await until(() => commandsLeft(project.root) === '', 'orphans end');
    const answer = await repro(project.repo, { targets: [] }, quietCall(), { supervisor: supervisor() });
    assert.deepEqual(
      answer.stages.map((stage) => stage.state),
      ['unchanged', 'ran', 'ran'],
    );
  });

  it('goes on when whoever started it ends', async () => {
    const program = `${project.root}/start.cjs`;
    writeFileSync(
      program,
      `const { spawn } = require('node:child_process');
       const child = spawn(process.execPath, [${JSON.stringify(supervisor())}, process.argv[2]], { detached: true, stdio: 'ignore' });
       child.unref();`,
    );
    const token = '20260101-000000-00000001';
    const dir = runDir(project.root, token);
    mkdirSync(dir, { recursive: true });
    const plan = {
      schema: 1,
      token,
      root: project.root,
      created: 0,
      args: { targets: [] },
      cwd: '.',
      command: 'strata repro',
    };
    writeFileSync(`${dir}/plan.json`, JSON.stringify(plan));
    execFileSync(process.execPath, [program, dir]);
    const [, last] = await follow(dir);
    assert.equal(last.state, 'succeeded');
  });

  it('shows stages with state, reasons and last duration', async () => {
    const before = await pipelineView(project.repo, {}, quietCall());
    assert.deepEqual(
      before.stages.map((stage) => stage.state),
      ['never', 'never', 'never'],
    );
    project.write({ wait: '' });
    const { dir } = await start();
    await untilUp();
    const during = await pipelineView(project.repo, {}, quietCall());
    assert.deepEqual(
      during.stages.map((stage) => stage.state),
      ['upToDate', 'running', 'queued'],
    );
    project.remove('wait');
    await follow(dir);
    project.write({ i: '2' });
    const [quick, slow, after] = (await pipelineView(project.repo, {}, quietCall())).stages;
    assert.deepEqual(quick?.reasons, [{ kind: 'dep', path: 'i', state: 'modified' }]);
    assert.deepEqual([quick.line, quick.upstream, quick.deps, quick.outs], [2, [], ['i'], ['q']]);
    assert.deepEqual([slow?.state, slow?.reasons], ['stale', [{ kind: 'upstream', stage: 'quick' }]]);
    assert.ok((slow?.seconds ?? 0) >= 0.3);
    assert.deepEqual(after?.reasons, [{ kind: 'upstream', stage: 'slow' }]);
    project.write({ i: '1' });
    project.remove('q');
    const answer = await why(project.repo, { targets: ['quick'] }, quietCall());
    assert.equal(answer.cached, true);
    assert.deepEqual(answer.reasons, [{ kind: 'out', path: 'q', state: 'deleted' }]);
  });

  it('keeps the folders of the last runs only', async () => {
    const runs = `${project.root}/.dvc/tmp/strata/runs`;
    for (let i = 0; i < KEPT_RUNS + 5; i += 1) {
      const token = `2020010${i % 10}-0000${String(i).padStart(2, '0')}-00000000`;
      mkdirSync(`${runs}/${token}`, { recursive: true });
    }
    await repro(project.repo, { targets: ['quick'] }, quietCall(), { supervisor: supervisor() });
    await until(() => readdirSync(runs).length === KEPT_RUNS, 'old folders are gone');
  });

  const wrong: [string, () => Promise<unknown>, string][] = [
    ['a token that is none', () => runStatus(project.repo, { token: '../../../etc' }), 'run.unknown'],
    ['a run that is not there', () => runCancel(project.repo, { token: '20200101-000000-00000000' }), 'run.unknown'],
    [
      'no supervisor',
      () => runStart(project.repo, { targets: [] }, quietCall(), { supervisor: '/nowhere/run.js' }),
      'run.noSupervisor',
    ],
    [
      'a supervisor that dies',
      () => runStart(project.repo, { targets: [] }, quietCall(), { supervisor: `${project.root}/dvc.yaml` }),
      'run.died',
    ],
    [
      'an untrusted workspace',
      () => runStart({ ...project.repo, trusted: false }, { targets: [] }, quietCall()),
      'trust.required',
    ],
  ];
  for (const [title, act, code] of wrong) {
    it(`refuses ${title}`, () => assert.rejects(act(), (error) => is(error, code)));
  }
});

/** Processes of the project's commands that still run. */
function commandsLeft(root: string): string {
  const lines = execFileSync('ps', ['-eo', 'pid,stat,args']).toString().split('\n');
  const live = lines.filter((line) => line.includes('while test -e wait') && !/^\s*\d+\s+Z/.test(line));
  return live.filter((line) => cwdOf(line) === root).join('\n');
}

function cwdOf(line: string): string {
  const pid = line.trim().split(' ')[0] ?? '';
  return spawnSync('readlink', [`/proc/${pid}/cwd`])
    .stdout.toString()
    .trim();
}
