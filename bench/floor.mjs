/**
 * The least that the work can take in Node, as whole programs:
 *
 *   node floor.mjs store FROM TO [sync]     reads the files of FROM, hashes them (MD5) and copies them to TO/xx/rest
 *   node floor.mjs restore FROM TO [sync]   reads the files of FROM/xx, hashes them and copies them into the folder TO
 *   node floor.mjs file FROM TO [sync]      reads one file, hashes it and copies it, block by block
 *   node floor.mjs walk FOLDER              lists a folder and looks at each entry (lstat)
 *
 * Two worker threads read, hash and write under temporary names; then one `sync -f` (with `sync`), the renames, and an fsync of
 * each folder (with `sync`): the same policy as ours, without locks, checks, records or an index.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

function copyAll({ files, kind, to, lane }) {
  const staged = [];
  const made = new Set();
  // Two threads that make files in one folder wait for each other: each has its own until the renames.
  const own = `${to}.${lane}`;
  if (kind === 'restore') fs.mkdirSync(own);
  for (const [n, file] of files.entries()) {
    const bytes = fs.readFileSync(file);
    const md5 = createHash('md5').update(bytes).digest('hex');
    const folder = kind === 'store' ? `${to}/${md5.slice(0, 2)}` : own;
    if (kind === 'store' && !made.has(folder)) fs.mkdirSync(folder, { recursive: true });
    made.add(folder);
    const temporary = `${folder}/.${lane}-${n}.tmp`;
    fs.writeFileSync(temporary, bytes, { flag: 'wx', mode: kind === 'store' ? 0o444 : 0o644 });
    staged.push([temporary, kind === 'store' ? `${folder}/${md5.slice(2)}` : `${to}/${lane}-${n}.bin`]);
  }
  return staged;
}

function listFiles(folder) {
  const files = [];
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...listFiles(path));
    else files.push(path);
  }
  return files;
}

function inWorker(data) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: data });
    worker.on('message', resolve);
    worker.on('error', reject);
  });
}

function syncFolder(folder) {
  const fd = fs.openSync(folder, 'r');
  fs.fsyncSync(fd);
  fs.closeSync(fd);
}

async function copy(kind, from, to, sync) {
  const files = listFiles(from);
  fs.mkdirSync(to, { recursive: true });
  const half = Math.ceil(files.length / 2);
  const parts = [files.slice(0, half), files.slice(half)];
  const staged = (await Promise.all(parts.map((part, lane) => inWorker({ files: part, kind, to, lane })))).flat();
  if (sync) execFileSync('sync', ['-f', to]);
  const folders = new Set([to]);
  for (const [temporary, path] of staged) {
    fs.renameSync(temporary, path);
    folders.add(path.slice(0, path.lastIndexOf('/')));
  }
  if (sync) for (const folder of folders) syncFolder(folder);
  if (kind === 'restore') for (const lane of parts.keys()) fs.rmdirSync(`${to}.${lane}`);
}

function copyFile(from, to, sync) {
  const block = Buffer.allocUnsafe(1024 * 1024);
  const [input, output] = [fs.openSync(from, 'r'), fs.openSync(to, 'wx')];
  const hash = createHash('md5');
  for (let n = fs.readSync(input, block); n > 0; n = fs.readSync(input, block)) {
    hash.update(block.subarray(0, n));
    fs.writeSync(output, block, 0, n);
  }
  hash.digest('hex');
  if (sync) fs.fsyncSync(output);
  fs.closeSync(input);
  fs.closeSync(output);
}

if (isMainThread) {
  const [kind, from, to, sync] = process.argv.slice(2);
  if (kind === 'walk') for (const file of listFiles(from)) fs.lstatSync(file);
  else if (kind === 'file') copyFile(from, to, sync === 'sync');
  else await copy(kind, from, to, sync === 'sync');
} else {
  parentPort.postMessage(copyAll(workerData));
}
