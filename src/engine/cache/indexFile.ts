/**
 * Files below `.dvc/tmp/strata/index/`: what was found once, so that it need not be found again. Each begins with the CRC-32 of its rest; one
 * that is not whole counts as absent, and one that cannot be written costs time at the next start, nothing else.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { crc32 } from 'node:zlib';
import { writeWhole } from '../host/node';

/** Bytes of the checksum in hexadecimal. */
const SUM = 8;

/** What follows the checksum; undefined when there is no such file or it is not whole. */
export function readIndexFile(file: string): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(file);
  } catch {
    return undefined;
  }
  const body = bytes.subarray(SUM);
  return bytes.length > SUM && hex(crc32(body)) === bytes.toString('latin1', 0, SUM) ? body : undefined;
}

/** Writes a file in one step, not synced: the checksum finds what a power cut leaves. True when it is written. */
export function writeIndexFile(file: string, parts: readonly Uint8Array[]): boolean {
  const temporary = path.join(path.dirname(file), `.${process.pid.toString(36)}${Date.now().toString(36)}.tmp`);
  const sum = parts.reduce((before, part) => crc32(part, before), 0);
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const fd = fs.openSync(temporary, 'wx');
    try {
      let at = 0;
      for (const part of [Buffer.from(hex(sum)), ...parts]) {
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

function hex(sum: number): string {
  return sum.toString(16).padStart(SUM, '0');
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
