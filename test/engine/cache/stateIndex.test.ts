import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { RACY_MS, StateIndex } from '../../../src/engine/cache/stateIndex';
import { quietCall } from '../../../src/base/cancel';
import { JUST_NOW, TestProject } from '../../support/testStore';
import { dropFolder, newFolder } from '../../support/temporary';

const NOW = 1_800_000_000_000;
const print = { ino: 7, size: 10, mtimeMs: NOW - 60_000.25, ctimeMs: NOW - 60_000 };
const HASH = 'd41d8cd98f00b204e9800998ecf8427e';

describe('StateIndex', () => {
  let folder = '';
  beforeEach(() => void (folder = newFolder()));
  afterEach(() => dropFolder(folder));
  const open = (base = '/p'): StateIndex => new StateIndex(path.join(folder, 'index', 'files'), base);

  it('knows a file again only in the same state', () => {
    const index = open();
    index.record('/p/a', print, HASH, NOW);
    assert.equal(index.lookup('/p/a', print), HASH);
    for (const key of ['ino', 'size', 'mtimeMs', 'ctimeMs'] as const) {
      assert.equal(index.lookup('/p/a', { ...print, [key]: print[key] + 1 }), undefined, key);
    }
    assert.equal(index.lookup('/p/b', print), undefined);
  });

  const ages: [string, number, boolean][] = [
    ['long before', 60_000, true],
    ['just outside the window', RACY_MS, true],
    ['within 2 s', RACY_MS - 1, false],
    ['in the same tick', 0, false],
    ['in the future', -86_400_000, false],
    ['in 1970', NOW, true],
  ];
  for (const [name, age, kept] of ages) {
    it(`a file changed ${name} is ${kept ? 'kept' : 'not kept'}`, () => {
      const index = open();
      const file = { ...print, mtimeMs: NOW - age };
      index.record('/p/a', file, HASH, NOW);
      assert.equal(index.lookup('/p/a', file), kept ? HASH : undefined);
    });
  }

  const changes: [string, number, boolean][] = [
    ['some ticks before', 50, true],
    ['in the same tick', 5, false],
    ['in the future', -86_400_000, false],
    ['within 2 s, by a clock of whole seconds', 1000, false],
    ['3 s before, by a clock of whole seconds', 3000, true],
  ];
  for (const [name, age, kept] of changes) {
    it(`a file whose mtime is old and that was changed ${name} is ${kept ? 'kept' : 'not kept'}`, () => {
      const index = open();
      const file = { ...print, ctimeMs: NOW - age };
      index.record('/p/a', file, HASH, NOW);
      assert.equal(index.lookup('/p/a', file), kept ? HASH : undefined);
    });
  }

  it('lives on in its file, with names of all kinds', () => {
    const names = ['/p/a b', '/p/ñ/日本', '/p/new\nline', '/p/"quotes"\\', '/elsewhere/x'];
    const index = open();
    for (const name of names) index.record(name, print, HASH, NOW);
    index.save();
    const again = open();
    for (const name of names) assert.equal(again.lookup(name, print), HASH, name);
    assert.deepEqual(fs.readdirSync(path.join(folder, 'index')), ['files'], 'no temporary stays');
  });

  const broken: [string, (bytes: Buffer) => Buffer | string][] = [
    ['empty', () => ''],
    ['cut', (bytes) => bytes.subarray(0, -3)],
    ['of another program', () => 'something else'],
    [
      'with one digit of a hash changed',
      (bytes) => Buffer.from(bytes.toString('latin1').replace('8427e', '8427f'), 'latin1'),
    ],
  ];
  for (const [name, change] of broken) {
    it(`is not believed when its file is ${name}`, () => {
      const index = open();
      index.record('/p/a', print, HASH, NOW);
      index.save();
      const file = path.join(folder, 'index', 'files');
      fs.writeFileSync(file, change(fs.readFileSync(file)));
      assert.equal(open().lookup('/p/a', print), undefined);
    });
  }

  it('is not used for a project at another place', () => {
    const index = open();
    index.record('/p/a', print, HASH, NOW);
    index.save();
    assert.equal(open('/q').lookup('/q/a', print), undefined);
  });

  it('keeps what another process wrote meanwhile', () => {
    const mine = open();
    const other = open();
    mine.record('/p/a', print, HASH, NOW);
    other.record('/p/b', print, HASH, NOW);
    mine.save();
    other.save();
    const third = open();
    assert.equal(third.lookup('/p/a', print), HASH);
    assert.equal(third.lookup('/p/b', print), HASH);
  });

  it('costs only time when it cannot be written', () => {
    fs.writeFileSync(path.join(folder, 'index'), 'a file where the folder should be');
    const index = open();
    index.record('/p/a', print, HASH, NOW);
    index.save();
    assert.equal(index.lookup('/p/a', print), HASH);
  });
});

describe('the index in use', () => {
  const call = quietCall();

  it('spares reading what it vouches for, and sees every edit', async () => {
    const project = new TestProject();
    const file = project.put('a', 'first');
    const hash = async (): Promise<string | undefined> => (await project.store.hashFiles([file], call))[0]?.md5;
    await project.tick();
    const first = await hash();
    await project.reopen();
    const { atimeMs } = fs.statSync(file);
    assert.equal(await hash(), first);
    assert.equal(fs.statSync(file).atimeMs, atimeMs);
    // Same size, mtime set back, same inode: only the ctime tells.
    const { atime, mtime } = fs.statSync(file);
    fs.writeFileSync(file, 'FIRST');
    fs.utimesSync(file, atime, mtime);
    assert.notEqual(await hash(), first);
    await project.dispose();
  });

  it('reads a file again that was changed in the tick in which it was looked at', async () => {
    const project = new TestProject();
    const file = project.put('a', 'one', JUST_NOW);
    const [before] = await project.store.hashFiles([file], call);
    fs.writeFileSync(file, 'two');
    const stat = fs.statSync(file);
    fs.utimesSync(file, stat.atime, stat.mtime);
    const [after] = await project.store.hashFiles([file], call);
    assert.notEqual(after?.md5, before?.md5);
    await project.dispose();
  });

  it('loses nothing when its files are deleted', async () => {
    const project = new TestProject();
    const file = project.put('a', 'one');
    await project.tick();
    const added = await project.store.addFiles([file], call);
    await project.reopen();
    fs.rmSync(project.at('.dvc/tmp/strata'), { recursive: true });
    assert.deepEqual(await project.store.addFiles([file], call), added);
    await project.dispose();
  });
});
