/**
 * A VS Code server on 127.0.0.1 with a workbench in the browser, for `npm start`, the editor tests and the browser walk.
 * It runs the VS Code inside code-server directly (`server-main.js`): that one honours the `payload` of the page address,
 * which names an extension to run from its folder and a test suite to run in the extension host.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { endFamily, killFamily, markerName } from './lib/processes.mjs';
import { ensureServer } from './machinery.mjs';
import { run } from './lib/install.mjs';

const startPatienceMs = 60_000;

/** Settings that keep a new workbench quiet: no welcome, no chat, no telemetry, no looking around in the network. */
export const quietSettings = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'files.autoSave': 'off',
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.autofetch': false,
  'git.openRepositoryInParentFolders': 'never',
  'security.workspace.trust.banner': 'never',
  'telemetry.telemetryLevel': 'off',
  'terminal.integrated.enablePersistentSessions': false,
  'terminal.integrated.gpuAcceleration': 'off',
  'update.mode': 'none',
  'window.commandCenter': false,
  'window.title': '${dirty}${activeEditorShort}${separator}${rootName}',
  'workbench.editor.empty.hint': 'hidden',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** The user settings file of a server that keeps its data in `userDataDir`. */
export function settingsFile(userDataDir) {
  return join(userDataDir, 'data', 'User', 'settings.json');
}

/** Changes user settings of a server, running or not; an undefined value removes the key. The workbench follows at once. */
export async function changeSettings(userDataDir, changes) {
  const file = settingsFile(userDataDir);
  const before = JSON.parse(await readFile(file, 'utf8').catch(() => '{}'));
  await mkdir(join(userDataDir, 'data', 'User'), { recursive: true });
  await writeFile(file, `${JSON.stringify({ ...before, ...changes }, undefined, 2)}\n`);
}

/**
 * Makes VS Code speak a language for extensions, without a language pack from a marketplace: the pack holds no texts
 * of its own, so the workbench stays English and extensions use theirs.
 */
async function installLanguage(locale, userDataDir, extensionsDir) {
  const names = { es: ['Spanish', 'español'] }[locale] ?? [locale, locale];
  const [languageName, label] = names;
  const id = `lang-${locale}`;
  const folder = join(extensionsDir, `x.${id}-0.0.1`);
  const file = join(folder, 'translations', 'main.i18n.json');
  const localization = { languageId: locale, languageName, localizedLanguageName: label };
  const translations = [{ id: 'vscode', path: './translations/main.i18n.json' }];
  const manifest = { name: id, publisher: 'x', version: '0.0.1', engines: { vscode: '^1.101.0' } };
  const contributes = { localizations: [{ ...localization, translations }] };
  await mkdir(join(folder, 'translations'), { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...manifest, contributes }));
  await writeFile(file, JSON.stringify({ version: '1.0.0', contents: {} }));
  const extensions = [{ extensionIdentifier: { id: `x.${id}` }, version: '0.0.1' }];
  const packs = { [locale]: { hash: id, extensions, translations: { vscode: file }, label } };
  await listExtension(folder, extensionsDir);
  await mkdir(join(userDataDir, 'data'), { recursive: true });
  await writeFile(join(userDataDir, 'data', 'languagepacks.json'), JSON.stringify(packs));
}

function serverEnv(marker, { env, gallery = true }) {
  const ours = /^(VSCODE_|ELECTRON_|NODE_OPTIONS$|npm_|INIT_CWD$)/;
  const clean = Object.fromEntries(Object.entries(process.env).filter(([key]) => !ours.test(key)));
  const offline = gallery ? {} : { EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: '' }) };
  return { ...clean, ...offline, ...env, [markerName]: marker };
}

function serverArgs(main, { port, userDataDir, extensionsDir, locale, trust, forTests }) {
  const args = [main, '--host', '127.0.0.1', '--port', String(port), '--without-connection-token'];
  args.push('--accept-server-license-terms', '--disable-telemetry');
  args.push('--server-data-dir', userDataDir, '--extensions-dir', extensionsDir);
  // With the test driver the page reports to whoever opened it, and shows no notifications.
  if (forTests) args.push('--enable-smoke-test-driver');
  if (locale) args.push('--locale', locale);
  if (trust === 'off') args.push('--disable-workspace-trust');
  return args;
}

/**
 * Installs a packaged extension for servers that use `extensionsDir`.
 * @param {string} vsix path of the file
 * @param {string} extensionsDir
 */
export async function installVsix(vsix, extensionsDir) {
  const { node, main } = await ensureServer();
  await mkdir(extensionsDir, { recursive: true });
  const dataDir = await mkdtemp(join(tmpdir(), 'strata-install-'));
  const args = [main, '--accept-server-license-terms', '--extensions-dir', extensionsDir, '--server-data-dir', dataDir];
  await run(node, [...args, '--install-extension', resolve(vsix)], { env: serverEnv('', { gallery: false }) });
  await rm(dataDir, { recursive: true, force: true });
}

/**
 * Lists an extension's folder among the installed ones, wherever it stands.
 * The page shows notifications and names only for installed extensions what a user would see, so all but suites run so.
 */
