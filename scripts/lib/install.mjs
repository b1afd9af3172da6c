/**
 * Installing one piece of machinery whole or not at all.
 * A piece is built in a folder beside its place and renamed into it; `stamp.json` inside says what it is made of, so the
 * second call only reads that stamp. Two callers at once are kept apart by a lock folder that names its holder.
 */
import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBrotliDecompress } from 'node:zlib';
import { cacheFolder } from './root.mjs';

const lockPatienceMs = 15 * 60_000;

/** Prints one line about what the machinery does. */
export function say(line) {
  console.log(`machinery: ${line}`);
}

/**
 * Runs a program to its end and gives its standard output.
 * Rejects with the last lines of its output when it exits with another code than 0.
 * @param {string} program
 * @param {string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv}} [options]
 * @returns {Promise<string>}
 */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let all = '';
    child.stdout.on('data', (data) => ((out += data), (all += data)));
    child.stderr.on('data', (data) => (all += data));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(out);
      const tail = all.trim().split('\n').slice(-15).join('\n');
      reject(new Error(`${program} ${args.join(' ')} ended with ${code ?? signal}:\n${tail}`));
    });
  });
}

async function readStamp(folder) {
  try {
    return await readFile(join(folder, 'stamp.json'), 'utf8');
  } catch {
    return undefined;
  }
}

function holderIsGone(pid) {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

async function tryLock(lock) {
  try {
    await mkdir(lock);
    await writeFile(join(lock, 'pid'), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const pid = Number(await readFile(join(lock, 'pid'), 'utf8').catch(() => '0'));
  const age = Date.now() - (await stat(lock).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
  if (pid ? holderIsGone(pid) : age > 10_000) await rm(lock, { recursive: true, force: true });
  return false;
}

async function withLock(name, work) {
  const lock = join(cacheFolder, `${name}.lock`);
  const end = Date.now() + lockPatienceMs;
  while (!(await tryLock(lock))) {
    if (Date.now() > end) throw new Error(`Another process has been installing ${name} for too long: remove ${lock}.`);
    await sleep(250);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function removeOthers(name, keep) {
  for (const entry of await readdir(cacheFolder)) {
    const ours = entry.startsWith(`${name}-`) && entry !== keep && !entry.endsWith('.lock');
    if (ours) await rm(join(cacheFolder, entry), { recursive: true, force: true });
  }
}

/**
 * Makes sure that `.cache/<name>-<version>` holds what `contents` says, and gives its path.
 * `fill(folder)` is called only when it does not; it works in a folder that is renamed into place at the end, or in the
 * final folder when `inPlace` is set (a Python environment may not be moved), where the stamp is written last all the same.
 * @param {{name: string, version: string, contents: Record<string, string>, inPlace?: boolean}} piece
 * @param {(folder: string) => Promise<void>} fill
 * @returns {Promise<string>} the absolute path of the folder
 */
export async function ensurePiece(piece, fill) {
  const entry = `${piece.name}-${piece.version}`;
  const folder = join(cacheFolder, entry);
  const contents = piece.inPlace ? { ...piece.contents, folder } : piece.contents;
  const stamp = `${JSON.stringify(contents, undefined, 2)}\n`;
  if ((await readStamp(folder)) === stamp) return folder;
  await mkdir(cacheFolder, { recursive: true });
  return withLock(piece.name, async () => {
    if ((await readStamp(folder)) === stamp) return folder;
    const started = Date.now();
    say(
      `installing ${Object.entries(piece.contents)
        .map((pair) => pair.join(' '))
        .join(', ')}`,
    );
    await removeOthers(piece.name, undefined);
    const workFolder = piece.inPlace ? folder : `${folder}.part`;
    await mkdir(workFolder, { recursive: true });
    await fill(workFolder);
    await writeFile(join(workFolder, 'stamp.json'), stamp);
    if (!piece.inPlace) await rename(workFolder, folder);
    say(`${entry} is ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return folder;
  });
}

/** The user's environment without what `npm run` adds to it about this project. */
export function plainEnv() {
  const ours = /^(npm_(package|lifecycle|execpath|node_execpath|command|config_local_prefix|config_prefix)|INIT_CWD$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !ours.test(key)));
}

async function npmProgram() {
  const names = process.platform === 'win32' ? ['npm-cli.js', 'node_modules/npm/bin/npm-cli.js'] : ['npm'];
  const folders = [dirname(process.execPath), ...(process.env.PATH ?? '').split(delimiter)];
  const candidates = [
    process.env.npm_execpath,
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
  ];
  for (const candidate of candidates) {
    if (!candidate || !existsSync(candidate)) continue;
    const target = await realpath(candidate);
    if (target.endsWith('npm-cli.js')) return target;
  }
  throw new Error('npm was not found beside node or on PATH.');
}

/**
 * Runs npm with the user's own configuration.
 * @param {string[]} args
 * @param {{cwd: string, node?: string}} options node: the Node binary that runs npm and is first on PATH, default this one
 */
export async function npm(args, { cwd, node = process.execPath }) {
  const env = {
    ...plainEnv(),
    npm_config_update_notifier: 'false',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
  };
  env.PATH = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`;
  return run(node, [await npmProgram(), ...args], { cwd, env });
}

/**
 * Fetches one npm package, alone, and unpacks it into `folder`.
 * No install script of it runs and nothing that it depends on is fetched.
 */
export async function unpackPackage(name, version, folder) {
  await mkdir(folder, { recursive: true });
  await npm(['pack', '--silent', '--ignore-scripts', `${name}@${version}`], { cwd: folder });
  const tarball = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
  await run('tar', ['-xzf', tarball, '--strip-components=1'], { cwd: folder });
  await rm(join(folder, tarball));
}

/** Unpacks a brotli-packed file. */
export async function unbrotli(from, to) {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to));
}

/** Unpacks a brotli-packed tar archive into `folder`. */
export async function unbrotliTar(from, folder) {
  const tar = join(folder, 'unpack.tar');
  await mkdir(folder, { recursive: true });
  await unbrotli(from, tar);
  await run('tar', ['-xf', 'unpack.tar', '--no-same-owner'], { cwd: folder });
  await rm(tar);
}
