import * as assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isCancelled, quietCall, type Progress } from '../../../src/base/cancel';
import { type LinkType } from '../../../src/engine/cache/cache';
import { is } from '../../../src/engine/errors';
import { renderDirObject } from '../../../src/engine/formats/dirObject';
import { TestProject } from '../../support/testStore';

const md5 = (content: string | Uint8Array): string => createHash('md5').update(content).digest('hex');
const call = quietCall();

/** Adds texts as files; gives their hashes. */
async function addAll(project: TestProject, texts: readonly string[]): Promise<string[]> {
  const files = texts.map((text, i) => project.put(`in/${i}`, text));
  return (await project.store.addFiles(files, call)).map((file) => file.md5);
}

describe('openStore', () => {
  let project: TestProject;
  const projects: TestProject[] = [];
  const open = (...args: ConstructorParameters<typeof TestProject>): TestProject => {
    project = new TestProject(...args);
    projects.push(project);
    return project;
  };
  beforeEach(() => void open());
  afterEach(async () => {
    for (const one of projects.splice(0)) await one.dispose();
  });

  it('stores files under their hash with mode 0444 and leaves no temporary', async () => {
    const texts = ['', 'hello\n', 'x'.repeat(5000), 'hello\n'];
    const big = Buffer.alloc(3 * 1024 * 1024 + 17, 'abc');
    const files = texts.map((text, i) => project.put(`d/${i}`, text));
    const answer = await project.store.addFiles([...files, project.put('big', big)], call);
    assert.deepEqual(
      answer.map((file) => [file.md5, file.size]),
      [...texts.map((text) => [md5(text), text.length]), [md5(big), big.length]],
    );
    for (const { md5: hash } of answer) {
      const object = project.store.pathOf(hash);
      assert.equal(object, project.at(`.dvc/cache/files/md5/${hash.slice(0, 2)}/${hash.slice(2)}`));
      assert.equal(fs.statSync(object).mode & 0o777, 0o444);
      assert.equal(await project.store.verify(hash), 'good');
    }
    assert.equal(project.store.size(md5(big)), big.length);
    assert.deepEqual(project.temporaries(), []);
  });

  it('keeps mode 0444 and group folders whatever the umask', async () => {
    const before = process.umask(0o077);
    try {
      const shared = open({ shared: true });
      const [hash = ''] = await addAll(shared, ['text']);
      const object = shared.store.pathOf(hash);
      assert.equal(fs.statSync(object).mode & 0o777, 0o444);
      assert.equal(fs.statSync(path.dirname(object)).mode & 0o7777, 0o2775);
    } finally {
      process.umask(before);
    }
  });

  it('stores bytes and folders, and reads them back verified', async () => {
    const hash = await project.store.addBytes(Buffer.from('abc'));
    assert.equal(hash, md5('abc'));
    assert.equal(Buffer.from(await project.store.read(hash)).toString(), 'abc');
    const entries = [{ relpath: 'a', md5: hash }];
    const folder = await project.store.addBytes(renderDirObject(entries), '.dir');
    assert.match(folder, /\.dir$/);
    assert.deepEqual(await project.store.readDir(folder), entries);
    assert.equal(await project.store.addBytes(Buffer.from('abc')), hash, 'twice is fine');
  });

  it('refuses what is no hash before it becomes a path', () => {
    for (const bad of ['../../etc', '', 'ABCDEF0123456789abcdef0123456789', `${md5('a')}/x`, `${md5('a')}.dirx`]) {
      assert.throws(
        () => project.store.pathOf(bad),
        (error: unknown) => is(error, 'cache.badHash'),
        bad,
      );
    }
  });

  it('fails by name on files that are gone or no files', async () => {
    for (const [name, code] of [
      ['gone', 'fs.notFound'],
      ['.dvc', 'fs.isFolder'],
    ] as const) {
      for (const act of ['addFiles', 'hashFiles'] as const) {
        await assert.rejects(project.store[act]([project.at(name)], call), (error: unknown) => {
          assert.ok(is(error, code), String(error));
          assert.equal(error.data['path'], project.at(name));
          return true;
        });
      }
    }
    assert.deepEqual(project.temporaries(), []);
  });

  it('adds nothing when one file fails', async () => {
    const good = project.put('good', 'good');
    await assert.rejects(project.store.addFiles([good, project.at('.dvc')], call));
    assert.equal(project.store.has(md5('good')), false);
    assert.deepEqual(project.temporaries(), []);
  });

  describe('damaged objects', () => {
    const damages: [string, (bytes: Buffer) => Buffer][] = [
      ['one bit flipped', (bytes) => ((bytes[3] = (bytes[3] ?? 0) ^ 4), bytes)],
      ['empty', () => Buffer.alloc(0)],
      ['half', (bytes) => bytes.subarray(0, bytes.length / 2)],
      ['a byte less', (bytes) => bytes.subarray(0, -1)],
      ['a byte more', (bytes) => Buffer.concat([bytes, Buffer.from('!')])],
    ];

    const inQuarantine = (): string[] => {
      const folder = project.at('.dvc/tmp/strata/quarantine');
      return fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
    };

    for (const [name, change] of damages) {
      it(`${name}: found by verify, read and restore, kept in quarantine with a reason`, async () => {
        const [hash = ''] = await addAll(project, ['some content']);
        for (const use of ['verify', 'read', 'restore'] as const) {
          project.damage(hash, change);
          const target = project.put('target', 'what the user has');
          if (use === 'verify') assert.equal(await project.store.verify(hash), 'corrupt');
          if (use === 'read') {
            await assert.rejects(project.store.read(hash), (error: unknown) => is(error, 'cache.corrupt'));
          }
          if (use === 'restore') {
            const [failure] = await project.store.restoreFiles([{ hash, hashName: 'md5', path: target }], call);
            assert.ok(is(failure?.error, 'cache.corrupt'), String(failure?.error));
          }
          assert.equal(project.read('target'), 'what the user has', 'the workspace is untouched');
          assert.equal(project.store.has(hash), false, 'out of use');
          await addAll(project, ['some content']);
          assert.equal(await project.store.verify(hash), 'good', 'a good copy comes back');
        }
        const kept = inQuarantine();
        assert.equal(kept.length, 6);
        const reason = JSON.parse(project.read(`.dvc/tmp/strata/quarantine/${kept[1]}`)) as { expected: string };
        assert.equal(reason.expected, hash);
      });
    }

    it('are replaced when the right content is added again', async () => {
      const [hash = ''] = await addAll(project, ['some content']);
      project.damage(hash, () => Buffer.from('SOME CONTENT'));
      await project.reopen();
      await addAll(project, ['some content']);
      assert.equal(await project.store.verify(hash), 'good');
      assert.equal(inQuarantine().length, 2);
    });

    it('are no folders and no links', async () => {
      const [a = '', b = ''] = await addAll(project, ['one', 'two']);
      fs.rmSync(project.store.pathOf(a));
      fs.mkdirSync(project.store.pathOf(a));
      fs.rmSync(project.store.pathOf(b));
      fs.symlinkSync(project.put('elsewhere', 'two'), project.store.pathOf(b));
      assert.equal(project.store.has(a), false);
      assert.equal(project.store.has(b), false);
      assert.equal(await project.store.verify(a), 'corrupt');
      assert.equal(await project.store.verify(b), 'corrupt');
    });
  });

  describe('restoreFiles', () => {
    const one = (hash: string, name: string): { hash: string; hashName: 'md5'; path: string } => ({
      hash,
      hashName: 'md5',
      path: project.at(name),
    });

    it('replaces and makes files in new folders with the mode of the user', async () => {
      const [a = '', b = ''] = await addAll(project, ['one', 'x'.repeat(3_000_000)]);
      project.put('out/a', 'older');
      const before = fs.statSync(project.at('out/a')).ino;
      const files = [one(a, 'out/a'), one(b, 'out/deep/er/b'), { ...one(a, 'out/run'), executable: true }];
      assert.deepEqual(await project.store.restoreFiles(files, call), []);
      assert.equal(project.read('out/a'), 'one');
      assert.notEqual(fs.statSync(project.at('out/a')).ino, before, 'never rewritten in place');
      assert.equal(fs.statSync(project.at('out/deep/er/b')).size, 3_000_000);
      assert.equal(fs.statSync(project.at('out/a')).mode & 0o777, 0o666 & ~process.umask());
      assert.equal(fs.statSync(project.at('out/run')).mode & 0o777, (0o666 & ~process.umask()) | 0o100);
      assert.deepEqual(project.temporaries(), []);
      assert.deepEqual(fs.readdirSync(project.at('.dvc/tmp/strata/staging')), []);
    });

    it('does what it can and names the rest', async () => {
      const [a = ''] = await addAll(project, ['one']);
      project.put('file', 'in the way');
      fs.mkdirSync(project.at('folder/full'), { recursive: true });
      const answer = await project.store.restoreFiles(
        [one(a, 'good'), one(md5('never added'), 'missing'), one(a, 'file/below'), one(a, 'folder')],
        call,
      );
      assert.equal(project.read('good'), 'one');
      const codes = answer.map(({ path: at, error }) => [path.relative(project.root, at), is(error) && error.code]);
      assert.deepEqual(codes.sort(), [
        ['file/below', 'fs.notFolder'],
        ['folder', 'fs.isFolder'],
        ['missing', 'cache.missing'],
      ]);
      assert.equal(project.read('file'), 'in the way');
      assert.deepEqual(project.temporaries(), []);
    });

    it('writes nothing through links that leave the project or lead into its inside', async () => {
      const [a = ''] = await addAll(project, ['one']);
      const outside = open().root;
      project = projects[0] ?? project;
      fs.symlinkSync(outside, project.at('out'));
      fs.symlinkSync(project.at('.dvc'), project.at('inside'));
      fs.mkdirSync(project.at('real'));
      fs.symlinkSync(project.at('real'), project.at('alias'));
      const before = fs.readdirSync(outside, { recursive: true });
      const answer = await project.store.restoreFiles(
        [one(a, 'out/x'), one(a, 'out/new/x'), one(a, 'inside/x'), one(a, 'alias/x')],
        call,
      );
      assert.deepEqual(
        answer.map(({ error }) => is(error) && error.code),
        Array(3).fill('fs.outside'),
      );
      assert.deepEqual(fs.readdirSync(outside, { recursive: true }), before);
      assert.equal(fs.existsSync(project.at('.dvc/x')), false);
      assert.equal(project.read('real/x'), 'one', 'a link inside the project is fine');
    });

    const links: [LinkType, (file: string, object: string) => void][] = [
      ['copy', (file, object) => assert.notEqual(fs.statSync(file).ino, fs.statSync(object).ino)],
      ['reflink', (file, object) => assert.notEqual(fs.statSync(file).ino, fs.statSync(object).ino)],
      ['hardlink', (file, object) => assert.equal(fs.lstatSync(file).ino, fs.lstatSync(object).ino)],
      ['symlink', (file, object) => assert.equal(fs.readlinkSync(file), object)],
    ];
    for (const [type, check] of links) {
      it(`links by ${type}, again and over itself`, async () => {
        open({ links: [type, 'copy'] });
        const [a = '', empty = ''] = await addAll(project, ['one', '']);
        for (let round = 0; round < 3; round += 1) {
          assert.deepEqual(await project.store.restoreFiles([one(a, 'a'), one(empty, 'e')], call), []);
          check(project.at('a'), project.store.pathOf(a));
          assert.equal(project.read('a'), 'one');
          assert.deepEqual(project.temporaries(), []);
          if (type === 'hardlink') assert.equal(fs.statSync(project.at('e')).nlink, 1, 'empty files are made');
          await project.reopen();
        }
        project.damage(a, () => Buffer.from('two'));
        const [failure] = await project.store.restoreFiles([one(a, 'b')], call);
        assert.ok(is(failure?.error, 'cache.corrupt'), 'linking verifies as well');
        assert.equal(fs.existsSync(project.at('b')), false);
      });
    }
  });

  it('restores objects of 2.x by their own hash', async () => {
    const hash = 'dd8c6a395b5dd36c56d23275028f526c';
    const object = project.store.pathOf(hash, 'md5-dos2unix');
    assert.equal(object, project.at('.dvc/cache/dd/8c6a395b5dd36c56d23275028f526c'));
    fs.mkdirSync(path.dirname(object), { recursive: true });
    fs.writeFileSync(object, 'a\r\nb\r\n');
    assert.equal(await project.store.verify(hash, 'md5-dos2unix'), 'good');
    const target = { hash, hashName: 'md5-dos2unix', path: project.at('old') } as const;
    assert.deepEqual(await project.store.restoreFiles([target], call), []);
    assert.equal(project.read('old'), 'a\r\nb\r\n');
    assert.equal(fs.statSync(object).mode & 0o7777, 0o444, 'what was found right becomes read-only');
  });

  it('takes in downloads that match and removes the others', async () => {
    const good = project.store.temporary();
    const bad = project.store.temporary();
    fs.writeFileSync(good, 'good');
    fs.writeFileSync(bad, 'not so good');
    const answers = await project.store.adoptFiles(
      [
        { temporary: good, hash: md5('good'), hashName: 'md5' },
        { temporary: bad, hash: md5('bad'), hashName: 'md5' },
      ],
      call,
    );
    assert.deepEqual(answers, [{ state: 'taken', size: 4 }, { state: 'corrupt' }]);
    assert.equal(fs.statSync(project.store.pathOf(md5('good'))).mode & 0o777, 0o444);
    assert.equal(project.store.has(md5('bad')), false);
    assert.deepEqual(project.temporaries(), []);
  });

  it('stops when cancelled and leaves nothing behind', async () => {
    const files = Array.from({ length: 300 }, (_, i) => project.put(`d/${i}`, `text ${i}`));
    files.push(project.put('big', Buffer.alloc(24 * 1024 * 1024)));
    const controller = new AbortController();
    const seen: Progress[] = [];
    const watched = {
      ...quietCall(controller.signal),
      progress: (value: Progress): void => {
        seen.push(value);
        controller.abort();
      },
    };
    await assert.rejects(project.store.addFiles(files, watched), isCancelled);
    assert.ok(seen.length > 0);
    assert.deepEqual(project.temporaries(), []);
    assert.equal(project.store.has(md5('text 0')), false);
  });
});
