/**
 * A file or folder behind a URL, read through the remote of its scheme: the remote stands at the folder above, the last part of the URL is the
 * key. A folder is what lists files; plain HTTP lists nothing.
 */

import { withoutEnd } from '../../../base/trim';
import { throwIfCancelled } from '../../../base/cancel';
import { compareCodePoints, unsafePath } from '../../../base/paths';
import { type Hashed } from '../../cache/cache';
import { digestOf } from '../../cache/digest';
import { StrataError } from '../../errors';
import { canonicalJson } from '../../formats/canonicalJson';
import { withoutSecrets } from '../../git/clone';
import { inLanes } from '../../remotes/lanes';
import { openRemote, schemeOf, type Remote, type RemoteFile } from '../../remotes/remotes';
import { TransferMeter } from '../../remotes/transferMeter';
import { folderOf } from '../measure';
import { type Measured } from '../model';
import { saveList } from '../saveOutput';
import { type Task } from '../task';
import { type Place, type Source, type SourceFacts } from './sources';
import { values } from './overrides';

/** Files are put into place so many at a time. */
const ROUND = 512;

interface FarPlace extends Place {
  /** As the user or the file wrote it. */
  readonly shown: string;
}

/** Opens what a URL names. Nothing is connected before it is needed. */
export async function farSource(task: Task, place: FarPlace): Promise<Source> {
  const { base, key } = splitUrl(place.url);
  const settings = new Map([...place.settings, ...values([['url', base]], '/')]);
  const { repo, call } = task;
  const name = withoutSecrets(place.shown);
  const remote = await openRemote(new Map([[`remote.${name}`, settings]]), name, repo.host, call);
  const far = new Far(task, remote, key, name);
  return {
    facts: () => far.facts(),
    bring: () => far.bring(),
    list: () => far.list(),
    close: () => remote.close(),
  };
}

