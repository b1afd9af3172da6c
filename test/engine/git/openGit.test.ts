import * as assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { is } from '../../../src/engine/errors';
import { type Git } from '../../../src/engine/git/git';
import { openGit } from '../../../src/engine/git/openGit';
import { dropFolder, newFolder } from '../../support/temporary';

/** A repository whose own configuration names who commits. */
class TestRepository {
  readonly root = newFolder();

  constructor(...options: string[]) {
    this.git('init', '--quiet', '--initial-branch=main', ...options);
    this.git('config', 'user.name', 'Ada');
    this.git('config', 'user.email', 'ada@example.org');
  }

  git(...args: string[]): string {
    const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
    return execFileSync('git', args, { cwd: this.root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  }

  put(name: string, text: string): void {
    fs.mkdirSync(path.dirname(path.join(this.root, name)), { recursive: true });
    fs.writeFileSync(path.join(this.root, name), text);
  }

  commit(message: string): string {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '--message', message);
    return this.git('rev-parse', 'HEAD').trim();
  }
}

async function code(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return 'no failure';
  } catch (error) {
    return is(error) ? error.code : String(error);
  }
}

describe('openGit', () => {
  let repository: TestRepository;
  let git: Git;
  const home = process.env['HOME'];
  before(() => {
    // The identity and settings of whoever runs the tests have no part in them.
    process.env['HOME'] = newFolder();
  });
  after(() => {
    dropFolder(process.env['HOME'] ?? '');
    process.env['HOME'] = home;
  });
  beforeEach(async () => {
    repository = new TestRepository();
    const opened = await openGit(repository.root);
    assert.ok(opened);
    git = opened;
  });
  afterEach(() => {
    git.close();
    dropFolder(repository.root);
  });

  it('finds the top from a folder below, and nothing outside a repository', async () => {
    fs.mkdirSync(path.join(repository.root, 'sub/folder'), { recursive: true });
    const below = await openGit(path.join(repository.root, 'sub/folder'));
    assert.equal(below?.top, repository.root);
    assert.equal(below.prefix, 'sub/folder');
    assert.equal(git.prefix, '');
    const elsewhere = newFolder();
    assert.equal(await openGit(elsewhere), undefined);
    dropFolder(elsewhere);
  });

  it('knows an empty repository', async () => {
    assert.deepEqual(await git.head(), { branch: 'main' });
    assert.equal(await git.resolve('HEAD'), undefined);
    assert.deepEqual(await git.refs(), []);
    assert.deepEqual(await git.changes(), []);
    assert.equal(await code(git.log('HEAD', 5)), 'git.unknownRevision');
  });

  it('reads commits, their order and their people', async () => {
    const shas = ['one', 'two\n\nbody ñ', 'three'].map((message) => repository.commit(message));
    const log = await git.log('main', 2);
    assert.deepEqual(
      log.map((commit) => commit.sha),
      [shas[2], shas[1]],
    );
    assert.equal(log[1]?.message, 'two\n\nbody ñ\n');
    assert.deepEqual(log[1].author, { name: 'Ada', email: 'ada@example.org' });
    assert.deepEqual(log[1].parents, [shas[0]]);
    assert.ok(Math.abs(log[1].committerTime - Date.now()) < 60_000);
    assert.equal(await git.resolve('HEAD~2'), shas[0]);
    assert.equal(await git.resolve((shas[1] ?? '').slice(0, 10)), shas[1]);
    assert.deepEqual(await git.commit('HEAD^'), log[1]);
    repository.git('checkout', '--quiet', '--detach');
    assert.deepEqual(await git.head(), { commit: shas[2] });
  });

  it('reads files of any revision and name', async () => {
    const names = ['plain.txt', 'with space', 'ñ/日本.csv', 'new\nline', '-dash', '"quoted"', 'tab\there'];
    for (const name of names) repository.put(name, `content of ${name}`);
    repository.put('empty', '');
    repository.commit('one');
    for (const name of names) repository.put(name, 'later');
    repository.commit('two');
    for (const name of names) {
      assert.equal(Buffer.from((await git.readFile('HEAD~1', name)) ?? []).toString(), `content of ${name}`, name);
      assert.equal(Buffer.from((await git.readFile('main', name)) ?? []).toString(), 'later', name);
    }
    assert.equal((await git.readFile('HEAD', 'empty'))?.length, 0);
    assert.equal(await git.readFile('HEAD', 'no'), undefined);
    assert.equal(await git.readFile('HEAD', 'ñ'), undefined, 'a folder is no file');
    const files = await git.listFiles('HEAD', '');
    assert.deepEqual(files.map((entry) => entry.path).sort(), ['empty', ...names].sort());
    assert.deepEqual(
      (await git.listFiles('HEAD', 'ñ')).map((entry) => entry.path),
      ['ñ/日本.csv'],
    );
    assert.deepEqual(await git.listFiles('HEAD', 'no'), []);
  });

  it('answers many questions at once, big ones among them', async () => {
    const big = 'x'.repeat(3_000_000);
    repository.put('big', big);
    for (let i = 0; i < 50; i += 1) repository.put(`f${i}`, `text ${i}`);
    repository.commit('one');
    const names = Array.from({ length: 50 }, (_, i) => `f${i}`);
    const texts = await Promise.all([...names, 'big', ...names].map((name) => git.readFile('HEAD', name)));
    assert.equal(texts[50]?.length, big.length);
    names.forEach((_, i) => assert.equal(Buffer.from(texts[51 + i] ?? []).toString(), `text ${i}`));
  });

  it('goes on after its process was lost, and does not keep ours alive', async () => {
    repository.commit('one');
    git.close();
    assert.ok(await git.resolve('HEAD'));
    const script = `require('esbuild').buildSync({stdin:{contents:${JSON.stringify(
      `import {openGit} from ${JSON.stringify(path.join(__dirname, '../../../src/engine/git/openGit'))};
       void openGit(${JSON.stringify(repository.root)}).then(async (git) => console.log(await git?.resolve('HEAD')));`,
    )},resolveDir:${JSON.stringify(__dirname)},loader:'ts'},bundle:true,platform:'node',format:'cjs',logLevel:'error',outfile:process.argv[1]})`;
    const outfile = path.join(repository.root, 'program.cjs');
    execFileSync(process.execPath, ['-e', script, outfile], { cwd: path.join(__dirname, '../../..') });
    const run = spawnSync(process.execPath, [outfile], { encoding: 'utf8', timeout: 10_000 });
    assert.match(run.stdout, /^[0-9a-f]{40}\n$/);
    assert.equal(run.signal, null, 'ended by itself');
  });

  it('makes and deletes annotated tags at a given time', async () => {
    const sha = repository.commit('one');
    repository.git('tag', 'light');
    await git.tag({ name: 'digits@v1.0.0', commit: 'main', message: 'First\n\n# kept line', time: 1_700_000_000_999 });
    const refs = await git.refs();
    assert.deepEqual(refs, [
      { name: 'refs/heads/main', short: 'main', kind: 'branch', commit: sha },
      {
        name: 'refs/tags/digits@v1.0.0',
        short: 'digits@v1.0.0',
        kind: 'tag',
        commit: sha,
        tag: {
          tagger: { name: 'Ada', email: 'ada@example.org' },
          time: 1_700_000_000_000,
          message: 'First\n\n# kept line\n',
        },
      },
      { name: 'refs/tags/light', short: 'light', kind: 'tag', commit: sha },
    ]);
    assert.equal(await code(git.tag({ name: 'light', commit: 'main', message: 'x' })), 'git.tagExists');
    await git.deleteTag('digits@v1.0.0');
    assert.equal((await git.refs()).length, 2);
  });

  it('stages and commits what it is told, and nothing else', async () => {
    repository.commit('start');
    repository.put('a', 'a');
    repository.put('b', 'b');
    repository.put('-c d', 'c');
    await git.stage(['a', 'b', '-c d']);
    const sha = await git.commitFiles('only a', ['a']);
    assert.equal(await git.resolve('HEAD'), sha);
    assert.deepEqual(
      (await git.listFiles('HEAD', '')).map((entry) => entry.path),
      ['a'],
    );
    await git.commitFiles('the rest', []);
    assert.deepEqual(
      (await git.listFiles('HEAD', '')).map((entry) => entry.path),
      ['-c d', 'a', 'b'],
    );
    fs.rmSync(path.join(repository.root, 'a'));
    repository.put('new', '');
    assert.deepEqual(await git.changes(), [
      { path: 'a', index: ' ', worktree: 'D' },
      { path: 'new', index: '?', worktree: '?' },
    ]);
  });

  it('tells what is tracked and what is ignored', async () => {
    repository.put('.gitignore', '/data.csv\n*.log\n!keep.log\n/ñandú\n');
    repository.put('sub/x', '');
    repository.commit('one');
    assert.equal(await git.isTracked('sub'), true);
    assert.equal(await git.isTracked('sub/x'), true);
    assert.equal(await git.isTracked('sub*'), false, 'paths are literal');
    assert.equal(await git.isTracked('no'), false);
    const names = ['data.csv', 'a.log', 'keep.log', 'sub/x', 'ñandú', ':x', 'sub/y.log'];
    assert.deepEqual(await git.ignored(names), new Set(['data.csv', 'a.log', 'ñandú', 'sub/y.log']));
    assert.deepEqual(await git.ignored([]), new Set());
  });

  it('shows differences, up to a size, in whole lines', async () => {
    repository.put('f', 'one\n');
    repository.commit('one');
    repository.put('f', 'two\n');
    const whole = await git.diff('HEAD', undefined, ['f'], 10_000);
    assert.match(whole, /^-one$/m);
    assert.match(whole, /^\+two$/m);
    repository.commit('two');
    assert.equal(await git.diff('HEAD~1', 'HEAD', ['f'], 10_000), whole);
    const cut = await git.diff('HEAD~1', 'HEAD', [], 60);
    assert.ok(cut.length <= 60 && cut.endsWith('\n') && whole.startsWith(cut));
  });

  it('needs to know who commits', async () => {
    repository.commit('one');
    repository.git('config', '--unset', 'user.email');
    repository.put('f', '');
    await git.stage(['f']);
    assert.equal(await git.identity(), undefined);
    assert.equal(await code(git.commitFiles('x', [])), 'git.noIdentity');
    assert.equal(await code(git.tag({ name: 't', commit: 'HEAD', message: 'x' })), 'git.noIdentity');
    assert.equal(await code(git.setIdentity({ name: '--global', email: 'a@b' })), 'git.badIdentity');
    await git.setIdentity({ name: 'Eve Ñ', email: 'eve@example.org' });
    assert.deepEqual(await git.identity(), { name: 'Eve Ñ', email: 'eve@example.org' });
    await git.commitFiles('x', []);
  });

  it('says that another Git process is at work', async () => {
    repository.put('f', '');
    repository.put('.git/index.lock', '');
    await assert.rejects(git.stage(['f']), (error: unknown) => {
      assert.ok(is(error, 'git.locked'), String(error));
      assert.equal(error.data['path'], path.join(repository.root, '.git/index.lock'));
      return true;
    });
  });

  it('pushes to a remote by its name', async () => {
    const other = new TestRepository('--bare');
    repository.commit('one');
    repository.git('remote', 'add', 'origin', other.root);
    await git.push('origin', ['refs/heads/main']);
    assert.equal(other.git('rev-parse', 'main'), repository.git('rev-parse', 'HEAD'));
    assert.equal(await code(git.push('nowhere', ['main'])), 'git.failed');
    dropFolder(other.root);
  });

  const hostile = ['--upload-pack=x', '-n', 'a..b', 'a b', 'HEAD:file', 'x\ny', '', 'a\0b', '*', 'a\\b'];
  for (const rev of hostile) {
    it(`refuses ${JSON.stringify(rev)} before it reaches Git`, async () => {
      repository.commit('one');
      assert.equal(await code(git.resolve(rev)), 'git.badRevision');
      assert.equal(await code(git.readFile(rev, 'f')), 'git.badRevision');
      assert.equal(await code(git.diff(rev, undefined, [], 10)), 'git.badRevision');
      assert.equal(await code(git.tag({ name: rev, commit: 'HEAD', message: 'x' })), 'git.badName');
      assert.equal(await code(git.deleteTag(rev)), 'git.badName');
      assert.match(await code(git.push(rev, ['main'])), /git\.badRemote/);
      assert.match(await code(git.push('origin', [rev])), /git\.badName/);
    });
  }

  it('reads other object formats', async () => {
    const modern = new TestRepository('--object-format=sha256');
    modern.put('f', 'text');
    const sha = modern.commit('one');
    const opened = await openGit(modern.root);
    assert.equal(sha.length, 64);
    assert.equal((await opened?.commit('HEAD'))?.sha, sha);
    assert.deepEqual(
      (await opened?.listFiles('HEAD', ''))?.map((entry) => entry.path),
      ['f'],
    );
    opened?.close();
    dropFolder(modern.root);
  });

  describe('the program', () => {
    const search = process.env['PATH'] ?? '';
    afterEach(() => void (process.env['PATH'] = search));

    const fake = (folder: string, text: string): void => {
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, 'git'), text, { mode: 0o755 });
    };

    it('is said to be missing when it is', async () => {
      process.env['PATH'] = newFolder();
      assert.equal(await code(git.resolve('HEAD')), 'git.missing');
      assert.equal(await code(git.changes()), 'git.missing');
      dropFolder(process.env['PATH']);
    });

    it('is never one of the workspace', async () => {
      const ran = path.join(repository.root, 'ran');
      fake(path.join(repository.root, 'bin'), `#!/bin/sh\ntouch '${ran}'\n`);
      process.env['PATH'] = `${path.join(repository.root, 'bin')}:.:bin:${search}`;
      repository.git('commit', '--quiet', '--allow-empty', '-m', 'one');
      fs.rmSync(ran, { force: true });
      assert.deepEqual(Object.keys(await git.head()), ['branch']);
      assert.equal(fs.existsSync(ran), false);
    });

    it('may be too old for --batch-command', async () => {
      const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
      const folder = newFolder();
      fake(folder, `#!/bin/sh\nfor a; do [ "$a" = --batch-command ] && exit 129; done\nexec '${real}' "$@"\n`);
      repository.put('f', 'text');
      const sha = repository.commit('one');
      process.env['PATH'] = `${folder}:${search}`;
      const [found, text, none] = await Promise.all([
        git.resolve('HEAD'),
        git.readFile('HEAD', 'f'),
        git.resolve('no'),
      ]);
      assert.equal(found, sha);
      assert.equal(Buffer.from(text ?? []).toString(), 'text');
      assert.equal(none, undefined);
      dropFolder(folder);
    });

    it("says in Git's words why it cannot read", async () => {
      fs.writeFileSync(path.join(repository.root, '.git/HEAD'), 'rubbish');
      await assert.rejects(git.resolve('HEAD'), (error: unknown) => {
        assert.ok(is(error, 'git.failed'));
        assert.match(String(error.data['reason']), /not a git repository/);
        return true;
      });
    });
  });
});
