import * as assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { checkPaths, cleanPaths, registerPaths, type PathClaims } from '../../../src/engine/cache/rwlock';
import { is } from '../../../src/engine/errors';
import { dropFolder, newFolder } from '../../support/temporary';
import { zombie } from '../../support/zombie';

const me = { pid: process.pid, cmd: 'strata repro' };
/** A process that is alive and not us. */
const other = process.ppid;
const DEAD = spawnSync('true').pid;

describe('registerPaths', () => {
  let dvc = '';
  beforeEach(() => {
    dvc = path.join(newFolder(), '.dvc');
    fs.mkdirSync(path.join(dvc, 'tmp'), { recursive: true });
  });
  afterEach(() => dropFolder(path.dirname(dvc)));
  const file = (): string => path.join(dvc, 'tmp', 'rwlock');
  const put = (content: unknown): void =>
    fs.writeFileSync(file(), typeof content === 'string' ? content : JSON.stringify(content));

  it('writes what DVC writes, and takes it out again', async () => {
    const handle = await registerPaths(dvc, { read: ['/p/in é'], write: ['/p/out'] }, me);
    const owner = `{"pid": ${process.pid}, "cmd": "strata repro"}`;
    assert.equal(
      fs.readFileSync(file(), 'utf8'),
      `{"write": {"/p/out": ${owner}}, "read": {"/p/in \\u00e9": [${owner}]}}`,
    );
    await handle.release();
    await handle.release();
    assert.equal(fs.readFileSync(file(), 'utf8'), '{"write": {}}');
  });

  const owner = (pid: number): object => ({ pid, cmd: 'dvc repro' });
  const cases: [string, object, PathClaims, string | undefined][] = [
    ['read and read', { read: { '/p/a': [owner(other)] } }, { read: ['/p/a'], write: [] }, undefined],
    ['read while written', { write: { '/p/a': owner(other) } }, { read: ['/p/a'], write: [] }, '/p/a'],
    ['write while read', { read: { '/p/a': [owner(other)] } }, { read: [], write: ['/p/a'] }, '/p/a'],
    ['write while written', { write: { '/p/a': owner(other) } }, { read: [], write: ['/p/a'] }, '/p/a'],
    ['below a written folder', { write: { '/p/a': owner(other) } }, { read: ['/p/a/b'], write: [] }, '/p/a/b'],
    ['above a written file', { write: { '/p/a/b': owner(other) } }, { read: ['/p/a'], write: [] }, '/p/a'],
    ['beside, with the same beginning', { write: { '/p/ab': owner(other) } }, { read: ['/p/a'], write: [] }, undefined],
    ['held by a dead process', { write: { '/p/a': owner(DEAD) } }, { read: ['/p/a'], write: ['/p/a'] }, undefined],
    ['held by ourselves', { write: { '/p/a': owner(process.pid) } }, { read: ['/p/a'], write: ['/p/a'] }, undefined],
    [
      'the second reader lives',
      { read: { '/p/a': [owner(DEAD), owner(other)] } },
      { read: [], write: ['/p/a'] },
      '/p/a',
    ],
  ];
  for (const [name, content, claims, blocked] of cases) {
    it(`${name}: ${blocked === undefined ? 'goes' : 'is blocked'}`, async () => {
      put(content);
      const before = fs.readFileSync(file(), 'utf8');
      const blocker = await checkPaths(dvc, claims, process.pid);
      assert.equal(blocker?.path, blocked);
      assert.equal(fs.readFileSync(file(), 'utf8'), before, 'looking changes nothing');
      if (blocked === undefined) return void (await registerPaths(dvc, claims, me));
      await assert.rejects(registerPaths(dvc, claims, me), (error: unknown) => {
        assert.ok(is(error, 'lock.paths'), String(error));
        assert.deepEqual(error.data, { path: blocked, pid: other, cmd: 'dvc repro' });
        return true;
      });
    });
  }

  describe('an entry of a process', () => {
    const children: ChildProcess[] = [];
    afterEach(() => {
      for (const child of children.splice(0)) child.kill('SIGKILL');
    });
    const sleeper = (): number => {
      const child = spawn('sleep', ['600'], { stdio: 'ignore' });
      children.push(child);
      return child.pid ?? 0;
    };
    const HOUR_MS = 3_600_000;
    const rows: [string, () => number, string, number, boolean][] = [
      ['that lives, with an entry as old as it', sleeper, 'dvc repro', 0, true],
      ['whose id was given again after the entry was written', sleeper, 'dvc repro', HOUR_MS, false],
      ['that looks younger than its entry, as after a change of the clock', sleeper, 'dvc 600', HOUR_MS, true],
      ['that has ended and that nobody asked about', () => zombie(children), 'dvc repro', 0, false],
      ['of another machine, whose id nobody has here', () => DEAD, 'dvc repro', 0, false],
    ];
    for (const [name, pid, cmd, age, counts] of rows) {
      it(`${name} ${counts ? 'is in the way' : 'is dropped'}`, async () => {
        put({ write: { '/p/a': { pid: pid(), cmd } } });
        const time = (Date.now() - age) / 1000;
        fs.utimesSync(file(), time, time);
        const claims = { read: [], write: ['/p/a'] };
        assert.equal((await checkPaths(dvc, claims, process.pid)) !== undefined, counts);
        if (!counts) await (await registerPaths(dvc, claims, me)).release();
      });
    }
  });

  it('keeps the entries of the living and drops those of the dead', async () => {
    put({ write: { '/p/dead': owner(DEAD), '/p/alive': owner(other) }, read: { '/p/r': [owner(DEAD)] } });
    const handle = await registerPaths(dvc, { read: [], write: ['/p/mine'] }, me);
    await handle.release();
    assert.deepEqual(JSON.parse(fs.readFileSync(file(), 'utf8')), { write: { '/p/alive': owner(other) } });
  });

  for (const broken of [
    '{',
    '[]',
    '{"x": {}}',
    '{"write": {"/a": {"pid": "1", "cmd": ""}}}',
    '{"read": {"/a": {"pid": 1, "cmd": ""}}}',
    '{"write": {"/a": {"pid": 1, "cmd": "", "x": 1}}}',
  ]) {
    it(`refuses ${broken} and leaves it as it is`, async () => {
      put(broken);
      await assert.rejects(registerPaths(dvc, { read: [], write: ['/b'] }, me), (error: unknown) => {
        assert.ok(is(error, 'lock.rwlock'));
        assert.equal(error.data['path'], file());
        return true;
      });
      await assert.rejects(checkPaths(dvc, { read: [], write: ['/b'] }, process.pid), /lock\.rwlock/);
      assert.equal(fs.readFileSync(file(), 'utf8'), broken);
    });
  }

  it('loses no entry when many register at once', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `/p/${i}`);
    const handles = await Promise.all(names.map((name) => registerPaths(dvc, { read: [], write: [name] }, me)));
    const table = JSON.parse(fs.readFileSync(file(), 'utf8')) as { write: Record<string, unknown> };
    assert.deepEqual(Object.keys(table.write).sort(), [...names].sort());
    await Promise.all(handles.map((handle) => handle.release()));
    assert.equal(fs.readFileSync(file(), 'utf8'), '{"write": {}}');
  });
});

describe('cleanPaths', () => {
  it('takes out entries of processes that are gone, and touches nothing else', async () => {
    const dvc = path.join(newFolder(), '.dvc');
    const file = path.join(dvc, 'tmp', 'rwlock');
    await cleanPaths(dvc, me);
    assert.equal(fs.existsSync(file), false, 'nothing is made');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, JSON.stringify({ write: { '/p/dead': { pid: DEAD, cmd: 'x' } } }));
    await cleanPaths(dvc, me);
    assert.equal(fs.readFileSync(file, 'utf8'), '{"write": {}}');
    const { ino } = fs.statSync(file);
    await cleanPaths(dvc, me);
    assert.equal(fs.statSync(file).ino, ino);
    fs.writeFileSync(file, '');
    await cleanPaths(dvc, me);
    assert.equal(fs.readFileSync(file, 'utf8'), '{"write": {}}', 'DVC can read it again');
    dropFolder(path.dirname(dvc));
  });
});
