/**
 * The two hashes of DVC (formats §4.1): plain MD5 of 3.x, and `md5-dos2unix` of 2.x, which drops the carriage return of `\r\n`
 * in blocks of 1 MiB whose first 512 bytes look like text.
 */

import { createHash } from 'node:crypto';
import * as crypto from 'node:crypto';
import { type HashName } from './cache';

/** Size of the blocks in which files are read; 2.x hashes depend on it. */
export const BLOCK = 1024 * 1024;

/** Takes a file's bytes in order, every block but the last one {@link BLOCK} bytes long. */
interface Digest {
  update(block: Uint8Array): void;
  hex(): string;
}

/** Starts a digest of the given name. */
export function createDigest(name: HashName): Digest {
  const hash = createHash('md5');
  return {
    update: (block) => void hash.update(name === 'md5' ? block : dos2unix(block)),
    hex: () => hash.digest('hex'),
  };
}

type OneShot = (algorithm: string, data: Uint8Array, encoding: 'hex') => string;

/** `crypto.hash` of newer Nodes spares an object for each small file. */
const oneShot = (crypto as { hash?: OneShot }).hash;

/** Hash of bytes that are all in memory. */
export function digestOf(bytes: Uint8Array, name: HashName = 'md5'): string {
  if (name === 'md5') return oneShot ? oneShot('md5', bytes, 'hex') : createHash('md5').update(bytes).digest('hex');
  const digest = createDigest(name);
  for (let at = 0; at < bytes.length; at += BLOCK) digest.update(bytes.subarray(at, at + BLOCK));
  return digest.hex();
}

const TEXT = new Set([8, 9, 10, 12, 13]);

/** Text as 2.x saw it: no NUL, and at most 30 % of the first 512 bytes outside printable ASCII. */
function looksLikeText(block: Uint8Array): boolean {
  const head = block.subarray(0, 512);
  let odd = 0;
  for (const byte of head) {
    if (byte === 0) return false;
    if ((byte < 32 || byte > 126) && !TEXT.has(byte)) odd += 1;
  }
  return odd <= head.length * 0.3;
}

function dos2unix(block: Uint8Array): Uint8Array {
  if (!looksLikeText(block)) return block;
  const out = new Uint8Array(block.length);
  let n = 0;
  for (let i = 0; i < block.length; i += 1) {
    const byte = block[i] ?? 0;
    if (byte === 13 && block[i + 1] === 10) continue;
    out[n] = byte;
    n += 1;
  }
  return out.subarray(0, n);
}
