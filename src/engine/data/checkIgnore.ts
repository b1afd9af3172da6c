/** `check-ignore`: which `.dvcignore` pattern decides about a path, in DVC's lines (dvc.md §9). */

import { type Call } from '../../base/cancel';
import { basename, dirname } from '../../base/paths';
import { type IgnoreMatch } from '../formats/dvcIgnore';
import { type CheckIgnoreArgs, type LinesAnswer } from '../verbs/settings';
import { fromArgument } from './paths';
import { absolute, type Repo } from './repo';
import { startTask } from './task';

/** A line for each path that is ignored; with `details` the deciding pattern before it, also one that brings a path back. */
export async function checkIgnore(repo: Repo, args: CheckIgnoreArgs, call: Call): Promise<LinesAnswer> {
  const { ignores } = startTask(repo, call);
  const lines: string[] = [];
  for (const target of args.targets) {
    const path = fromArgument(repo, target);
    const isFolder = (await repo.host.fs.stat(absolute(repo, path)))?.kind === 'folder';
    await ignores.enterAll(dirname(path));
    const inner = await innerProject(repo, path);
    const hidden = inner !== undefined && !ignores.ignored(dirname(inner), true);
    const match = hidden ? undefined : ignores.match(path, isFolder);
    if (!args.details) {
      if (hidden || ignores.ignored(path, isFolder)) lines.push(target);
    } else if (hidden) lines.push(`in sub_repo:${basename(inner)}\t${target}`);
    else if (match) lines.push(`${describe(match)}\t${target}`);
    else if (args.nonMatching) lines.push(`::\t${target}`);
  }
  return { lines };
}

/** The uppermost folder from the root down to a path that is a project of its own: all of it is hidden. */
async function innerProject(repo: Repo, path: string): Promise<string | undefined> {
  if (path === '.' || path.startsWith('/') || path.startsWith('../')) return undefined;
  const parts = path.split('/');
  for (let end = 1; end <= parts.length; end += 1) {
    const folder = parts.slice(0, end).join('/');
    if (parts[end - 1] === '.dvc') return undefined;
    if (await repo.host.fs.stat(absolute(repo, `${folder}/.dvc`))) return folder;
  }
  return undefined;
}

function describe({ source, line, pattern }: IgnoreMatch): string {
  return source === '' ? `:${pattern}` : `${source}:${line}:${pattern}`;
}
