/**
 * Where an SSH remote leads and how to get in: its URL and options (DVC's names) before the user's OpenSSH configuration before what is
 * usual. Nothing is connected here. Sources: dvc-ssh's options, ssh_config(5).
 */

import { withoutEnd } from '../../base/trim';
import * as os from 'node:os';
import { StrataError } from '../errors';
import { type Host } from '../host/host';
import { type RemoteSettings } from './remotes';
import { homeOf, readSshSettings } from './sshConfigFiles';

/** A private key that may open the door. */
export interface KeyFile {
  /** Absolute path. */
  readonly path: string;
  /** Named by the user: then it is an error when it is absent. */
  readonly named: boolean;
}

/** What to do with a host whose key nobody has recorded. */
export type UnknownHosts = 'ask' | 'accept' | 'refuse';

/** One computer to log in at. */
export interface SshTarget {
  /** The name as the user wrote it; known_hosts files go by {@link keyName}. */
  readonly alias: string;
  /** The name or address to connect to. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The name under which known_hosts files have it, without port. */
  readonly keyName: string;
  readonly keys: readonly KeyFile[];
  /** Only those of the agent's keys that {@link keys} name. */
  readonly onlyNamed: boolean;
  /** The agent's socket; undefined: none. */
  readonly agent: string | undefined;
  /** Files with the keys of computers, the user's own first. */
  readonly knownHosts: readonly string[];
  /** The file that gets new keys; undefined: they are not kept. */
  readonly newKeys: string | undefined;
  readonly unknownHosts: UnknownHosts;
  /** Names in known_hosts are written as hashes. */
  readonly hashNames: boolean;
  /** Computers to go through, the nearest first. */
  readonly jumps: readonly SshTarget[];
}

/** Secrets and limits of a remote, beside where it is. */
export interface SshOptions {
  readonly password: string | undefined;
  readonly askPassword: boolean;
  readonly passphrase: string | undefined;
  /** Connecting may take so long, in milliseconds, questions not counted. */
  readonly connectMs: number;
  /** Connections at once. */
  readonly connections: number;
}

/** A remote over SSH, ready to be connected. */
export interface SshPlace {
  /** For messages: no password. */
  readonly url: string;
  /** The folder on the other side; empty for the folder after login. */
  readonly folder: string;
  readonly target: SshTarget;
  readonly options: SshOptions;
}

const KEY_NAMES = ['id_ed25519', 'id_ecdsa', 'id_rsa', 'id_dsa'];
const CONNECT_SECONDS = 30;
const CONNECTIONS = 3;
const JUMPS = 8;

/** Parts of a URL or of a jump's `user@host:port`. */
interface Address {
  readonly user?: string;
  readonly password?: string;
  readonly host: string;
  readonly port?: number;
  readonly path: string;
}

/**
 * Resolves a remote. Fails with `remoteSsh.badUrl`, `remoteSsh.gssAuth`, `remoteSsh.badNumber` {name, option, value},
 * `remoteSsh.proxyCommand` {host}, `remoteSsh.manyJumps` {host}.
 */
export async function resolvePlace(settings: RemoteSettings, host: Host): Promise<SshPlace> {
  const address = parseAddress(settings.url);
  if (!address) throw new StrataError('remoteSsh.badUrl', { name: settings.name });
  if (settings.flag('gss_auth') === true) throw new StrataError('remoteSsh.gssAuth', { name: settings.name });
  const port = numberOf(settings, 'port') ?? address.port;
  const user = settings.text('user') ?? address.user;
  const asked: Address = {
    host: address.host,
    path: address.path,
    ...(user ? { user } : {}),
    ...(port ? { port } : {}),
  };
  const base = await resolveTarget(host, asked, JUMPS);
  const named = settings.path('keyfile');
  const target: SshTarget = {
    ...base,
    ...(named === undefined ? {} : { keys: [{ path: named, named: true }], onlyNamed: true }),
    ...(settings.flag('allow_agent') === false ? { agent: undefined } : {}),
  };
  const where = `${user ? `${user}@` : ''}${address.host}${port ? `:${port}` : ''}`;
  return {
    url: `ssh://${where}${address.path}`,
    folder: address.path,
    target,
    options: {
      password: settings.text('password') ?? address.password,
      askPassword: settings.flag('ask_password') === true,
      passphrase: settings.text('passphrase'),
      connectMs: 1000 * (numberOf(settings, 'timeout') ?? CONNECT_SECONDS),
      connections: Math.min(numberOf(settings, 'max_sessions') ?? CONNECTIONS, CONNECTIONS),
    },
  };
}

function numberOf(settings: RemoteSettings, option: string): number | undefined {
  const value = settings.text(option);
  if (value === undefined) return undefined;
  const number = Number(value);
  const most = option === 'port' ? 65_535 : Number.MAX_SAFE_INTEGER;
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw new StrataError('remoteSsh.badNumber', { name: settings.name, option, value });
  return number;
}

