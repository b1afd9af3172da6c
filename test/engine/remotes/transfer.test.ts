import * as assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isCancelled, quietCall, type Call, type Progress } from '../../../src/base/cancel';
import { is, StrataError } from '../../../src/engine/errors';
import { renderDirObject } from '../../../src/engine/formats/dirObject';
import { nodeHost } from '../../../src/engine/host/node';
import { openFolder } from '../../../src/engine/remotes/folder';
import { fetchObjects, pushObjects, type TransferReport, type Wanted } from '../../../src/engine/remotes/transfer';
import { memoryRemote, type MemoryRemote } from '../../support/memoryRemote';
import { TestProject } from '../../support/testStore';

const md5 = (content: string): string => createHash('md5').update(content).digest('hex');
const key = (hash: string): string => `files/md5/${hash.slice(0, 2)}/${hash.slice(2)}`;
const file = (text: string, at?: string): Wanted => ({ hash: md5(text), hashName: 'md5', ...(at ? { path: at } : {}) });
const failures = (report: TransferReport): string[] =>
  report.failed.map((one) => `${one.path ?? one.hash} ${is(one.error) ? one.error.code : String(one.error)}`).sort();

describe('transfer', () => {
  let project: TestProject;
  let remote: MemoryRemote;
  const call = quietCall();
  beforeEach(() => {
    project = new TestProject();
    remote = memoryRemote();
  });
  afterEach(() => project.dispose());

  const ends = (): { store: TestProject['store']; remote: MemoryRemote } => ({ store: project.store, remote });
  const add = async (...texts: string[]): Promise<void> => {
    await project.store.addFiles(
      texts.map((text) => project.put(`in/${md5(text)}`, text)),
      call,
    );
  };
  /** Adds a folder of files; gives its object. */
  const addFolder = async (files: Record<string, string>, at = 'd'): Promise<Wanted> => {
    await add(...Object.values(files));
    const entries = Object.entries(files).map(([relpath, text]) => ({ relpath, md5: md5(text) }));
    const hash = await project.store.addBytes(renderDirObject(entries), '.dir');
    return { hash, hashName: 'md5', path: at };
  };
  const emptyCache = (): void => fs.rmSync(project.at('.dvc/cache'), { recursive: true, force: true });

  describe('pushObjects', () => {
    it('sends files before the folder that lists them', async () => {
      const folder = await addFolder({ a: 'one', b: 'two', c: 'one' });
      const report = await pushObjects(ends(), [folder, file('two', 'two')], call);
      assert.deepEqual({ ...report }, { files: 3, bytes: report.bytes, failed: [] });
      assert.equal(remote.arrived.at(-1), key(folder.hash));
      assert.deepEqual(remote.arrived.slice(0, -1).sort(), [key(md5('one')), key(md5('two'))].sort());
    });

    it('sends only what is not there', async () => {
      const folder = await addFolder({ a: 'one', b: 'two' });
      remote.files.set(key(md5('one')), Buffer.from('one'));
      assert.equal((await pushObjects(ends(), [folder], call)).files, 2);
      const again = await pushObjects(ends(), [folder], call);
      assert.deepEqual({ ...again }, { files: 0, bytes: 0, failed: [] });
    });

    it('names a damaged object, keeps it aside, and holds its folder back', async () => {
      const folder = await addFolder({ a: 'one', b: 'two' });
      project.damage(md5('two'), () => Buffer.from('tw0'));
      const report = await pushObjects(ends(), [folder], call);
      assert.deepEqual(failures(report), ['d remotes.incomplete', 'd/b cache.corrupt']);
      assert.deepEqual(remote.arrived, [key(md5('one'))]);
      assert.equal(project.store.has(md5('two')), false);
      assert.equal(fs.readdirSync(project.at('.dvc/tmp/strata/quarantine')).length, 2);
    });

    it('sends a folder whose missing file is there already, and no other', async () => {
      const folder = await addFolder({ a: 'one', b: 'two' });
      fs.rmSync(project.store.pathOf(md5('two')));
      assert.deepEqual(failures(await pushObjects(ends(), [folder], call)), [
        'd remotes.incomplete',
        'd/b cache.missing',
      ]);
      remote.files.set(key(md5('two')), Buffer.from('two'));
      assert.deepEqual(failures(await pushObjects(ends(), [folder], call)), []);
      assert.ok(remote.files.has(key(folder.hash)));
    });

    it('goes on with the rest when one upload fails, and finishes the next time', async () => {
      const folder = await addFolder({ a: 'one', b: 'two', c: 'three' });
      remote.fault = (_, at) => {
        if (at === key(md5('two'))) throw new StrataError('remotes.missing', { key: at });
      };
      const report = await pushObjects(ends(), [folder], call);
      assert.deepEqual(failures(report), ['d remotes.incomplete', 'd/b remotes.missing']);
      assert.equal(report.files, 2);
      remote.fault = () => undefined;
      assert.deepEqual({ ...(await pushObjects(ends(), [folder], call)) }.files, 2);
    });

    it('says that a folder cannot be read', async () => {
      const gone: Wanted = { hash: `${md5('x')}.dir`, hashName: 'md5', path: 'gone' };
      assert.deepEqual(failures(await pushObjects(ends(), [gone], call)), ['gone cache.missing']);
    });
  });

  describe('fetchObjects', () => {
    const plant = (...texts: string[]): void => {
      for (const text of texts) remote.files.set(key(md5(text)), Buffer.from(text));
    };
    const plantFolder = (files: Record<string, string>): Wanted => {
      plant(...Object.values(files));
      const entries = Object.entries(files).map(([relpath, one]) => ({ relpath, md5: md5(one) }));
      const text = Buffer.from(renderDirObject(entries)).toString('latin1');
      remote.files.set(`${key(md5(text))}.dir`, Buffer.from(text));
      return { hash: `${md5(text)}.dir`, hashName: 'md5', path: 'd' };
    };

    it('brings folders with all their files, verified and without leftovers', async () => {
      const folder = plantFolder({ a: 'one', 'sub/b': 'two', c: 'one' });
      const report = await fetchObjects(ends(), [folder, file('one')], call);
      assert.deepEqual({ ...report }, { files: 3, bytes: report.bytes, failed: [] });
      assert.equal(await project.store.verify(md5('two')), 'good');
      assert.equal((await project.store.readDir(folder.hash)).length, 3);
      assert.deepEqual(project.temporaries(), []);
    });

    it('asks only for what is not here', async () => {
      const folder = plantFolder({ a: 'one', b: 'two' });
      await add('one');
      await fetchObjects(ends(), [folder], call);
      assert.equal(remote.downloads, 2);
      await fetchObjects(ends(), [folder], call);
      assert.equal(remote.downloads, 2);
      fs.rmSync(project.store.pathOf(md5('two')));
      await fetchObjects(ends(), [folder], call);
      assert.equal(remote.downloads, 3, 'a file missing from a folder that is here');
    });

    const lies: [string, Buffer][] = [
      ['other bytes of the same size', Buffer.from('onE')],
      ['fewer bytes', Buffer.from('on')],
      ['nothing', Buffer.alloc(0)],
      ['more bytes', Buffer.from('one!')],
      ['an error page', Buffer.from('<html>Not found</html>')],
      ['another object', Buffer.from('two')],
    ];
    for (const [name, bytes] of lies) {
      it(`takes nothing in when the remote sends ${name}`, async () => {
        plant('two');
        remote.files.set(key(md5('one')), bytes);
        const report = await fetchObjects(ends(), [file('one', 'a'), file('two', 'b')], call);
        assert.deepEqual(failures(report), ['a remotes.corrupt']);
        assert.equal(project.store.has(md5('one')), false);
        assert.equal(await project.store.verify(md5('two')), 'good');
        assert.deepEqual(project.temporaries(), []);
      });
    }

    it('judges a folder that came wrong, once', async () => {
      const folder = plantFolder({ a: 'one' });
      remote.files.set(key(folder.hash), Buffer.from('[]'));
      assert.deepEqual(failures(await fetchObjects(ends(), [folder], call)), ['d remotes.corrupt']);
      assert.equal(project.store.has(folder.hash), false);
    });

    it('refuses a folder that would write elsewhere, though its hash is right', async () => {
      const text = '[{"md5": "f97c5d29941bfb1b2fdab0874906ab82", "relpath": "../evil"}]';
      const folder: Wanted = { hash: `${md5(text)}.dir`, hashName: 'md5', path: 'd' };
      remote.files.set(key(folder.hash), Buffer.from(text));
      assert.deepEqual(failures(await fetchObjects(ends(), [folder], call)), ['d formats.dirPath']);
    });

    it('brings the rest when some are missing', async () => {
      const folder = plantFolder({ a: 'one', b: 'two' });
      remote.files.delete(key(md5('one')));
      const report = await fetchObjects(ends(), [folder, file('gone', 'gone')], call);
      assert.deepEqual(failures(report), ['d/a remotes.missing', 'gone remotes.missing']);
      assert.equal(project.store.has(md5('two')), true);
    });

    it('stops when cancelled, keeps nothing half-way, and goes on the next time', async () => {
      const texts = Array.from({ length: 40 }, (_, i) => `text ${i}`);
      plant(...texts);
      const controller = new AbortController();
      remote.fault = () => {
        if (remote.downloads === 20) controller.abort();
      };
      const wanted = texts.map((text) => file(text));
      await assert.rejects(fetchObjects(ends(), wanted, quietCall(controller.signal)), isCancelled);
      assert.deepEqual(project.temporaries(), []);
      assert.ok(remote.downloads < 30);
      remote.fault = () => undefined;
      assert.deepEqual((await fetchObjects(ends(), wanted, call)).failed, []);
      for (const text of texts) assert.ok(project.store.has(md5(text)));
    });
  });

  it('goes out and back through a folder, telling files and bytes', async () => {
    const texts = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`f${i}`, `text ${i}`.repeat(50)]));
    const folder = await addFolder(texts);
    const there = openFolder(path.join(project.root, 'remote'), nodeHost(), 4);
    const seen: Progress[] = [];
    const watched: Call = { ...call, progress: (value) => void seen.push(value) };
    const sent = await pushObjects({ store: project.store, remote: there }, [folder], watched);
    assert.equal(sent.files, 121);
    const last = seen.at(-1);
    assert.deepEqual([last?.phase, last?.done, last?.total, last?.bytes], ['progress.pushing', 121, 121, sent.bytes]);
    emptyCache();
    const got = await fetchObjects({ store: project.store, remote: there }, [folder], watched);
    assert.deepEqual([got.files, got.bytes, got.failed], [121, sent.bytes, []]);
    for (const entry of await project.store.readDir(folder.hash)) {
      assert.equal(await project.store.verify(entry.md5), 'good');
    }
    const all = fs.readdirSync(path.join(project.root, 'remote'), { recursive: true }) as string[];
    assert.deepEqual(
      all.filter((name) => name.endsWith('.tmp')),
      [],
    );
  });
});
