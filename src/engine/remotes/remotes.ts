/**
 * What the engine asks of a place that keeps objects for others, and the door that opens one by its URL. Layout below the URL is DVC's
 * (formats §20): keys are `files/md5/xx/rest[.dir]`, or `xx/rest` for 2.x objects. Retry and limits are wrappers around a Remote.
 */

import { type Call } from '../../base/cancel';
import { configPath, configText, type DvcConfig } from '../formats/dvcConfig';
import { StrataError } from '../errors';
import { type Host } from '../host/host';
import { openFolder } from './folder';

/** One file on a remote or on its way there. */
export interface RemoteFile {
  /** Path below the remote's URL, `/` between parts. */
  readonly key: string;
  /** Size in bytes, where the remote tells it. */
  readonly size?: number;
}

/** What a transfer of one file needs: bytes moved so far are told as they move, in steps. */
export interface Moving {
  readonly signal: AbortSignal;
  /** Counts bytes as they move; a retry may count some twice. */
  moved(bytes: number): void;
}

/** A place for objects. Implementations hash nothing: callers verify what they hand in and what they get. */
export interface Remote {
  /** As configured, without secrets; for messages. */
  readonly url: string;
  /** How many transfers at once do it good. */
  readonly jobs: number;
  /** Which of the keys are there. */
  has(keys: readonly string[], call: Call): Promise<ReadonlySet<string>>;
  /** All files below a key's folder (empty for all); absent where listing is impossible, as over plain HTTP. */
  list?(prefix: string, call: Call): AsyncIterable<RemoteFile>;
  /** Puts a local file there under `key`, whole or not at all. `path` is absolute. */
  upload(path: string, key: string, moving: Moving): Promise<void>;
  /**
   * Puts several files there together, where that is cheaper than one by one. Gives the failures by key; rejects only when cancelled.
   */
  uploadMany?(
    files: readonly { readonly path: string; readonly key: string }[],
    moving: Moving,
  ): Promise<ReadonlyMap<string, unknown>>;
  /**
   * Brings a file here, to `path` (absolute), which must not exist. Syncing it, and removing what a failure leaves, is up to the caller.
   * Fails with `remotes.missing` {key}.
   */
  download(key: string, path: string, moving: Moving): Promise<void>;
  /** Removes files; absent ones are fine. */
  remove(keys: readonly string[], call: Call): Promise<void>;
  /** Releases connections. */
  close(): Promise<void>;
}

/**
 * Opens the remote `name` of a configuration. Fails with `remotes.unknown` {name}, with `remotes.noUrl` {name}, and with `remotes.unsupported`
 * {name, scheme} for a scheme that has no implementation, or an option that changes the layout.
 */
export function openRemote(config: DvcConfig, name: string, host: Host): Remote {
  const section = `remote.${name}`;
  if (!config.has(section)) throw new StrataError('remotes.unknown', { name });
  const url = configPath(config, section, 'url');
  if (url === undefined || url === '') throw new StrataError('remotes.noUrl', { name });
  for (const option of ['version_aware', 'worktree']) {
    if (configText(config, section, option)?.toLowerCase() === 'true') {
      throw new StrataError('remotes.versioned', { name, option });
    }
  }
  const folder = localFolder(url, host);
  if (folder === undefined) throw new StrataError('remotes.unsupported', { name, scheme: schemeOf(url) });
  return openFolder(folder, host, jobsOf(config, section, name));
}

/** The name of the remote to use: the one asked for, else `core.remote`. Fails with `remotes.none`. */
export function remoteName(config: DvcConfig, asked: string | undefined): string {
  const name = asked?.toLowerCase() ?? configText(config, 'core', 'remote');
  if (name === undefined || name === '') throw new StrataError('remotes.none', {});
  return name;
}

function schemeOf(url: string): string {
  return /^([a-zA-Z][\w+.-]*):\/\//.exec(url)?.[1]?.toLowerCase() ?? '';
}

/** The absolute folder a URL without scheme, or a `file://` one, stands for. */
function localFolder(url: string, host: Host): string | undefined {
  const scheme = schemeOf(url);
  if (scheme !== '') return undefined;
  if (url !== '~' && !url.startsWith('~/')) return url;
  const home = host.env['HOME'] ?? host.env['USERPROFILE'];
  return home === undefined ? url : home + url.slice(1);
}

function jobsOf(config: DvcConfig, section: string, name: string): number {
  const text = configText(config, section, 'jobs');
  if (text === undefined) return 4;
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1) throw new StrataError('remotes.badJobs', { name, jobs: text });
  return Math.min(jobs, 64);
}
