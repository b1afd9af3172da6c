/**
 * What an `import-url` reads: a path on this machine, or a file or folder behind a URL. A source says what tells its versions apart (formats
 * §19): the content's MD5 where nobody else says it, the `etag` of an object store, the `checksum` (ETag) of a web server; and it brings the
 * content into our store.
 */

import { withoutEnd } from '../../../base/trim';
import { dirname, join, unsafePath } from '../../../base/paths';
import { StrataError } from '../../errors';
import { configText, isFixedPath, mergeConfigs, type ConfigValue, type DvcConfig } from '../../formats/dvcConfig';
import { type HashName } from '../../formats/dataEntry';
import { isDict, type Value } from '../../formats/values';
import { schemeOf } from '../../remotes/remotes';
import { filePaths, fileMeasured, folderMeasured, isExecutable, measure } from '../measure';
import { type Measured } from '../model';
import { expandHome } from '../openRepo';
import { fromRoot } from '../paths';
import { absolute } from '../repo';
import { listFolder } from '../listFolder';
import { saveList } from '../saveOutput';
import { type Task } from '../task';
import { options as optionsIn, values } from './overrides';
import { farSource } from './farSource';

/** What is recorded about a source. */
export interface SourceFacts {
  readonly hash: string;
  readonly hashName: HashName;
  readonly size?: number;
  readonly nfiles?: number;
  readonly isexec?: boolean;
}

/** A place to import from. */
export interface Source {
  /** What it is now; undefined when nothing is there. May have to read all of it where only the content tells. */
  facts(): Promise<SourceFacts | undefined>;
  /** Stores its content and says what it was. Fails with `import.noSource` {url}. */
  bring(): Promise<{ readonly facts: SourceFacts; readonly content: Measured }>;
  /** Its files by path below it, a single file by its name; undefined when nothing is there. */
  list(): Promise<readonly { readonly path: string; readonly size: number | null }[] | undefined>;
  close(): Promise<void>;
}

/**
 * Opens a source as a `.dvc` file writes it: relative paths start at the folder `base` (from the root). `options` are settings of its own
 * (`fs_config`). Fails with `remotes.unknown`, `remotes.unsupported`.
 */
export async function openSource(task: Task, url: string, base: string, options?: Value): Promise<Source> {
  const { repo } = task;
  const scheme = schemeOf(url);
  if (scheme === '') return nearSource(task, fromRoot(repo.root, join(repo.root, base, url)), url);
  const place = resolveUrl(repo.config, url, isDict(options) ? optionsIn(options) : []);
  if (schemeOf(place.url) === '')
    return nearSource(task, fromRoot(repo.root, join('/', expandHome(repo.host, place.url))), url);
  return farSource(task, { ...place, shown: url });
}

/** A URL with the settings that go with it, as the configuration of a remote without a name. */
export interface Place {
  readonly url: string;
  readonly settings: ReadonlyMap<string, ConfigValue>;
}

/** `remote://name/path` is the path below that remote, with its settings; a remote may stand on another one in the same way. */
function resolveUrl(config: DvcConfig, url: string, options: readonly (readonly [string, string])[]): Place {
  let at = url;
  let settings: ReadonlyMap<string, ConfigValue> = values(options, '/');
  for (let hops = 0; schemeOf(at) === 'remote'; hops += 1) {
    const [, name = '', rest = ''] = /^remote:\/\/([^/]*)\/*(.*)$/is.exec(at) ?? [];
    const section = `remote.${name.toLowerCase()}`;
    const known = config.get(section);
    const start = known && urlOf(config, section);
    if (!known || start === undefined || hops > 8) throw new StrataError('remotes.unknown', { name });
    settings = mergeConfigs([new Map([['x', known]]), new Map([['x', settings]])]).get('x') ?? settings;
    at = rest === '' ? start : `${withoutEnd(start, '/')}/${rest}`;
  }
  return { url: at, settings };
}

function urlOf(config: DvcConfig, section: string): string | undefined {
  const text = configText(config, section, 'url');
  const file = config.get(section)?.get('url')?.path;
  if (text === undefined || file === undefined || isFixedPath(text)) return text;
  return join(dirname(file), text);
}

/** A file or folder of this machine; `path` is from the root, or absolute. */
function nearSource(task: Task, path: string, shown: string): Source {
  const { repo } = task;
  const isThere = async (): Promise<number | undefined> => (await repo.host.fs.stat(absolute(repo, path)))?.mode;
  const factsOf = ({ hash, hashName, size, nfiles }: Measured, mode: number): SourceFacts => {
    const isexec = nfiles === undefined && isExecutable(mode);
    return { hash, hashName, size, ...(nfiles === undefined ? {} : { nfiles }), ...(isexec ? { isexec } : {}) };
  };
  return {
    facts: async () => {
      const mode = await isThere();
      const found = mode === undefined ? undefined : await measure(task, path);
      return found && factsOf(found, mode ?? 0);
    },
    bring: async () => {
      const mode = await isThere();
      if (mode === undefined) throw new StrataError('import.noSource', { url: shown });
      const content = await saveSource(task, path);
      return { facts: factsOf(content, mode), content };
    },
    list: async () => {
      const stat = await repo.host.fs.stat(absolute(repo, path));
      if (stat?.kind !== 'folder') return stat && [{ path: absolute(repo, path), size: stat.size }];
      const found: { path: string; size: number | null }[] = [];
      for (const { relpath } of await listFolder(task, path)) {
        const size = (await repo.host.fs.stat(join(absolute(repo, path), relpath)))?.size ?? null;
        found.push({ path: relpath, size });
      }
      return found;
    },
    close: () => Promise.resolve(),
  };
}

/** Stores a file or folder that stays where it is: nothing there is touched, whatever links are configured. */
async function saveSource(task: Task, path: string): Promise<Measured> {
  const { store, host } = task.repo;
  const at = absolute(task.repo, path);
  const stat = await host.fs.stat(at);
  if (stat?.kind === 'folder') {
    const files = await listFolder(task, path);
    const bad = files.find(({ relpath }) => unsafePath(relpath.replace(/[\u0001-\u001f\u007f]/g, '_')) !== undefined);
    if (bad) throw new StrataError('import.badPath', { path: bad.relpath });
    const paths = filePaths(task, path, files);
    const saved = folderMeasured(files, await store.addFiles(paths, task.call), 'md5');
    await saveList(task, saved);
    return saved;
  }
  if (stat?.kind !== 'file') throw new StrataError('data.notFile', { path });
  const [hashed] = await store.addFiles([at], task.call);
  if (!hashed) throw new StrataError('data.missing', { path });
  return fileMeasured(hashed, 'md5', stat.mode);
}
