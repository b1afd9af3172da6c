/**
 * A web server of one folder, in a process of its own so that tests may wait for other programs meanwhile: GET and HEAD, with the content's ETag
 * but for names that begin with `untagged`. Prints its port.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [, , folder = '.'] = process.argv;

/** @param {string | undefined} url */
function contentOf(url = '/') {
  try {
    return readFileSync(join(folder, decodeURIComponent(url.split('?')[0] ?? '')));
  } catch {
    return undefined;
  }
}

const server = createServer((request, response) => {
  const body = contentOf(request.url);
  if (!body) return void response.writeHead(404).end();
  const tag = `"${createHash('md5').update(body).digest('hex')}"`;
  const headers = request.url?.startsWith('/untagged') ? {} : { ETag: tag };
  response.writeHead(200, { 'Content-Length': body.length, ...headers });
  response.end(request.method === 'HEAD' ? undefined : body);
});
server.listen(0, '127.0.0.1', () => console.log(server.address()?.port));
process.stdin.resume().on('end', () => process.exit());
