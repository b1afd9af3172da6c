/**
 * A remote over WebDAV: files go up beside their place and are moved to it, folders are made as they are needed, also the one that the URL
 * names. Options are DVC's: user, password, ask_password, token, custom_auth_header, cert_path, key_path, timeout, ssl_verify.
 */

import { isCancelled, pause, throwIfCancelled, type Call } from '../../base/cancel';
import { is, StrataError } from '../errors';
import { type Host } from '../host/host';
import { adaptively } from './adaptiveLanes';
import { DavFolders } from './davFolders';
import { ANONYMOUS, askPassword, basic, forgetPassword, ownHeader, type Credentials } from './httpAuth';
import { discard, HttpClient } from './httpClient';
import { mayPassHttp } from './httpErrors';
import { HttpObjects } from './httpObjects';
import { addressOf, readPem, secondsOption, verifyOption, type Address, type TlsOptions } from './httpPlace';
import {
  isTemporaryName,
  type Leftover,
  type Moving,
  type OpenRemote,
  type Remote,
  type RemoteFile,
  type RemoteSettings,
} from './remotes';
import { patienceOf, Retry, withRetry, type Attempt, type Patience } from './retry';

const JOBS = 16;
/** From so many keys in one folder on, the folder is listed instead of asking for each. */
const WORTH_LISTING = 6;
const FOLDERS_AT_ONCE = 16;
/** What was sent in vain is removed, but nobody waits longer for that. */
const CLEANING_MS = 500;
const LATE_MS = 50;

/** Opens the remote. Fails with `remoteHttp.badUrl`, `remoteWebdav.tokenCommand` and others for options that cannot be. */
export const open: OpenRemote = (settings, host, call) => openWebdav(settings, host, call, {});

/** {@link open} with another patience. */
export async function openWebdav(
  settings: RemoteSettings,
  host: Host,
  call: Call,
  change: Partial<Patience>,
): Promise<Remote> {
  const address = addressOf(settings);
  const timeout = secondsOption(settings, 'timeout');
  const client = new HttpClient({
    base: address.base,
    shown: address.shown,
    credentials: await credentialsOf(settings, address, host, call),
    tls: { ...verifyOption(settings), ...clientCertificate(settings) },
    connectMs: timeout ?? 30_000,
    refused: () => forgetPassword(host, address.shown),
  });
  const patience = patienceOf(host, { ...(timeout === undefined ? {} : { idleMs: timeout }), ...change });
  const retry = new Retry(address.shown, patience, mayPassHttp);
  const dav = new Dav(new HttpObjects(client, retry, () => host.now()), host);
  const remote: Remote = {
    url: address.shown,
    jobs: settings.jobs ?? JOBS,
    resumes: true,
    has: (keys, call) => dav.has(keys, call),
    stat: (key, call) => dav.stat(key, call),
    list: (prefix, call, left) => dav.list(prefix, call, left),
    upload: (path, key, moving) => dav.upload(path, key, moving),
    download: (key, path, moving) => dav.objects.download(key, path, moving),
    remove: (keys, call) => dav.objects.removeAll(keys, call),
    close: async () => client.close(),
  };
  // An upload has several requests, each tried again by itself: what arrived is not sent twice.
  return { ...withRetry(remote, retry), upload: (...given) => remote.upload(...given) };
}

function clientCertificate(settings: RemoteSettings): TlsOptions {
  const [cert, key] = [settings.path('cert_path'), settings.path('key_path')];
  if (cert === undefined) return {};
  const text = readPem(cert);
  return { cert: text, key: key === undefined ? text : readPem(key) };
}

/** As in DVC: a token before a user before a header of one's own; what the URL names counts where the options name nothing. */
async function credentialsOf(settings: RemoteSettings, address: Address, host: Host, call: Call): Promise<Credentials> {
  const { name } = settings;
  const token = settings.text('token');
  if (token !== undefined) return ownHeader(settings, 'authorization', `Bearer ${token}`);
  if (settings.text('bearer_token_command') !== undefined) throw new StrataError('remoteWebdav.tokenCommand', { name });
  const user = settings.text('user') ?? address.user;
  const header = settings.text('custom_auth_header');
  const who = user ?? header;
  if (who === undefined) return ANONYMOUS;
  let password = settings.text('password') ?? (user === undefined ? undefined : address.password);
  if (password === undefined && settings.flag('ask_password') === true)
    password = await askPassword(settings, { url: address.shown, user: who }, host, call);
  if (user !== undefined) return basic(user, password ?? '');
  if (password === undefined)
    throw new StrataError('remoteHttp.incomplete', { name, auth: 'custom_auth_header', option: 'password' });
  return ownHeader(settings, who, password);
}

/** What WebDAV can beyond HTTP. */
class Dav {
  private readonly folders: DavFolders;

  constructor(
    readonly objects: HttpObjects,
    private readonly host: Host,
  ) {
    this.folders = new DavFolders(objects);
  }

