/** Ways to say who asks: a constant header (Basic, a token, a name of the user's own), or Digest (RFC 7616, for MD5 and SHA-256 with `auth`). */

import { createHash } from 'node:crypto';
import { isCancelled, type Call } from '../../base/cancel';
import { StrataError } from '../errors';
import { type Host } from '../host/host';
import { type RemoteSettings } from './remotes';

/** What a request needs to say who asks. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly digest?: Digest;
}

/** Nobody in particular. */
export const ANONYMOUS: Credentials = { headers: {} };

/** A user with a password (RFC 7617, UTF-8). */
export function basic(user: string, password: string): Credentials {
  return { headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` } };
}

/** A header of the user's own. Fails with `remoteHttp.badHeader` {name}, which does not show the value. */
export function ownHeader(settings: RemoteSettings, header: string, value: string): Credentials {
  const good = /^[!#$%&'*+.^`|~\w-]+$/.test(header) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
  if (!good) throw new StrataError('remoteHttp.badHeader', { name: settings.name });
  return { headers: { [header.toLowerCase()]: value } };
}

/** Typed passwords by engine and question; they go with it and are written nowhere. */
const TYPED = new WeakMap<Host, Map<string, Promise<string>>>();

/** Asks for a password once an engine. `who`: the user or header that it belongs to. Fails with `remoteHttp.nobodyToAsk` {name} when nobody answers. */
export async function askPassword(
  settings: RemoteSettings,
  shown: { readonly url: string; readonly user: string },
  host: Host,
  call: Call,
): Promise<string> {
  const typed = TYPED.get(host) ?? new Map<string, Promise<string>>();
  TYPED.set(host, typed);
  const name = `${shown.user} ${shown.url}`;
  const question = { code: 'remoteHttp.password', data: shown, choices: [], kind: 'secret' } as const;
  const answer = typed.get(name) ?? call.ask(question);
  typed.set(name, answer);
  try {
    return await answer;
  } catch (error) {
    typed.delete(name);
    throw isCancelled(error) ? error : new StrataError('remoteHttp.nobodyToAsk', { name: settings.name });
  }
}

/** Drops what was typed for a place: it was refused, so that the next login asks again. */
export function forgetPassword(host: Host, url: string): void {
  const typed = TYPED.get(host);
  for (const name of typed?.keys() ?? []) if (name.endsWith(` ${url}`)) typed?.delete(name);
}

interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: 'MD5' | 'SHA-256';
  readonly qop: boolean;
}

/** The memory of one login with Digest: the server's last challenge and how often it was answered. */
export class Digest {
  private challenge: Challenge | undefined;
  private count = 0;

  constructor(
    private readonly user: string,
    private readonly password: string,
    private readonly random: () => string,
  ) {}

  /** The header for a request, undefined before the first challenge. `target`: path and query as sent. */
  header(method: string, target: string): string | undefined {
    const { challenge } = this;
    if (!challenge) return undefined;
    this.count += 1;
    const { realm, nonce, opaque, algorithm, qop } = challenge;
    const hash = (...parts: string[]): string =>
      createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
        .update(parts.join(':'))
        .digest('hex');
    const count = this.count.toString(16).padStart(8, '0');
    const cnonce = this.random();
    const [who, what] = [hash(this.user, realm, this.password), hash(method, target)];
    const response = qop ? hash(who, nonce, count, cnonce, 'auth', what) : hash(who, nonce, what);
    const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
    const parts = [
      `username=${quoted(this.user)}`,
      `realm=${quoted(realm)}`,
      `nonce=${quoted(nonce)}`,
      `uri=${quoted(target)}`,
      `algorithm=${algorithm}`,
      `response="${response}"`,
      ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
      ...(qop ? [`qop=auth`, `nc=${count}`, `cnonce="${cnonce}"`] : []),
    ];
    return `Digest ${parts.join(', ')}`;
  }

  /**
   * Learns the challenge of a 401. True when the request should be sent again: it carried no answer, one to an older challenge, or one that the
   * server calls stale.
   */
  learn(header: string | undefined, sent: string | undefined): boolean {
    const found = challenges(header ?? '').find((one) => one.algorithm);
    if (!found?.algorithm) return false;
    const { stale, nonce } = found;
    const again = sent === undefined || stale || !sent.includes(`nonce="${this.challenge?.nonce ?? ''}"`);
    if (nonce !== this.challenge?.nonce) this.count = 0;
    this.challenge = { ...found, algorithm: found.algorithm };
    return again;
  }
}

interface Offer extends Omit<Challenge, 'algorithm'> {
  /** Undefined where it is none of ours. */
  readonly algorithm: Challenge['algorithm'] | undefined;
  readonly stale: boolean;
}

const FIELD = /(?<![\w-])([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g;

/** The Digest challenges of a WWW-Authenticate header. */
function challenges(header: string): Offer[] {
  return header
    .split(/(?=\bDigest\s)/i)
    .filter((part) => /^Digest\s/i.test(part))
    .map((part) => {
      const fields = new Map<string, string>();
      for (const [, name = '', quoted, plain] of part.slice(7).matchAll(FIELD))
        fields.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
      return offerOf(fields);
    });
}

function offerOf(fields: ReadonlyMap<string, string>): Offer {
  const algorithm = fields.get('algorithm')?.toUpperCase() ?? 'MD5';
  const qop = fields.get('qop')?.split(/[\s,]+/);
  const known = (algorithm === 'MD5' || algorithm === 'SHA-256') && (!qop || qop.includes('auth'));
  return {
    realm: fields.get('realm') ?? '',
    nonce: fields.get('nonce') ?? '',
    opaque: fields.get('opaque'),
    qop: qop !== undefined,
    stale: fields.get('stale')?.toLowerCase() === 'true',
    algorithm: known ? algorithm : undefined,
  };
}
