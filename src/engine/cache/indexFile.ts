/**
 * Files below `.dvc/tmp/strata/index/`: what was found once, so that it need not be found again. Each begins with the MD5 of its rest; one
 * that is not whole counts as absent, and one that cannot be written costs time at the next start, nothing else.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { writeWhole } from '../host/node';
import { createDigest, digestOf } from './digest';

/** Bytes of the MD5 in hexadecimal. */
const SUM = 32;

/** What follows the checksum; undefined when there is no such file or it is not whole. */
export function readIndexFile(file: string): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(file);
  } catch {
    return undefined;
  }
  const body = bytes.subarray(SUM);
  return bytes.length > SUM && digestOf(body) === bytes.toString('latin1', 0, SUM) ? body : undefined;
}

/** Writes a file in one step, not synced: the checksum finds what a power cut leaves. True when it is written. */
export function writeIndexFile(file: string, parts: readonly Uint8Array[]): boolean {
  const temporary = path.join(path.dirname(file), `.${process.pid.toString(36)}${Date.now().toString(36)}.tmp`);
  const digest = createDigest('md5');
  for (const part of parts) digest.update(part);
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const fd = fs.openSync(temporary, 'wx');
    try {
      let at = 0;
      for (const part of [Buffer.from(digest.hex()), ...parts]) {
        writeWhole(fd, part, at);
        at += part.length;
      }
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, file);
    return true;
  } catch {
    dropQuietly(temporary);
    return false;
  }
}

function dropQuietly(file: string): void {
  try {
    fs.unlinkSync(file);
  } catch {
    // It was never made, or its folder is not one.
  }
}

/** The floats that lie at `start` of a body, `count` of them; copied, since they need not lie where floats may. */
export function floatsAt(body: Buffer, start: number, count: number): Float64Array {
  return new Float64Array(Uint8Array.from(body.subarray(start, start + count * 8)).buffer);
}
