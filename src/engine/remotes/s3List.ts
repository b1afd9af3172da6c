/**
 * What is in a bucket: lists by folder, and which of many keys are there. Few keys are asked for one by one; of many, each of their folders
 * (`files/md5/xx`) is listed, so that the cost follows what is asked and not what others keep there.
 */

import { DeleteObjectCommand, DeleteObjectsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { throwIfCancelled, type Call } from '../../base/cancel';
import { is, StrataError } from '../errors';
import { inLanes } from './lanes';
import { type RemoteFile } from './remotes';
import { MOST_REQUESTS, type S3Place } from './s3Place';
import { head } from './s3Upload';

/** Fewer keys than this in all, or in one folder, are asked for one by one. */
const FEW = 64;
const FEW_IN_FOLDER = 4;
/** So many keys a delete. */
const TOGETHER = 1000;

interface Page {
  readonly files: readonly RemoteFile[];
  /** Where the next page starts; undefined on the last. */
  readonly next: string | undefined;
}

/** One page of the objects whose keys start so. */
async function page(place: S3Place, start: string, token: string | undefined, signal: AbortSignal): Promise<Page> {
  const { bucket, prefix } = place.options;
  const after = token === undefined ? {} : { ContinuationToken: token };
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    Prefix: prefix === '' ? start : `${prefix}/${start}`,
    ...after,
  });
  const answer = await place.does(signal, (attempt) => place.client.send(command, { abortSignal: attempt.signal }));
  const cut = prefix === '' ? 0 : prefix.length + 1;
  const files = (answer.Contents ?? []).map(({ Key = '', Size, ETag }) => ({
    key: Key.slice(cut),
    ...(Size === undefined ? {} : { size: Size }),
    ...(ETag === undefined ? {} : { tag: { name: 'etag' as const, value: ETag.replaceAll('"', '') } }),
  }));
  return { files, next: answer.IsTruncated ? answer.NextContinuationToken : undefined };
}

/** All objects below a folder's key. Names that end in `/` are marks that other tools leave for folders, and are left out. */
export async function* listObjects(place: S3Place, folder: string, call: Call): AsyncGenerator<RemoteFile> {
  const start = folder === '' ? '' : `${folder}/`;
  let token: string | undefined;
  do {
    throwIfCancelled(call.signal);
    const { files, next } = await page(place, start, token, call.signal);
    for (const file of files) if (file.key !== '' && !file.key.endsWith('/')) yield file;
    token = next;
  } while (token !== undefined);
}

/** Which of the keys are there. */
export async function present(place: S3Place, keys: readonly string[], call: Call): Promise<Set<string>> {
  const found = new Set<string>();
  if (keys.length < FEW) {
    await askEach(place, keys, found, call);
    return found;
  }
  const folders = new Map<string, string[]>();
  for (const key of keys) {
    const folder = key.slice(0, key.lastIndexOf('/') + 1);
    const inside = folders.get(folder);
    if (inside) inside.push(key);
    else folders.set(folder, [key]);
  }
  const roots = new Set([...folders.keys()].map(above));
  for (const root of roots) {
    // A remote that holds little says all in one answer.
    const whole = root === '' ? undefined : await page(place, root, undefined, call.signal);
    const inside = [...folders].filter(([folder]) => above(folder) === root);
    if (whole?.next === undefined && whole !== undefined) {
      const there = new Set(whole.files.map(({ key }) => key));
      for (const key of inside.flatMap(([, some]) => some)) if (there.has(key)) found.add(key);
    } else
      await inLanes(inside, MOST_REQUESTS, ([folder, some]) => lookInto(place, { folder, keys: some }, found, call));
  }
  return found;
}

/** The start that a folder shares with those beside it: `a/b/` → `a/`. */
function above(folder: string): string {
  return folder.slice(0, folder.slice(0, -1).lastIndexOf('/') + 1);
}

async function lookInto(
  place: S3Place,
  { folder, keys }: { readonly folder: string; readonly keys: readonly string[] },
  found: Set<string>,
  call: Call,
): Promise<void> {
  let open = new Set(keys);
  let token: string | undefined;
  for (let pages = 1; open.size >= Math.max(FEW_IN_FOLDER, pages / 2); pages += 1) {
    const { files, next } = await page(place, folder, token, call.signal);
    for (const { key } of files) if (open.delete(key)) found.add(key);
    token = next;
    if (token === undefined) return;
    // Names come in order: those before the last one seen are not there.
    const last = files.at(-1)?.key ?? '';
    open = new Set([...open].filter((key) => key > last));
  }
  await askEach(place, [...open], found, call);
}

async function askEach(place: S3Place, keys: readonly string[], found: Set<string>, call: Call): Promise<void> {
  await inLanes(keys, place.options.jobs ?? MOST_REQUESTS, async (key) => {
    if (await head(place, key, call.signal)) found.add(key);
  });
}

/** Removes objects, a thousand a request where the server can. */
export async function removeObjects(place: S3Place, keys: readonly string[], call: Call): Promise<void> {
  for (let at = 0; at < keys.length; at += TOGETHER) {
    const some = keys.slice(at, at + TOGETHER);
    if (some.length > 1 && (await removeTogether(place, some, call))) continue;
    await inLanes(some, place.options.jobs ?? MOST_REQUESTS, (key) => removeOne(place, key, call));
  }
}

/** False where the server knows no such request. */
async function removeTogether(place: S3Place, keys: readonly string[], call: Call): Promise<boolean> {
  const Objects = keys.map((key) => ({ Key: place.object(key) }));
  const command = new DeleteObjectsCommand({ Bucket: place.options.bucket, Delete: { Objects, Quiet: true } });
  try {
    const { Errors = [] } = await place.does(call.signal, (attempt) =>
      place.client.send(command, { abortSignal: attempt.signal }),
    );
    const bad = Errors.find(({ Code }) => Code !== 'NoSuchKey');
    if (bad) throw new StrataError('s3.refused', { ...place.target, status: 200, code: bad.Code ?? '-' });
    return true;
  } catch (error) {
    if (is(error, 's3.refused') && error.data['status'] !== 200) return false;
    throw error;
  }
}

async function removeOne(place: S3Place, key: string, call: Call): Promise<void> {
  const command = new DeleteObjectCommand({ Bucket: place.options.bucket, Key: place.object(key) });
  try {
    await place.does(call.signal, (attempt) => place.client.send(command, { abortSignal: attempt.signal }), key);
  } catch (error) {
    if (!is(error, 'remotes.missing')) throw error;
  }
}
