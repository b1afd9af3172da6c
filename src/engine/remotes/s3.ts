/**
 * A remote in an S3 bucket, Amazon's or any server's that speaks like it. Built as a program of its own (`dist/remoteS3.js`), which is loaded
 * with the first such remote. Layout and options are DVC's (formats §2, §20).
 */

import { createHash } from 'node:crypto';
import { type Call } from '../../base/cancel';
import { StrataError } from '../errors';
import { type Host } from '../host/host';
import { type OpenRemote, type Remote, type RemoteSettings } from './remotes';
import { type Patience } from './retry';
import { getObject } from './s3Download';
import { listObjects, present, removeObjects } from './s3List';
import { readS3Options } from './s3Options';
import { PARTS_FROM, putInParts } from './s3Parts';
import { MOST_REQUESTS, S3Place } from './s3Place';
import { head, putWhole, sizeOf } from './s3Upload';

/** Opens a bucket. Nothing is sent before the first use. Fails with what {@link readS3Options} finds wrong. */
export const open: OpenRemote = (settings, host, call) => openS3(settings, host, {}, (question) => call.ask(question));

/** The same with another patience, for tests. `ask` is asked for keys where none are found. */
export async function openS3(
  settings: RemoteSettings,
  host: Host,
  change: Partial<Patience> = {},
  ask: Call['ask'] = () => Promise.reject(new Error('nobody can be asked')),
): Promise<Remote> {
  const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('base64');
  const options = await readS3Options(settings, host, md5);
  return s3Remote(new S3Place(options, host, ask, change));
}

/** The remote of a place. */
function s3Remote(place: S3Place): Remote {
  return {
    url: place.options.url,
    jobs: place.options.jobs ?? MOST_REQUESTS,
    has: (keys, call) => present(place, keys.map(checkKey), call),
    stat: async (key, call) => {
      const found = await head(place, checkKey(key), call.signal);
      if (!found) return undefined;
      const value = (found.etag ?? '').replaceAll('"', '');
      return { key, size: found.size, ...(value === '' ? {} : { tag: { name: 'etag', value } }) };
    },
    list: (prefix, call) => listObjects(place, prefix === '' ? '' : checkKey(prefix), call),
    upload: async (path, key, moving) => {
      const put = sizeOf(path) > PARTS_FROM ? putInParts : putWhole;
      await put(place, path, checkKey(key), moving);
    },
    download: (key, path, moving) => getObject(place, checkKey(key), path, moving),
    remove: (keys, call) => removeObjects(place, keys.map(checkKey), call),
    close: () => {
      place.close();
      return Promise.resolve();
    },
  };
}

/** Keys come from hashes; anything else would leave the prefix. */
function checkKey(key: string): string {
  const bad = key.split('/').some((part) => part === '' || part === '.' || part === '..');
  if (bad) throw new StrataError('remotes.badKey', { key });
  return key;
}
