import * as assert from 'node:assert/strict';
import * as os from 'node:os';
import { is } from '../../../src/engine/errors';
import { memoryHost } from '../../../src/engine/host/memory';
import { resolvePlace, type SshPlace, type SshTarget } from '../../../src/engine/remotes/sshTarget';
import { sshSettings } from '../../support/sshServer';

const HOME = '/home/ada';
const ME = os.userInfo().username;

/** Resolves a URL with options under a configuration of OpenSSH. */
async function resolve(
  url: string,
  options: Record<string, string> = {},
  files: Record<string, string> = {},
  env: Record<string, string> = {},
): Promise<SshPlace> {
  const host = memoryHost();
  for (const [path, text] of Object.entries(files)) await host.fs.writeAtomic(path, text);
  return resolvePlace(sshSettings(url, options), { ...host, env: { HOME, ...env } });
}

describe('resolvePlace of a URL', () => {
  const cases: [string, Record<string, string>, Partial<SshTarget>, Partial<SshPlace>][] = [
    ['ssh://host/a/b', {}, { host: 'host', port: 22, user: ME }, { folder: '/a/b', url: 'ssh://host/a/b' }],
    ['ssh://ada@host:2222/a/', {}, { user: 'ada', port: 2222 }, { folder: '/a', url: 'ssh://ada@host:2222/a' }],
    ['sftp://host/', {}, { host: 'host' }, { folder: '/', url: 'ssh://host/' }],
    ['ssh://host', {}, { host: 'host' }, { folder: '' }],
    ['ssh://[::1]:22/x', {}, { host: '::1', port: 22 }, { folder: '/x' }],
    ['ssh://ada:secret@host/x', {}, { user: 'ada' }, { url: 'ssh://ada@host/x' }],
    ['ssh://ada@host:1/x', { user: 'eve', port: '2' }, { user: 'eve', port: 2 }, { url: 'ssh://eve@host:2/x' }],
  ];
  for (const [url, options, target, place] of cases) {
    it(`reads ${url} ${JSON.stringify(options)}`, async () => {
      const found = await resolve(url, options);
      assert.deepEqual({ ...found.target, ...target }, found.target);
      assert.deepEqual({ ...found, ...place }, found);
    });
  }

  it('takes secrets and limits from the options', async () => {
    const options = { password: 'p', passphrase: 'q', ask_password: 'true', timeout: '7', max_sessions: '2' };
    assert.deepEqual((await resolve('ssh://host/x', options)).options, {
      password: 'p',
      passphrase: 'q',
      askPassword: true,
      connectMs: 7000,
      connections: 2,
    });
    assert.equal((await resolve('ssh://ada:url@host/x')).options.password, 'url');
  });

  const bad: [string, Record<string, string>, string][] = [
    ['ssh:///x', {}, 'remoteSsh.badUrl'],
    ['ssh://-oProxyCommand=x/y', {}, 'remoteSsh.badUrl'],
    ['ssh://host:0/y', {}, 'remoteSsh.badUrl'],
    ['ssh://host:70000/y', {}, 'remoteSsh.badUrl'],
    ['ssh://host/y', { port: 'many' }, 'remoteSsh.badNumber'],
    ['ssh://host/y', { timeout: '0' }, 'remoteSsh.badNumber'],
    ['ssh://host/y', { gss_auth: 'true' }, 'remoteSsh.gssAuth'],
  ];
  for (const [url, options, code] of bad) {
    it(`refuses ${url} ${JSON.stringify(options)} with ${code}`, async () => {
      await assert.rejects(resolve(url, options), (error: unknown) => is(error, code));
    });
  }
});

describe("resolvePlace with OpenSSH's configuration", () => {
  const CONFIG = `
Include more/*.conf
Host box
  HostName box.example.org
  Port 2200
  User ada
  IdentityFile ~/.ssh/box_key
  IdentitiesOnly yes
  UserKnownHostsFile ~/.ssh/box_hosts
  ProxyJump gate
Host gate
  HostName gate.example.org
  User warden
Host alias
  HostName %h.example.org
  HostKeyAlias Shared
  StrictHostKeyChecking accept-new
  IdentityFile /keys/%r@%n
Host careful
  StrictHostKeyChecking yes
  IdentityAgent none
Host command
  ProxyCommand nc %h %p
Host ring
  ProxyJump ring
Host eq
  Port=99
Match exec "false"
  User nobody
Host *
  User everyone
  IdentityFile ~/.ssh/common
`;
  const files = {
    [`${HOME}/.ssh/config`]: CONFIG,
    [`${HOME}/.ssh/more/a.conf`]: 'Host included\n  Port 44\n',
    '/etc/ssh/ssh_config': 'Host *\n  Port 23\n  HashKnownHosts yes\n',
  };
  const cases: [string, Partial<SshTarget>][] = [
    [
      'box',
      {
        host: 'box.example.org',
        keyName: 'box.example.org',
        port: 2200,
        user: 'ada',
        onlyNamed: true,
        newKeys: `${HOME}/.ssh/box_hosts`,
        keys: [
          { path: `${HOME}/.ssh/box_key`, named: false },
          { path: `${HOME}/.ssh/common`, named: false },
        ],
      },
    ],
    ['alias', { host: 'alias.example.org', keyName: 'shared', unknownHosts: 'accept', user: 'everyone' }],
    ['careful', { unknownHosts: 'refuse', agent: undefined }],
    ['included', { port: 44, user: 'everyone' }],
    ['eq', { port: 99 }],
    ['elsewhere', { port: 23, hashNames: true, unknownHosts: 'ask', agent: '/run/agent' }],
  ];
  for (const [host, target] of cases) {
    it(`knows ${host}`, async () => {
      const found = await resolve(`ssh://${host}/x`, {}, files, { SSH_AUTH_SOCK: '/run/agent' });
      assert.deepEqual({ ...found.target, ...target }, found.target);
    });
  }

  it('expands what stands for names in paths', async () => {
    const { target } = await resolve('ssh://alias/x', {}, files);
    assert.equal(target.keys[0]?.path, '/keys/everyone@alias');
  });

  it('goes through the jump with its own settings', async () => {
    const { target } = await resolve('ssh://box/x', {}, files);
    assert.deepEqual(
      target.jumps.map(({ host, user, jumps }) => ({ host, user, jumps })),
      [{ host: 'gate.example.org', user: 'warden', jumps: [] }],
    );
  });

  it('puts the options of the remote first', async () => {
    const options = { user: 'eve', port: '7', keyfile: '/k', allow_agent: 'false' };
    const { target } = await resolve('ssh://box/x', options, files, { SSH_AUTH_SOCK: '/run/agent' });
    assert.deepEqual([target.user, target.port, target.agent], ['eve', 7, undefined]);
    assert.deepEqual([target.keys, target.onlyNamed], [[{ path: '/k', named: true }], true]);
  });

  it('looks at the usual places without any configuration', async () => {
    const { target } = await resolve('ssh://host/x');
    assert.deepEqual(target.knownHosts.slice(0, 2), [`${HOME}/.ssh/known_hosts`, `${HOME}/.ssh/known_hosts2`]);
    assert.equal(target.keys[0]?.path, `${HOME}/.ssh/id_ed25519`);
    assert.equal(target.agent, undefined);
  });

  const bad: [string, string][] = [
    ['command', 'remoteSsh.proxyCommand'],
    ['ring', 'remoteSsh.badJump'],
  ];
  for (const [host, code] of bad) {
    it(`refuses ${host} with ${code}`, async () => {
      await assert.rejects(resolve(`ssh://${host}/x`, {}, files), (error: unknown) => is(error, code));
    });
  }
});
