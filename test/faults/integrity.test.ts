import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import { quietCall } from '../../src/base/cancel';
import { is } from '../../src/engine/errors';
import { EngineProject, md5Of, seeded } from '../support/engineProject';
import { SOAK } from './crashpoints';

const MANY = SOAK ? 10_000 : 200;
const SOME = 20;
const DATE = new Date(Date.now() - 3_600_000);

/** A project that tracks `n` files of their own, and every name and hash. */
async function trackedFiles(project: EngineProject, n: number): Promise<{ names: string[]; hashes: string[] }> {
  const names = Array.from({ length: n }, (_, i) => `f${String(i).padStart(5, '0')}`);
  for (const name of names) project.put(name, `${name} holds these bytes, ${'x'.repeat(Number(name.slice(1)) % 97)}\n`);
  await project.call('add', names);
  const hashes = names.map((name) => md5Of(fs.readFileSync(project.at(name))));
  for (const hash of hashes) fs.utimesSync(project.object(hash), DATE, DATE);
  return { names, hashes };
}

describe('integrity', function () {
  this.timeout(SOAK ? 3_600_000 : 60_000);
  let project: EngineProject;
  beforeEach(async () => (project = await EngineProject.make()));
  afterEach(() => project.drop());

  const mine = (names: readonly string[]): void => {
    for (const name of names) {
      fs.rmSync(project.at(name), { force: true });
      project.put(name, 'mine\n');
    }
  };

  /** Checkout refuses every file: the workspace keeps what is there, the wrong object lies in quarantine or was none. */
  async function allRefused(names: readonly string[]): Promise<void> {
    mine(names);
    const { failed, modified } = await project.call('checkout', [], { force: true });
    assert.deepEqual(failed.map((one) => one.path).sort(), [...names].sort());
    assert.ok(failed.every((one) => one.code === 'cache.corrupt' || one.code === 'cache.missing'));
    assert.deepEqual(modified, []);
    for (const name of names) assert.equal(project.read(name), 'mine\n', name);
  }

  for (const types of ['reflink,copy', 'hardlink', 'symlink']) {
    it(`I1 one bit flipped in each of ${MANY} objects: none reaches the workspace as ${types}`, async () => {
      await project.call('config', ['cache.type', types]);
      const { names, hashes } = await trackedFiles(project, types === 'reflink,copy' ? MANY : 40);
      assert.deepEqual((await project.call('verify')).bad, [], 'and our own index vouches for each of them');
      const random = seeded(1);
      mine(names);
      for (const hash of hashes)
        project.damage(hash, (bytes) => {
          const at = Math.floor(random() * bytes.length);
          bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
          return bytes;
        });
      await allRefused(names);
      assert.equal(project.quarantined().length, names.length);
    });
  }

  it(`I1 verify finds ${MANY} of ${MANY}, and adding the right bytes again repairs all`, async () => {
    const { names, hashes } = await trackedFiles(project, MANY);
    for (const hash of hashes) project.damage(hash, (bytes) => bytes.fill((bytes[0] ?? 0) ^ 1, 0, 1));
    const { bad, checked } = await project.call('verify');
    assert.equal(checked, MANY);
    assert.deepEqual(bad.map((one) => [one.hash, one.reason]).sort(), hashes.map((hash) => [hash, 'corrupt']).sort());
    await project.call('add', names);
    assert.deepEqual((await project.call('verify')).bad, []);
  });

  const away = (hash: string): string => {
    const object = project.object(hash);
    fs.renameSync(object, `${object}.away`);
    return object;
  };
  const WRONG: Readonly<Record<string, (hash: string, other: string) => void>> = {
    'cut to nothing': (hash) => project.damage(hash, () => Buffer.alloc(0)),
    'cut to half': (hash) => project.damage(hash, (bytes) => bytes.subarray(0, bytes.length >> 1)),
    'a byte less': (hash) => project.damage(hash, (bytes) => bytes.subarray(0, -1)),
    'a byte more': (hash) => project.damage(hash, (bytes) => Buffer.concat([bytes, Buffer.from('x')])),
    'swapped for another': (hash, other) => {
      const object = away(hash);
      fs.copyFileSync(
        fs.existsSync(project.object(other)) ? project.object(other) : `${project.object(other)}.away`,
        object,
      );
    },
    'a folder in its place': (hash) => {
      const object = away(hash);
      fs.mkdirSync(object);
      fs.writeFileSync(path.join(object, 'x'), 'x');
    },
    'a link in its place': (hash) => fs.symlinkSync('/etc/hostname', away(hash)),
    'a link to nowhere in its place': (hash) => fs.symlinkSync('nowhere', away(hash)),
  };
  for (const [name, spoil] of Object.entries(WRONG)) {
    it(`I2 ${SOME} objects ${name}: checkout, push and verify find each, fetching repairs it`, async () => {
      const { names, hashes } = await trackedFiles(project, SOME);
      await project.call('remote.add', ['r', '../remote'], { default: true });
      await project.call('push');
      const kept = path.join(project.above, 'kept');
      const [cache, remote] = [project.at('.dvc/cache'), path.join(project.above, 'remote')];
      for (const [from, to] of [
        [cache, 'cache'],
        [remote, 'remote'],
      ] as const)
        fs.cpSync(from, path.join(kept, to), { recursive: true });
      hashes.forEach((hash, i) => spoil(hash, hashes[(i + 1) % SOME] ?? ''));
      await allRefused(names);
      fs.rmSync(cache, { recursive: true });
      fs.cpSync(path.join(kept, 'cache'), cache, { recursive: true });
      hashes.forEach((hash, i) => spoil(hash, hashes[(i + 1) % SOME] ?? ''));
      fs.rmSync(remote, { recursive: true });
      assert.equal((await project.call('push')).failed.length, SOME);
      assert.deepEqual(filesBelow(remote), []);
      fs.cpSync(path.join(kept, 'remote'), remote, { recursive: true });
      if (name !== 'a folder in its place') await project.call('verify');
      assert.deepEqual((await project.call('fetch')).failed, []);
      assert.deepEqual((await project.call('verify')).bad, []);
    });
  }

  it('I5 push sends none of 20 damaged objects, nor the list of a folder that needs one, and names each', async () => {
    const { names, hashes } = await trackedFiles(project, SOME);
    project.put('folder/a', 'a\n');
    project.put('folder/b', 'b\n');
    await project.call('add', ['folder']);
    await project.call('remote.add', ['r', '../remote'], { default: true });
    for (const hash of [...hashes, md5Of('b\n')]) project.damage(hash, (bytes) => bytes.fill(90, 0, 1));
    const { failed, pushed } = await project.call('push');
    assert.deepEqual(failed.map((one) => one.path).sort(), [...names, 'folder', 'folder/b'].sort());
    assert.equal(pushed, 1);
    assert.deepEqual(filesBelow(path.join(project.above, 'remote')), [md5Of('a\n')]);
  });

  it('I6 files that change while they are added: what is stored is what its name says, or the change is told', async () => {
    const rounds = SOAK ? 5000 : 50;
    const names = ['small', 'large'].map((name) => project.at(name));
    for (const name of names) fs.writeFileSync(name, 'begin');
    const writer = new Worker(WRITER, { eval: true, workerData: names });
    let told = 0;
    try {
      await new Promise((resolve) => writer.once('message', resolve));
      for (let n = 0; n < rounds; n += 1) {
        await project.use(async ({ store }) => {
          const added = await store.addFiles(names, quietCall()).catch((error: unknown) => {
            assert.ok(is(error, 'cache.fileChanging'), String(error));
            told += 1;
            return [];
          });
          for (const { md5 } of added) assert.equal(md5Of(fs.readFileSync(project.object(md5))), md5);
        });
      }
    } finally {
      await writer.terminate();
    }
    for (const object of filesBelow(project.at('.dvc/cache/files/md5')))
      assert.equal(md5Of(fs.readFileSync(project.object(object))), object);
    assert.ok(told > 0, 'the writer was quick enough to be noticed');
  });
});

/** Hashes of the objects below a folder, from their paths. */
function filesBelow(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.basename(entry.parentPath) + entry.name);
}

/** Writes over two files for ever: a small one in one call, a large one block by block. */
const WRITER = `
const fs = require('node:fs');
const { parentPort, workerData: [small, large] } = require('node:worker_threads');
const block = Buffer.alloc(1 << 16);
const fds = [small, large].map((name) => fs.openSync(name, 'r+'));
for (let n = 0; ; n += 1) {
  fs.writeSync(fds[0], String(n), 0);
  for (let at = 0; at < 40; at += 1) fs.writeSync(fds[1], block.fill(n + at), 0, block.length, at * block.length);
  if (n === 0) parentPort.postMessage('begun');
}
`;
