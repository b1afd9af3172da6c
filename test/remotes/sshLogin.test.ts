/** Ways into a real sshd and into rclone's server: keys, agent, passphrases, passwords, host keys, jumps; and what is said when there is none. */

import * as assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensureServers, ensureSshd } from '../../scripts/machinery.mjs';
import { isCancelled } from '../../src/base/cancel';
import { is } from '../../src/engine/errors';
import { skip } from '../support/skip';
import { openWay, PASSWORD, startRclone, startSshd, USER, type SshServer } from '../support/sshServer';
import { openSession, type Session } from '../support/sshSession';

const KEYS = ['files/md5/aa/bb'];

/** Goes in and out. Gives the codes of the questions. */
async function enter(server: SshServer, session: Session): Promise<string[]> {
  const { remote, call, asked } = await openSession(server, session);
  try {
    assert.deepEqual(await remote.has(KEYS, call), new Set());
    return asked.map((question) => question.code);
  } finally {
    await remote.close();
  }
}

/** Fails to go in with this error. Gives its facts. */
async function refused(server: SshServer, session: Session, code: string): Promise<Record<string, unknown>> {
  let facts: Record<string, unknown> = {};
  await assert.rejects(enter(server, session), (error: unknown) => {
    assert.ok(is(error, code), String(error));
    assert.ok(!JSON.stringify(error.data).includes(PASSWORD), 'no secret in the facts');
    facts = error.data;
    return true;
  });
  return facts;
}

