/** `init`: makes a project (dvc.md §1): `.dvc/` with an empty configuration, its `.gitignore`, and `.dvcignore`, all handed to Git. */

import { type Call } from '../../base/cancel';
import { dirname, join, relative } from '../../base/paths';
import { StrataError } from '../errors';
import { openGit } from '../git/openGit';
import { type Host } from '../host/host';
import { type InitAnswer, type InitArgs } from '../verbs/settings';

const IGNORED = '/config.local\n/tmp\n/cache\n';
const DVCIGNORE = `# Add patterns of files dvc should ignore, which could improve
# the performance. Learn more at
# https://dvc.org/doc/user-guide/dvcignore
`;

/** Where a project is made. */
export interface InitPlace {
  readonly host: Host;
  /** Absolute. */
  readonly dir: string;
}

/**
 * Makes a project in a folder. Fails with `init.exists` unless forced, with `init.noGit` outside Git unless `noScm`, with `init.notTop` in a
 * folder below Git's top unless `subdir`. With `force` an existing `.dvc` is removed first, its cache too: there is no undo.
 */
export async function init(place: InitPlace, args: InitArgs, _call: Call): Promise<InitAnswer> {
  const { host, dir } = place;
  const top = args.noScm ? undefined : await gitTop(place, args.subdir === true);
  const dvc = join(dir, '.dvc');
  if (await host.fs.lstat(dvc)) {
    if (!args.force) throw new StrataError('init.exists', { path: dvc });
    await host.fs.remove(dvc);
  }
  const files = await write(place, top !== undefined);
  if (top !== undefined) await stage(dir, files);
  return { root: dir, files };
}

async function gitTop({ host, dir }: InitPlace, subdir: boolean): Promise<string> {
  for (let folder = dir; ; folder = dirname(folder)) {
    if (await host.fs.lstat(join(folder, '.git'))) {
      if (folder !== dir && !subdir) throw new StrataError('init.notTop', { path: dir, top: folder });
      return folder;
    }
    if (folder === dirname(folder)) throw new StrataError('init.noGit', { path: dir });
  }
}

/** Writes the files; `config` last, since it makes the folder a project others may open. */
async function write({ host, dir }: InitPlace, inGit: boolean): Promise<string[]> {
  const files: string[] = [];
  const put = async (path: string, text: string): Promise<void> => {
    await host.fs.writeAtomic(join(dir, path), text);
    files.push(path);
  };
  if (inGit) await put('.dvc/.gitignore', IGNORED);
  await host.fs.writeAtomic(join(dir, '.dvc/tmp/btime'), '');
  await put('.dvc/config', inGit ? '' : '[core]\n    no_scm = True\n');
  if (!(await host.fs.lstat(join(dir, '.dvcignore')))) await put('.dvcignore', DVCIGNORE);
  return files;
}

async function stage(dir: string, files: readonly string[]): Promise<void> {
  const git = await openGit(dir);
  if (!git) return;
  try {
    await git.stage(files.map((file) => relative(git.top, join(dir, file))));
  } finally {
    git.close();
  }
}
