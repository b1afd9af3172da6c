import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { quietCall } from '../../../src/base/cancel';
import { newPrints, type KnownFolder } from '../../../src/engine/cache/folderIndex';
import { TICK_MS } from '../../../src/engine/cache/stateIndex';
import { TestProject } from '../../support/testStore';

/** What was changed before this looks older than what is looked at after it. */
const clockMoves = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2 * TICK_MS));

const LIST = 'd41d8cd98f00b204e9800998ecf8427e.dir';

describe('FolderIndex', () => {
  let project: TestProject;
  beforeEach(async () => {
    project = new TestProject();
    for (const name of ['a', 'b c', 'sub/ñ', 'sub/new\nline']) project.put(`data/${name}`, name);
    settle('data', 'data/sub');
    await project.tick();
  });
  afterEach(() => project.dispose());

  /** Dates folders a minute back, as if nothing had come or gone since. */
  const settle = (...folders: string[]): void => {
    const then = Date.now() / 1000 - 60;
    for (const folder of folders) fs.utimesSync(project.at(folder), then, then);
  };
  const names = ['a', 'b c', 'sub/new\nline', 'sub/ñ'];

  /** Hashes everything and notes it, as measuring a folder does. */
  const note = async (rules = ''): Promise<void> => {
    await clockMoves();
    const started = Date.now();
    const folders = ['', 'sub'].map((relpath) => ({ relpath, print: fs.statSync(project.at(`data/${relpath}`)) }));
    const files = names.map((name) => project.at(`data/${name}`));
    const prints = newPrints(files.length);
    const hashed = await project.store.hashFiles(files, quietCall(), prints);
    const entries = names.map((relpath, i) => ({ relpath, md5: hashed[i]?.md5 ?? '' }));
    const size = hashed.reduce((sum, one) => sum + one.size, 0);
    const found = { hash: LIST, size, entries, folders, links: false, started };
    project.store.noteFolder(project.at('data'), rules, found, prints);
  };
  const find = (rules = ''): Promise<KnownFolder | undefined> =>
    project.store.knownFolder(project.at('data'), rules, quietCall());

  it('knows an unchanged folder with all it held, also in the next process', async () => {
    await note();
    await project.reopen();
    const known = await find();
    assert.deepEqual([known?.hash, known?.nfiles, known?.size], [LIST, 4, 22]);
    assert.deepEqual(
      known?.entries().map((entry) => entry.relpath),
      names,
    );
    assert.equal(known?.entries()[0]?.md5, '0cc175b9c0f1b6a831c399e269772661');
  });

  const changes: [string, () => void, number[] | undefined][] = [
    ['a file with other bytes', () => fs.writeFileSync(project.at('data/a'), 'z'), [0]],
    ['other bytes under the old time', () => project.put('data/a', 'z', 60), [0]],
    ['a file deep below with other bytes', () => fs.appendFileSync(project.at('data/sub/ñ'), 'z'), [3]],
    ['a file replaced by one with the same facts but the inode', () => replace('data/b c'), [1]],
    ['a new file', () => fs.writeFileSync(project.at('data/new'), ''), undefined],
    ['a new file deep below', () => fs.writeFileSync(project.at('data/sub/new'), ''), undefined],
    ['a file less', () => fs.rmSync(project.at('data/sub/ñ')), undefined],
    ['a folder less', () => fs.rmSync(project.at('data/sub'), { recursive: true }), undefined],
    ['a new empty folder', () => fs.mkdirSync(project.at('data/other')), undefined],
    ['a file under another name', () => fs.renameSync(project.at('data/a'), project.at('data/z')), undefined],
    ['a link in place of a file', () => relink('data/a'), undefined],
    ['a folder in place of a file', () => refolder('data/a'), undefined],
    ['no folder any more', () => fs.renameSync(project.at('data'), project.at('gone')), undefined],
  ];
  const relink = (name: string): void => {
    fs.renameSync(project.at(name), project.at('elsewhere'));
    fs.symlinkSync(project.at('elsewhere'), project.at(name));
  };
  const refolder = (name: string): void => {
    fs.rmSync(project.at(name));
    fs.mkdirSync(project.at(name));
  };
  const replace = (name: string): void => {
    const { mtime } = fs.statSync(project.at(name));
    fs.copyFileSync(project.at(name), project.at('copy'));
    fs.utimesSync(project.at('copy'), mtime, mtime);
    fs.renameSync(project.at('copy'), project.at(name));
  };
  for (const [name, change, changed] of changes) {
    it(`${changed ? 'tells what changed in' : 'does not know'} a folder with ${name}`, async () => {
      await note();
      assert.deepEqual((await find())?.changed, []);
      change();
      assert.deepEqual((await find())?.changed, changed);
    });
  }

  it('takes changed files by what they are now, and remembers it', async () => {
    await note();
    project.put('data/a', 'other');
    await clockMoves();
    const known = await find();
    assert.ok(known);
    await project.store.hashChanged(known, quietCall());
    assert.equal(known.entries()[0]?.md5, '795f3202b17cb6bc3d4b771d8c6c9eaf');
    assert.equal(known.size, 26);
    project.store.noteKnown(known, 'c81e728d9d4c2f636f067f89cc14862c.dir');
    await project.reopen();
    const again = await find();
    assert.deepEqual([again?.changed, again?.hash], [[], 'c81e728d9d4c2f636f067f89cc14862c.dir']);
    assert.equal(again?.entries()[0]?.md5, '795f3202b17cb6bc3d4b771d8c6c9eaf');
  });

  it('stores changed files, and others whose objects are gone', async () => {
    await note();
    project.put('data/a', 'other');
    const known = await find();
    assert.ok(known);
    await project.store.addChanged(known, quietCall());
    for (const { md5 } of known.entries()) assert.equal(await project.store.verify(md5), 'good');
  });

  it('does not know a folder under other rules', async () => {
    await note('one');
    assert.equal(await find('two'), undefined);
  });

  it('compares the names of a folder that changed just now, each time', async () => {
    fs.writeFileSync(project.at('data/x'), '');
    fs.rmSync(project.at('data/x'));
    await note();
    assert.deepEqual((await find())?.changed, []);
    fs.renameSync(project.at('data/a'), project.at('data/A'));
    assert.equal(await find(), undefined);
  });

  it('has a file that changed just now looked at again', async () => {
    project.put('data/a', 'z', 0);
    settle('data');
    await note();
    assert.deepEqual((await find())?.changed, [0]);
  });

  it('is not believed when its file is damaged', async () => {
    await note();
    const dir = project.at('.dvc/tmp/strata/index/folders');
    const file = path.join(dir, fs.readdirSync(dir)[0] ?? '');
    const bytes = fs.readFileSync(file);
    bytes[bytes.length - 1] = 65;
    fs.writeFileSync(file, bytes);
    assert.equal(await find(), undefined);
  });
});
