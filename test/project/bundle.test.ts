/** What esbuild put into each program: sizes, and what must not be in there. Reads the metafiles of the last build. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

interface Metafile {
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, { bytes: number; inputs: Record<string, { bytesInOutput: number }> }>;
}
const meta = (name: string): Metafile =>
  JSON.parse(readFileSync(join(root, 'out/meta', `${name}.json`), 'utf8')) as Metafile;
/** Files that left bytes in a program; what was shaken out does not count. */
const inputs = (name: string): string[] =>
  Object.values(meta(name).outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
const kB = 1000;

/** Largest size of each program in bytes, minified as it is shipped. */
const BUDGETS: Readonly<Record<string, number>> = {
  'dist/extension.js': 400 * kB,
  'dist/engine.js': 900 * kB,
  'dist/run.js': 450 * kB,
  'dist/pythonParams.js': 120 * kB,
  'dist/hashWorker.js': 50 * kB,
  'dist/remoteSsh.js': 420 * kB,
  'dist/cli.js': 5 * kB,
  'dist/strata.js': 950 * kB,
  'dist/library.js': 900 * kB,
};

describe('bundle', () => {
  for (const [file, budget] of Object.entries(BUDGETS)) {
    it(`${file} is at most ${budget / kB} kB`, () => {
      const { size } = statSync(join(root, file));
      assert.ok(size <= budget, `${Math.round(size / kB)} kB; build with --production`);
    });
  }

  it('a page loads at most 150 kB for tables and 550 kB with charts', () => {
    const outputs = meta('webview').outputs;
    const dir = join(root, 'dist/webview');
    const scripts = readdirSync(dir).filter((name) => name.endsWith('.js'));
    const total = scripts.reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
    assert.ok(total <= 650 * kB, `${Math.round(total / kB)} kB of scripts in all pages`);
    assert.ok(Object.keys(outputs).length > 0);
  });

  it('the grammar of Python is only in the program that is loaded for it', () => {
    const holds = (name: string): boolean => inputs(name).some((file) => file.includes('@lezer/'));
    assert.deepEqual(['extension', 'engine', 'run', 'strata', 'library'].filter(holds), []);
    assert.ok(holds('pythonParams'));
  });

  it('the extension host loads no engine, charts, toolkit, YAML or Git', () => {
    const banned =
      /chart\.js|webview-ui-toolkit|simple-git|node_modules\/yaml\/|@stdlib|papaparse|zod\/v4\/locales|react|engine\/(data|pipeline|cache|git|remotes)\//;
    assert.deepEqual(
      inputs('extension').filter((file) => banned.test(file)),
      [],
    );
  });

  it('no program holds React or tests', () => {
    for (const name of ['extension', 'engine', 'run', 'cli', 'strata', 'hashWorker', 'webview']) {
      assert.deepEqual(
        inputs(name).filter((file) => /node_modules\/(react|react-dom)\/|^test\//.test(file)),
        [],
        name,
      );
    }
  });

  it('charts are loaded by pages that draw them only', () => {
    const outputs = meta('webview').outputs;
    const compare = Object.entries(outputs).find(([file]) => file.endsWith('/diff.js'));
    assert.deepEqual(
      Object.keys(compare?.[1].inputs ?? {}).filter((file) => file.includes('chart.js')),
      [],
    );
  });

  it('SSH is loaded with the first remote that needs it, and runs without the programs compiled for it', () => {
    for (const name of ['extension', 'engine', 'run', 'strata'])
      assert.deepEqual(
        inputs(name).filter((file) => /node_modules\/(ssh2|ssh-config)\//.test(file)),
        [],
        name,
      );
    const alone = mkdtempSync(join(tmpdir(), 'strata-ssh-'));
    try {
      copyFileSync(join(root, 'dist/remoteSsh.js'), join(alone, 'remoteSsh.js'));
      const program = 'process.stdout.write(typeof require("./remoteSsh.js").open)';
      assert.equal(execFileSync(process.execPath, ['-e', program], { cwd: alone, encoding: 'utf8' }), 'function');
    } finally {
      rmSync(alone, { recursive: true });
    }
  });
});
