import * as assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { call, CLI, copyProject, newProject, objectsOf, type CommandProject } from '../support/commandLine';

const PIPELINE =
  'stages:\n  make:\n    cmd: cp in.txt out.txt\n    deps: [in.txt]\n    params: [lr]\n    outs: [out.txt]\n';

/** A project with tracked data, a pipeline that has run, and params. */
function finished(): CommandProject {
  const project = newProject({
    'data.csv': 'a,b\n1,2\n',
    'in.txt': 'one\n',
    'params.yaml': 'lr: 1\n',
    'dvc.yaml': PIPELINE,
  });
  project.ok('add', '-q', 'data.csv');
  project.ok('repro', '-q');
  return project;
}

/** All files outside `.git` and `.dvc/tmp`, with their bytes, and the folder above. */
function snapshot(root: string): Record<string, string> {
  const files = fs.readdirSync(path.dirname(root), { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    files
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .filter((file) => !/\/\.git\/|\/\.dvc\/tmp\//.test(file))
      .sort()
      .map((file) => [file, createHash('md5').update(fs.readFileSync(file)).digest('hex')]),
  );
}

/** A broken project file: what is written, and what each verb has to say of it. Nothing on disk may change meanwhile. */
interface Broken {
  readonly files: Readonly<Record<string, string>>;
  /** The one sentence of the verbs that cannot go on. */
  readonly says: RegExp;
  readonly verbs?: readonly string[];
}

const ALL = ['status', 'repro --json', 'checkout', 'add data.csv', 'push'];
const LOCK = "schema: '2.0'\nstages:\n  make:\n    cmd: cp in.txt out.txt\n    deps:\n    - p";

const BROKEN: Readonly<Record<string, Broken>> = {
  'dvc.yaml with a bracket that is never closed': {
    files: { 'dvc.yaml': 'stages:\n  s:\n    cmd: echo\n    deps: [\n' },
    says: /^dvc\.yaml is not valid YAML at line \d+, column \d+ \(.+\)\. Correct that place and try again\.\n$/,
    verbs: ALL,
  },
  'dvc.yaml with a key that nobody knows': {
    files: { 'dvc.yaml': 'stages:\n  s:\n    cmd: echo\n    dpes: [a]\n' },
    says: /^dvc\.yaml has the key stages -> s -> dpes \(line 4, column 5\), which DVC does not know\. .*“deps”\.\n$/,
  },
  'dvc.yaml with a template that names nothing': {
    files: { 'dvc.yaml': 'stages:\n  s:\n    cmd: echo ${model.lrr}\n', 'params.yaml': 'model:\n  lr: 1\n' },
    says: /^dvc\.yaml uses \$\{model\.lrr\} at line 3, column 15, but nothing of that name is defined\. Did you mean “lr”\?\n$/,
    verbs: ALL,
  },
  'dvc.yaml with foreach over a number': {
    files: {
      'dvc.yaml': 'stages:\n  s:\n    foreach: ${n}\n    do:\n      cmd: echo ${item}\n',
      'params.yaml': 'n: 1\n',
    },
    says: /^dvc\.yaml repeats a stage over int at line 3, column 14\. .*\n$/,
  },
  'params.yaml with a date beside a dvc.yaml': {
    files: { 'dvc.yaml': 'stages:\n  s:\n    cmd: echo\n', 'params.yaml': 'day: 2020-01-01\n' },
    says: /^dvc\.yaml cannot use params\.yaml: day is 2020-01-01, a kind of value that templates cannot hold\. .*\n$/,
  },
  'a .dvc file that was cut off': {
    files: { 'data.csv.dvc': 'outs:\n- md5: [\n' },
    says: /^data\.csv\.dvc is not valid YAML at line \d+, column \d+ .*\n$/,
    verbs: ['status', 'checkout', 'push'],
  },
  'params.yaml with a bracket that is never closed': {
    files: { 'params.yaml': 'lr: [1\n' },
    says: /^params\.yaml is not valid YAML at line \d+, column \d+ .*\n$/,
    verbs: ALL,
  },
  'a params file with a bracket that is never closed': {
    files: { 'dvc.yaml': PIPELINE.replace('[lr]', '[{other.yaml: }]'), 'other.yaml': 'lr: [1\n' },
    says: /^other\.yaml is not valid YAML at line \d+, column \d+ .*\n$/,
    verbs: ['status', 'repro --json'],
  },
  'dvc.lock that was cut off': {
    files: { 'dvc.lock': LOCK },
    says: /^dvc\.lock is damaged or was cut off at line 6, .* delete it and run the pipeline again\.\n$/,
    verbs: ALL,
  },
  'an empty dvc.lock': { files: { 'dvc.lock': '' }, says: /^dvc\.lock is damaged or was cut off .*\n$/ },
  'dvc.lock in the middle of a merge': {
    files: { 'dvc.lock': `<<<<<<< HEAD\n${LOCK}\n=======\n${LOCK}\n>>>>>>> other\n` },
    says: /^dvc\.lock holds the marks of an unfinished merge at line 1\. .*\n$/,
  },
};

describe('bad input to the strata command', function () {
  this.timeout(60_000);
  let model: CommandProject;
  let project: CommandProject;
  before(() => (model = finished()));
  after(() => model.drop());
  beforeEach(() => (project = copyProject(model)));
  afterEach(() => project.drop());

  for (const [what, { files, says, verbs = ['repro'] }] of Object.entries(BROKEN)) {
    it(`${what}: one sentence, exit 1, nothing changed`, () => {
      project.write(files);
      const before = snapshot(project.root);
      for (const verb of verbs) {
        const { code, out, err } = project.run(...verb.split(' '));
        assert.deepEqual([code, out], [1, ''], `${verb}: ${out}${err}`);
        assert.match(err, says, verb);
      }
      assert.deepEqual(snapshot(project.root), before);
    });
  }

  it('a file that cannot be loaded is left out by stages, with its place', () => {
    project.write({ 'dvc.yaml': 'stages: [\n' });
    const { code, out, err } = project.run('stages', '--json');
    const { stages, errors } = JSON.parse(out) as {
      stages: { name: string }[];
      errors: { path: string; line: number }[];
    };
    assert.deepEqual([code, stages.map((stage) => stage.name)], [0, ['data.csv.dvc']]);
    assert.deepEqual([errors.length, errors[0]?.path, errors[0]?.line], [1, 'dvc.yaml', 2]);
    assert.match(err, /^dvc\.yaml is not valid YAML .*\n$/);
    const shown = JSON.parse(project.ok('params', '--json')) as { '': { error: { type: string; msg: string } } };
    assert.equal(shown[''].error.type, 'YAMLValidationError');
  });

  it('a params file that cannot be read is the reason why, not "always"', () => {
    project.write({ 'dvc.yaml': PIPELINE.replace('[lr]', '[{other.yaml: }]'), 'other.yaml': 'lr: [1\n' });
    const told = JSON.parse(project.ok('why', '--json', 'make')) as object;
    assert.deepEqual(told, {
      stage: 'make',
      stale: true,
      reasons: [{ kind: 'dep', path: 'other.yaml', state: 'unreadable' }],
      cached: false,
      seconds: (told as { seconds: number }).seconds,
    });
    assert.equal(project.ok('why', 'make'), 'make would run again:\n  other.yaml cannot be read\n');
  });

  it('an object that is missing: named with what brings it back, the rest is done', () => {
    project.write({ 'more.txt': 'more\n' });
    project.ok('add', '-q', 'more.txt');
    const md5 = createHash('md5').update('a,b\n1,2\n').digest('hex');
    fs.rmSync(path.join(project.root, '.dvc/cache/files/md5', md5.slice(0, 2), md5.slice(2)));
    for (const name of ['data.csv', 'more.txt']) fs.rmSync(path.join(project.root, name));
    const { code, out, err } = project.run('checkout');
    assert.deepEqual([code, out], [1, 'A       more.txt\n']);
    assert.equal(err, `The cache has no data for data.csv (${md5}). Get it with: strata fetch\n`);
    const again = project.run('checkout', '--json');
    const { failed } = JSON.parse(again.out) as { failed: { path: string; code: string; msg: string }[] };
    assert.deepEqual(
      [again.code, failed.map(({ path: at, code: why, msg }) => [at, why, msg])],
      [1, [['data.csv', 'cache.missing', 'not in the cache']]],
    );
    assert.equal(again.err, err);
    assert.match(project.run('verify').err, /^1 object is damaged or missing\. .*\n$/);
  });

  it('an object with wrong bytes under mode 0444: refused, kept aside, the workspace untouched', () => {
    const md5 = createHash('md5').update('a,b\n1,2\n').digest('hex');
    const object = path.join(project.root, '.dvc/cache/files/md5', md5.slice(0, 2), md5.slice(2));
    const { atime, mtime } = fs.statSync(object);
    fs.chmodSync(object, 0o644);
    fs.writeFileSync(object, 'a,b\n1,3\n');
    fs.utimesSync(object, atime, mtime);
    fs.chmodSync(object, 0o444);
    project.write({ 'data.csv': 'mine\n' });
    const { code, out, err } = project.run('checkout', '--force', 'data.csv');
    assert.deepEqual([code, out], [1, '']);
    assert.match(
      err,
      new RegExp(`^The cached data for data\\.csv is damaged: its bytes do not match ${md5}\\. .*\\n$`),
    );
    assert.equal(project.read('data.csv'), 'mine\n');
    assert.ok(!fs.existsSync(object));
    const kept = fs
      .readdirSync(path.join(project.root, '.dvc/tmp/strata/quarantine'))
      .filter((name) => !name.endsWith('.json'));
    assert.equal(kept.length, 1);
    assert.equal(project.read(`.dvc/tmp/strata/quarantine/${kept[0] ?? ''}`), 'a,b\n1,3\n');
  });

  it('no Git: what needs it says so, what does not works', () => {
    const bin = path.join(path.dirname(project.root), 'bin');
    fs.mkdirSync(bin);
    fs.symlinkSync(process.execPath, path.join(bin, 'node'));
    const without = (...args: string[]): { code: number; out: string; err: string } =>
      call(process.execPath, [CLI, ...args], project.root, { env: { PATH: bin, HOME: bin } });
    for (const verb of ['diff', 'history data.csv', 'registry show']) {
      const { code, out, err } = without(...verb.split(' '));
      assert.deepEqual([code, out], [1, ''], verb);
      assert.match(
        err,
        /^Git was not found on the PATH\. Install Git \(https:\/\/git-scm\.com\), then try again\.\n$/,
        verb,
      );
    }
    assert.match(without('sample', '../sample').err, /^Git was not found on the PATH\. .*\n$/);
    assert.ok(!fs.existsSync(path.join(project.root, '..', 'sample', '.dvc')));
    for (const verb of ['status', 'stages']) assert.equal(without(verb).code, 0, verb);
  });

  it('no Python: the sample is made and says what to install; its stages fail with one sentence', () => {
    const bin = path.join(path.dirname(project.root), 'bin');
    fs.mkdirSync(bin);
    const git = call('sh', ['-c', 'command -v git'], project.root).out.trim();
    for (const [name, target] of [
      ['git', git],
      ['sh', '/bin/sh'],
    ] as const)
      fs.symlinkSync(target, path.join(bin, name));
    const sample = path.join(path.dirname(project.root), 'sample');
    const without = (cwd: string, ...args: string[]): { code: number; out: string; err: string } =>
      call(process.execPath, [CLI, ...args], cwd, { env: { PATH: bin, HOME: bin, SHELL: '/bin/sh' } });
    const made = without(project.root, 'sample', sample);
    assert.equal(made.code, 0, made.err);
    assert.match(made.err, /No Python was found on this machine\. .* install Python 3\.\n$/);
    const { code, err } = without(sample, 'repro', '-f', 'prepare');
    assert.equal(code, 1, err);
    assert.match(err, /Stage prepare failed: its command ended with exit code 127\. .*\n$/);
    assert.ok(objectsOf(sample).length > 0);
  });
});
