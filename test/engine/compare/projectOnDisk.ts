/** A small project with a Git history in a temporary folder, for tests of what only a repository can tell. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openRepo } from '../../../src/engine/data/data';
import { type Repo } from '../../../src/engine/data/repo';
import { nodeHost } from '../../../src/engine/host/node';

/** The project; `close` removes it. */
export interface ProjectOnDisk {
  readonly root: string;
  readonly repo: Repo;
  write(files: Readonly<Record<string, string>>): void;
  commit(message: string): void;
  git(...args: string[]): string;
  close(): Promise<void>;
}

/** Makes a project of these files, path → text, in one commit. `cwd` is the folder that verbs are called from. */
export async function projectOnDisk(files: Readonly<Record<string, string>>, cwd = '.'): Promise<ProjectOnDisk> {
  const root = mkdtempSync(join(tmpdir(), 'strata values '));
  const who = {
    GIT_AUTHOR_NAME: 'Ana',
    GIT_AUTHOR_EMAIL: 'ana@x.invalid',
    GIT_COMMITTER_NAME: 'Ana',
    GIT_COMMITTER_EMAIL: 'ana@x.invalid',
  };
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', env: { ...process.env, ...who } });
  const write = (more: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(more)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  };
  const commit = (message: string): void => {
    git('add', '-A');
    git('commit', '-q', '--allow-empty', '-m', message);
  };
  git('init', '-q', '-b', 'main');
  write({ '.dvc/config': '', '.dvc/.gitignore': '/tmp\n/cache\n', ...files });
  commit('first');
  const repo = await openRepo({ root, cwd, host: nodeHost(), trusted: true, command: 'strata' });
  return {
    root,
    repo,
    write,
    commit,
    git,
    close: async () => {
      repo.git?.close();
      await repo.store.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
