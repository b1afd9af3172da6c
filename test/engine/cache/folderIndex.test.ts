import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { quietCall } from '../../../src/base/cancel';
import { type KnownFolder } from '../../../src/engine/cache/folderIndex';
import { TestProject } from '../../support/testStore';

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
    const started = Date.now();
    const folders = ['', 'sub'].map((relpath) => ({ relpath, print: fs.statSync(project.at(`data/${relpath}`)) }));
    const files = names.map((name) => project.at(`data/${name}`));
    const hashed = await project.store.hashFiles(files, quietCall());
    const entries = names.map((relpath, i) => ({ relpath, md5: hashed[i]?.md5 ?? '' }));
    const size = hashed.reduce((sum, one) => sum + one.size, 0);
    project.store.noteFolder(project.at('data'), rules, { hash: LIST, size, entries, folders, started });
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

  const changes: [string, () => void][] = [
    ['a file with other bytes', () => fs.writeFileSync(project.at('data/a'), 'z')],
    ['other bytes under the old time', () => project.put('data/a', 'z', 60)],
    ['a file deep below with other bytes', () => fs.appendFileSync(project.at('data/sub/ñ'), 'z')],
    ['a new file', () => fs.writeFileSync(project.at('data/new'), '')],
    ['a new file deep below', () => fs.writeFileSync(project.at('data/sub/new'), '')],
    ['a file less', () => fs.rmSync(project.at('data/sub/ñ'))],
    ['a folder less', () => fs.rmSync(project.at('data/sub'), { recursive: true })],
    ['a new empty folder', () => fs.mkdirSync(project.at('data/other'))],
    ['a file under another name', () => fs.renameSync(project.at('data/a'), project.at('data/z'))],
    ['a file replaced by one with the same facts but the inode', () => replace('data/a')],
    ['no folder any more', () => fs.renameSync(project.at('data'), project.at('gone'))],
  ];
  const replace = (name: string): void => {
    const { mtime } = fs.statSync(project.at(name));
    fs.copyFileSync(project.at(name), project.at('copy'));
    fs.utimesSync(project.at('copy'), mtime, mtime);
    fs.renameSync(project.at('copy'), project.at(name));
  };
  for (const [name, change] of changes) {
    it(`does not know a folder with ${name}`, async () => {
      await note();
      assert.ok(await find());
      change();
      assert.equal(await find(), undefined);
    });
  }

  it('does not know a folder under other rules', async () => {
    await note('one');
    assert.equal(await find('two'), undefined);
  });

  it('notes nothing of a folder whose names changed just now', async () => {
    fs.writeFileSync(project.at('data/x'), '');
    fs.rmSync(project.at('data/x'));
    await note();
    assert.equal(await find(), undefined);
  });

  it('notes nothing of a file that changed just now', async () => {
    project.put('data/a', 'z', 0);
    settle('data');
    await note();
    assert.equal(await find(), undefined);
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
