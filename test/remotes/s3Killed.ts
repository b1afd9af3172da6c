/** A program that uploads a file to S3 and kills itself when so many bytes have moved, two parts at a time: `s3Killed.ts ENDPOINT URL PATH KEY BYTES`. */

import { quietCall } from '../../src/base/cancel';
import { nodeHost } from '../../src/engine/host/node';
import { open } from '../../src/engine/remotes/s3';
import { reaching, s3Settings } from '../support/s3Setup';

async function main([endpoint = '', url = '', path = '', key = '', bytes = '']: string[]): Promise<void> {
  const call = quietCall();
  const remote = await open(s3Settings(url, { ...reaching(endpoint), jobs: '2' }), nodeHost(), call);
  let left = Number(bytes);
  const moved = (count: number): void => {
    left -= count;
    if (left <= 0) process.kill(process.pid, 'SIGKILL');
  };
  await remote.upload(path, key, { signal: call.signal, moved });
}

void main(process.argv.slice(2));
