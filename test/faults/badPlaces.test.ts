import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import {
  call,
  CLI,
  copyProject,
  newProject,
  objectsOf,
  type CommandProject,
  type Outcome,
} from '../support/commandLine';
import { skip } from '../support/skip';

const EVIL = 'evil\n';
const HASH = createHash('md5').update(EVIL).digest('hex');

/** Paths that files of a repository may name and that nothing may be written to. */
const ATTACKS = [
  '../x',
  'a/../../x',
  '/tmp/strata-attack-x',
  '.git/hooks/x',
  'git~1/x',
  '.dvc/config',
  '.',
  'C:\\x',
  'aux',
];
/** What a refusal says; it names the path, or where the path leads. */
const REFUSED =
  /(lies outside the project|is not a name that data may have|folder of the project itself cannot be tracked)/;

const NAMES = [
  'line\nbreak',
  '-dash',
  '--force',
  '\u202ertl',
  '__proto__',
  'constructor',
  '😀',
  'caf\u00e9',
  'cafe\u0301',
  'two words',
  "quote'",
  'double"',
  'tab\there',
  '#hash',
  '!bang',
  'back\\slash',
  '*star',
  '[br]',
  'end ',
  '$dollar;echo',
  'x.dvc.y',
  '%41',
];

/** Every file in the folder above the project but the state that may change, with its bytes. */
function everything(root: string): Record<string, string> {
  const entries = fs.readdirSync(path.dirname(root), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files
      .filter((file) => !file.includes('/.dvc/tmp/'))
      .sort()
      .map((file) => [file, createHash('md5').update(fs.readFileSync(file)).digest('hex')]),
  );
}

function putObject(root: string, bytes: string, suffix = ''): string {
  const hash = createHash('md5').update(bytes).digest('hex');
  const object = path.join(root, '.dvc/cache/files/md5', hash.slice(0, 2), hash.slice(2) + suffix);
  fs.mkdirSync(path.dirname(object), { recursive: true });
  fs.writeFileSync(object, bytes, { mode: 0o444 });
  return hash + suffix;
}

const pointer = (file: string): string =>
  `outs:\n- md5: ${HASH}\n  size: 5\n  hash: md5\n  path: ${JSON.stringify(file)}\n`;

