import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { quietCall } from '../../../src/base/cancel';
import { is } from '../../../src/engine/errors';
import { nodeHost } from '../../../src/engine/host/node';
import { openFolder } from '../../../src/engine/remotes/folder';
import { memoryRemote } from '../../support/memoryRemote';
import { remoteContract } from '../../support/remoteContract';
import { dropFolder, newFolder } from '../../support/temporary';

remoteContract('a folder', () => {
  const root = newFolder();
  const folder = path.join(root, 'remote');
  const at = (key: string): string => path.join(folder, key);
  return {
    remote: openFolder(folder, nodeHost(), 4),
    plant: (key, bytes) => {
      fs.mkdirSync(path.dirname(at(key)), { recursive: true });
      fs.writeFileSync(at(key), bytes);
    },
    peek: (key) => (fs.existsSync(at(key)) ? fs.readFileSync(at(key)) : undefined),
    keys: () => {
      if (!fs.existsSync(folder)) return [];
      const all = fs.readdirSync(folder, { recursive: true }) as string[];
      return all.filter((name) => fs.statSync(at(name)).isFile()).sort();
    },
    dispose: () => dropFolder(root),
  };
});

remoteContract('memory', () => {
  const remote = memoryRemote();
  return {
    remote,
    plant: (key, bytes) => void remote.files.set(key, bytes),
    peek: (key) => remote.files.get(key),
    keys: () => [...remote.files.keys()].sort(),
    dispose: () => undefined,
  };
});

describe('openFolder', () => {
  const call = quietCall();

  for (const [what, key, mode] of [
    ['objects', 'files/md5/aa/bb', 0o444],
    ['results of runs', 'runs/aa/bb/cc', 0o644],
  ] as const) {
    it(`leaves ${what} as DVC does, mode ${mode.toString(8)}`, async () => {
      const root = newFolder();
      fs.writeFileSync(path.join(root, 'a'), 'x', { mode: 0o600 });
      const remote = openFolder(path.join(root, 'new/remote'), nodeHost(), 1);
      await remote.upload(path.join(root, 'a'), key, { signal: call.signal, moved: () => undefined });
      assert.equal(fs.statSync(path.join(root, 'new/remote', key)).mode & 0o777, mode);
      dropFolder(root);
    });
  }

  for (const key of ['../x', 'a/../../x', '/etc/passwd', 'a//b', '', 'a\\..\\b', '.']) {
    it(`refuses the key ${JSON.stringify(key)}`, async () => {
      const root = newFolder();
      fs.writeFileSync(path.join(root, 'a'), 'x');
      const remote = openFolder(path.join(root, 'remote'), nodeHost(), 1);
      const moving = { signal: call.signal, moved: (): void => undefined };
      for (const act of [
        () => remote.has([key], call),
        () => remote.upload(path.join(root, 'a'), key, moving),
        () => remote.download(key, path.join(root, 'b'), moving),
        () => remote.remove([key], call),
      ]) {
        await assert.rejects(act, (error: unknown) => is(error, 'remotes.badKey'));
      }
      assert.deepEqual(fs.readdirSync(root), ['a']);
      dropFolder(root);
    });
  }

  it('names the path when the folder cannot be made', async () => {
    const root = newFolder();
    fs.writeFileSync(path.join(root, 'file'), 'x');
    const remote = openFolder(path.join(root, 'file', 'remote'), nodeHost(), 1);
    await assert.rejects(
      remote.upload(path.join(root, 'file'), 'aa/bb', { signal: call.signal, moved: () => undefined }),
      (error: unknown) => is(error, 'fs.notFolder'),
    );
    dropFolder(root);
  });
});
