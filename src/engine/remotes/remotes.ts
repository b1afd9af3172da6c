/**
 * What the engine asks of a place that keeps objects for others, and the door that opens one by its URL. Layout below the URL is DVC's
 * (formats §20): keys are `files/md5/xx/rest[.dir]`, or `xx/rest` for 2.x objects. Retry and limits are wrappers around a Remote.
 */

import { type Call } from '../../base/cancel';
import { configBool, configPath, configText, type DvcConfig } from '../formats/dvcConfig';
import { StrataError } from '../errors';
import { type Host } from '../host/host';
import { openFolder } from './folder';

/** One file on a remote or on its way there. */
export interface RemoteFile {
  /** Path below the remote's URL, `/` between parts. */
  readonly key: string;
  /** Size in bytes, where the remote tells it. */
  readonly size?: number;
  /** What the server calls this version of the file, by DVC's field for it (formats §19): `etag` of object stores, `checksum` over HTTP, quotes included. */
  readonly tag?: { readonly name: 'etag' | 'checksum'; readonly value: string };
}

/** A temporary of an upload that is under way, or that was killed. */
export interface Leftover {
  readonly key: string;
  /** Its last change by the remote's clock, in milliseconds since 1970. */
  readonly modified: number;
}

/** True for the name that an upload of ours has before it is whole. */
export function isTemporaryName(name: string): boolean {
  return /^\.[0-9a-f]{16}\.tmp$/.test(name);
}

/** What a transfer of one file needs: bytes moved so far are told as they move, in steps. */
export interface Moving {
  readonly signal: AbortSignal;
  /** Counts bytes as they move; a retry may count some twice. */
  moved(bytes: number): void;
  /** Bytes of a download that lie at `path` already: a remote with `resumes` goes on behind them. None unless given. */
  readonly from?: number;
}

/** A place for objects. Implementations hash nothing: callers verify what they hand in and what they get. */
export interface Remote {
  /** As configured, without secrets; for messages. */
  readonly url: string;
  /** How many transfers at once do it good. */
  readonly jobs: number;
  /** Whether a download may go on behind what an earlier try brought; see {@link Moving.from}. */
  readonly resumes?: boolean;
  /** Which of the keys are there. */
  has(keys: readonly string[], call: Call): Promise<ReadonlySet<string>>;
  /** Facts of one file, its tag among them; undefined when there is no such file. Absent where nothing but the content tells versions apart. */
  stat?(key: string, call: Call): Promise<RemoteFile | undefined>;
  /**
   * All files below a key's folder (empty for all); absent where listing is impossible, as over plain HTTP. Temporaries of uploads are no files:
   * `left` is told of those that are met.
   */
  list?(prefix: string, call: Call, left?: (file: Leftover) => void): AsyncIterable<RemoteFile>;
  /** Puts a local file there under `key`, whole or not at all. `path` is absolute. */
  upload(path: string, key: string, moving: Moving): Promise<void>;
  /** Where an object lies, absolute: only where the remote is a folder of this machine, whose objects are copied without transfers. */
  pathOf?(key: string): string;
  /**
   * Brings a file here, to `path` (absolute), which must not exist but for {@link Moving.from}. Syncing it, and removing what a failure leaves, is up to the caller.
   * Fails with `remotes.missing` {key}.
   */
  download(key: string, path: string, moving: Moving): Promise<void>;
  /** Removes files; absent ones are fine. */
  remove(keys: readonly string[], call: Call): Promise<void>;
  /** Releases connections. */
  close(): Promise<void>;
}

/** How a remote is configured. */
export interface RemoteSettings {
  readonly name: string;
  /** As configured, with a relative path made absolute. */
  readonly url: string;
  /** How many transfers at once were asked for; undefined: what does this kind good. */
  readonly jobs: number | undefined;
  /** Text of an option (DVC's names), undefined when it is not set. */
  text(option: string): string | undefined;
  /** A yes or no; undefined when it is not set. Fails with `formats.configBool`. */
  flag(option: string): boolean | undefined;
  /** A path as an absolute one, `~` expanded; undefined when it is not set. */
  path(option: string): string | undefined;
}

/** Opens a kind of remote. Nothing is connected before the first use; `call.ask` answers for secrets and unknown host keys. */
export type OpenRemote = (settings: RemoteSettings, host: Host, call: Call) => Promise<Remote>;

/** Kinds with a network behind them, each in a file of its own that is loaded when the first such remote is opened. */
const KINDS: Readonly<Record<string, () => Promise<{ readonly open: OpenRemote }>>> = {
  s3: () => import('./s3'),
  ssh: () => import('./ssh'),
  sftp: () => import('./ssh'),
  http: () => import('./http'),
  https: () => import('./http'),
  webdav: () => import('./webdav'),
  webdavs: () => import('./webdav'),
};

/**
 * Opens the remote `name` of a configuration. Fails with `remotes.unknown` {name}, with `remotes.noUrl` {name}, with `remotes.unsupported`
 * {name, scheme} for a scheme that has no implementation, and with `remotes.versioned` for an option that changes the layout.
 */
export async function openRemote(config: DvcConfig, name: string, host: Host, call: Call): Promise<Remote> {
  const settings = remoteSettings(config, name, host);
  for (const option of ['version_aware', 'worktree']) {
    if (settings.text(option)?.toLowerCase() === 'true') throw new StrataError('remotes.versioned', { name, option });
  }
  const scheme = schemeOf(settings.url);
  if (scheme === '') return openFolder(expandHome(host, settings.url), host, settings.jobs ?? 4);
  const load = KINDS[scheme];
  if (!load) throw new StrataError('remotes.unsupported', { name, scheme });
  const { open } = await load();
  return open(settings, host, call);
}

function remoteSettings(config: DvcConfig, name: string, host: Host): RemoteSettings {
  const section = `remote.${name}`;
  if (!config.has(section)) throw new StrataError('remotes.unknown', { name });
  const url = configPath(config, section, 'url');
  if (url === undefined || url === '') throw new StrataError('remotes.noUrl', { name });
  const text = (option: string): string | undefined => configText(config, section, option);
  return {
    name,
    url,
    jobs: jobsOf(config, section, name),
    text,
    flag: (option) => (text(option) === undefined ? undefined : configBool(config, section, option, false)),
    path: (option) => {
      const path = configPath(config, section, option);
      return path === undefined ? undefined : expandHome(host, path);
    },
  };
}

/** The scheme of a URL in lower case; empty for a path. */
export function schemeOf(url: string): string {
  return /^([a-zA-Z][\w+.-]*):\/\//.exec(url)?.[1]?.toLowerCase() ?? '';
}

/** `~` and `~/x` in the user's home. */
function expandHome(host: Host, path: string): string {
  if (path !== '~' && !path.startsWith('~/')) return path;
  const home = host.env['HOME'] ?? host.env['USERPROFILE'];
  return home === undefined ? path : home + path.slice(1);
}

/** The name of the remote to use: the one asked for, else `core.remote`. Fails with `remotes.none`. */
export function remoteName(config: DvcConfig, asked: string | undefined): string {
  const name = asked?.toLowerCase() ?? configText(config, 'core', 'remote');
  if (name === undefined || name === '') throw new StrataError('remotes.none', {});
  return name;
}

function jobsOf(config: DvcConfig, section: string, name: string): number | undefined {
  const text = configText(config, section, 'jobs');
  if (text === undefined) return undefined;
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1) throw new StrataError('remotes.badJobs', { name, jobs: text });
  return Math.min(jobs, 64);
}
