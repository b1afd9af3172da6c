/**
 * Names that trouble programs: long ones (S3), and hostile ones (S5) through every command that takes or shows them. Each makes the round trip or is
 * refused by its name, and nothing that a command prints moves the cursor or turns the line round.
 */

import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { newProject, type CommandProject, type Outcome } from '../support/commandLine';
import { md5Of } from '../support/engineProject';

/** Names that a file may have, and has afterwards. */
const FINE: readonly string[] = [
  '\u202egnp.exe',
  '\u2066isolated\u2069',
  'line\nbreak',
  'carriage\rreturn',
  'tab\there',
  'bell\u0007',
  '\u001b[2Jescape',
  'delete\u007f',
  '-dash',
  '--force',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'Case',
  'cASE',
  'caf\u00e9',
  'cafe\u0301',
  '\u212bngstr\u00f6m',
  '😀\u{1f468}\u200d\u{1f469}',
  ' leading and trailing ',
  '#hash "quotes" \'single\'',
  '!bang $dollar;`echo` && |',
  '*star?[br]{a,b}',
  'back\\slash',
  '%41%2f',
  '~',
];
/** Names that are refused, since other systems could not hold them or they belong to somebody else. */
const REFUSED: readonly string[] = ['con', 'NUL.txt', 'com1', 'lpt9.tar.gz', 'git~1', '.GIT'];

/** What may not reach a terminal as it is. */
const HARM = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

