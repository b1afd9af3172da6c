import * as assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import {
  copyProject,
  isRunning,
  newProject,
  startStrata,
  strata,
  until,
  type CommandProject,
} from '../support/commandLine';

/** A stage that misbehaves: its definition, what stderr ends with, and what has to hold afterwards. */
interface Unruly {
  readonly stage: string;
  readonly code: number;
  readonly err: RegExp;
  readonly then?: (project: CommandProject) => void;
}

const UNRULY: Readonly<Record<string, Unruly>> = {
  'fails half-way': {
    stage: 'cmd: echo half > out; exit 3\n    deps: [in]\n    outs: [out]',
    code: 1,
    err: /Stage s failed: its command ended with exit code 3\. Correct the cause, .*\n$/,
    then: (project) => assert.equal(project.read('dvc.lock'), undefined),
  },
  'is killed': {
    stage: 'cmd: kill -9 $$\n    outs: [out]',
    code: 1,
    err: /Stage s failed: its command was ended by SIGKILL\. .*\n$/,
    then: (project) => assert.equal(project.read('dvc.lock'), undefined),
  },
  'has no program': {
    stage: 'cmd: no-such-program\n    outs: [out]',
    code: 1,
    err: /Stage s failed: its command ended with exit code 127\. .*\n$/,
  },
  'ends well without its output': {
    stage: 'cmd: "true"\n    outs: [out]',
    code: 1,
    err: /Stage s ended well but did not make its output out\. .*\n$/,
  },
  'deletes what it depends on': {
    stage: 'cmd: rm in; echo x > out\n    deps: [in]\n    outs: [out]',
    code: 1,
    err: /Stage s deleted or moved in, on which it depends, so its result was not recorded\. .*\n$/,
    then: (project) => {
      assert.equal(project.read('dvc.lock'), undefined);
      project.ok('checkout', 'in.dvc');
      assert.equal(project.read('in'), 'in\n');
    },
  },
  'lacks what it depends on': {
    stage: 'cmd: cp gone out\n    deps: [gone]\n    outs: [out]',
    code: 1,
    err: /^Stage s failed: The dependency gone does not exist\. .*\n$/,
  },
  'works in a folder that is not there': {
    stage: 'cmd: echo\n    wdir: nowhere',
    code: 1,
    err: /^The working folder nowhere of stage s does not exist\. .*\n$/,
  },
  'writes outside its outputs': {
    stage: 'cmd: echo x > out; echo y > ../beside\n    outs: [out]',
    code: 0,
    err: /^Stage s: running\n$/,
    then: (project) => {
      assert.equal(project.read('../beside'), 'y\n');
      assert.ok(!(project.read('dvc.lock') ?? '').includes('path: ../beside'));
      assert.equal(project.run('status', '-q').code, 0);
    },
  },
};