/** Takes `ssh://user:password@host:port/path` or a jump's `user@host:port` apart; undefined when it is neither. */
export function parseAddress(text: string): Address | undefined {
  const pattern =
    /^(?:(?:ssh|sftp):\/\/)?(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?:\[(?<v6>[^\]/]+)\]|(?<name>[^:/@[\]]+))(?::(?<port>\d{1,5}))?(?<path>\/.*)?$/i;
  const { user, password, v6, name, port, path = '' } = pattern.exec(text)?.groups ?? {};
  const host = v6 ?? name;
  // A name with a leading dash is an option for somebody.
  if (host === undefined || host.startsWith('-') || port === '0' || Number(port ?? 1) > 65_535) return undefined;
  return {
    host,
    path: path.slice(0, 1) + withoutEnd(path.slice(1), '/'),
    ...(user ? { user } : {}),
    ...(password === undefined ? {} : { password }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

/** Puts address, configuration and defaults together. */
async function resolveTarget(host: Host, address: Address, depth: number): Promise<SshTarget> {
  const settings = await readSshSettings(host, address.host, address.user);
  const first = (key: string): string | undefined => settings.get(key)?.[0];
  const user = address.user ?? first('user') ?? localUser();
  const port = address.port ?? Number(first('port') ?? 22);
  const home = homeOf(host);
  const name = expand(first('hostname') ?? address.host, { '%': '%', h: address.host });
  const tokens = { '%': '%', h: name, n: address.host, p: String(port), r: user, u: localUser(), d: home };
  const path = (text: string): string => expand(text.replace(/^~(?=\/|$)/, home), tokens);
  if ((first('proxycommand') ?? 'none').toLowerCase() !== 'none')
    throw new StrataError('remoteSsh.proxyCommand', { host: address.host });
  const own = settings.get('userknownhostsfile') ?? ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'];
  const global = settings.get('globalknownhostsfile') ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];
  const files = (names: readonly string[]): string[] =>
    names.filter((one) => one !== 'none' && one !== '/dev/null').map(path);
  const keys = settings.get('identityfile')?.filter((one) => one.toLowerCase() !== 'none');
  return {
    alias: address.host,
    host: name,
    port,
    user,
    keyName: (first('hostkeyalias') ?? name).toLowerCase(),
    keys: keys
      ? keys.map((one) => ({ path: path(one), named: false }))
      : KEY_NAMES.map((one) => ({ path: `${home}/.ssh/${one}`, named: false })),
    onlyNamed: isYes(first('identitiesonly')),
    agent: agentOf(host, first('identityagent'), path),
    knownHosts: files([...own, ...global]),
    newKeys: files(own)[0],
    unknownHosts: unknownHosts(first('stricthostkeychecking')),
    hashNames: isYes(first('hashknownhosts')),
    jumps: await jumpsOf(host, address, first('proxyjump'), depth),
  };
}

function isYes(value: string | undefined): boolean {
  return /^(yes|true)$/i.test(value ?? '');
}

function unknownHosts(value: string | undefined): UnknownHosts {
  if (/^(no|off|accept-new)$/i.test(value ?? '')) return 'accept';
  return isYes(value) ? 'refuse' : 'ask';
}

function agentOf(host: Host, configured: string | undefined, path: (text: string) => string): string | undefined {
  const usual = host.env['SSH_AUTH_SOCK'] ?? (host.platform === 'win32' ? '\\\\.\\pipe\\openssh-ssh-agent' : undefined);
  if (configured === undefined || configured === 'SSH_AUTH_SOCK') return usual === '' ? undefined : usual;
  if (configured.toLowerCase() === 'none') return undefined;
  return configured.startsWith('$') ? host.env[configured.slice(1)] : path(configured);
}

/** Each jump has the settings of its own name; only the nearest one's own jumps count, as with `ssh -J`. */
async function jumpsOf(host: Host, from: Address, value: string | undefined, depth: number): Promise<SshTarget[]> {
  if (value === undefined || value.toLowerCase() === 'none') return [];
  const jumps: SshTarget[] = [];
  for (const text of value.split(',')) {
    const address = parseAddress(text.trim());
    if (!address || depth === 0) throw new StrataError('remoteSsh.badJump', { host: from.host, jump: text.trim() });
    const { jumps: before, ...jump } = await resolveTarget(host, address, depth - 1);
    if (jumps.length === 0) jumps.push(...before);
    jumps.push({ ...jump, jumps: [] });
  }
  return jumps;
}

function localUser(): string {
  try {
    return os.userInfo().username;
  } catch {
    return 'root';
  }
}

/** Replaces `%x` by its meaning; an unknown one stays (ssh_config(5), TOKENS). */
function expand(text: string, tokens: Readonly<Record<string, string>>): string {
  return text.replace(/%(.)/g, (whole, letter: string) => tokens[letter] ?? whole);
}
