/** `list-url`: what lies behind a path or URL. */

import { type Call } from '../../../base/cancel';
import { compareCodePoints, join } from '../../../base/paths';
import { StrataError } from '../../errors';
import { withoutSecrets } from '../../git/clone';
import { schemeOf } from '../../remotes/remotes';
import { type ListUrlAnswer, type ListUrlArgs } from '../../verbs/imports';
import { pairs } from './importUrl';
import { configAt, temporaryFolder, withScratch, type Place } from './scratch';
import { openSource } from './sources';

/** Lists files, with `recursive` all below, else the first level. Fails with `import.noSource`. */
export async function listUrl(place: Place, args: ListUrlArgs, call: Call): Promise<ListUrlAnswer> {
  const { host, dir } = place;
  const [url = ''] = args.targets;
  const config = await configAt(place);
  return withScratch(host, temporaryFolder(host), { config, call }, async ({ task }) => {
    const at = schemeOf(url) === '' ? join(dir, url) : url;
    const source = await openSource(task, at, '.', pairs(args.fsConfig ?? []));
    try {
      const files = await source.list();
      if (!files) throw new StrataError('import.noSource', { url: withoutSecrets(url) });
      return args.recursive ? files.map((file) => ({ ...file, isdir: false })) : firstLevel(files);
    } finally {
      await source.close();
    }
  });
}

function firstLevel(files: readonly { readonly path: string; readonly size: number | null }[]): ListUrlAnswer {
  const found = new Map<string, ListUrlAnswer[number]>();
  for (const { path, size } of files) {
    const cut = path.indexOf('/');
    const name = cut < 0 ? path : path.slice(0, cut);
    if (!found.has(name)) found.set(name, cut < 0 ? { path, isdir: false, size } : { path: name, isdir: true });
  }
  return [...found.values()].sort((a, b) => compareCodePoints(a.path, b.path));
}
