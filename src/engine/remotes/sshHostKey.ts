/** Whether a computer is the one it was: its key against the known_hosts files, a question for a new one, refusal of a changed one. */

import * as path from 'node:path';
import { Cancelled } from '../../base/cancel';
import { StrataError } from '../errors';
import { type Host } from '../host/host';
import { type SshAsker } from './sshAsk';
import {
  fingerprint,
  judgeHostKey,
  keyType,
  knownName,
  knownTypes,
  parseKnownHosts,
  renderKnownHost,
  type KnownHost,
} from './sshKnownHosts';
import { type SshTarget } from './sshTarget';

/** Signatures by type of key, in the order in which they are asked for (RFC 8332 for RSA). */
const SIGNATURES = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
} as const;

type Signature = (typeof SIGNATURES)[keyof typeof SIGNATURES][number];

/** Reads all files that may know the computer. */
export async function readKnownHosts(target: SshTarget, host: Host): Promise<KnownHost[]> {
  const entries: KnownHost[] = [];
  for (const file of target.knownHosts) entries.push(...parseKnownHosts((await host.fs.readText(file)) ?? '', file));
  return entries;
}

/** Kinds of signature to ask the computer for: first those of keys that are known, so that it shows one of these. */
export function wantedSignatures(entries: readonly KnownHost[], target: SshTarget): Signature[] {
  const known = knownTypes(entries, target.keyName, target.port);
  const types = Object.entries(SIGNATURES);
  const first = types.filter(([type]) => known.includes(type));
  return [...first, ...types.filter(([type]) => !known.includes(type))].flatMap(([, signatures]) => [...signatures]);
}

/**
 * Passes when the key is the recorded one, or a new one that the user trusts; that is recorded then. Fails with `remoteSsh.changedHost`,
 * `remoteSsh.revokedHost` {host, fingerprint, file, line}, `remoteSsh.unknownHost` {host, name, fingerprint}, or Cancelled.
 */
export async function checkHostKey(
  target: SshTarget,
  entries: readonly KnownHost[],
  key: Buffer,
  { host, asker }: { readonly host: Host; readonly asker: SshAsker },
): Promise<void> {
  const verdict = judgeHostKey(entries, target.keyName, target.port, key);
  if (verdict.state === 'known') return;
  const name = knownName(target.keyName, target.port);
  const facts = { host: name, fingerprint: fingerprint(key), type: keyType(key).replace(/^ssh-/, '') };
  if (verdict.entry) {
    const { file, line } = verdict.entry;
    if (verdict.state === 'revoked') throw new StrataError('remoteSsh.revokedHost', { ...facts, file, line });
    throw new StrataError('remoteSsh.changedHost', { ...facts, file, line });
  }
  const nobody = new StrataError('remoteSsh.unknownHost', facts);
  if (target.unknownHosts === 'refuse') throw nobody;
  if (target.unknownHosts === 'ask' && !(await asker.consent('sshHostKey', facts, nobody))) throw new Cancelled();
  if (target.newKeys !== undefined) await record(target.newKeys, name, { key, hashed: target.hashNames }, host);
}

async function record(file: string, name: string, one: { key: Buffer; hashed: boolean }, host: Host): Promise<void> {
  const salt = one.hashed ? Buffer.from(host.randomHex(20), 'hex') : undefined;
  const line = renderKnownHost(name, one.key, salt);
  const before = await host.fs.readText(file);
  if (before === undefined) {
    await makePrivate(path.dirname(file), host);
    await host.fs.writeAtomic(file, line, { mode: 0o600 });
    return;
  }
  await host.fs.append(file, `${before === '' || before.endsWith('\n') ? '' : '\n'}${line}`);
}

/** `~/.ssh` is nobody else's business. */
async function makePrivate(folder: string, host: Host): Promise<void> {
  if (await host.fs.stat(folder)) return;
  await host.fs.mkdir(folder);
  await host.fs.chmod(folder, 0o700);
}
