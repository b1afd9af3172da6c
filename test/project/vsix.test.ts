/** The VSIX: exactly the kept list of files, small enough, and no secret, source, map or test in it. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const vsce = join(root, 'node_modules/@vscode/vsce/vsce');

/** What may be in it; numbers and hashes of chunks vary. */
const KEPT = [
  /^package\.json$/,
  /^package\.nls(\.es)?\.json$/,
  /^(README|CHANGELOG|NOTICE)\.md$/i,
  /^LICENSE(\.txt)?$/i,
  /^dist\/(extension|engine|run|hashWorker|cli|strata|pythonParams|remote(S3|Ssh|Http|Webdav))\.js$/,
  /^dist\/l10n\/(en|es)\.json$/,
  /^dist\/webview\/(compare|live|diff)\.(js|css)$/,
  /^dist\/webview\/shared-[A-Z0-9]+\.js$/,
  /^dist\/webview\/codicon\.ttf$/,
  /^media\/icons\/(strata\.png|(strata|data|pipeline|runs|models)\.svg)$/,
  /^media\/sample\/[\w./-]+$/,
];

describe('vsix', function () {
  this.timeout(120_000);
  const dir = mkdtempSync(join(tmpdir(), 'strata-vsix-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  const run = (...args: string[]): string =>
    execFileSync(process.execPath, [vsce, ...args], { cwd: root, encoding: 'utf8' });

  it('lists the kept files only', () => {
    const files = run('ls', '--no-dependencies')
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith(' '));
    assert.deepEqual(
      files.filter((file) => !KEPT.some((pattern) => pattern.test(file))),
      [],
    );
    for (const needed of [
      'dist/extension.js',
      'dist/engine.js',
      'dist/run.js',
      'dist/cli.js',
      'dist/strata.js',
      'dist/remoteSsh.js',
      'dist/pythonParams.js',
      'dist/webview/compare.js',
      'package.nls.es.json',
    ]) {
      assert.ok(files.includes(needed), needed);
    }
    assert.ok(files.some((file) => file.startsWith('media/sample/')));
  });

  it('is at most 2.5 MB', () => {
    const file = join(dir, 'strata.vsix');
    run('package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--out', file);
    const { size } = statSync(file);
    assert.ok(size <= 2_500_000, `${size} bytes`);
  });
});