describe('stages that misbehave, and runs that are killed', function () {
  this.timeout(60_000);
  let model: CommandProject;
  let project: CommandProject;
  before(() => {
    model = newProject({ in: 'in\n' });
    model.ok('add', '-q', 'in');
  });
  after(() => model.drop());
  beforeEach(() => (project = copyProject(model)));
  afterEach(() => project.drop());

  const pipeline = (stage: string): void => project.write({ 'dvc.yaml': `stages:\n  s:\n    ${stage}\n` });

  for (const [what, { stage, code, err, then }] of Object.entries(UNRULY)) {
    it(`a stage that ${what}`, () => {
      pipeline(stage);
      const outcome = project.run('repro', 's');
      assert.equal(outcome.code, code, outcome.err);
      assert.match(outcome.err, err);
      then?.(project);
      if (!then) return;
      pipeline('cmd: echo good > out\n    outs: [out]');
      project.ok('checkout', '-q', 'in.dvc');
      project.ok('repro', '-q', 's');
      assert.equal(project.read('out'), 'good\n');
      assert.equal(project.run('status', '-q').code, 0);
    });
  }

  it('a stage that prints 50 MB without a line break', () => {
    pipeline("cmd: head -c 50000000 /dev/zero | tr '\\0' x; echo y > out\n    outs: [out]");
    const { code, out } = project.run('repro');
    assert.equal(code, 0);
    assert.equal(/x+/.exec(out.slice(out.indexOf('\n')))?.[0].length, 50_000_000);
  });

  it('letters that arrive in two pieces stay whole', () => {
    pipeline("cmd: printf '\\303'; sleep 0.4; printf '\\244\\n'");
    assert.match(project.ok('repro'), /\nä\n$/);
  });

  it('a run whose supervisor is killed: said so, its command ended by the next run, no lock in the way', async () => {
    pipeline('cmd: echo $$ > pid; sleep 300 & echo $! >> pid; sleep 301\n    outs: [out]');
    const started = startStrata(project.root, ['repro']);
    await until(() => (project.read('pid') ?? '').split('\n').length > 2, 'the stage');
    const runs = path.join(project.root, '.dvc/tmp/strata/runs');
    const [token = ''] = fs.readdirSync(runs);
    // Until then nobody could know whose command it is.
    const noted = (): boolean =>
      (fs.readdirSync(runs, { recursive: true }) as string[]).some((name) => path.basename(name) === 'job.json');
    await until(noted, 'the note of its command');
    const { pid } = JSON.parse(fs.readFileSync(path.join(runs, token, 'status.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    const { code, err } = await started.ended;
    assert.equal(code, 1);
    assert.match(err, /\nThe run \S+ ended without a result: its process was killed or the machine restarted\. .*\n$/);
    const [run] = JSON.parse(project.ok('runs', '--json')) as { state: string }[];
    assert.equal(run?.state, 'maybe-crashed');
    assert.equal(project.run('status', '-q').code, 1);
    const left = (project.read('pid') ?? '').trim().split('\n').map(Number);
    assert.deepEqual(left.map(isRunning), [true, true]);
    pipeline('cmd: echo good > out\n    outs: [out]');
    project.ok('repro', '-q');
    assert.deepEqual(left.map(isRunning), [false, false]);
    assert.equal(project.read('out'), 'good\n');
    assert.equal(project.run('status', '-q').code, 0);
  });

  it('two adds at once both succeed', async () => {
    const names = ['a', 'b'].map((name) => {
      project.write(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${name}/${i}`, `${name} ${i}\n`])));
      return name;
    });
    const outcomes = await Promise.all(names.map((name) => startStrata(project.root, ['add', name]).ended));
    assert.deepEqual(
      outcomes.map(({ code }) => code),
      [0, 0],
      outcomes.map(({ err }) => err).join(''),
    );
    assert.equal(project.run('status', '-q').code, 0);
    assert.deepEqual((project.read('.gitignore') ?? '').trim().split('\n').sort(), ['/a', '/b', '/in']);
  });

  it("DVC's lock in another hand: after 3 s one sentence that names the holder, and free again with its end", async () => {
    const lock = path.join(project.root, '.dvc/tmp/lock');
    const code = `import fcntl,os,time\nf=open(${JSON.stringify(lock)},'r+')\nfcntl.flock(f,fcntl.LOCK_EX)\nf.write(' %d\\n'%os.getpid())\nf.truncate()\nf.flush()\nprint('held',flush=True)\ntime.sleep(60)`;
    const holder = spawn('python3', ['-c', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const at = Date.now();
    const outcome = strata(project.root, ['add', 'in']);
    const took = Date.now() - at;
    assert.equal(outcome.code, 1);
    assert.match(
      outcome.err,
      /^The project is in use by \S*python\S* -c import .* \(PID \d+\), which holds .*\.dvc\/tmp\/lock\. .*\n$/,
    );
    assert.ok(took >= 2900 && took < 8000, `${took} ms`);
    assert.equal(project.run('status', '-q').code, 0);
    const ended = new Promise((resolve) => holder.once('exit', resolve));
    holder.kill('SIGKILL');
    await ended;
    project.ok('add', 'in');
  });
});
