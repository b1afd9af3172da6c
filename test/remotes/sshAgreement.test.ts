/** The real DVC and ours on one remote over SSH, at a real sshd and at rclone; and the built command at a real terminal, asked for secrets. */

import * as assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensurePython, ensureServers, ensureSshd } from '../../scripts/machinery.mjs';
import { TwoTools, type Tool } from '../agreement/twoTools';
import { CLI } from '../support/commandLine';
import { skip } from '../support/skip';
import { PASSWORD, startRclone, startSshd, USER, type SshServer } from '../support/sshServer';

const DATA: Readonly<Record<string, string>> = {
  'data/a.txt': 'a\n',
  'data/sub/b.txt': 'b\n',
  'data/sub/ñ.txt': 'ñ\n',
  'data/empty': '',
  'model.bin': 'm'.repeat(3_000_000),
};

/** Files below a folder with their permissions, sorted. */
function stored(folder: string): [string, string][] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry): [string, string] => {
      const at = path.join(entry.parentPath, entry.name);
      return [path.relative(folder, at), (fs.statSync(at).mode & 0o777).toString(8)];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A project whose remote is a folder of the server. */
async function project(
  init: 'dvc' | 'strata',
  server: SshServer,
  base: string,
  options: Record<string, string>,
): Promise<TwoTools> {
  const tools = await TwoTools.make(init);
  fs.cpSync(path.join(server.folder, '.ssh'), tools.at('../.ssh'), { recursive: true });
  tools.run('strata', 'remote', 'add', '-d', 'far', `ssh://${USER}@127.0.0.1:${server.port}${base}`);
  for (const [option, value] of Object.entries(options))
    tools.run('strata', 'remote', 'modify', '--local', 'far', option, value);
  return tools;
}

const DIRECTIONS = [
  ['strata', 'dvc'],
  ['dvc', 'strata'],
] as const satisfies readonly (readonly [Tool, Tool])[];

describe('both tools over SSH', function () {
  this.timeout(240_000);
  const servers: { name: string; server: SshServer; base: string; options: Record<string, string> }[] = [];
  before(async function () {
    const sshd = await ensureSshd();
    if ('skip' in sshd) return skip(this, sshd.skip);
    const real = await startSshd(sshd.path);
    servers.push({ name: 'sshd', server: real, base: real.store, options: { keyfile: real.key('id') } });
    const rclone = await startRclone((await ensureServers()).rclone);
    servers.push({ name: 'rclone', server: rclone, base: '', options: { password: PASSWORD } });
  });
  after(() => {
    for (const { server } of servers) server.stop();
  });

  for (const [index, at] of ['sshd', 'rclone'].entries()) {
    for (const [from, to] of DIRECTIONS) {
      it(`${from} pushes to ${at}, ${to} pulls into an empty clone`, async () => {
        const one = servers[index];
        assert.ok(one);
        const { server, options } = one;
        const tools = await project(from, server, `${one.base}/from_${from}`, options);
        const store = path.join(server.store, `from_${from}`);
        try {
          tools.write(DATA);
          tools.run(from, 'add', 'data', 'model.bin');
          tools.run(from, 'push');
          const keys = stored(store);
          assert.equal(keys.length, 6, JSON.stringify(keys));
          assert.ok(keys.every(([key]) => /^files\/md5\/[0-9a-f]{2}\/[0-9a-f]{30}(\.dir)?$/.test(key)));
          // Each finds that nothing is left to do.
          for (const tool of [from, to]) tools.run(tool, 'push');
          assert.deepEqual(tools.json('strata', 'status', '-c'), {});
          assert.deepEqual(tools.json('dvc', 'status', '-c'), {});
          tools.remove('.dvc/cache', 'data', 'model.bin', '.dvc/tmp');
          tools.run(to, 'pull');
          for (const [file, text] of Object.entries(DATA)) assert.equal(tools.read(file), text, file);
          assert.deepEqual(stored(store), keys);
          // Both leave the same files with the same permissions.
          fs.rmSync(store, { recursive: true });
          server.refresh();
          tools.remove('.dvc/tmp');
          tools.run(to, 'push');
          assert.deepEqual(stored(store), keys);
        } finally {
          tools.dispose();
        }
      });
    }
  }
});

describe('the command at a terminal, over SSH', function () {
  this.timeout(120_000);
  let server: SshServer;
  let tools: TwoTools;
  let python = '';
  /** Runs `strata push` at a terminal and types. Gives exit code and what was shown. */
  const type = (steps: readonly (readonly [string, string])[]): { code: number | null; shown: string } => {
    const env = { ...process.env, LC_ALL: 'C', LANG: 'en', HOME: tools.at('..'), SSH_AUTH_SOCK: '' };
    const script = path.join(__dirname, 'terminal.py');
    const args = [script, JSON.stringify(steps), process.execPath, CLI, 'push'];
    const ended = spawnSync(python, args, { cwd: tools.root, env, encoding: 'utf8' });
    return { code: ended.status, shown: ended.stdout + ended.stderr };
  };
  before(async function () {
    const sshd = await ensureSshd();
    if ('skip' in sshd) return skip(this, sshd.skip);
    ({ python } = await ensurePython());
    server = await startSshd(sshd.path);
    tools = await project('strata', server, server.store, { keyfile: server.key('locked') });
    tools.write(DATA);
    tools.run('strata', 'add', 'data');
    fs.rmSync(tools.at('../.ssh/known_hosts'));
  });
  after(() => {
    tools?.dispose();
    server?.stop();
  });

  it('without a terminal fails and says what to do', () => {
    const { code, stderr } = tools.try('strata', 'push');
    assert.equal(code, 1);
    assert.match(stderr, /The key of \[127\.0\.0\.1\]:\d+ is not known yet .*nobody can be asked/);
    fs.writeFileSync(tools.at('../.ssh/known_hosts'), server.knownHosts());
    assert.match(tools.try('strata', 'push').stderr, /is locked and nobody can be asked .*ssh-add/);
    fs.rmSync(tools.at('../.ssh/known_hosts'));
  });

  it('stops when the key of the computer is not the one', () => {
    const { code, shown } = type([['cancel', '1\r']]);
    assert.equal(code, 130, shown);
    assert.ok(!fs.existsSync(tools.at('../.ssh/known_hosts')));
    assert.deepEqual(stored(server.store), []);
  });

  it('asks for the key of the computer and for the passphrase, which is not shown', () => {
    const print = execFileSync('ssh-keygen', ['-lf', `${server.folder}/host.pub`], { encoding: 'utf8' }).split(' ')[1];
    const { code, shown } = type([
      ['cancel', '2\r'],
      ['Passphrase of the key', 'wrong\r'],
      ['That was wrong', `${PASSWORD}\r`],
    ]);
    assert.equal(code, 0, shown);
    assert.ok(shown.includes(print ?? '?'), shown);
    assert.ok(!shown.includes(PASSWORD) && !/wrong\r/.test(shown), shown);
    assert.equal(stored(server.store).length, 5);
  });

  it('ends with 130 after Ctrl+C at the question', () => {
    const { code, shown } = type([['Passphrase of the key', '\u0003']]);
    assert.equal(code, 130, shown);
  });
});
