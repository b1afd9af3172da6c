/**
 * The keys that a user has, as one agent for the login: the running agent's and those in files. As with OpenSSH a server is first asked
 * whether it would take a public key, and only then is a passphrase asked for.
 */

import * as fs from 'node:fs';
import {
  BaseAgent,
  createAgent,
  utils,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import { errno, fsError, StrataError } from '../errors';
import { type SshAsker } from './sshAsk';
import { type KeyFile, type SshTarget } from './sshTarget';

/** A passphrase is asked for so often. */
const TRIES = 3;

interface Identity {
  readonly key: ParsedKey;
  /** The text of the private key; undefined: the agent has it. */
  readonly file?: { readonly path: string; readonly text: string };
}

/** All keys for one login. */
export class SshKeys extends BaseAgent<ParsedKey> {
  /** Why the login ended, when a key was the reason. */
  failure: unknown;
  /** How many keys were offered. */
  offered = 0;
  private identities: readonly Identity[] = [];
  private readonly agent: BaseAgent | undefined;

  constructor(
    private readonly target: SshTarget,
    private readonly asker: SshAsker,
    private readonly passphrase: string | undefined,
  ) {
    super();
    this.agent = target.agent === undefined ? undefined : createAgent(target.agent);
  }

  /** Public keys in the order of OpenSSH: the agent's that are named, the agent's others, files that the agent does not hold. */
  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    this.collect().then(
      (identities) => {
        this.identities = identities;
        this.offered = identities.length;
        done(
          undefined,
          identities.map((one) => one.key),
        );
      },
      (error: unknown) => {
        this.failure = error;
        done(error as Error);
      },
    );
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    const end = typeof options === 'function' ? options : done;
    const how = typeof options === 'function' ? {} : options;
    const one = this.identities.find((other) => sameKey(other.key, key));
    if (!one || !one.file) return this.agent?.sign(key, data, how, end);
    this.unlock(one.file).then(
      (unlocked) => {
        const signature: Buffer | Error = unlocked.sign(data, how.hash);
        if (signature instanceof Error) end?.(signature);
        else end?.(undefined, signature);
      },
      (error: unknown) => {
        this.failure = error;
        end?.(error as Error);
      },
    );
  }

  private async collect(): Promise<Identity[]> {
    const files: Identity[] = [];
    for (const file of this.target.keys) {
      const one = await this.load(file);
      if (one) files.push(one);
    }
    const held = await this.held();
    const named = held.filter((one) => files.some((file) => sameKey(file.key, one.key)));
    const others = this.target.onlyNamed ? [] : held.filter((one) => !named.includes(one));
    return [...named, ...others, ...files.filter((file) => !held.some((one) => sameKey(one.key, file.key)))];
  }

  /** What the agent holds; an agent that does not answer holds nothing. */
  private held(): Promise<Identity[]> {
    return new Promise((resolve) => {
      if (!this.agent) return resolve([]);
      this.agent.getIdentities((error, keys) => {
        if (error) return resolve([]);
        resolve((keys ?? []).flatMap((key) => toKeys(key).map((one) => ({ key: one }))));
      });
    });
  }

  /** The public part of a key in a file, without its passphrase where that is possible. */
  private async load(file: KeyFile): Promise<Identity | undefined> {
    const text = readKey(file);
    if (text === undefined) return undefined;
    const [open] = toKeys(text);
    const [known] = open ? [open] : publicPart(file.path, text);
    if (known) return { key: known, file: { path: file.path, text } };
    if (isEncrypted(text))
      return { key: await this.unlock({ path: file.path, text }), file: { path: file.path, text } };
    if (file.named) throw new StrataError('remoteSsh.badKey', { path: file.path });
    return undefined;
  }

  /** The private key; asks for its passphrase when it has one. */
  private async unlock({ path, text }: { path: string; text: string }): Promise<ParsedKey> {
    const [open] = toKeys(text);
    if (open) return open;
    const name = `passphrase ${path}`;
    const given = this.passphrase ?? this.asker.kept(name);
    if (given !== undefined) {
      const [key] = toKeys(text, given);
      if (key) return key;
      if (this.passphrase !== undefined) throw new StrataError('remoteSsh.wrongPassphrase', { path });
      this.asker.forget(name);
    }
    const nobody = new StrataError('remoteSsh.needPassphrase', { path });
    for (let tries = 0; tries < TRIES; tries += 1) {
      const code = tries === 0 ? 'sshPassphrase' : 'sshPassphraseAgain';
      const typed = await this.asker.secret(code, { path }, nobody);
      const [key] = toKeys(text, typed);
      if (!key) continue;
      this.asker.keep(name, typed);
      return key;
    }
    throw new StrataError('remoteSsh.wrongPassphrase', { path });
  }
}

function readKey({ path, named }: KeyFile): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    if (!named) return undefined;
    throw errno(error) === 'ENOENT' ? new StrataError('remoteSsh.noKey', { path }) : fsError(error, path);
  }
}

/** Keys of a text, or one that is parsed already; none when it is no key or still locked. */
function toKeys(source: unknown, passphrase?: string): ParsedKey[] {
  if (typeof source === 'string' || Buffer.isBuffer(source)) {
    if (passphrase === '') return [];
    const parsed: unknown = utils.parseKey(source, passphrase);
    if (parsed instanceof Error) return [];
    return (Array.isArray(parsed) ? parsed : [parsed]) as ParsedKey[];
  }
  if (typeof source !== 'object' || source === null) return [];
  if ('getPublicSSH' in source) return [source as ParsedKey];
  return 'pubKey' in source ? toKeys(source.pubKey) : [];
}

function isEncrypted(text: string): boolean {
  return /ENCRYPTED|openssh-key-v1|BEGIN OPENSSH PRIVATE KEY|^Encryption: (?!none)/m.test(text);
}

/** The public key beside a locked private one, or the one that OpenSSH's format keeps readable in the same file. */
function publicPart(path: string, text: string): ParsedKey[] {
  try {
    const keys = toKeys(fs.readFileSync(`${path}.pub`, 'utf8'));
    if (keys.length > 0) return keys;
  } catch {
    // There is none.
  }
  const blob = publicBlob(text);
  return blob
    ? toKeys(`${blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1')} ${blob.toString('base64')}`)
    : [];
}

/** `openssh-key-v1`, cipher, kdf, kdf options, a count, then the public key (OpenSSH, PROTOCOL.key). */
function publicBlob(text: string): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, 'base64');
  let at = 15;
  const next = (): Buffer => {
    const length = bytes.readUInt32BE(at);
    at += 4 + length;
    return bytes.subarray(at - length, at);
  };
  try {
    for (let skipped = 0; skipped < 3; skipped += 1) next();
    at += 4;
    const blob = next();
    return blob.length > 8 ? blob : undefined;
  } catch {
    return undefined;
  }
}

function sameKey(a: ParsedKey, b: ParsedKey): boolean {
  return a.getPublicSSH().equals(b.getPublicSSH());
}
