/** `get` and `get-url`: files of another repository, or behind a URL, put into a folder and not tracked (formats §19). */

import { withoutEnd } from '../../../base/trim';
import { type Call } from '../../../base/cancel';
import { basename, dirname, join } from '../../../base/paths';
import { objectKey } from '../../cache/layout';
import { StrataError } from '../../errors';
import { configPath, configText, type DvcConfig } from '../../formats/dvcConfig';
import { withoutSecrets } from '../../git/clone';
import { schemeOf } from '../../remotes/remotes';
import { type GetAnswer, type GetArgs, type GetUrlArgs } from '../../verbs/imports';
import { type Measured } from '../model';
import { guardName } from '../placement';
import { bring } from './bring';
import { nameOf, putThere } from './goal';
import { pairs } from './importUrl';
import { sourceOf } from './importRepo';
import { OtherFiles, type Found } from './otherFiles';
import { configAt, ownAll, temporaryFolder, withScratch, type Place, type Scratch } from './scratch';
import { openSource } from './sources';

/** Gets a path of another repository. Fails with `import.exists`, `import.noPath` and the like before anything is written. */
export async function get(place: Place, args: GetArgs, call: Call): Promise<GetAnswer> {
  const [url = '', path = ''] = args.targets;
  const goal = args.showUrl ? join(temporaryFolder(place.host), 'x') : await goalIn(place, path, args);
  const act = (scratch: Scratch): Promise<GetAnswer> =>
    withFound({ place, scratch, args }, url, path, async (found) => {
      if (args.showUrl) return { path, size: 0, url: await urlOf(found, path) };
      return putIn(scratch, goal, await bring(scratch.task, found), args.force === true);
    });
  return withScratch(place.host, dirname(goal), { config: new Map(), call }, act);
}

/** Gets what lies at a URL. */
export async function getUrl(place: Place, args: GetUrlArgs, call: Call): Promise<GetAnswer> {
  const [url = '', out] = args.targets;
  const force = args.force === true;
  const goal = await goalIn(place, url, { ...(out === undefined ? {} : { out }), force });
  const config = await configAt(place);
  return withScratch(place.host, dirname(goal), { config, call }, async (scratch) => {
    const absoluteUrl = schemeOf(url) === '' ? join(place.dir, url) : url;
    const source = await openSource(scratch.task, absoluteUrl, '.', pairs(args.fsConfig ?? []));
    try {
      return await putIn(scratch, goal, (await source.bring()).content, force);
    } finally {
      await source.close();
    }
  });
}

/** The absolute path that is to be made. */
async function goalIn(
  { host, dir }: Place,
  source: string,
  { out, force }: { readonly out?: string; readonly force?: boolean },
): Promise<string> {
  let goal = join(dir, out ?? nameOf(source));
  if (out !== undefined && (await host.fs.stat(goal))?.kind === 'folder') goal = join(goal, nameOf(source));
  if (basename(goal).endsWith('.dvc')) throw new StrataError('import.description', { path: out ?? source });
  if (!force && (await host.fs.lstat(goal))) throw new StrataError('import.exists', { path: goal });
  if ((await host.fs.stat(dirname(goal)))?.kind !== 'folder')
    throw new StrataError('import.noFolder', { path: dirname(goal) });
  return goal;
}

async function putIn(scratch: Scratch, goal: string, content: Measured, force: boolean): Promise<GetAnswer> {
  const { task } = scratch;
  const name = basename(goal);
  guardName(task.repo, name);
  await putThere(task, name, content, force ? 'force' : 'careful');
  const files = content.entries?.map((entry) => join(goal, entry.relpath)) ?? [goal];
  await ownAll(scratch, files);
  const { size, nfiles } = content;
  return { path: goal, size, ...(nfiles === undefined ? {} : { nfiles }) };
}

interface Looking {
  readonly place: Place;
  readonly scratch: Scratch;
  readonly args: GetArgs;
}

async function withFound<T>(
  { place, scratch, args }: Looking,
  url: string,
  path: string,
  act: (found: Found) => Promise<T>,
): Promise<T> {
  const { host, dir } = place;
  const near = { host, call: scratch.task.call, bases: [dir], scratch: scratch.folder };
  const dep = { path, hashName: 'md5', extra: new Map(), repo: sourceOf(url, args) } as const;
  const files = await OtherFiles.open(scratch.task, near, { dep, rev: args.rev });
  try {
    return await act(await files.find(path));
  } finally {
    await files.close();
  }
}

/** Where the one object of a tracked file or folder lies. Fails with `import.noUrl` for what Git holds. */
async function urlOf(found: Found, path: string): Promise<string> {
  const [piece] = found.pieces;
  const keeper = piece?.bytes.kind === 'object' ? piece.bytes.keeper : undefined;
  const object = found.object ?? (piece?.bytes.kind === 'object' && !found.folder ? piece.bytes : undefined);
  if (!keeper || !object) throw new StrataError('import.noUrl', { path });
  const { config, cache } = keeper.settings;
  const base = remoteUrl(config, keeper.remote) ?? cache;
  if (base === undefined) throw new StrataError('remotes.none', {});
  return Promise.resolve(`${withoutEnd(withoutSecrets(base), '/')}/${objectKey(object.hash, object.hashName)}`);
}

function remoteUrl(config: DvcConfig, own: string | undefined): string | undefined {
  const name = (own ?? configText(config, 'core', 'remote'))?.toLowerCase();
  return name === undefined ? undefined : configPath(config, `remote.${name}`, 'url');
}
