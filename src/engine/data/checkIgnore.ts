/** `check-ignore`: which `.dvcignore` pattern decides about a path, in DVC's lines (dvc.md §9). */

import { type Call } from '../../base/cancel';
import { dirname } from '../../base/paths';
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
    const match = ignores.match(path, isFolder);
    if (!args.details) {
      if (ignores.ignored(path, isFolder)) lines.push(target);
    } else if (match) lines.push(`${describe(match)}\t${target}`);
    else if (args.nonMatching) lines.push(`::\t${target}`);
  }
  return { lines };
}

function describe({ source, line, pattern }: IgnoreMatch): string {
  return source === '' ? `:${pattern}` : `${source}:${line}:${pattern}`;
}