async function listExtension(folder, extensionsDir) {
  const list = join(extensionsDir, 'extensions.json');
  const { publisher, name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const id = `${publisher}.${name}`;
  const before = JSON.parse(await readFile(list, 'utf8').catch(() => '[]'));
  const others = before.filter(({ identifier }) => identifier.id !== id);
  const location = { $mid: 1, ...asFileUri(folder) };
  const entry = { identifier: { id }, version, location, metadata: { isMachineScoped: true, source: 'vsix' } };
  await mkdir(extensionsDir, { recursive: true });
  await writeFile(list, JSON.stringify([...others, entry]));
}

function asFileUri(path) {
  const { pathname } = pathToFileURL(path);
  return { path: decodeURIComponent(pathname), scheme: 'file' };
}

/** Resolves with the port once the server listens; rejects with what it printed when it ends before that. */
function listening(child) {
  return new Promise((resolvePort, reject) => {
    let printed = '';
    const timer = setTimeout(() => reject(new Error(`VS Code's server did not start:\n${printed}`)), startPatienceMs);
    const read = (data) => {
      printed = `${printed}${data}`.slice(-20_000);
      const port = /listening on (\d+)/.exec(printed)?.[1];
      if (!port) return;
      clearTimeout(timer);
      resolvePort(Number(port));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`VS Code's server ended with ${code}:\n${printed}`));
    });
  });
}

const remoteUri = (port, path) => {
  const slashed = path.split(sep).map(encodeURIComponent).join('/');
  return `vscode-remote://127.0.0.1:${port}${slashed.startsWith('/') ? '' : '/'}${slashed}`;
};

/** The address of a workbench on `folder`, served at `port`. */
function pageAddress(port, folder, { extensionDevelopmentPath, extensionTestsPath }) {
  const payload = [['skipWelcome', 'true']];
  if (extensionDevelopmentPath && extensionTestsPath)
    payload.push(['extensionDevelopmentPath', remoteUri(port, resolve(extensionDevelopmentPath))]);
  if (extensionTestsPath) payload.push(['extensionTestsPath', remoteUri(port, resolve(extensionTestsPath))]);
  const kind = folder?.endsWith('.code-workspace') ? 'workspace' : 'folder';
  const at = folder ? `${kind}=${encodeURIComponent(resolve(folder))}&` : '';
  return `http://127.0.0.1:${port}/?${at}payload=${encodeURIComponent(JSON.stringify(payload))}`;
}

/**
 * Starts a server.
 * @param {string | undefined} folder the workspace folder, or the `.code-workspace` file, that the page opens
 * @param {object} [options]
 * @param {number} [options.port] default: any free one
 * @param {string} [options.userDataDir] default: a new temporary folder
 * @param {string} [options.extensionsDir] default: inside userDataDir
 * @param {string} [options.locale] for example `es`
 * @param {'off' | 'restricted' | 'ask'} [options.trust] off: every folder is trusted; restricted: an unknown folder opens
 * in Restricted Mode without a question; ask: VS Code asks. Default off
 * @param {Record<string, unknown>} [options.settings] user settings beside the quiet ones
 * @param {string} [options.extensionDevelopmentPath] the folder of an extension to run from where it stands
 * @param {string[]} [options.otherExtensions] folders of further extensions to run from where they stand
 * @param {string} [options.extensionTestsPath] a CommonJS file that exports `run()`, called in the extension host
 * @param {boolean} [options.gallery] whether the workbench may ask a gallery for extensions; default true
 * @param {NodeJS.ProcessEnv} [options.env] added to the environment of server, extension host and terminals
 * @returns {Promise<{url: string, port: number, userDataDir: string, extensionsDir: string, pid: number,
 * log: () => string, stop: (options?: {runs?: boolean}) => Promise<void>}>} stop ends the server and everything that it
 * started; with `runs: false` it leaves alone what has detached itself
 */
export async function start(folder, options = {}) {
  const { node, main } = await ensureServer();
  const userDataDir = resolve(options.userDataDir ?? (await mkdtemp(join(tmpdir(), 'strata-vscode-'))));
  const extensionsDir = resolve(options.extensionsDir ?? join(userDataDir, 'extensions'));
  const trust = options.trust ?? 'off';
  const startupPrompt = trust === 'ask' ? 'always' : 'never';
  const settings = { ...quietSettings, 'security.workspace.trust.startupPrompt': startupPrompt, ...options.settings };
  await changeSettings(userDataDir, settings);
  if (options.locale) await installLanguage(options.locale, userDataDir, extensionsDir);
  const forTests = options.extensionTestsPath !== undefined;
  const own = options.extensionDevelopmentPath && !forTests ? [options.extensionDevelopmentPath] : [];
  for (const each of [...own, ...(options.otherExtensions ?? [])]) await listExtension(resolve(each), extensionsDir);
  const marker = randomUUID();
  const port = options.port ?? 0;
  const args = serverArgs(main, { port, userDataDir, extensionsDir, locale: options.locale, trust, forTests });
  const detached = process.platform !== 'win32';
  const child = spawn(node, args, { env: serverEnv(marker, options), detached, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  const keep = (data) => (log = `${log}${data}`.slice(-200_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const killNow = () => killFamily(child.pid, marker);
  process.on('exit', killNow);
  const stop = async ({ runs = true } = {}) => {
    process.off('exit', killNow);
    if (!runs && detached) process.kill(-child.pid, 'SIGTERM');
    else await endFamily(child.pid, marker);
    if (!options.userDataDir) await rm(userDataDir, { recursive: true, force: true });
  };
  try {
    const port = await listening(child);
    return {
      url: pageAddress(port, folder, options),
      port,
      userDataDir,
      extensionsDir,
      pid: child.pid,
      log: () => log,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
