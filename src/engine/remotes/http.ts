/**
 * A remote over plain HTTP(S): GET, HEAD, uploads by POST or PUT, as DVC's. It cannot be listed. Options are DVC's: auth, user, password,
 * ask_password, custom_auth_header, ssl_verify, connect_timeout, read_timeout, method.
 */

import { type Call } from '../../base/cancel';
import { StrataError } from '../errors';
import { type Host } from '../host/host';
import { ANONYMOUS, askPassword, basic, Digest, forgetPassword, ownHeader, type Credentials } from './httpAuth';
import { HttpClient } from './httpClient';
import { mayPassHttp } from './httpErrors';
import { HttpObjects } from './httpObjects';
import { addressOf, secondsOption, verifyOption, type Address } from './httpPlace';
import { type OpenRemote, type Remote, type RemoteSettings } from './remotes';
import { patienceOf, Retry, withRetry, type Patience } from './retry';

const JOBS = 16;

/** Opens the remote. Fails with `remoteHttp.badUrl`, `remoteHttp.badMethod`, `remoteHttp.badAuth` and others for options that cannot be. */
export const open: OpenRemote = (settings, host, call) => openHttp(settings, host, call, {});

/** {@link open} with another patience. */
export async function openHttp(
  settings: RemoteSettings,
  host: Host,
  call: Call,
  change: Partial<Patience>,
): Promise<Remote> {
  const address = addressOf(settings);
  const method = (settings.text('method') ?? 'POST').toUpperCase();
  if (method !== 'POST' && method !== 'PUT')
    throw new StrataError('remoteHttp.badMethod', { name: settings.name, method });
  const read = secondsOption(settings, 'read_timeout');
  const patience = patienceOf(host, { ...(read === undefined ? {} : { idleMs: read }), ...change });
  const client = new HttpClient({
    base: address.base,
    shown: address.shown,
    credentials: await credentialsOf(settings, address, host, call),
    tls: verifyOption(settings),
    connectMs: secondsOption(settings, 'connect_timeout') ?? 30_000,
    refused: () => forgetPassword(host, address.shown),
  });
  const retry = new Retry(address.shown, patience, mayPassHttp);
  const objects = new HttpObjects(client, retry, () => host.now());
  return withRetry(
    {
      url: address.shown,
      jobs: settings.jobs ?? JOBS,
      resumes: true,
      has: (keys, call) => objects.has(keys, call),
      stat: (key, call) => objects.stat(key, 'checksum', call),
      upload: (path, key, moving) => objects.send({ path, key, method }, moving),
      download: (key, path, moving) => objects.download(key, path, moving),
      remove: (keys, call) => objects.removeAll(keys, call),
      close: async () => client.close(),
    },
    retry,
  );
}

/** As in DVC, `user` and `password` count only with `auth`; those in the URL are for Basic. */
async function credentialsOf(settings: RemoteSettings, address: Address, host: Host, call: Call): Promise<Credentials> {
  const auth = settings.text('auth')?.toLowerCase() ?? '';
  if (auth === '') return fromUrl(address);
  if (auth === 'custom') {
    const header = settings.text('custom_auth_header');
    if (header === undefined) throw incomplete(settings, auth, 'custom_auth_header');
    return ownHeader(settings, header, await passwordOf(settings, { url: address.shown, user: header }, host, call));
  }
  if (auth !== 'basic' && auth !== 'digest') throw new StrataError('remoteHttp.badAuth', { name: settings.name, auth });
  const user = settings.text('user') ?? address.user;
  if (user === undefined) throw incomplete(settings, auth, 'user');
  const password =
    settings.text('password') ??
    address.password ??
    (await passwordOf(settings, { url: address.shown, user }, host, call));
  if (auth === 'basic') return basic(user, password);
  return { headers: {}, digest: new Digest(user, password, () => host.randomHex(16)) };
}

function fromUrl({ user, password }: Address): Credentials {
  return user === undefined && password === undefined ? ANONYMOUS : basic(user ?? '', password ?? '');
}

async function passwordOf(
  settings: RemoteSettings,
  shown: { readonly url: string; readonly user: string },
  host: Host,
  call: Call,
): Promise<string> {
  const password = settings.text('password');
  if (password !== undefined) return password;
  if (settings.flag('ask_password') === true) return askPassword(settings, shown, host, call);
  throw incomplete(settings, settings.text('auth') ?? '', 'password');
}

function incomplete({ name }: RemoteSettings, auth: string, option: string): StrataError {
  return new StrataError('remoteHttp.incomplete', { name, auth, option });
}
