/**
 * `npm start`: from a fresh clone to a real VS Code on the sample project. Installs what is missing, builds, makes the sample, and
 * opens the desktop VS Code when `code` is on PATH, else the server one in a browser. `-- --headless` goes through the same loop in
 * the terminal instead. `-- --dir DIR` puts the sample elsewhere, `-- --server` prefers the server.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './lib/dependencies.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const option = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
const sample = resolve(option('--dir') ?? join(root, 'out', 'strata-sample'));
const onWindows = process.platform === 'win32';

function run(command, words, options = {}) {
  const done = spawnSync(command, words, {
    cwd: root,
    stdio: 'inherit',
    shell: onWindows && command === 'npm',
    ...options,
  });
  if (done.error) throw done.error;
  return done.status ?? 1;
}

function must(command, words, options) {
  const status = run(command, words, options);
  if (status !== 0) process.exit(status);
}

function strata(words, options = {}) {
  return run(process.execPath, [join(root, 'dist', 'cli.js'), ...words], options);
}

function makeSample() {
  if (existsSync(join(sample, 'dvc.yaml')) && !args.includes('--fresh')) {
    console.log(`Sample project: ${sample} (as you left it; --fresh makes a new one)`);
    return;
  }
  if (args.includes('--fresh')) rmSync(sample, { recursive: true, force: true });
  if (strata(['sample', sample]) !== 0) process.exit(1);
}

/** The loop in the terminal; the last line is the verdict. */
function headless() {
  const step = (title, words, allowed = [0]) => {
    console.log(`\n── ${title}: strata ${words.join(' ')}`);
    const status = strata(words, { cwd: sample });
    if (!allowed.includes(status)) process.exit(status);
  };
  rmSync(sample, { recursive: true, force: true });
  makeSample();
  step('What changed', ['status']);
  step('Run what is stale', ['repro']);
  step('Compare with production', ['compare', 'digits#prod', 'workspace']);
  step('Register', ['registry', 'register', 'digits', 'HEAD', '--version', 'v0.2.0']);
  step('Promote', ['promote', 'digits@v0.2.0', '--stage', 'prod', '--yes']);
  step('Models', ['registry', 'show']);
  console.log('\n── Verdict');
  const verdict = spawnSync(
    process.execPath,
    [join(root, 'dist', 'cli.js'), 'compare', 'digits@v0.1.0', 'digits#prod'],
    {
      cwd: sample,
      encoding: 'utf8',
    },
  );
  process.stdout.write(verdict.stdout.split('\n', 1)[0] + '\n');
  process.exit(verdict.status ?? 1);
}

function desktopCode() {
  if (args.includes('--server')) return undefined;
  const names = onWindows ? ['code.cmd'] : ['code'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((dir) => names.map((name) => join(dir, name))).find((file) => existsSync(file));
}

async function openEditor() {
  const code = desktopCode();
  if (code) {
    console.log(`Opening VS Code on ${sample}`);
    return run(code, ['--new-window', `--extensionDevelopmentPath=${root}`, sample], { shell: onWindows });
  }
  const { start } = await import('./vscodeServer.mjs');
  const server = await start(sample, {
    extensionDevelopmentPath: root,
    userDataDir: join(root, '.cache', 'start'),
    settings: { 'workbench.colorTheme': 'Dark Modern' },
  });
  console.log(`\nVS Code is at ${server.url}\nThe sample project is ${sample}\nCtrl+C ends it.`);
  await new Promise((done) => ['SIGINT', 'SIGTERM'].forEach((signal) => process.once(signal, done)));
  await server.stop({ runs: false });
  return 0;
}

await ensureDependencies();
must(process.execPath, [join(root, 'esbuild.js')]);
if (args.includes('--headless')) headless();
else {
  makeSample();
  process.exitCode = await openEditor();
}