  /** Asks for each key, or lists a folder where many keys of it are asked for. */
  async has(keys: readonly string[], call: Call): Promise<Set<string>> {
    const byFolder = new Map<string, string[]>();
    for (const key of keys) {
      const inside = byFolder.get(folderOf(key));
      if (inside) inside.push(key);
      else byFolder.set(folderOf(key), [key]);
    }
    const single: string[] = [];
    const found = new Set<string>();
    const many = [...byFolder].filter(([, inside]) => inside.length >= WORTH_LISTING || !single.push(...inside));
    await adaptively(many, FOLDERS_AT_ONCE, async ([folder, inside]) => {
      const names = await this.names(folder, call);
      for (const key of inside) {
        if (!names) single.push(key);
        else if (names.has(key.slice(folder === '' ? 0 : folder.length + 1))) found.add(key);
      }
    });
    for (const key of await this.objects.has(single, call)) found.add(key);
    return found;
  }

  /** Facts of a file; a folder is none. */
  async stat(key: string, call: Call): Promise<RemoteFile | undefined> {
    if (await this.folders.isFolder(key, call.signal)) return undefined;
    return this.objects.stat(key, 'etag', call);
  }

  /** Names of the files in a folder; undefined where the server does not list. */
  private async names(folder: string, call: Call): Promise<Set<string> | undefined> {
    try {
      const entries = (await this.folders.list(folder, call.signal)) ?? [];
      return new Set(entries.filter((entry) => !entry.folder).map((entry) => entry.name));
    } catch (error) {
      if (is(error, 'remoteHttp.refused')) return undefined;
      throw error;
    }
  }

  /** Files below a folder, one request a folder; what is on its way up is left out. */
  async *list(prefix: string, call: Call, left?: (file: Leftover) => void): AsyncGenerator<RemoteFile> {
    throwIfCancelled(call.signal);
    const entries = (await this.folders.list(prefix, call.signal)) ?? [];
    for (const { name, folder, size, modified } of entries) {
      const key = prefix === '' ? name : `${prefix}/${name}`;
      if (folder) yield* this.list(key, call, left);
      else if (!name.endsWith('.tmp')) yield { key, ...(size === undefined ? {} : { size }) };
      else if (modified !== undefined && isTemporaryName(name)) left?.({ key, modified });
    }
  }

  /** Sends to a temporary name in the same folder and moves that to its place. */
  async upload(path: string, key: string, moving: Moving): Promise<void> {
    const { signal } = moving;
    const folder = folderOf(key);
    const temporary = `${folder === '' ? '' : `${folder}/`}.${this.host.randomHex(8)}.tmp`;
    this.objects.at(key);
    throwIfCancelled(signal);
    try {
      await this.put(path, temporary, moving);
      const moved = await this.objects.retry.run(signal, (attempt) => this.move(temporary, key, attempt));
      if (moved) return;
      await this.put(path, key, moving);
      await this.drop(temporary, false);
    } catch (error) {
      await this.drop(temporary, isCancelled(error) || mayPassHttp(error) !== undefined);
      throw error;
    }
  }

  /** Sends to a key; a folder that has gone meanwhile is made again. */
  private async put(path: string, key: string, moving: Moving): Promise<void> {
    const folder = folderOf(key);
    for (let again = false; ; again = true) {
      await this.folders.ensure(folder, moving.signal);
      try {
        return await this.objects.retry.run(moving.signal, (attempt) =>
          this.objects.send({ path, key, method: 'PUT' }, both(attempt, moving)),
        );
      } catch (error) {
        const gone = is(error, 'remotes.missing') || (is(error, 'remoteHttp.refused') && error.data['status'] === 409);
        if (!gone || again) throw error;
        this.folders.forget(folder);
      }
    }
  }

  /** Moves a file to its place, over what is there. False when the server cannot move. */
  private async move(from: string, to: string, attempt: Attempt): Promise<boolean> {
    const headers = { destination: this.objects.at(to).href, overwrite: 'T' };
    const { signal } = attempt;
    const reply = await this.objects.client.send({ method: 'MOVE', url: this.objects.at(from), headers, signal });
    const status = reply.statusCode ?? 0;
    if (status === 201 || status === 204 || status === 200) {
      discard(reply);
      return true;
    }
    if (status === 405 || status === 501) {
      discard(reply);
      return false;
    }
    const error = this.objects.refusal(reply, 'MOVE', to);
    // An earlier try may have moved it before its answer was lost.
    if (is(error, 'remotes.missing') && attempt.number > 1 && (await this.objects.head(to, signal))) return true;
    throw error;
  }

  /**
   * Removes what was sent in vain. `late`: the server may not have noticed yet that nothing more will come; until then it holds the file, and
   * some keep it only then.
   */
  private async drop(key: string, late: boolean): Promise<void> {
    const signal = AbortSignal.timeout(CLEANING_MS);
    for (let removed = false; !removed && !signal.aborted;) {
      // Where it does not go it stays as a temporary, which nothing reads.
      removed = await this.objects.remove(key, signal).catch(() => false);
      if (!late) return;
      if (!removed) await pause(LATE_MS, signal).catch(() => undefined);
    }
  }
}

function both(attempt: Attempt, moving: Moving): Moving {
  return {
    signal: attempt.signal,
    moved: (bytes) => {
      attempt.moved(bytes);
      moving.moved(bytes);
    },
  };
}

function folderOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('/')));
}
