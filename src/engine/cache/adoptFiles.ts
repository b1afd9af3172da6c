/** Downloads on their way into the store: kept under temporary names in its file system, hashed, then put into place together. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { quietCall, type Call } from '../../base/cancel';
import { fsError, StrataError } from '../errors';
import { baseOf, doneOf, makeBase } from './adding';
import { type Adopted, type Download, type Hash, type Hashed, type HashName, type ObjectStore } from './cache';
import { digestOf } from './digest';
import { failureOf, type Outcome } from './jobs';
import { makeObjectFolder } from './laneStage';
import { digits } from './layout';
import { toBatches, type StoreParts } from './storeParts';
import { commitStaged, type Staged } from './write';

type Adopter = Pick<ObjectStore, 'temporary' | 'checkTemporary' | 'adoptFiles' | 'takeFiles' | 'discard'>;

/** Makes the receiving part of the store. */
export function createAdopter(parts: StoreParts): Adopter {
  let token: string | undefined;
  let count = 0;
  return {
    temporary: () => {
      if (token === undefined) makeBase(parts);
      token ??= parts.host.randomHex(8);
      count += 1;
      return `${baseOf(parts)}/.${token}-${count}.tmp`;
    },
    checkTemporary: (temporary, hash, hashName) =>
      new Promise((resolve) => resolve(checked(temporary, hash, hashName))),
    adoptFiles: (files, call) => adopt(parts, files, call),
    takeFiles: (temporaries, call) => takeAll(parts, temporaries, call),
    discard: (temporaries) => {
      for (const one of temporaries) fs.rmSync(one, { force: true });
      return Promise.resolve();
    },
  };
}

function checked(temporary: string, hash: Hash, hashName: HashName): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(temporary);
  } catch (error) {
    throw fsError(error, temporary);
  }
  if (digestOf(bytes, hashName) === digits(hash)) return bytes;
  throw new StrataError('cache.corrupt', { path: temporary, hash, object: temporary });
}

async function adopt(parts: StoreParts, files: readonly Download[], call: Call): Promise<Adopted[]> {
  if (files.length === 0) return [];
  const parents = makeBase(parts);
  const answers = await hashAll(parts, files, call);
  const staged: Staged[] = [];
  files.forEach((file, n) => {
    const answer = answers[n];
    try {
      if (answer?.state === 'taken') staged.push(prepare(parts, file, parents));
      else fs.rmSync(file.temporary, { force: true });
    } catch (error) {
      answers[n] = { state: 'failed', error: fsError(error, file.temporary) };
    }
  });
  const failed = await commitStaged(staged, { signal: call.signal, parents });
  for (const failure of failed) {
    files.forEach((file, n) => {
      if (parts.pathOf(file.hash, file.hashName) === failure.path)
        answers[n] = { state: 'failed', error: failure.error };
    });
  }
  return answers;
}

async function hashAll(parts: StoreParts, files: readonly Download[], call: Call): Promise<Adopted[]> {
  const answers: Adopted[] = files.map(() => ({ state: 'corrupt' }));
  for (const hashName of ['md5', 'md5-dos2unix'] as const) {
    const some = files.flatMap((file, at) =>
      file.hashName === hashName ? [{ file, at, bytes: fs.statSync(file.temporary).size }] : [],
    );
    const batches = toBatches(some, (part) => ({
      kind: 'hash',
      hashName,
      paths: part.map((one) => one.file.temporary),
    }));
    const outcomes = (await parts.pool.run(batches, 'progress.verifying', quietCall(call.signal))).flat();
    some.forEach((one, n) => (answers[one.at] = judge(outcomes[n], one.file)));
  }
  return answers;
}

function judge(outcome: Outcome | undefined, file: Download): Adopted {
  if (outcome && 'done' in outcome) {
    const { md5, print } = outcome.done;
    return md5 === digits(file.hash) ? { state: 'taken', size: print.size } : { state: 'corrupt' };
  }
  const { code, data } = failureOf(outcome);
  return { state: 'failed', error: new StrataError(code, data) };
}

/** Hashes temporaries of any content and puts each under the name it earned; two of one content become one object. */
async function takeAll(parts: StoreParts, temporaries: readonly string[], call: Call): Promise<Hashed[]> {
  if (temporaries.length === 0) return [];
  const parents = makeBase(parts);
  const items = temporaries.map((path) => ({ path, bytes: fs.statSync(path).size }));
  const batches = toBatches(items, (part) => ({ kind: 'hash', hashName: 'md5', paths: part.map((one) => one.path) }));
  const outcomes = (await parts.pool.run(batches, 'progress.hashing', call)).flat();
  const taken = items.map((_, n): Hashed => {
    const outcome = outcomes[n];
    const { md5, print, mode } = doneOf(outcome);
    return { md5, size: print.size, mode };
  });
  const staged = new Map<string, Staged>();
  for (const [n, temporary] of temporaries.entries()) {
    const md5 = taken[n]?.md5 ?? '';
    const one = prepare(parts, { hash: md5, hashName: 'md5', temporary }, parents);
    if (staged.has(one.path)) fs.rmSync(temporary, { force: true });
    else staged.set(one.path, one);
  }
  const [failed] = await commitStaged([...staged.values()], { signal: call.signal, parents });
  if (failed) throw failed.error;
  return taken;
}

function prepare(parts: StoreParts, file: Download, parents: string[]): Staged {
  const object = parts.pathOf(file.hash, file.hashName);
  const folder = path.dirname(object);
  if (!fs.existsSync(folder)) {
    makeObjectFolder(folder, parts.shared);
    parents.push(path.dirname(folder));
  }
  // What is no file is no object and would stand in the way of one.
  const old = fs.lstatSync(object, { throwIfNoEntry: false });
  if (old && !old.isFile()) parts.quarantine.take(object, file.hash);
  fs.chmodSync(file.temporary, 0o444);
  return { temporary: file.temporary, path: object };
}
