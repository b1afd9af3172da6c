/** What every Host has to do; run on Node's and on the one in memory (and later on a browser's). */

import * as assert from 'node:assert/strict';
import { is } from '../../src/engine/errors';
import { type Host } from '../../src/engine/host/host';

/** A host under test and an empty folder in it, absolute and without links. */
export interface HostUnderTest {
  readonly host: Host;
  readonly root: string;
  /** Puts a symbolic link. */
  link(path: string, to: string): void;
  dispose(): void;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

async function fails(act: Promise<unknown>, code: string, path: string): Promise<void> {
  await assert.rejects(act, (error: unknown) => {
    assert.ok(is(error, code), `${String(error)} is not ${code}`);
    assert.equal(error.data['path'], path);
    return true;
  });
}

/** Describes the suite for one kind of host. */
export function hostContract(name: string, open: () => HostUnderTest): void {
  describe(`${name} keeps the Host contract`, () => {
    let under: HostUnderTest;
    const at = (path: string): string => `${under.root}/${path}`;
    beforeEach(() => (under = open()));
    afterEach(() => under.dispose());

    it('writes, reads and replaces files, making parents', async () => {
      const { fs } = under.host;
      await fs.writeAtomic(at('a/b/c.txt'), 'one');
      assert.equal(await fs.readText(at('a/b/c.txt')), 'one');
      await fs.writeAtomic(at('a/b/c.txt'), new Uint8Array([116, 119, 111]));
      assert.equal(text(await fs.readFile(at('a/b/c.txt'))), 'two');
      assert.deepEqual(await fs.readdir(at('a/b')), [{ name: 'c.txt', kind: 'file' }], 'no temporary stays');
    });

    it('gives a replaced file a new inode and keeps its mode', async () => {
      const { fs } = under.host;
      await fs.writeAtomic(at('run.sh'), 'a', { mode: 0o755 });
      const before = await fs.stat(at('run.sh'));
      await fs.writeAtomic(at('run.sh'), 'b');
      const after = await fs.stat(at('run.sh'));
      assert.equal(after?.mode, 0o755);
      assert.notEqual(after?.ino, before?.ino);
    });

    it('replaces what a link leads to, not the link', async () => {
      const { fs } = under.host;
      await fs.writeAtomic(at('real'), 'old');
      under.link(at('alias'), at('real'));
      await fs.writeAtomic(at('alias'), 'new');
      assert.equal(await fs.readText(at('real')), 'new');
      assert.equal((await fs.lstat(at('alias')))?.kind, 'link');
    });

    it('tells kinds and sizes, following links only in stat', async () => {
      const { fs } = under.host;
      await fs.writeAtomic(at('d/f'), 'four');
      under.link(at('l'), at('d'));
      assert.equal((await fs.stat(at('d/f')))?.size, 4);
      assert.equal((await fs.stat(at('l')))?.kind, 'folder');
      assert.equal((await fs.lstat(at('l')))?.kind, 'link');
      assert.equal(await fs.readlink(at('l')), at('d'));
      assert.equal(await fs.realpath(at('l/f')), at('d/f'));
      const kinds = (await fs.readdir(under.root))?.map((entry) => `${entry.name}:${entry.kind}`).sort();
      assert.deepEqual(kinds, ['d:folder', 'l:link']);
    });

    it('answers undefined for what is not there, also below a file', async () => {
      const { fs } = under.host;
      await fs.writeAtomic(at('f'), '');
      for (const path of [at('no'), at('no/more'), at('f/x')]) {
        assert.equal(await fs.stat(path), undefined);
        assert.equal(await fs.lstat(path), undefined);
        assert.equal(await fs.readText(path), undefined);
        assert.equal(await fs.readdir(path), undefined);
      }
    });

    it('names the path in its errors', async () => {
      const { fs } = under.host;
      await fails(fs.readFile(at('no')), 'fs.notFound', at('no'));
      await fails(fs.readRange(at('no'), 0, 1), 'fs.notFound', at('no'));
      await fails(fs.realpath(at('no')), 'fs.notFound', at('no'));
      await fails(fs.chmod(at('no'), 0o600), 'fs.notFound', at('no'));
      await fails(fs.rename(at('no'), at('there')), 'fs.notFound', at('no'));
      await fs.mkdir(at('d'));
      await fails(fs.readFile(at('d')), 'fs.isFolder', at('d'));
      await fails(fs.writeAtomic(at('d'), 'x'), 'fs.isFolder', at('d'));
      assert.deepEqual(await fs.readdir(at('d')), []);
      assert.deepEqual((await fs.readdir(under.root))?.length, 1, 'no temporary stays after a failure');
    });

    it('reads ranges, shorter at the end', async () => {
      const { fs } = under.host;
      await fs.writeAtomic(at('f'), '0123456789');
      assert.equal(text(await fs.readRange(at('f'), 3, 4)), '3456');
      assert.equal(text(await fs.readRange(at('f'), 8, 10)), '89');
      assert.equal(text(await fs.readRange(at('f'), 20, 5)), '');
    });

    it('appends, also to a new file', async () => {
      const { fs } = under.host;
      await fs.append(at('log'), 'a\n');
      await fs.append(at('log'), 'b\n');
      assert.equal(await fs.readText(at('log')), 'a\nb\n');
      await fails(fs.append(at('no/log'), 'x'), 'fs.notFound', at('no/log'));
    });

    it('makes, moves and removes folders', async () => {
      const { fs } = under.host;
      await fs.mkdir(at('a/b'));
      await fs.mkdir(at('a/b'));
      await fs.writeAtomic(at('a/b/f'), 'x');
      await fs.rename(at('a'), at('z'));
      assert.equal(await fs.readText(at('z/b/f')), 'x');
      assert.equal(await fs.stat(at('a')), undefined);
      await fs.remove(at('z'));
      await fs.remove(at('z'));
      assert.equal(await fs.stat(at('z')), undefined);
    });

    it('removes links, never what they lead to', async () => {
      const { fs } = under.host;
      await fs.writeAtomic(at('d/f'), 'x');
      await fs.mkdir(at('e'));
      under.link(at('e/l'), at('d'));
      under.link(at('m'), at('d/f'));
      await fs.remove(at('e'));
      await fs.unlink(at('m'));
      await fs.unlink(at('m'));
      assert.equal(await fs.readText(at('d/f')), 'x');
      await fails(fs.unlink(at('d')), 'fs.isFolder', at('d'));
    });

    it('changes modes', async () => {
      const { fs } = under.host;
      await fs.writeAtomic(at('f'), '');
      await fs.chmod(at('f'), 0o444);
      assert.equal((await fs.stat(at('f')))?.mode, 0o444);
    });

    it('gives random digits of the length asked for, never twice the same', () => {
      const seen = new Set(Array.from({ length: 100 }, () => under.host.randomHex(8)));
      assert.equal(seen.size, 100);
      for (const digits of seen) assert.match(digits, /^[0-9a-f]{16}$/);
    });
  });
}
