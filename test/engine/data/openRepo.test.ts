import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { quietCall } from '../../../src/base/cancel';
import { dataVerbs, findRoot, openRepo } from '../../../src/engine/data/data';
import { is } from '../../../src/engine/errors';
import { memoryHost } from '../../../src/engine/host/memory';
import { nodeHost } from '../../../src/engine/host/node';
import { dropFolder, newFolder } from '../../support/temporary';

/** Every file below a folder with its bytes and mode, `.git` included. */
function whole(root: string): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name of fs.readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const at = path.join(root, name);
    const stat = fs.lstatSync(at);
    out[name] = stat.isFile() ? `${stat.mode} ${fs.readFileSync(at, 'base64')}` : 'folder';
  }
  return out;
}

describe('openRepo', () => {
  it('looks for the root upwards', async () => {
    const host = memoryHost({ '/a/p/.dvc/config': '', '/a/p/x/y/z': '' });
    assert.equal(await findRoot(host, '/a/p/x/y'), '/a/p');
    assert.equal(await findRoot(host, '/a/p'), '/a/p');
    assert.equal(await findRoot(host, '/a'), undefined);
  });

  it('in an untrusted workspace has no Git and writes nothing, whatever is looked at', async () => {
    const root = newFolder();
    try {
      execFileSync('git', ['init', '-q'], { cwd: root });
      fs.mkdirSync(path.join(root, '.dvc'));
      fs.writeFileSync(path.join(root, 'f'), '1\n');
      fs.writeFileSync(
        path.join(root, 'f.dvc'),
        'outs:\n- md5: b026324c6904b2a9cb4b88d6d61c81d1\n  size: 2\n  hash: md5\n  path: f\n',
      );
      fs.mkdirSync(path.join(root, '.dvc/cache/files/md5/b0'), { recursive: true });
      fs.writeFileSync(path.join(root, '.dvc/cache/files/md5/b0/26324c6904b2a9cb4b88d6d61c81d1'), 'damaged');
      const before = whole(root);
      const repo = await openRepo({ root, cwd: '.', host: nodeHost(), trusted: false, command: 'strata test' });
      assert.equal(repo.git, undefined);
      await dataVerbs.dataTree(repo, {}, quietCall());
      await dataVerbs['data.status'](repo, { targets: [], granular: true }, quietCall());
      await dataVerbs.verify(repo, { targets: [] }, quietCall());
      await dataVerbs.fileVersion(repo, { rev: 'workspace', path: 'f' }, quietCall());
      await assert.rejects(dataVerbs.add(repo, { targets: ['f'] }, quietCall()), (error) =>
        is(error, 'data.notTrusted'),
      );
      await assert.rejects(dataVerbs.history(repo, { targets: ['f'] }, quietCall()), (error) =>
        is(error, 'data.noGit'),
      );
      await repo.store.close();
      assert.deepEqual(whole(root), before);
    } finally {
      dropFolder(root);
    }
  });
});
