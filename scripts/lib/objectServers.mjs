/**
 * Object stores for tests and the bench, each a process of its own on free ports of the loopback, with its data in a folder that is removed
 * when it stops. They know one pair of keys and one bucket.
 */
import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureServers } from '../machinery.mjs';

/** The keys that the servers take, and the bucket that they have. */
export const s3Keys = { accessKeyId: 'strata-test', secretAccessKey: 'not-a-secret-1234567890' };
export const s3Bucket = 'data';

const patienceMs = 60_000;

/** Ports that were free a moment ago, all different. */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server.address().port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Starts a program and waits until `ready` resolves to true; gives what stops it. */
async function start(program, args, folder, ready) {
  const log = join(folder, 'server.log');
  // A pipe would fill up while the program that reads it waits for another one.
  const to = openSync(log, 'w');
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', to, to], env: { ...process.env, HOME: folder } });
  closeSync(to);
  const ended = new Promise((resolve) => child.once('close', resolve));
  const killNow = () => child.kill('SIGKILL');
  process.once('exit', killNow);
  const stop = async () => {
    // SeaweedFS takes half a minute to end by itself.
    child.kill('SIGKILL');
    await ended;
    process.off('exit', killNow);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const end = Date.now() + patienceMs;
  while (!(await ready().catch(() => false))) {
    if (child.exitCode !== null || Date.now() > end) {
      const said = readFileSync(log, 'utf8').slice(-4000);
      await stop();
      throw new Error(`${program} did not start:\n${said}`);
    }
    await sleep(100);
  }
  return stop;
}

function newFolder() {
  return realpathSync(mkdtempSync(join(tmpdir(), 'strata objects ')));
}

const answers = (url) => async () => (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;

/**
 * SeaweedFS: checks signatures, keeps parts, tells MD5 sums.
 * @returns {Promise<{endpoint: string, stop: () => Promise<void>}>}
 */
export async function startSeaweed() {
  const { weed } = await ensureServers();
  const folder = newFolder();
  const names = ['s3', 's3.grpc', 'master', 'master.grpc', 'volume', 'volume.grpc', 'filer', 'filer.grpc'];
  const ports = await freePorts(names.length);
  const port = Object.fromEntries(names.map((name, i) => [name, ports[i]]));
  const actions = ['Admin', 'Read', 'Write', 'List', 'Tagging'];
  const credentials = [{ accessKey: s3Keys.accessKeyId, secretKey: s3Keys.secretAccessKey }];
  writeFileSync(join(folder, 's3.json'), JSON.stringify({ identities: [{ name: 'test', credentials, actions }] }));
  mkdirSync(join(folder, 'volumes'));
  const args = ['server', '-ip=127.0.0.1', '-ip.bind=127.0.0.1', `-dir=${join(folder, 'volumes')}`];
  args.push('-volume.max=40', '-master.volumeSizeLimitMB=64', '-master.telemetry=false');
  args.push('-s3', `-s3.config=${join(folder, 's3.json')}`, '-s3.port.iceberg=0', '-s3.port.lance=0');
  for (const name of ['s3', 'master', 'volume', 'filer'])
    args.push(`-${name}.port=${port[name]}`, `-${name}.port.grpc=${port[`${name}.grpc`]}`);
  const endpoint = `http://127.0.0.1:${port.s3}`;
  const stop = await start(weed, args, folder, answers(`${endpoint}/healthz`));
  try {
    const made = await fetch(`http://127.0.0.1:${port.filer}/buckets/${s3Bucket}/`, { method: 'POST' });
    if (!made.ok) throw new Error(`SeaweedFS did not make the bucket: ${made.status}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, stop };
}

/**
 * rclone before a folder: an S3 server that differs from the others in small things.
 * @returns {Promise<{endpoint: string, stop: () => Promise<void>}>}
 */
export async function startRcloneS3() {
  const { rclone } = await ensureServers();
  const folder = newFolder();
  const [port] = await freePorts(1);
  mkdirSync(join(folder, 'root', s3Bucket), { recursive: true });
  const keys = `${s3Keys.accessKeyId},${s3Keys.secretAccessKey}`;
  const args = [
    'serve',
    's3',
    '--config',
    join(folder, 'none.conf'),
    '--addr',
    `127.0.0.1:${port}`,
    '--auth-key',
    keys,
  ];
  const endpoint = `http://127.0.0.1:${port}`;
  const ready = async () => (await fetch(endpoint, { signal: AbortSignal.timeout(2000) })).status > 0;
  return { endpoint, stop: await start(rclone, [...args, join(folder, 'root')], folder, ready) };
}
