import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { nodeHost } from '../../../src/engine/host/node';
import { hostContract } from '../../support/hostContract';
import { dropFolder, newFolder } from '../../support/temporary';

hostContract('nodeHost', () => {
  const root = newFolder();
  return {
    host: nodeHost(),
    root,
    link: (at, to) => fs.symlinkSync(to, at),
    dispose: () => dropFolder(root),
  };
});

describe('nodeHost', () => {
  it('tells the machine', () => {
    const host = nodeHost();
    assert.ok(host.cpus >= 1);
    assert.ok(Math.abs(host.now() - Date.now()) < 1000);
    assert.equal(host.env['PATH'], process.env['PATH']);
  });

  it('leaves the old file whole when writing fails', async () => {
    const root = newFolder();
    const file = path.join(root, 'f');
    fs.writeFileSync(file, 'old');
    // A name that leaves no room for the temporary's: the folder is a file.
    await assert.rejects(nodeHost().fs.writeAtomic(path.join(file, 'x'), 'new'));
    assert.equal(fs.readFileSync(file, 'utf8'), 'old');
    assert.deepEqual(fs.readdirSync(root), ['f']);
    dropFolder(root);
  });
});
