/**
 * The files in which OpenSSH keeps the keys of computers (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): plain names with patterns, hashed names,
 * `[host]:port`, and the marks `@revoked` and `@cert-authority`. Pure but for nothing: text in, verdict out.
 */

import { withoutEnd } from '../../base/trim';
import { createHash, createHmac } from 'node:crypto';
import { matchesPattern } from './sshConfigFiles';

/** A line of a known_hosts file. */
export interface KnownHost {
  readonly mark: 'revoked' | 'cert-authority' | undefined;
  /** Patterns with commas between, or one hashed name. */
  readonly names: string;
  readonly type: string;
  /** Base64 of the key. */
  readonly key: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What the files say about a key: `changed` and `revoked` come with the line that says so. */
export type HostVerdict =
  | { readonly state: 'known' | 'unknown'; readonly entry?: undefined }
  | { readonly state: 'changed' | 'revoked'; readonly entry: KnownHost };

/** Reads a known_hosts file. Lines that are no entries are left out, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  const entries: KnownHost[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = line.trim().split(/[ \t]+/);
    if (words[0] === '' || words[0]?.startsWith('#')) continue;
    const mark = words[0]?.startsWith('@') ? words.shift()?.slice(1) : undefined;
    const [names, type, key] = words;
    if (names === undefined || type === undefined || key === undefined || !/^[A-Za-z0-9+/]+=*$/.test(key)) continue;
    if (mark !== undefined && mark !== 'revoked' && mark !== 'cert-authority') continue;
    entries.push({ mark, names, type, key, file, line: index + 1 });
  }
  return entries;
}

/** The name under which a computer stands in the files: `host`, or `[host]:port` away from port 22. */
export function knownName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

/**
 * Judges the key that a computer shows. An authority's own key says nothing about a host without a certificate, and we ask for none.
 * Away from port 22 a key that stands there under the plain name is good, too, as with OpenSSH.
 */
export function judgeHostKey(entries: readonly KnownHost[], host: string, port: number, key: Buffer): HostVerdict {
  const text = key.toString('base64');
  const name = knownName(host, port);
  const revoked = entries.find((one) => one.mark === 'revoked' && one.key === text && fits(one.names, [name, host]));
  if (revoked) return { state: 'revoked', entry: revoked };
  const own = entries.filter((one) => one.mark === undefined && fits(one.names, [name]));
  if (own.some((one) => one.key === text)) return { state: 'known' };
  const [entry] = own;
  if (entry) return { state: 'changed', entry };
  const plain = entries.some((one) => one.mark === undefined && one.key === text && fits(one.names, [host]));
  return { state: plain ? 'known' : 'unknown' };
}

/** Types of the keys that are recorded for a computer: a server with several keys has to show one of these. */
export function knownTypes(entries: readonly KnownHost[], host: string, port: number): string[] {
  const own = entries.filter((one) => one.mark === undefined && fits(one.names, [knownName(host, port)]));
  return [...new Set(own.map((one) => one.type))];
}

/** A line for a new key; with `salt` (20 bytes) its name is hashed. */
export function renderKnownHost(name: string, key: Buffer, salt?: Buffer): string {
  const names = salt ? `|1|${salt.toString('base64')}|${hashed(name, salt)}` : name;
  return `${names} ${keyType(key)} ${key.toString('base64')}\n`;
}

/** The type at the head of a public key (RFC 4253 §6.6). */
export function keyType(key: Buffer): string {
  return key.length < 4 ? '' : key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1');
}

/** The fingerprint as OpenSSH shows it: `SHA256:` and unpadded base64. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${withoutEnd(createHash('sha256').update(key).digest('base64'), '=')}`;
}

function fits(names: string, wanted: readonly string[]): boolean {
  return wanted.some((name) => fitsName(names, name));
}

function fitsName(names: string, name: string): boolean {
  if (names.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = names.split('|');
    return hash !== '' && hashed(name, Buffer.from(salt, 'base64')) === hash;
  }
  const patterns = names.toLowerCase().split(',');
  const denied = patterns.some((one) => one.startsWith('!') && matchesPattern(one.slice(1), name));
  return !denied && patterns.some((one) => !one.startsWith('!') && matchesPattern(one, name));
}

function hashed(name: string, salt: Buffer): string {
  return createHmac('sha1', salt).update(name).digest('base64');
}
