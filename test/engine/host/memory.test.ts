import * as assert from 'node:assert/strict';
import { memoryHost } from '../../../src/engine/host/memory';
import { hostContract } from '../../support/hostContract';

hostContract('memoryHost', () => {
  const host = memoryHost({ '/work/root/gone': '' });
  void host.fs.remove('/work/root/gone');
  return { host, root: '/work/root', link: (at, to) => host.link(at, to), dispose: () => undefined };
});

describe('memoryHost', () => {
  it('starts with the files it is given and shows what became of them', async () => {
    const host = memoryHost({ '/p/a.txt': 'one', '/p/d/b.txt': 'two' });
    await host.fs.writeAtomic('/p/c.txt', 'three');
    await host.fs.unlink('/p/a.txt');
    host.link('/p/l', 'd/b.txt');
    assert.deepEqual(host.snapshot(), { '/p/c.txt': 'three', '/p/d/b.txt': 'two', '/p/l': '-> d/b.txt' });
    assert.equal(await host.fs.readText('/p/l'), 'two');
  });

  it('has a clock that moves only when told', async () => {
    const host = memoryHost({ '/p/a': '' });
    const before = await host.fs.stat('/p/a');
    host.tick(5000);
    await host.fs.append('/p/a', 'x');
    const after = await host.fs.stat('/p/a');
    assert.equal((after?.mtimeMs ?? 0) - (before?.mtimeMs ?? 0), 5000);
    assert.equal(after?.ino, before?.ino);
  });

  it('notices links that lead in circles', async () => {
    const host = memoryHost();
    host.link('/a', '/b');
    host.link('/b', '/a');
    await assert.rejects(host.fs.readFile('/a'), /fs\.linkLoop/);
  });
});
