/** Where objects go whose bytes do not match their name: out of use, kept as evidence, with a file that says why. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { errno, fsError } from '../errors';
import { mkdirs } from '../host/node';
import { type Host } from '../host/host';
import { type Hash } from './cache';

/** Takes wrong objects out of use. */
export interface Quarantine {
  /** Moves an object aside and writes why. An object that is already gone is fine. */
  take(object: string, hash: Hash): void;
}

/** Opens the quarantine at `folder`, which is made when first needed. */
export function createQuarantine(host: Host, folder: string): Quarantine {
  return {
    take: (object, hash) => {
      const name = `${hash}-${host.randomHex(4)}`;
      const kept = path.join(folder, name);
      try {
        mkdirs(folder);
        const reason = { object, expected: hash, found: new Date(host.now()).toISOString(), reason: 'wrong-hash' };
        fs.writeFileSync(`${kept}.json`, `${JSON.stringify(reason, null, 2)}\n`);
        move(object, kept);
      } catch (error) {
        if (errno(error) !== 'ENOENT') throw fsError(error, object);
      }
    },
  };
}

/** Renames; across file systems the bytes are copied first. */
function move(from: string, to: string): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if (errno(error) !== 'EXDEV') throw error;
    fs.cpSync(from, to, { recursive: true });
    fs.rmSync(from, { recursive: true, force: true });
  }
}
