import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import {
  call,
  CLI,
  isRunning,
  newProject,
  startStrata,
  strata,
  until,
  type CommandProject,
  type Outcome,
} from '../support/commandLine';
import { dropFolder, newFolder } from '../support/temporary';

const PIPELINE = `stages:
  make:
    cmd: cp in.txt out.txt
    deps: [in.txt]
    outs: [out.txt]
  fail:
    cmd: echo before; exit 3
    outs: [never.txt]
`;

/** What a call has to give: exit code, and what its two streams hold. `json` is the one document. */
interface Expected {
  readonly code: number;
  readonly out?: string | RegExp;
  readonly err?: string | RegExp;
  readonly json?: unknown;
}

function check(outcome: Outcome, expected: Expected): void {
  const told = `exit ${outcome.code}\nstdout: ${outcome.out}\nstderr: ${outcome.err}`;
  assert.equal(outcome.code, expected.code, told);
  if (expected.json !== undefined) {
    assert.match(outcome.out, /^[^\n]*\n$/, 'one line with one document');
    assert.deepEqual(JSON.parse(outcome.out), expected.json, told);
  }
  for (const [stream, wanted] of [
    [outcome.out, expected.out],
    [outcome.err, expected.err],
  ] as const) {
    if (typeof wanted === 'string') assert.equal(stream, wanted, told);
    else if (wanted) assert.match(stream, wanted, told);
  }
  // No colours and no cursor codes: nothing here is a terminal.
  assert.ok(!`${outcome.out}${outcome.err}`.includes('\u001b'), told);
}

