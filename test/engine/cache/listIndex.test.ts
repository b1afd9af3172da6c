import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { quietCall } from '../../../src/base/cancel';
import { type Hash } from '../../../src/engine/cache/cache';
import { renderDirObject } from '../../../src/engine/formats/dirObject';
import { TestProject } from '../../support/testStore';

describe('ListIndex', () => {
  let project: TestProject;
  let list: Hash;
  let objects: Hash[];
  beforeEach(async () => {
    project = new TestProject();
    const files = ['a', 'b', 'c'].map((name) => project.put(name, name));
    const hashed = await project.store.addFiles(files, quietCall());
    objects = hashed.map((one) => one.md5);
    const entries = objects.map((md5, i) => ({ relpath: `f${i}`, md5 }));
    list = await project.store.addBytes(renderDirObject(entries), '.dir');
    settle();
    await project.tick();
  });
  afterEach(() => project.dispose());

  /** Dates the cache a minute back, so that what is seen may be noted. */
  const settle = (): void => {
    const then = Date.now() / 1000 - 60;
    for (const hash of [list, ...objects]) {
      const object = project.store.pathOf(hash);
      if (fs.existsSync(object)) fs.utimesSync(object, then, then);
      if (fs.existsSync(path.dirname(object))) fs.utimesSync(path.dirname(object), then, then);
    }
  };
  const noted = (): string[] => fs.readdirSync(project.at('.dvc/tmp/strata/index/lists'));

  it('holds a folder whose list and objects are there, and notes it', async () => {
    assert.equal(await project.store.holdsFolder(list), true);
    assert.equal(noted().length, 1);
    await project.reopen();
    assert.equal(await project.store.holdsFolder(list), true);
  });

  const losses: [string, () => void][] = [
    ['an object', () => fs.rmSync(project.store.pathOf(objects[1] ?? ''), { force: true })],
    [
      'a folder of the cache',
      () => fs.rmSync(path.dirname(project.store.pathOf(objects[2] ?? '')), { recursive: true }),
    ],
    ['the list', () => fs.rmSync(project.store.pathOf(list), { force: true })],
    ['whole bytes of the list', () => project.damage(list, (bytes) => bytes.fill(32, 3, 5))],
    [
      'an object, a folder in its place',
      () => {
        const object = project.store.pathOf(objects[0] ?? '');
        fs.rmSync(object, { force: true });
        fs.mkdirSync(object);
      },
    ],
  ];
  for (const [name, lose] of losses) {
    it(`does not hold a folder that lost ${name}, noted or not`, async () => {
      assert.equal(await project.store.holdsFolder(list), true);
      lose();
      assert.equal(await project.store.holdsFolder(list), false);
      fs.rmSync(project.at('.dvc/tmp/strata/index/lists'), { recursive: true });
      assert.equal(await project.store.holdsFolder(list), false);
    });
  }

  it('notes nothing while the cache has just changed', async () => {
    fs.writeFileSync(path.join(path.dirname(project.store.pathOf(objects[0] ?? '')), 'other'), '');
    assert.equal(await project.store.holdsFolder(list), true);
    assert.equal(fs.existsSync(project.at('.dvc/tmp/strata/index/lists')), false);
  });
});
