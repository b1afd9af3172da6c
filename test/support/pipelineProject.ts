/**
 * A real project in a temporary folder for tests of pipelines: files from an object, Git where wanted, the engine opened on it, and the
 * supervisor bundled once for all tests of a process.
 */

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import { quietCall, type Call } from '../../src/base/cancel';
import { openRepo } from '../../src/engine/data/openRepo';
import { type Repo } from '../../src/engine/data/repo';
import { nodeHost } from '../../src/engine/host/node';

/** A project on disk. */
export interface TestProject {
  readonly root: string;
  readonly repo: Repo;
  write(files: Readonly<Record<string, string>>): void;
  /** Text of a file, undefined when it is absent. */
  read(path: string): string | undefined;
  remove(path: string): void;
  /** The project as opened in a folder below its root. */
  at(cwd: string): Repo;
  dispose(): Promise<void>;
}

/** Makes a project. A path that ends in `.sh` becomes executable. */
export async function makeProject(files: Readonly<Record<string, string>>, git = false): Promise<TestProject> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'strata-pipe-')));
  const write: TestProject['write'] = (more) => {
    for (const [path, text] of Object.entries(more)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      if (path.endsWith('.sh')) chmodSync(join(root, path), 0o755);
    }
  };
  write({ '.dvc/config': git ? '' : '[core]\n    no_scm = True\n', '.dvc/.gitignore': '/tmp\n/cache\n', ...files });
  if (git) execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: root });
  const host = { ...nodeHost(), env: { ...process.env, SHELL: '/bin/sh' } };
  const repo = await openRepo({ root, cwd: '.', host, trusted: true, command: 'strata test' });
  return {
    root,
    repo,
    write,
    read: (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined),
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
    at: (cwd) => ({ ...repo, cwd }),
    dispose: async () => {
      repo.git?.close();
      await repo.store.close();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

let bundled: string | undefined;

/** Absolute path of the bundled supervisor; built at the first call. */
export function supervisor(): string {
  if (bundled !== undefined) return bundled;
  const outdir = mkdtempSync(join(tmpdir(), 'strata-supervisor-'));
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  const root = join(__dirname, '..', '..');
  buildSync({
    absWorkingDir: root,
    entryPoints: { run: 'src/engine/run.ts' },
    outdir,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  bundled = join(outdir, 'run.js');
  return bundled;
}

/** A call that can be cancelled. */
export function cancellableCall(): { readonly call: Call; readonly cancel: () => void } {
  const stop = new AbortController();
  return { call: quietCall(stop.signal), cancel: () => stop.abort() };
}

/** Waits until `ready` answers true, looking every few milliseconds; fails after ten seconds. */
export async function until(ready: () => boolean | Promise<boolean>, what = 'condition'): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await ready())) {
    if (Date.now() > end) throw new Error(`timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