describe('bad places', function () {
  this.timeout(60_000);
  let model: CommandProject;
  let project: CommandProject;
  before(() => {
    model = newProject({ kept: 'kept\n' });
    model.ok('add', '-q', 'kept');
    putObject(model.root, EVIL);
  });
  after(() => model.drop());
  beforeEach(() => (project = copyProject(model)));
  afterEach(() => project.drop());

  /** The refusal of one call: exit 1, one sentence, nothing on stdout, nothing on disk. */
  function refused(args: readonly string[], says: RegExp): void {
    const before = everything(project.root);
    const { code, out, err } = project.run(...args);
    assert.deepEqual([code, out], [1, ''], `${args.join(' ')}: ${err}`);
    assert.match(err, says);
    assert.match(err, /^[^\n]+\n$/, 'one sentence');
    assert.deepEqual(everything(project.root), before);
  }

  it('a .dvc file may not lead checkout out of the project, or into Git and DVC', () => {
    for (const attack of ATTACKS) {
      project.write({ 'evil.dvc': pointer(attack) });
      refused(['checkout', 'evil.dvc'], REFUSED);
      assert.ok(!fs.existsSync('/tmp/strata-attack-x'), attack);
    }
  });

  it('a dvc.lock may not either, and neither may a stage delete such an output', () => {
    for (const attack of ['../x', '.git/hooks/x']) {
      const out = `    - ${JSON.stringify(attack)}`;
      project.write({
        'dvc.yaml': `stages:\n  s:\n    cmd: touch ran\n    outs:\n${out}\n`,
        'dvc.lock': `schema: '2.0'\nstages:\n  s:\n    cmd: touch ran\n    outs:\n${out.replace('- ', '- path: ')}\n      hash: md5\n      md5: ${HASH}\n      size: 5\n`,
      });
      refused(['checkout', 's'], REFUSED);
      const before = everything(project.root);
      const run = project.run('repro', 's');
      assert.equal(run.code, 1, attack);
      assert.match(run.err, REFUSED);
      assert.equal(project.read('ran'), undefined, 'the command did not run');
      assert.deepEqual(everything(project.root), before);
    }
  });

  it('the list of a folder may not either', () => {
    for (const attack of ['../x', '/tmp/strata-attack-x', '.git/hooks/x', 'C:\\x']) {
      const dir = putObject(project.root, `[{"md5": "${HASH}", "relpath": ${JSON.stringify(attack)}}]`, '.dir');
      project.write({ 'evil.dvc': `outs:\n- md5: ${dir}\n  size: 5\n  nfiles: 1\n  hash: md5\n  path: folder\n` });
      refused(['checkout', 'evil.dvc'], /^The folder listing \S+ names “.*”, which leaves the folder, /);
    }
  });

  it('a link that leads out of the project is not followed', () => {
    const outside = path.join(path.dirname(project.root), 'outside');
    fs.mkdirSync(outside);
    fs.symlinkSync(outside, path.join(project.root, 'link'));
    project.write({ 'evil.dvc': pointer('link/x') });
    refused(
      ['checkout', 'evil.dvc'],
      /^link\/x cannot be used: link is a link to a folder\. |leads out of the project through a link/,
    );
    assert.deepEqual(fs.readdirSync(outside), []);
  });

  it('a hash that is none is refused where it stands', () => {
    project.write({ 'evil.dvc': pointer('x').replace(HASH, '../../../../etc/passwd') });
    refused(['checkout', 'evil.dvc'], /evil\.dvc|is not a hash/);
  });

  it('hostile names go round: add, status, push, pull', () => {
    const remote = path.join(path.dirname(project.root), 'remote');
    project.ok('remote', 'add', '-q', '-d', 'r', remote);
    const names = [...NAMES, ...NAMES.map((name) => path.join('folder', name))];
    project.write(Object.fromEntries(names.map((name) => [name, `${name} holds this\n`])));
    project.ok('add', '-q', '--', ...NAMES, 'folder');
    assert.equal(project.run('status', '-q').code, 0);
    for (const name of NAMES) {
      const ignored = spawnSync('git', ['check-ignore', '-q', '--', name], { cwd: project.root });
      assert.equal(ignored.status, 0, `Git has to ignore ${JSON.stringify(name)}`);
    }
    project.ok('push', '-q');
    fs.rmSync(path.join(project.root, '.dvc/cache'), { recursive: true });
    for (const name of [...NAMES, 'folder']) fs.rmSync(path.join(project.root, name), { recursive: true });
    const pulled = project.run('pull');
    assert.equal(project.run('status', '-q').code, 0);
    assert.match(pulled.out, /^A {7}line\\u000abreak$/m);
    assert.match(pulled.out, /^A {7}\\u202ertl$/m);
    for (const name of names) assert.equal(project.read(name), `${name} holds this\n`, JSON.stringify(name));
  });

  it('a name that no other system could hold is refused before anything is stored', () => {
    project.write({ 'folder/fine': '1\n', 'folder/con': '2\n' });
    const before = objectsOf(project.root).length;
    refused(['add', 'folder'], /^folder\/con is not a name that data may have: /);
    assert.equal(objectsOf(project.root).length, before);
  });

  /** Calls the command as a user without rights over what is root's. */
  function asNobody(...args: string[]): Outcome {
    const drop = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, CLI];
    return call('setpriv', [...drop, ...args], project.root, { env: { ...process.env, HOME: '/', SHELL: '/bin/sh' } });
  }

  it('a cache or a workspace that may not be written: named, nothing half-done', function () {
    if (process.getuid?.() !== 0) skip(this, 'another user can be played by root only');
    fs.chmodSync(path.dirname(project.root), 0o755);
    if (asNobody('--version').code !== 0) skip(this, 'another user cannot reach the program');
    const give = (who: string): void => void spawnSync('chown', ['-R', who, project.root]);
    const cache = path.join(project.root, '.dvc', 'cache');
    project.write({ fresh: 'fresh\n' });
    give('65534:65534');
    spawnSync('chown', ['-R', '0:0', cache]);
    const before = everything(project.root);
    const added = asNobody('add', 'fresh');
    assert.deepEqual([added.code, added.out], [1, '']);
    assert.match(added.err, /^You have no permission for \S.*\.dvc\/cache\/files\/md5\S*\. .*\n$/);
    assert.deepEqual(everything(project.root), before);

    give('65534:65534');
    fs.rmSync(path.join(project.root, 'kept'));
    fs.chownSync(project.root, 0, 0);
    fs.chmodSync(project.root, 0o755);
    const restored = asNobody('checkout');
    assert.deepEqual([restored.code, restored.out], [1, '']);
    assert.match(restored.err, /^You have no permission for kept\. .*\n$/);
    assert.deepEqual(
      fs.readdirSync(project.root).filter((name) => name.includes('tmp')),
      [],
    );

    give('65534:65534');
    assert.equal(asNobody('checkout').code, 0);
    assert.equal(project.read('kept'), 'kept\n');
    fs.chmodSync(path.join(project.root, 'fresh'), 0);
    assert.match(asNobody('add', 'fresh').err, /^You have no permission for \S.*fresh\. .*\n$/);
    give('0:0');
  });

  it('a full disk: said so, the state before, and the same again works', function () {
    const disk = path.join(path.dirname(project.root), 'disk');
    fs.mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', disk]).status !== 0)
      skip(this, 'no file system can be mounted here');
    try {
      const within = (...args: string[]): Outcome => call(process.execPath, [CLI, ...args], disk);
      assert.equal(within('init', '-q', '--no-scm').code, 0);
      fs.writeFileSync(path.join(disk, 'big'), Buffer.alloc(600_000, 7));
      const { code, out, err } = within('add', 'big');
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, /^No space is left for .+\. Free some space, then do the same again; nothing was lost\.\n$/);
      assert.ok(!fs.existsSync(path.join(disk, 'big.dvc')));
      assert.deepEqual(objectsOf(disk), []);
      assert.equal(within('status', '-q').code, 0);
      fs.truncateSync(path.join(disk, 'big'), 100_000);
      assert.equal(within('add', '-q', 'big').code, 0);
    } finally {
      spawnSync('umount', [disk]);
    }
  });
});
