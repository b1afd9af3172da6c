/**
 * Runs the suites of this folder inside VS Code's extension host: bundles each folder's `*.test.ts` into one CommonJS
 * file with a `run()` and hands it to @vscode/test-electron. `test/editor/*.test.ts` runs in an empty folder; the folders
 * below it each have a workspace of their own, the last one in Restricted Mode.
 *
 * The editor is desktop VS Code when STRATA_DESKTOP=1 asks for it and it can be downloaded, else the server of
 * `scripts/vscodeLauncher.mjs`. Usage: node test/editor/run.mjs [PATTERN [SUITE]]: runs tests whose title holds PATTERN,
 * of all suites or of one.
 */
import { mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { runTests } from '@vscode/test-electron';
import esbuild from 'esbuild';
import { startRcloneS3 } from '../../scripts/lib/objectServers.mjs';
import { outFolder, root } from '../../scripts/lib/root.mjs';
import { ensureNginx, ensureSshd } from '../../scripts/machinery.mjs';
import { emptyFolder, manyFolders, sampleProject } from './support/editorWorkspaces.mjs';

const here = join(root, 'test', 'editor');
const runner = join(root, 'test', 'support', 'editorRunner.ts');
const launcher = join(root, 'scripts', 'vscodeLauncher.mjs');

const suites = [
  { name: 'empty', folder: here, prepare: emptyFolder, env: {} },
  { name: 'sample', folder: join(here, 'sample'), prepare: sampleProject, env: {} },
  { name: 'roots', folder: join(here, 'roots'), prepare: manyFolders, env: {} },
  {
    name: 'untrusted',
    folder: join(here, 'untrusted'),
    prepare: sampleProject,
    env: { STRATA_WORKSPACE_TRUST: 'restricted' },
  },
];

async function testFiles(folder) {
  const entries = await readdir(folder).catch(() => []);
  return entries
    .filter((entry) => entry.endsWith('.test.ts'))
    .map((entry) => join(folder, entry))
    .sort();
}

/** One file that loads mocha's runner first and then each test file. */
async function bundle(name, files) {
  const outfile = join(outFolder, 'test', 'editor', name, 'index.js');
  const lines = files.map((file) => `import(${JSON.stringify(file)})`);
  const contents = `import { runSuite } from ${JSON.stringify(runner)};\nexport const run = () => runSuite(async () => { ${lines.map((line) => `await ${line};`).join(' ')} });`;
  await esbuild.build({
    stdin: { contents, resolveDir: root, sourcefile: 'index.ts', loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', 'mocha', 'esbuild', 'fsevents'],
    define: { 'import.meta.dirname': JSON.stringify(here), 'import.meta.url': '__strataUrl' },
    banner: {
      js: `const __strataUrl = require('node:url').pathToFileURL(${JSON.stringify(join(here, 'index.ts'))}).href;`,
    },
    outfile,
    logLevel: 'warning',
  });
  return outfile;
}

function settle(all, one) {
  all.passed += one.passed;
  all.failed += one.failed;
  all.skipped.push(...one.skipped);
  all.failures.push(...one.failures);
}

/** Runs one suite and gives its counts; an editor that ends without any counts is a failure. */
async function runOne({ name, env, prepare }, files, pattern) {
  const extensionTestsPath = await bundle(name, files);
  const work = await realpath(await mkdtemp(join(tmpdir(), 'strata-editor-')));
  const counts = join(outFolder, 'test', `editor-${name}.json`);
  await rm(counts, { force: true });
  const workspace = await prepare(work);
  const [sshd, nginx] = [await ensureSshd(), await ensureNginx()];
  const bucket = name === 'sample' ? await startRcloneS3() : undefined;
  const options = {
    extensionDevelopmentPath: root,
    extensionTestsPath,
    launchArgs: [workspace, `--user-data-dir=${join(work, 'user')}`, `--extensions-dir=${join(work, 'extensions')}`],
    extensionTestsEnv: {
      ...env,
      STRATA_COUNTS: counts,
      STRATA_TEST_WORKSPACE: workspace,
      STRATA_GREP: pattern ?? '',
      STRATA_ROOT: root,
      // Nobody's own keys, known hosts and settings.
      HOME: work,
      STRATA_SSHD: sshd.path ?? '',
      STRATA_NO_SSHD: sshd.skip ?? '',
      STRATA_NGINX: nginx.path ?? '',
      STRATA_NO_NGINX: nginx.skip ?? '',
      STRATA_S3: bucket?.endpoint ?? '',
      AWS_ACCESS_KEY_ID: '',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  };
  let problem = await launch(options).then(
    () => undefined,
    (error) => error,
  );
  await bucket?.stop();
  const result = await readFile(counts, 'utf8')
    .then(JSON.parse)
    .catch(() => undefined);
  if (result?.failed) problem = undefined;
  if (!result && !problem) problem = new Error('The editor ended without running the suite.');
  const all = result ?? { passed: 0, failed: 0, skipped: [], failures: [] };
  if (problem) {
    all.failed += 1;
    all.failures.push({ title: `editor ${name}`, error: problem.message });
    console.log(`  FAILED editor ${name}: ${problem.message}`);
  }
  await rm(work, { recursive: true, force: true });
  return all;
}

async function launch(options) {
  if (process.env.STRATA_DESKTOP) {
    try {
      return await runTests(options);
    } catch (error) {
      if (error.name === 'TestRunFailedError' || /^Test run/.test(error.message)) throw error;
      console.log(`  desktop VS Code could not be had (${error.message}), going on with the server`);
    }
  }
  return runTests({ ...options, vscodeExecutablePath: launcher });
}

async function main(pattern, only) {
  const all = { passed: 0, failed: 0, skipped: [], failures: [] };
  for (const suite of suites.filter((each) => !only || each.name === only)) {
    const files = await testFiles(suite.folder);
    if (files.length === 0) throw new Error(`No tests in ${relative(root, suite.folder)}.`);
    settle(all, await runOne(suite, files, pattern));
  }
  if (process.env.STRATA_COUNTS) await writeFile(process.env.STRATA_COUNTS, JSON.stringify(all));
  process.exitCode = all.failed ? 1 : 0;
}

await main(process.argv[2], process.argv[3]);
