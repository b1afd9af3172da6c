/**
 * The least that moving objects to and from an S3 server takes in Node, as whole programs: signed requests over kept connections, sixteen
 * at a time, and nothing else: no hashing of what arrives, no looking whether something is there, no syncing.
 *
 *   node s3Floor.mjs put ENDPOINT BUCKET/PREFIX FOLDER    sends the files of FOLDER/xx
 *   node s3Floor.mjs get ENDPOINT BUCKET/PREFIX FOLDER TO brings the same files to TO/xx
 */
import { createHash, createHmac } from 'node:crypto';
import * as fs from 'node:fs';
import * as http from 'node:http';
import { s3Keys } from '../scripts/lib/objectServers.mjs';

const atOnce = 16;
const [kind, endpoint, place, folder, to] = process.argv.slice(2);
const { hostname, port, host } = new URL(endpoint);
const agent = new http.Agent({ keepAlive: true, maxSockets: atOnce });

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (key, data) => createHmac('sha256', key).update(data).digest();
const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
const scope = `${day}/us-east-1/s3/aws4_request`;
const signingKey = scope.split('/').reduce(hmac, `AWS4${s3Keys.secretAccessKey}`);

function headersFor(method, path, body) {
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const hash = sha256(body);
  const names = 'host;x-amz-content-sha256;x-amz-date';
  const lines = `host:${host}\nx-amz-content-sha256:${hash}\nx-amz-date:${time}\n`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(`${method}\n${path}\n\n${lines}\n${names}\n${hash}`)}`;
  const signature = createHmac('sha256', signingKey).update(text).digest('hex');
  const who = `Credential=${s3Keys.accessKeyId}/${scope}`;
  const authorization = `AWS4-HMAC-SHA256 ${who}, SignedHeaders=${names}, Signature=${signature}`;
  return { host, 'x-amz-content-sha256': hash, 'x-amz-date': time, authorization, 'content-length': body.length };
}

function send(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = headersFor(method, path, body);
    const request = http.request({ hostname, port, agent, method, path, headers }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const ok = answer.statusCode === 200;
        if (ok) resolve(Buffer.concat(parts));
        else reject(new Error(`${method} ${path}: ${answer.statusCode} ${Buffer.concat(parts)}`));
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

const keys = fs.readdirSync(folder).flatMap((xx) => fs.readdirSync(`${folder}/${xx}`).map((rest) => `${xx}/${rest}`));
if (kind === 'get') for (const key of keys) fs.mkdirSync(`${to}/${key.slice(0, 2)}`, { recursive: true });
let next = 0;
async function lane() {
  while (next < keys.length) {
    const key = keys[next++];
    const path = `/${place}/files/md5/${key}`;
    if (kind === 'put') await send('PUT', path, fs.readFileSync(`${folder}/${key}`));
    else fs.writeFileSync(`${to}/${key}`, await send('GET', path, Buffer.alloc(0)));
  }
}
await Promise.all(Array.from({ length: atOnce }, lane));
agent.destroy();