describe('hostile names', function () {
  this.timeout(60_000);
  let project: CommandProject;
  beforeEach(() => {
    project = newProject();
    project.ok('remote', 'add', '-q', '-d', 'r', path.join(path.dirname(project.root), 'remote'));
    const git = (...args: string[]): void =>
      assert.equal(
        spawnSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], { cwd: project.root })
          .status,
        0,
      );
    git('add', '-A');
    git('commit', '-qm', 'empty');
  });
  afterEach(() => project.drop());

  /** A call whose words hold nothing harmful, on either stream. */
  function clean(args: readonly string[], code = 0): Outcome {
    const outcome = project.run(...args);
    assert.equal(outcome.code, code, `${args.join(' ')}: ${outcome.out}${outcome.err}`);
    for (const line of (outcome.out + outcome.err).split('\n'))
      assert.doesNotMatch(line, HARM, `${args[0]} prints ${JSON.stringify(line)}`);
    return outcome;
  }

  /** How a name is shown on a line of its own. */
  const shown = (name: string): string =>
    name
      .replace(/[\n\t\r]/g, (c) => (c === '\t' ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`))
      .replace(new RegExp(HARM, 'gu'), (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

  for (const [where, pathOf] of [
    ['tracked by themselves', (name: string): string => name],
    ['in a tracked folder', (name: string): string => `folder/${name}`],
  ] as const) {
    it(`S5 ${FINE.length} ${where}: add, status, list, diff, push, fetch, checkout`, () => {
      assert.ok(FINE.length + REFUSED.length >= 28);
      const names = FINE.map(pathOf);
      const targets = where.startsWith('in') ? ['folder'] : names;
      const holds = (name: string): string => `${name} holds this\n`;
      project.write(Object.fromEntries(names.map((name) => [name, holds(name)])));
      clean(['add', '--', ...targets]);
      clean(['status']);
      const listed = clean(['list', '-R', '.', '--dvc-only']).out.split('\n');
      for (const name of names) assert.ok(listed.includes(shown(name)), `list shows ${JSON.stringify(name)}`);
      const diff = clean(['diff', 'HEAD']).out;
      for (const name of names) assert.ok(diff.includes(shown(name)), `diff shows ${JSON.stringify(name)}`);
      const json = JSON.parse(clean(['diff', 'HEAD', '--json']).out) as { added: { path: string }[] };
      const added = json.added.map((one) => one.path);
      for (const name of names) assert.ok(added.includes(name), `diff --json holds ${JSON.stringify(name)}`);
      clean(['data', 'status', '--granular']);
      clean(['push']);
      for (const name of ['.dvc/cache', ...targets]) fs.rmSync(path.join(project.root, name), { recursive: true });
      const gone = clean(['status']).out;
      for (const name of targets) assert.ok(gone.includes(shown(name)), `status tells of ${JSON.stringify(name)}`);
      clean(['fetch']);
      clean(['checkout']);
      for (const name of names) assert.equal(project.read(name), holds(name), JSON.stringify(name));
      assert.deepEqual(JSON.parse(clean(['status', '--json']).out), {});
      for (const name of names) project.write({ [name]: 'changed\n' });
      clean(['commit', '-f']);
      clean(['gc', '-w', '-f']);
      for (const target of targets) clean(['remove', '--', `${target}.dvc`]);
      for (const name of names) assert.equal(project.read(name), 'changed\n', JSON.stringify(name));
    });
  }

  it(`S5 ${REFUSED.length} that are refused: by name, with nothing stored, as targets and in folders`, () => {
    for (const name of REFUSED) {
      for (const target of [name, 'folder']) {
        const file = target === name ? name : `folder/${name}`;
        project.write({ [file]: 'x\n' });
        const { err, out } = clean(['add', '--', target], 1);
        assert.equal(out, '');
        assert.ok(err.includes(file), `${JSON.stringify(err)} names ${file}`);
        assert.ok(!fs.existsSync(path.join(project.root, `${target}.dvc`)));
        assert.ok(!fs.existsSync(path.join(project.root, '.dvc/cache/files')), 'nothing was stored');
        fs.rmSync(path.join(project.root, file), { recursive: true });
      }
    }
  });
});

/** The most bytes of one name, and of a path that a system call takes, without its end. */
const NAME_MAX = 255;
const PATH_MAX = 4095;

describe('long names', function () {
  this.timeout(60_000);
  let project: CommandProject;
  beforeEach(() => {
    project = newProject();
    project.ok('remote', 'add', '-q', '-d', 'r', path.join(path.dirname(project.root), 'remote'));
  });
  afterEach(() => {
    // Deeper than a path can say: from inside.
    spawnSync('/bin/sh', ['-c', 'rm -rf deep'], { cwd: project.root });
    project.drop();
  });

  /** A path below `deep` whose absolute form has `total` bytes, in names of 255. */
  function deepPath(total: number): string {
    let left = total - Buffer.byteLength(project.root) - '/deep'.length;
    let at = 'deep';
    for (let n = 0; left > 0; n += 1) {
      // What is left for the last name must not be a lone slash.
      const length = left - (NAME_MAX + 1) === 1 ? NAME_MAX - 1 : Math.min(NAME_MAX, left - 1);
      at += `/${String(n).padEnd(length, 'x').slice(0, length)}`;
      left -= length + 1;
    }
    return at;
  }

  it('S3 a path of 4,000 characters in names of 255 bytes: added, pushed, fetched, checked out', () => {
    for (const total of [4000, PATH_MAX]) {
      const file = deepPath(total);
      assert.equal(Buffer.byteLength(path.join(project.root, file)), total);
      project.write({ [file]: `${total}\n` });
      project.ok('add', 'deep');
      project.ok('push');
      fs.rmSync(path.join(project.root, '.dvc/cache'), { recursive: true });
      fs.rmSync(path.join(project.root, 'deep'), { recursive: true });
      project.ok('fetch');
      const { code, err } = project.run('checkout');
      assert.equal(code, 0, err.slice(0, 300));
      assert.equal(project.read(file), `${total}\n`);
      assert.equal(project.run('status', '-q').code, 0);
      fs.rmSync(path.join(project.root, 'deep'), { recursive: true });
      fs.rmSync(path.join(project.root, 'deep.dvc'));
    }
  });

  it('S3 a path that no system call takes: the message names it, nothing is recorded', () => {
    const name = 'y'.repeat(NAME_MAX);
    const script = `const fs = require('node:fs');
for (const name of ['deep', ...Array(20).fill('${name}')]) { fs.mkdirSync(name); process.chdir(name); }
fs.writeFileSync('end', 'end');`;
    assert.equal(spawnSync(process.execPath, ['-e', script], { cwd: project.root }).status, 0);
    const { code, out, err } = project.run('add', 'deep');
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /^The name of \S[^\n]*deep\/y+[^\n]* is too long for this file system\. Use a shorter one\.\n$/);
    assert.ok(!fs.existsSync(path.join(project.root, 'deep.dvc')));
  });

  it('S3 a file whose pointer could have no name: refused for that, nothing is stored; in a folder it is fine', () => {
    const name = 'z'.repeat(NAME_MAX);
    project.write({ [name]: 'long\n', [`folder/${name}`]: 'long\n' });
    const { code, out, err } = project.run('add', name);
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /^The name of \S[^\n]*z+\.dvc is too long for this file system\. Use a shorter one\.\n$/);
    assert.ok(!fs.existsSync(path.join(project.root, '.gitignore')), 'nothing is ignored that is not tracked');
    project.ok('add', 'folder');
    project.ok('add', '--file', 'short.dvc', name);
    assert.equal(project.run('status', '-q').code, 0);
  });

  it('S3 a list that names what cannot be made: refused with the path, the rest comes', () => {
    const name = 'w'.repeat(NAME_MAX + 1);
    project.write({ 'folder/fine': 'fine\n' });
    project.ok('add', 'folder');
    const pointer = project.read('folder.dvc') ?? '';
    const hash = /md5: ([0-9a-f]{32})\.dir/.exec(pointer)?.[1] ?? '';
    const dir = path.join(project.root, '.dvc/cache/files/md5', hash.slice(0, 2), `${hash.slice(2)}.dir`);
    const [entry] = JSON.parse(fs.readFileSync(dir, 'utf8')) as { md5: string }[];
    const list = JSON.stringify([
      { md5: entry?.md5, relpath: 'fine' },
      { md5: entry?.md5, relpath: name },
    ]);
    const own = md5Of(list);
    const other = path.join(project.root, '.dvc/cache/files/md5', own.slice(0, 2));
    fs.mkdirSync(other, { recursive: true });
    fs.writeFileSync(path.join(other, `${own.slice(2)}.dir`), list);
    project.write({ 'folder.dvc': pointer.replace(hash, own) });
    fs.rmSync(path.join(project.root, 'folder'), { recursive: true });
    const { code, err } = project.run('checkout');
    assert.equal(code, 1);
    assert.match(err, /too long for this file system/);
    assert.equal(project.read('folder/fine'), 'fine\n');
  });
});
