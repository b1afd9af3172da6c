/** Where objects lie below the cache folder: `files/md5/xx/rest` for 3.x hashes, `xx/rest` for 2.x ones (DVC 3.x, formats §1). */

import { type Hash, type HashName } from './cache';

const HASH = /^[0-9a-f]{32}(\.dir)?$/;

/** True for 32 hexadecimal digits, with or without `.dir`: nothing else may become part of a path. */
export function isHash(text: string): boolean {
  return HASH.test(text);
}

/** Path of an object below the cache folder or a remote, `/` between parts. */
export function objectKey(hash: Hash, hashName: HashName = 'md5'): string {
  const tail = `${hash.slice(0, 2)}/${hash.slice(2)}`;
  return hashName === 'md5' ? `files/md5/${tail}` : tail;
}

/** The 32 digits of a hash, without `.dir`. */
export function digits(hash: Hash): string {
  return hash.slice(0, 32);
}
