/** Where a remote over HTTP is and how to talk to it: its URL taken apart, and the options that HTTP and WebDAV share (DVC's names). */

import { withoutEnd } from '../../base/trim';
import * as fs from 'node:fs';
import * as tls from 'node:tls';
import { fsError, StrataError } from '../errors';
import { type Credentials } from './httpAuth';
import { type RemoteSettings } from './remotes';

/** A place that speaks HTTP. */
export interface HttpPlace {
  /** Without user, password and fragment; its path has no slash at the end. */
  readonly base: URL;
  /** The same for messages: without query, too, which may hold a token. */
  readonly shown: string;
  readonly credentials: Credentials;
  readonly tls: TlsOptions;
  /** Connecting may take so long, in milliseconds. */
  readonly connectMs: number;
  /** Told when the credentials are not accepted. */
  refused?(): void;
}

/** What differs from Node's own rules for certificates. `cert` and `key` are the client's. */
export interface TlsOptions {
  readonly rejectUnauthorized?: boolean;
  readonly ca?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
}

/** A URL taken apart. */
export interface Address {
  readonly base: URL;
  readonly shown: string;
  /** From the URL, decoded; undefined when it names none. */
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** Takes the URL apart; `webdav` becomes `http`. Fails with `remoteHttp.badUrl` {name}, which does not show it: it may hold a password. */
export function addressOf(settings: RemoteSettings): Address {
  const { url } = settings;
  const plain = url.replace(/^webdav(s?):/i, 'http$1:');
  if (!URL.canParse(plain)) throw new StrataError('remoteHttp.badUrl', { name: settings.name });
  const base = new URL(plain);
  const [user, password] = [base.username, base.password].map(decoded);
  base.username = '';
  base.password = '';
  base.hash = '';
  base.pathname = withoutEnd(base.pathname, '/');
  const scheme = /^[^:]*/.exec(url)?.[0].toLowerCase() ?? '';
  const shown = `${scheme}://${base.host}${base.pathname.replace(/\/$/, '')}`;
  return { base, shown, user: user === '' ? undefined : user, password: password === '' ? undefined : password };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `ssl_verify`: false, true, or the path of a file with authorities that are trusted beside the usual ones. */
export function verifyOption(settings: RemoteSettings): TlsOptions {
  const word = settings.text('ssl_verify')?.toLowerCase();
  if (word === undefined || word === 'true' || word === '') return {};
  if (word === 'false') return { rejectUnauthorized: false };
  return { ca: [...tls.rootCertificates, readPem(settings.path('ssl_verify') ?? '')] };
}

/** Reads a file with certificates or a key. Fails as the file system does, with the path. */
export function readPem(path: string): string {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    throw fsError(error, path);
  }
}

/** An option in seconds as milliseconds. Fails with `remoteHttp.badSeconds` {name, option, value}. */
export function secondsOption(settings: RemoteSettings, option: string): number | undefined {
  const value = settings.text(option);
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (value.trim() === '' || !Number.isFinite(seconds) || seconds < 0)
    throw new StrataError('remoteHttp.badSeconds', { name: settings.name, option, value });
  // No time at all means no limit, as in DVC; a day is as good as that.
  return seconds === 0 ? 86_400_000 : Math.min(seconds * 1000, 86_400_000);
}
