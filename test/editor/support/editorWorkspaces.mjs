/** The workspaces that the editor's suites open, made before the editor starts. Each takes an empty folder and answers with what to open. */
import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../../scripts/lib/root.mjs';
import { ensurePython } from '../../../scripts/machinery.mjs';

const run = promisify(execFile);
const identity = {
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@b.c',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@b.c',
};
const git = (cwd, ...args) => run('git', args, { cwd, env: { ...process.env, ...identity } });

/** A folder with nothing in it. */
export async function emptyFolder(work) {
  const folder = join(work, 'workspace');
  await mkdir(folder);
  return folder;
}

/** The sample project, as a user makes it. */
export async function sampleProject(work) {
  const folder = join(work, 'digits');
  await run(process.execPath, [join(root, 'dist', 'cli.js'), 'sample', folder]);
  return folder;
}

/** A project that the real DVC started and filled: a file, a folder, a stage and a commit. */
async function realDvcProject(folder) {
  const { dvc, env } = await ensurePython();
  await mkdir(join(folder, 'images'), { recursive: true });
  await writeFile(join(folder, 'table.csv'), 'id,x\n1,2\n2,3\n');
  for (const name of ['a', 'b', 'c']) await writeFile(join(folder, 'images', `${name}.bin`), name.repeat(50));
  await git(folder, 'init', '-q');
  await run(dvc, ['init', '-q'], { cwd: folder, env });
  await run(dvc, ['add', '-q', 'table.csv', 'images'], { cwd: folder, env });
  const stage =
    'stages:\n  copy:\n    cmd: cp table.csv copy.csv\n    deps:\n    - table.csv\n    outs:\n    - copy.csv\n';
  await writeFile(join(folder, 'dvc.yaml'), stage);
  await git(folder, 'add', '-A');
  await git(folder, 'commit', '-q', '-m', 'Made by DVC');
}

/** A project below a repository's root, with a folder in it that is opened by itself. */
async function nestedProject(above) {
  const project = join(above, 'project');
  await mkdir(join(project, 'inside'), { recursive: true });
  await git(above, 'init', '-q');
  await run(process.execPath, [join(root, 'dist', 'cli.js'), 'init', '--subdir'], { cwd: project });
  await writeFile(
    join(project, 'dvc.yaml'),
    'stages:\n  only:\n    cmd: echo done > out.txt\n    outs:\n    - out.txt\n',
  );
  await writeFile(join(project, 'inside', 'notes.txt'), 'notes\n');
  await git(above, 'add', '-A');
  await git(above, 'commit', '-q', '-m', 'A project inside a repository');
}

/** A multi-root workspace whose first folder is empty and stays; the suites add the folders beside it and take them out. */
export async function manyFolders(work) {
  for (const name of ['anchor', 'plainGit', 'outer', 'real']) await mkdir(join(work, name));
  const digits = await sampleProject(work);
  await Promise.all([
    cp(digits, join(work, 'second'), { recursive: true }),
    git(join(work, 'plainGit'), 'init', '-q'),
    nestedProject(join(work, 'outer')),
    realDvcProject(join(work, 'real')),
  ]);
  const file = join(work, 'all.code-workspace');
  await writeFile(file, JSON.stringify({ folders: [{ path: 'anchor' }] }));
  return file;
}