describe('the strata command', function () {
  this.timeout(60_000);
  let project: CommandProject;
  let empty: string;

  before(() => {
    empty = newFolder();
    project = newProject({ 'in.txt': 'one\n', 'dvc.yaml': PIPELINE, 'data.csv': 'a,b\n1,2\n' });
    project.ok('add', '-q', 'data.csv');
    const git = (...args: string[]): void => {
      const config = ['-c', 'user.name=T', '-c', 'user.email=t@example.com'];
      assert.equal(spawnSync('git', [...config, ...args], { cwd: project.root }).status, 0, args.join(' '));
    };
    git('config', 'user.name', 'T');
    git('config', 'user.email', 't@example.com');
    git('add', '-A');
    git('commit', '-q', '-m', 'first');
    project.ok('registry', 'register', '-q', 'm');
  });
  after(() => {
    project.drop();
    dropFolder(empty);
  });

  const ROWS: Record<string, Expected> = {
    '--version': { code: 0, out: /^\d+\.\d+\.\d+\n$/, err: '' },
    '--help': { code: 0, out: /Usage: strata \[-C DIR\] VERB[^]*strata add PATH/, err: '' },
    'help add': { code: 0, out: /^Usage: strata add PATH .*\n$/, err: '' },
    '': { code: 2, out: '', err: /Usage: strata/ },
    bogus: { code: 2, out: '', err: /^“bogus” is not a command.*\nUsage: strata .*\n$/ },
    add: { code: 2, out: '', err: /^PATH is missing\.\nUsage: strata add PATH .*\n$/ },
    'add --nope x': { code: 2, out: '', err: /^--nope is not an option .*\nUsage: strata add PATH .*\n$/ },
    config: { code: 2, out: '', err: /^NAME is missing\.\nUsage: strata config .*\n$/ },
    'promote m': { code: 2, out: '', err: /^--stage is missing.*\nUsage: strata promote .*\n$/ },
    'restore data.csv': { code: 2, out: '', err: /^--from is missing.*\nUsage: strata restore .*\n$/ },
    '-C nowhere status': { code: 1, out: '', err: /^nowhere is not a folder\.\n$/ },
    'add nope': { code: 1, out: '', err: /^There is no nope\. .*\n$/ },
    'add --json nope': { code: 1, out: '', err: /^There is no nope\. .*\n$/ },
    'add .': { code: 1, out: '', err: /^The folder of the project itself cannot be tracked\. .*\n$/ },
    'add .dvc': { code: 1, out: '', err: /^\.dvc is not a name that data may have: .*\n$/ },
    'add data.csv.dvc': { code: 1, out: '', err: /^data\.csv\.dvc is a \.dvc file: .*\n$/ },
    'add /etc/hostname': { code: 1, out: '', err: /^\/etc\/hostname lies outside the project\. .*\n$/ },
    'why nope': { code: 1, out: '', err: /^“nope” is no stage, .* strata stages\n$/ },
    push: { code: 1, out: '', err: /^No remote is chosen\. .*strata remote add -d NAME URL.*\n$/ },
    'status data.csv': { code: 0, out: 'Data and pipelines are up to date.\n', err: '' },
    'status --json data.csv': { code: 0, json: {}, err: '' },
    'status -q data.csv': { code: 0, out: '', err: '' },
    'status -q': { code: 1, out: '', err: '' },
    'status -q --json data.csv': { code: 0, json: {}, err: '' },
    'metrics --json': { code: 0, json: { '': { data: {} } }, err: '' },
    metrics: { code: 0, out: '', err: /^There are no metrics here\. .*\n$/ },
    'remote list --json': { code: 0, json: { lines: [] }, err: '' },
    'diff --json': {
      code: 0,
      json: { added: [], deleted: [], modified: [], renamed: [], 'not in cache': [] },
      err: '',
    },
    'dag --json': { code: 0, json: { nodes: ['data.csv.dvc', 'make', 'fail'], edges: [] }, err: '' },
    'dag --md': {
      code: 0,
      out: '```mermaid\nflowchart TD\n\tnode1["data.csv.dvc"]\n\tnode2["make"]\n\tnode3["fail"]\n```\n',
      err: '',
    },
    'dag --outs --collapse-foreach-matrix': { code: 2, out: '', err: /--outs.*--collapse-foreach-matrix/ },
    'stage list --name-only': { code: 0, out: 'make\nfail\n', err: '' },
    'stage add make x': { code: 2, out: '', err: /^--name is missing.*\nUsage: strata stage add COMMAND .*\n$/ },
    'stage add -n new': { code: 2, out: '', err: /^COMMAND is missing\.\n/ },
    'stage add -n make x --json': { code: 1, out: '', err: /^There is a stage make in dvc\.yaml already, .*\n$/ },
    plots: { code: 0, out: '', err: /^No plots\. .*\n$/ },
    'plots --json': { code: 0, json: { data: {} }, err: '' },
    'plots data.csv -x a': { code: 0, out: /^plot +revision +points +x +y\ndata\.csv +workspace +1 +a +b\n$/, err: '' },
    'plots templates nope': { code: 1, out: '', err: /^There is no template “nope”\. .*\n$/ },
    log: { code: 1, out: '', err: /^There is nothing to log\. .*\n$/ },
    'log loss': { code: 1, out: '', err: /^“loss” has no value\. .*\n$/ },
    'repro --dry make': { code: 0, out: 'Stage make: would run\n', err: '' },
    'gate m': { code: 4, err: /^There are no rules for m in gates\.yaml\.\n$/, out: '' },
    'promote m --stage prod': { code: 1, out: '', err: /^This needs a decision.* --yes\.\n$/ },
    'series --json in.txt': {
      code: 4,
      json: { series: {}, notes: [] },
      err: /^There are no metric logs in in\.txt\. .*\n$/,
    },
  };
  for (const [line, expected] of Object.entries(ROWS)) {
    it(`strata ${line}`, () => check(project.run(...line.split(' ').filter(Boolean)), expected));
  }

  it('fails outside a project, and answers in the language of the environment', () => {
    const english = /^There is no DVC project in .* or above it\. Start one with “strata init”\.\n$/;
    check(strata(empty, ['status', '--json']), { code: 1, out: '', err: english });
    check(strata(empty, ['status'], { env: { LC_ALL: 'C', LANG: 'es_ES.UTF-8' } }), { code: 1, out: '', err: english });
    for (const env of [{ LC_ALL: 'es_ES.UTF-8' }, { LC_MESSAGES: 'es' }, { LC_ALL: '', LANG: 'es_MX' }]) {
      check(strata(empty, ['status'], { env }), { code: 1, out: '', err: /^No hay ningún proyecto DVC .*\n$/ });
    }
  });

  it('keeps English words in --json whatever the language', () => {
    const { out, err } = strata(project.root, ['stages', '--json', 'make'], { env: { LC_ALL: 'es' } });
    assert.equal(err, '');
    assert.deepEqual((JSON.parse(out) as { errors: unknown[] }).errors, []);
    project.write({ 'broken/dvc.yaml': 'stages: [\n' });
    const told = strata(project.root, ['stages', '--json'], { env: { LC_ALL: 'es' } });
    fs.rmSync(path.join(project.root, 'broken'), { recursive: true });
    const [error] = (JSON.parse(told.out) as { errors: { path: string; message: string }[] }).errors;
    assert.equal(error?.path, 'broken/dvc.yaml');
    assert.match(error.message, /^broken\/dvc\.yaml is not valid YAML at line \d+, column \d+ /);
    assert.match(told.err, /^broken\/dvc\.yaml no es YAML válido /);
  });

  it('enters the folder of -C, with paths as seen from there', () => {
    project.write({ 'sub/x.txt': 'x\n' });
    check(strata(empty, ['-C', project.root, '-C', 'sub', 'add', '--json', 'x.txt']), { code: 0 });
    assert.match(project.read('sub/x.txt.dvc') ?? '', /path: x\.txt/);
    check(project.run('-C', 'sub', 'status', '--json', '../data.csv'), { code: 0, json: {} });
  });

  it('prints a stage’s output on stdout, under --json on stderr, and tells a failure once', () => {
    check(project.run('repro', 'make'), { code: 0, out: '> cp in.txt out.txt\n', err: 'Stage make: running\n' });
    check(project.run('repro', 'make'), { code: 0, out: /^Stage make: unchanged, skipped\n/, err: '' });
    check(project.run('repro', 'fail'), {
      code: 1,
      out: '> echo before; exit 3\nbefore\n',
      err: /^Stage fail: running\nStage fail failed: its command ended with exit code 3\. .*\n$/,
    });
    const { code, out, err } = project.run('repro', '--json', 'fail');
    const [stage] = (JSON.parse(out) as { stages: { name: string; state: string; exit: number }[] }).stages;
    assert.deepEqual([code, stage?.name, stage?.state, stage?.exit], [1, 'fail', 'failed', 3]);
    assert.match(err, /before\nStage fail failed: /);
  });

  it('tells a refusal by exit code 3', () => {
    project.write({ 'gates.yaml': 'schema: 1\nmodels:\n  m:\n    rules:\n      - {metric: "e.json:acc", min: 0.9}\n' });
    const { code, out } = project.run('gate', '--json', 'm');
    fs.rmSync(path.join(project.root, 'gates.yaml'));
    assert.deepEqual([code, (JSON.parse(out) as { pass: boolean }).pass], [3, false]);
  });

  it('prints the stack only when asked', () => {
    check(project.run('add', 'nope'), { code: 1, err: /^[^\n]+\n$/ });
    check(project.run('-v', 'add', 'nope'), { code: 1, err: /^There is no nope[^]*\n\s+at / });
  });

  it('names files for Git so that a shell can take them', () => {
    project.write({ "two words'.txt": '1\n' });
    const { err } = project.run('add', "two words'.txt");
    assert.equal(err, "For Git: git add .gitignore 'two words'\\''.txt.dvc'\n");
  });

  it('takes a reader that goes away for no error', () => {
    const many = Array.from({ length: 3000 }, (_, i) => `  stage-with-a-long-name-${i}:\n    cmd: x\n`).join('');
    project.write({ 'many/dvc.yaml': `stages:\n${many}` });
    const words = `"${process.execPath}" "${CLI}"`;
    for (const line of [
      `${words} stages`,
      `${words} stages --json`,
      `${words} stages many/nope 2>&1`,
      `${words} --help`,
    ]) {
      const shell = call(
        'bash',
        ['-c', `set -o pipefail; ${line} | head -c 1; echo " \${PIPESTATUS[0]}"`],
        project.root,
      );
      const expected = line.includes('nope') ? 1 : 0;
      assert.match(shell.out, new RegExp(`^. ${expected}\n$`), shell.err);
      assert.equal(shell.err, '', line);
    }
    fs.rmSync(path.join(project.root, 'many'), { recursive: true });
  });

  it('ends with 130 when add is interrupted, and nothing is half-written', async () => {
    fs.writeFileSync(path.join(project.root, 'big.bin'), Buffer.alloc(1 << 20));
    fs.truncateSync(path.join(project.root, 'big.bin'), 3e9);
    const started = startStrata(project.root, ['add', 'big.bin']);
    await until(() => fs.readdirSync(project.root).includes('big.bin') && isLocked(project.root), 'the lock');
    started.child.kill('SIGINT');
    check(await started.ended, { code: 130, out: '', err: 'Cancelled.\n' });
    assert.equal(project.read('big.bin.dvc'), undefined);
    assert.ok(!(project.read('.gitignore') ?? '').includes('big.bin'));
    fs.rmSync(path.join(project.root, 'big.bin'));
    check(project.run('status', '-q', 'data.csv'), { code: 0, out: '', err: '' });
  });

  it('ends with 130 when repro is interrupted, with all that the stage had started', async () => {
    const pids = path.join(project.root, 'pids');
    project.write({
      'long/dvc.yaml': `stages:\n  hang:\n    cmd: 'sleep 300 & echo $! > ../pids; echo $$ >> ../pids; sleep 301'\n`,
    });
    const started = startStrata(project.root, ['repro', 'long/dvc.yaml:hang']);
    await until(() => fs.existsSync(pids) && fs.readFileSync(pids, 'utf8').split('\n').length > 2, 'the stage');
    const at = Date.now();
    started.child.kill('SIGINT');
    check(await started.ended, { code: 130, err: /Cancelled\.\n$/ });
    assert.ok(Date.now() - at < 2000, `took ${Date.now() - at} ms`);
    for (const pid of fs.readFileSync(pids, 'utf8').trim().split('\n')) {
      assert.ok(!isRunning(Number(pid)), `process ${pid} is still there`);
    }
    assert.equal(project.read('long/dvc.lock'), undefined);
    fs.rmSync(path.join(project.root, 'long'), { recursive: true });
    check(project.run('repro', 'make'), { code: 0 });
  });
});

/** True while a process holds the project's lock. */
function isLocked(root: string): boolean {
  const lock = path.join(root, '.dvc', 'tmp', 'lock');
  return fs.existsSync(lock) && spawnSync('flock', ['-n', lock, 'true']).status === 1;
}