describe('ssh login at sshd', () => {
  let server: SshServer;
  let program = '';
  const knownHosts = (): string => path.join(server.folder, '.ssh', 'known_hosts');
  before(async function () {
    const sshd = await ensureSshd();
    if ('skip' in sshd) return skip(this, sshd.skip);
    program = sshd.path;
    server = await startSshd(program);
  });
  after(() => server?.stop());
  beforeEach(() => {
    fs.rmSync(path.join(server.folder, '.ssh'), { recursive: true });
    fs.mkdirSync(path.join(server.folder, '.ssh'));
    fs.writeFileSync(knownHosts(), server.knownHosts());
  });

  it('lets in with a key file, a usual key, a configured key', async () => {
    assert.deepEqual(await enter(server, { options: { keyfile: server.key('id') } }), []);
    const config = `Host box\n HostName 127.0.0.1\n Port ${server.port}\n User ${USER}\n IdentityFile ${server.key('id')}\n`;
    assert.deepEqual(await enter(server, { where: 'box', files: { '.ssh/config': config } }), []);
    fs.rmSync(path.join(server.folder, '.ssh/config'));
    fs.copyFileSync(server.key('id'), path.join(server.folder, '.ssh/id_ed25519'));
    assert.deepEqual(await enter(server, {}), []);
  });

  it('says that a key does not let in, and which ways were tried', async () => {
    const facts = await refused(server, { options: { keyfile: server.key('other') } }, 'remoteSsh.denied');
    assert.deepEqual([facts['user'], facts['ways'], facts['keys']], [USER, 'publickey, keyboard-interactive', 1]);
    await refused(server, {}, 'remoteSsh.denied');
  });

  it('says that a key file is missing or none', async () => {
    await refused(server, { options: { keyfile: '/nowhere/key' } }, 'remoteSsh.noKey');
    await refused(server, { options: { keyfile: knownHosts() } }, 'remoteSsh.badKey');
  });

  it('asks for the passphrase of a locked key, once for all connections of an engine', async () => {
    const machine = { ...server.host };
    const session = { machine, options: { keyfile: server.key('locked') }, answers: { sshPassphrase: PASSWORD } };
    const { remote, call, asked } = await openSession(server, session);
    const keys = Array.from({ length: 30 }, (_, i) => `files/md5/aa/${i}`);
    await remote.has(keys, call);
    await remote.close();
    assert.deepEqual(await enter(server, { ...session, machine }), []);
    assert.deepEqual(
      asked.map(({ code, kind, data }) => [code, kind, data['path']]),
      [['sshPassphrase', 'secret', server.key('locked')]],
    );
  });

  it('asks again after a wrong passphrase, three times at most', async () => {
    const keyfile = server.key('locked');
    const answers = { sshPassphrase: 'no', sshPassphraseAgain: ['no', PASSWORD] };
    assert.deepEqual(await enter(server, { options: { keyfile }, answers }), [
      'sshPassphrase',
      'sshPassphraseAgain',
      'sshPassphraseAgain',
    ]);
    const wrong = { sshPassphrase: 'no', sshPassphraseAgain: ['no', 'no'] };
    await refused(server, { options: { keyfile }, answers: wrong }, 'remoteSsh.wrongPassphrase');
    await assert.rejects(enter(server, { options: { keyfile }, answers: { sshPassphrase: 'stop' } }), isCancelled);
    const facts = await refused(server, { options: { keyfile } }, 'remoteSsh.needPassphrase');
    assert.equal(facts['path'], keyfile);
  });

  it('asks for no passphrase that the server would not want', async () => {
    const other = await startSshd(program);
    try {
      const config = `Host *\n IdentityFile ${other.key('locked')}\n IdentityFile ${server.key('id')}\n`;
      assert.deepEqual(await enter(server, { files: { '.ssh/config': config } }), []);
    } finally {
      other.stop();
    }
  });

  it('takes the passphrase of the configuration', async () => {
    const keyfile = server.key('locked');
    assert.deepEqual(await enter(server, { options: { keyfile, passphrase: PASSWORD } }), []);
    await refused(server, { options: { keyfile, passphrase: 'no' } }, 'remoteSsh.wrongPassphrase');
  });

  describe('with an agent', () => {
    let agent: ChildProcess | undefined;
    const socket = (): string => path.join(server.folder, 'agent');
    before(async () => {
      agent = spawn('ssh-agent', ['-D', '-a', socket()], { stdio: 'ignore' });
      for (let i = 0; i < 100 && !fs.existsSync(socket()); i += 1) await new Promise((go) => setTimeout(go, 20));
      const askpass = path.join(server.folder, 'askpass');
      fs.writeFileSync(askpass, `#!/bin/sh\necho '${PASSWORD}'\n`, { mode: 0o755 });
      const env = { ...process.env, SSH_AUTH_SOCK: socket(), SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' };
      execFileSync('ssh-add', [server.key('locked')], { env, stdio: 'ignore' });
    });
    after(() => agent?.kill('SIGKILL'));

    it('lets in without a question, unless the agent is switched off', async () => {
      const host = { SSH_AUTH_SOCK: socket() };
      assert.deepEqual(await enter(server, { host }), []);
      assert.deepEqual(await enter(server, { host, options: { keyfile: server.key('locked') } }), []);
      await refused(server, { host, options: { allow_agent: 'false' } }, 'remoteSsh.denied');
      await refused(server, { host, options: { keyfile: server.key('other') } }, 'remoteSsh.denied');
    });

    it('goes on without an agent that does not answer', async () => {
      const host = { SSH_AUTH_SOCK: path.join(server.folder, 'no agent') };
      assert.deepEqual(await enter(server, { host, options: { keyfile: server.key('id') } }), []);
    });
  });

  describe('with the key of the server', () => {
    const found = (): boolean => {
      const args = ['-F', `[127.0.0.1]:${server.port}`, '-f', knownHosts()];
      try {
        return execFileSync('ssh-keygen', args, { encoding: 'utf8' }).includes(
          server.knownHosts().split(' ')[2] ?? '?',
        );
      } catch {
        return false;
      }
    };
    const options = (): Record<string, string> => ({ keyfile: server.key('id') });

    for (const hashed of [false, true]) {
      it(`unknown: asks, and records it${hashed ? ' under a hashed name' : ''} so that OpenSSH finds it`, async () => {
        const files = {
          '.ssh/known_hosts': '# nothing',
          '.ssh/config': hashed ? 'HashKnownHosts yes\n' : 'HashKnownHosts no\n',
        };
        const { remote, call, asked } = await openSession(server, {
          options: options(),
          answers: { sshHostKey: 'trustKey' },
          files,
        });
        await remote.has(KEYS, call);
        await remote.close();
        const print = execFileSync('ssh-keygen', ['-lf', path.join(server.folder, 'host.pub')], { encoding: 'utf8' });
        const [question] = asked;
        assert.deepEqual([asked.length, question?.kind, question?.choices[0]], [1, 'confirm', 'cancel']);
        assert.ok(print.includes(` ${question?.data['fingerprint']} `), print);
        assert.equal(fs.readFileSync(knownHosts(), 'utf8').includes('127.0.0.1'), !hashed);
        assert.ok(found(), fs.readFileSync(knownHosts(), 'utf8'));
        assert.deepEqual(await enter(server, { options: options() }), []);
      });
    }

    it('unknown, without any file: makes the file for its owner alone', async () => {
      fs.rmSync(path.join(server.folder, '.ssh'), { recursive: true });
      assert.deepEqual(await enter(server, { options: options(), answers: { sshHostKey: 'trustKey' } }), [
        'sshHostKey',
      ]);
      const mode = (name: string): number => fs.statSync(path.join(server.folder, name)).mode & 0o777;
      assert.deepEqual([mode('.ssh'), mode('.ssh/known_hosts')], [0o700, 0o600]);
    });

    it('unknown: stops when told to, and when nobody is there, and records nothing', async () => {
      const files = { '.ssh/known_hosts': '' };
      await assert.rejects(
        enter(server, { options: options(), answers: { sshHostKey: 'cancel' }, files }),
        isCancelled,
      );
      const facts = await refused(server, { options: options(), files }, 'remoteSsh.unknownHost');
      assert.equal(facts['host'], `[127.0.0.1]:${server.port}`);
      assert.equal(fs.readFileSync(knownHosts(), 'utf8'), '');
    });

    it('unknown: follows StrictHostKeyChecking', async () => {
      const config = (value: string): Record<string, string> => ({
        '.ssh/known_hosts': '',
        '.ssh/config': `StrictHostKeyChecking ${value}\n`,
      });
      const answers = { sshHostKey: 'trustKey' };
      await refused(server, { options: options(), answers, files: config('yes') }, 'remoteSsh.unknownHost');
      assert.deepEqual(await enter(server, { options: options(), files: config('accept-new') }), []);
      assert.ok(found());
    });

    it('changed: refuses without a question and names the line', async () => {
      const changed = `# first\n[127.0.0.1]:${server.port} ${fs.readFileSync(server.key('other') + '.pub', 'utf8')}`;
      const session = {
        options: options(),
        answers: { sshHostKey: 'trustKey' },
        files: { '.ssh/known_hosts': changed },
      };
      const { remote, call, asked } = await openSession(server, session);
      await assert.rejects(remote.has(KEYS, call), (error: unknown) => {
        assert.ok(is(error, 'remoteSsh.changedHost'), String(error));
        assert.deepEqual([error.data['line'], error.data['file']], [2, knownHosts()]);
        return true;
      });
      await remote.close();
      assert.deepEqual(asked, []);
      assert.equal(fs.readFileSync(knownHosts(), 'utf8'), changed);
    });

    it('revoked: refuses', async () => {
      const files = { '.ssh/known_hosts': server.knownHosts() + `@revoked ${server.knownHosts()}` };
      const facts = await refused(server, { options: options(), files }, 'remoteSsh.revokedHost');
      assert.equal(facts['line'], 2);
    });

    it('known by another of its keys: asks the server for that one', async () => {
      const files = { '.ssh/known_hosts': server.knownHosts('ecdsa') };
      assert.deepEqual(await enter(server, { options: options(), files }), []);
    });
  });

  it('goes through a jump, whose key and login count as well', async () => {
    const way = await openWay(server.port);
    const gate = `Host gate\n HostName 127.0.0.1\n Port ${way.port}\n User ${USER}\n`;
    const far = `Host far\n HostName 127.0.0.1\n Port ${server.port}\n ProxyJump gate\n`;
    const config = `${gate}${far}Host *\n IdentityFile ${server.key('id')}\n`;
    const files = { '.ssh/config': config, '.ssh/known_hosts': server.knownHosts() };
    const answers = { sshHostKey: 'trustKey' };
    try {
      const { remote, call, asked } = await openSession(server, { where: `${USER}@far`, files, answers });
      assert.deepEqual(await remote.has(KEYS, call), new Set());
      await remote.close();
      assert.equal(way.connections, 1);
      assert.deepEqual(
        asked.map(({ data }) => data['host']),
        [`[127.0.0.1]:${way.port}`],
      );
    } finally {
      way.close();
    }
  });

  it('says who has no name, who does not answer, who has no SFTP', async () => {
    await refused(server, { where: 'nowhere.invalid' }, 'remoteSsh.noHost');
    const way = await openWay(server.port);
    way.close();
    const facts = await refused(
      server,
      { port: way.port, options: { keyfile: server.key('id') } },
      'remoteSsh.unreachable',
    );
    assert.deepEqual([facts['port'], facts['reason']], [way.port, 'ECONNREFUSED']);
    const bare = await startSshd(program, ['ForceCommand /bin/false']);
    try {
      await refused(bare, { options: { keyfile: bare.key('id') } }, 'remoteSsh.noSftp');
    } finally {
      bare.stop();
    }
  });

  it('gives up on a server that says nothing', async () => {
    const way = await openWay(server.port);
    way.stalled = true;
    try {
      const options = { keyfile: server.key('id'), timeout: '1' };
      const session = { port: way.port, options, patience: { tries: 2 } };
      const facts = await refused(server, session, 'remoteSsh.unreachable');
      assert.deepEqual([facts['reason'], way.connections], ['ETIMEDOUT', 2]);
    } finally {
      way.close();
    }
  });
});

describe('ssh login at rclone', () => {
  let server: SshServer;
  before(async () => {
    server = await startRclone((await ensureServers()).rclone);
  });
  after(() => server?.stop());

  it('takes the password of the configuration, in its option or in the url', async () => {
    assert.deepEqual(await enter(server, { options: { password: PASSWORD } }), []);
    const where = `${USER}:x@127.0.0.1:${server.port}`;
    await refused(server, { where }, 'remoteSsh.denied');
  });

  for (const ask of ['true', 'false']) {
    it(`asks for the password, with ask_password = ${ask}, and keeps it as long as the engine lives`, async () => {
      const machine = { ...server.host };
      const options = { ask_password: ask };
      const wrong = { sshPassword: 'no', sshPasswordAgain: PASSWORD };
      assert.deepEqual(await enter(server, { machine, options, answers: wrong }), ['sshPassword', 'sshPasswordAgain']);
      assert.deepEqual(await enter(server, { machine, options }), []);
      assert.deepEqual(await enter(server, { options, answers: { sshPassword: PASSWORD } }), ['sshPassword']);
    });
  }

  it('says what to do when nobody can type it, and stops when told to', async () => {
    const facts = await refused(server, {}, 'remoteSsh.denied');
    assert.equal(facts['ways'], 'publickey, password');
    await assert.rejects(enter(server, { answers: { sshPassword: 'stop' } }), isCancelled);
  });
});
