/**
 * A real sshd on a free port of the loopback, with keys and a home folder of its own: the user's own `~/.ssh` is neither read nor changed.
 * Also rclone's SFTP server, which is another implementation and asks for a password, and a way through which connections can be cut.
 */

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { type Host } from '../../src/engine/host/host';
import { nodeHost } from '../../src/engine/host/node';
import { type RemoteSettings } from '../../src/engine/remotes/remotes';
import { dropFolder, newFolder } from './temporary';

/** A server under test. */
export interface SshServer {
  readonly port: number;
  /** Everything of it: keys, home, store. */
  readonly folder: string;
  /** The folder that the remote is. */
  readonly store: string;
  /** A machine whose home is in {@link folder} and that has no agent. */
  readonly host: Host;
  /** Key files by name: `id` lets in, `locked` too (passphrase `open sesame`), `other` does not. */
  key(name: 'id' | 'locked' | 'other'): string;
  /** Lines of the server's keys for known_hosts, as it would have at this port: of type ed25519, and of sshd's also ecdsa. */
  knownHosts(type?: 'ed25519' | 'ecdsa', port?: number): string;
  /** Lets the server see what was put into {@link store} behind its back. */
  refresh(): void;
  stop(): void;
}

/** The password of rclone's server, and the passphrase of the locked key. */
export const PASSWORD = 'open sesame';
export const USER = os.userInfo().username;

/** Starts an sshd. `extra` are further lines of its configuration. */
export async function startSshd(program: string, extra: readonly string[] = []): Promise<SshServer> {
  const made = makeKeys();
  const { folder } = made;
  const port = await freePort();
  // The folder that sshd wants when it runs as root; Debian's service makes it, too.
  if (process.getuid?.() === 0) fs.mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey "${folder}/host"`,
    `HostKey "${folder}/host2"`,
    `AuthorizedKeysFile "${folder}/authorized"`,
    `PidFile none`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    'Subsystem sftp internal-sftp',
    ...extra,
  ];
  fs.writeFileSync(`${folder}/sshd_config`, `${lines.join('\n')}\n`);
  const child = spawn(program, ['-D', '-e', '-f', `${folder}/sshd_config`], { stdio: ['ignore', 'ignore', 'pipe'] });
  return running(child, port, made);
}

/** Starts rclone's SFTP server, which lets in with {@link USER} and {@link PASSWORD} only. */
export async function startRclone(program: string): Promise<SshServer> {
  const made = makeKeys();
  const { folder } = made;
  const port = await freePort();
  const args = ['serve', 'sftp', '--addr', `127.0.0.1:${port}`, '--user', USER, '--pass', PASSWORD];
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder };
  const child = spawn(program, [...args, '--key', `${folder}/host`, `${folder}/store`], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return running(child, port, { ...made, remembers: true });
}

interface Made {
  readonly folder: string;
  readonly keys: { readonly ed25519: string; readonly ecdsa: string };
  /** The server keeps listings and reads them anew on SIGHUP. */
  readonly remembers?: boolean;
}

function makeKeys(): Made {
  const folder = newFolder();
  for (const name of ['store', '.ssh']) fs.mkdirSync(path.join(folder, name));
  const make = (name: string, passphrase = '', type = 'ed25519'): void => {
    const args = ['-q', '-t', type, '-N', passphrase, '-C', 'test', '-f', path.join(folder, name)];
    execFileSync('ssh-keygen', args);
  };
  for (const name of ['host', 'id', 'other']) make(name);
  make('host2', '', 'ecdsa');
  make('locked', PASSWORD);
  const text = (name: string): string => fs.readFileSync(path.join(folder, name), 'utf8');
  fs.writeFileSync(path.join(folder, 'authorized'), text('id.pub') + text('locked.pub'));
  const publicKey = (name: string): string => text(`${name}.pub`).split(' ').slice(0, 2).join(' ');
  return { folder, keys: { ed25519: publicKey('host'), ecdsa: publicKey('host2') } };
}

async function running(child: ChildProcess, port: number, { folder, keys, remembers }: Made): Promise<SshServer> {
  let said = '';
  child.stderr?.on('data', (data: Buffer) => (said += data.toString()));
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = (): void => {
    process.off('exit', kill);
    kill();
    dropFolder(folder);
  };
  const env = { ...process.env, HOME: folder, SSH_AUTH_SOCK: undefined };
  const knownHosts: SshServer['knownHosts'] = (type = 'ed25519', at = port) => `[127.0.0.1]:${at} ${keys[type]}\n`;
  fs.writeFileSync(path.join(folder, '.ssh', 'known_hosts'), knownHosts());
  const until = Date.now() + 10_000;
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > until) {
      stop();
      throw new Error(`the server does not start: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return {
    port,
    folder,
    store: path.join(folder, 'store'),
    host: { ...nodeHost(), env },
    key: (name) => path.join(folder, name),
    knownHosts,
    refresh: () => {
      if (!remembers) return;
      child.kill('SIGHUP');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    },
    stop,
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Settings of a remote as `.dvc/config` would give them. */
export function sshSettings(url: string, options: Readonly<Record<string, string>> = {}): RemoteSettings {
  return {
    name: 'far',
    url,
    jobs: undefined,
    text: (option) => options[option],
    flag: (option) => (options[option] === undefined ? undefined : options[option] === 'true'),
    path: (option) => options[option],
  };
}

/** A way to a server on which connections can be cut, held up and counted. */
export interface CuttableWay {
  readonly port: number;
  /** Bytes that went to the server, and from it. */
  sent: number;
  received: number;
  /** Connections so far. */
  connections: number;
  /** Nothing gets through any more, in either direction. */
  stalled: boolean;
  /** Ends all connections when so many bytes more went in this direction, once. */
  cutAfter(direction: 'sent' | 'received', bytes: number): void;
  close(): void;
}

/** Opens a way to `port`. */
export async function openWay(port: number): Promise<CuttableWay> {
  const sockets = new Set<net.Socket>();
  let cut: { direction: 'sent' | 'received'; at: number } | undefined;
  const drop = (): void => {
    cut = undefined;
    for (const socket of sockets) socket.destroy();
  };
  const server = net.createServer((near) => {
    way.connections += 1;
    const far = net.connect(port, '127.0.0.1');
    const pass = (from: net.Socket, to: net.Socket, direction: 'sent' | 'received'): void => {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on('data', (data) => {
        if (way.stalled) return;
        way[direction] += data.length;
        if (cut?.direction === direction && way[direction] >= cut.at) return drop();
        if (!to.write(data)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
    };
    pass(near, far, 'sent');
    pass(far, near, 'received');
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const way: CuttableWay = {
    port: (server.address() as net.AddressInfo).port,
    sent: 0,
    received: 0,
    connections: 0,
    stalled: false,
    cutAfter: (direction, bytes) => {
      cut = { direction, at: way[direction] + bytes };
    },
    close: () => {
      server.close();
      drop();
    },
  };
  return way;
}