/** The folder above and the last part, as written; of `s3://bucket` alone everything. A query goes with every request. */
export function splitUrl(url: string): { readonly base: string; readonly key: string } {
  const [, start = '', path = '', query = ''] = /^([^/]*\/\/[^/?#]*)([^?#]*)(\?[^#]*)?/.exec(url) ?? [];
  const isWeb = /^https?$/.test(schemeOf(url));
  const clean = withoutEnd(isWeb ? path : path + query, '/');
  const cut = clean.lastIndexOf('/');
  const base = start + clean.slice(0, Math.max(0, cut));
  return { base: isWeb ? base + query : base, key: clean.slice(cut + 1) };
}

type Listing =
  | { readonly folder: false; readonly file: RemoteFile }
  | { readonly folder: true; readonly files: readonly RemoteFile[] };

class Far {
  constructor(
    private readonly task: Task,
    private readonly remote: Remote,
    private readonly key: string,
    private readonly shown: string,
  ) {}

  async facts(): Promise<SourceFacts | undefined> {
    const found = await this.look();
    if (!found) return undefined;
    return this.tagged(found) ?? (await this.fetched(found)).facts;
  }

  async bring(): Promise<{ readonly facts: SourceFacts; readonly content: Measured }> {
    const found = await this.look();
    if (!found) throw new StrataError('import.noSource', { url: this.shown });
    const before = this.tagged(found);
    const brought = await this.fetched(found);
    const after = before && (await this.look());
    // What was read while it was being replaced may be neither of the two.
    if (before && (!after || this.tagged(after)?.hash !== before.hash))
      throw new StrataError('import.changing', { url: this.shown });
    return before ? { ...brought, facts: before } : brought;
  }

  async list(): Promise<{ path: string; size: number | null }[] | undefined> {
    const found = await this.look();
    if (!found) return undefined;
    if (!found.folder) return [{ path: this.key, size: found.file.size ?? null }];
    return found.files.map((file) => ({ path: this.below(file), size: file.size ?? null }));
  }

  private async look(): Promise<Listing | undefined> {
    const { remote, key } = this;
    const { call } = this.task;
    if (key !== '') {
      const file = remote.stat ? await remote.stat(key, call) : (await remote.has([key], call)).has(key) && { key };
      if (file) return { folder: false, file };
    }
    if (!remote.list) return undefined;
    const files: RemoteFile[] = [];
    for await (const file of remote.list(key, call)) {
      throwIfCancelled(call.signal);
      // Object stores keep empty objects called `dir/` in a folder's place.
      if (!file.key.endsWith('/')) files.push(file);
    }
    return files.length === 0 ? undefined : { folder: true, files };
  }

  private below(file: RemoteFile): string {
    const relpath = this.key === '' ? file.key : file.key.slice(this.key.length + 1);
    if (unsafePath(relpath.replace(/[\u0001-\u001f\u007f]/g, '_')) !== undefined)
      throw new StrataError('import.badPath', { path: relpath });
    return relpath;
  }

  /** What the server says of the versions; undefined when it says it of none, or not of all. */
  private tagged(found: Listing): SourceFacts | undefined {
    if (!found.folder) {
      const { tag, size } = found.file;
      return tag && { hash: tag.value, hashName: tag.name, ...(size === undefined ? {} : { size }) };
    }
    const list = found.files.map((file) => ({ relpath: this.below(file), tag: file.tag, size: file.size ?? 0 }));
    if (list.some((one) => !one.tag)) return undefined;
    list.sort((a, b) => compareCodePoints(a.relpath, b.relpath));
    const entries = list.map(
      ({ relpath, tag }) =>
        new Map([
          [tag?.name ?? '', tag?.value ?? ''],
          ['relpath', relpath],
        ]),
    );
    const hash = `${digestOf(new TextEncoder().encode(canonicalJson(entries)))}.dir`;
    return { hash, hashName: 'md5', size: list.reduce((sum, one) => sum + one.size, 0), nfiles: list.length };
  }

  /** Stores all of it; what the content says about itself. */
  private async fetched(found: Listing): Promise<{ readonly facts: SourceFacts; readonly content: Measured }> {
    const files = found.folder ? found.files : [found.file];
    const names = files.map((file) => (found.folder ? this.below(file) : ''));
    const hashed = await this.download(files);
    const [only] = hashed;
    if (!found.folder && only) {
      const content: Measured = { hash: only.md5, hashName: 'md5', size: only.size };
      return { facts: this.ownFacts(content), content };
    }
    const entries = hashed.map((one, n) => ({ relpath: names[n] ?? '', md5: one.md5 }));
    const size = hashed.reduce((sum, one) => sum + one.size, 0);
    const content = { ...folderOf(entries, 'md5'), size };
    await saveList(this.task, content);
    return { facts: this.ownFacts(content), content };
  }

  /** DVC looks for a web server's version under `checksum`: where the server names none, the content's hash stands there. */
  private ownFacts({ hash, size, nfiles }: Measured): SourceFacts {
    const isWeb = this.remote.list === undefined;
    return { hash, hashName: isWeb ? 'checksum' : 'md5', size, ...(nfiles === undefined ? {} : { nfiles }) };
  }

  private async download(files: readonly RemoteFile[]): Promise<Hashed[]> {
    const { store } = this.task.repo;
    const { call } = this.task;
    const meter = new TransferMeter('progress.importing', call);
    meter.expect(
      files.length,
      files.reduce((sum, file) => sum + (file.size ?? 0), 0),
    );
    const hashed: Hashed[] = [];
    for (let at = 0; at < files.length; at += ROUND) {
      const round = files.slice(at, at + ROUND).map((file) => ({ file, temporary: store.temporary() }));
      try {
        await inLanes(round, this.remote.jobs, async ({ file, temporary }) => {
          await this.remote.download(file.key, temporary, meter.moving(call.signal));
          meter.fileDone(file.key, file.size ?? 0);
        });
        throwIfCancelled(call.signal);
        const paths = round.map((one) => one.temporary);
        hashed.push(...(await store.takeFiles(paths, call)));
      } finally {
        await store.discard(round.map((one) => one.temporary));
      }
    }
    meter.end();
    return hashed;
  }
}
