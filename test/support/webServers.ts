/** Real servers that speak HTTP and WebDAV, on free ports of the loopback, each with a folder of its own: nginx and rclone. */

import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { type RemoteSettings } from '../../src/engine/remotes/remotes';
import { dropFolder, newFolder } from './temporary';

/** A server under test. */
export interface WebServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** The folder that it serves. */
  readonly root: string;
  stop(): Promise<void>;
}

/** A user that servers may ask for. */
export type Login = Readonly<Record<'user' | 'password', string>>;

/** One whose password needs care. */
export const LOGIN: Login = { user: 'ana', password: 'c: ñandú "1"' };

/** nginx with the methods of WebDAV but PROPFIND; for one user only when a login is given. */
export async function startNginx(program: string, login?: Login): Promise<WebServer> {
  const folder = newFolder();
  const port = await freePort();
  fs.mkdirSync(path.join(folder, 'root'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  if (login)
    fs.writeFileSync(
      path.join(folder, 'users'),
      `${login.user}:{SHA}${createHash('sha1').update(login.password).digest('base64')}\n`,
    );
  const lines = [
    'daemon off;',
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    `error_log "${folder}/error.log";`,
    `pid "${folder}/pid";`,
    'worker_processes 1;',
    'events { worker_connections 256; }',
    'http {',
    'access_log off;',
    ...temporary.map((name) => `${name}_temp_path "${folder}/${name}";`),
    'client_max_body_size 0;',
    `server { listen 127.0.0.1:${port}; root "${folder}/root";`,
    ...(login ? ['auth_basic "files";', `auth_basic_user_file "${folder}/users";`] : []),
    'location / { dav_methods PUT DELETE MKCOL COPY MOVE; create_full_put_path on; } }',
    '}',
  ];
  fs.writeFileSync(path.join(folder, 'nginx.conf'), `${lines.join('\n')}\n`);
  const child = spawn(program, ['-e', `${folder}/error.log`, '-p', folder, '-c', `${folder}/nginx.conf`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return running(child, port, folder);
}

/** rclone's WebDAV server, for one user only when a login is given. */
export async function startRcloneDav(program: string, login?: Login): Promise<WebServer> {
  const folder = newFolder();
  const port = await freePort();
  fs.mkdirSync(path.join(folder, 'root'));
  const args = [
    'serve',
    'webdav',
    '--addr',
    `127.0.0.1:${port}`,
    ...(login ? ['--user', login.user, '--pass', login.password] : []),
  ];
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder };
  const child = spawn(program, [...args, path.join(folder, 'root')], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  return running(child, port, folder);
}

async function running(child: ChildProcess, port: number, folder: string): Promise<WebServer> {
  let said = '';
  let ended = false;
  child.stderr?.on('data', (data) => (said += String(data)));
  const end = new Promise<void>((resolve) => child.once('close', () => resolve(((ended = true), undefined))));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
    await end;
    clearTimeout(timer);
    dropFolder(folder);
  };
  for (let tries = 0; tries < 200; tries += 1) {
    if (ended) break;
    if (await listens(port)) return { url: `http://127.0.0.1:${port}`, root: path.join(folder, 'root'), stop };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (!ended) await stop();
  throw new Error(`the server did not start: ${said}`);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Settings of a remote as the configuration would give them. */
export function webSettings(url: string, options: Readonly<Record<string, string>> = {}): RemoteSettings {
  const text = (option: string): string | undefined => options[option];
  return {
    name: 'web',
    url,
    jobs: undefined,
    text,
    flag: (option) => (text(option) === undefined ? undefined : text(option)?.toLowerCase() === 'true'),
    path: text,
  };
}
