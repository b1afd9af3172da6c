/**
 * Judges what a command left when it was ended or failed half-way. Reads with the engine itself: every object is what its name says,
 * every pointer is whole and its objects are there, every workspace file is an allowed one. Then the same command again must finish.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { openStore } from '../../src/engine/cache/openStore';
import { type ObjectStore } from '../../src/engine/cache/cache';
import { parseDvcFile } from '../../src/engine/formats/dvcFile';
import { nodeHost } from '../../src/engine/host/node';
import { type Expected } from './crashpoints';

const root = process.cwd();
const problems: string[] = [];

function openHere(): ObjectStore {
  return openStore({
    host: nodeHost(),
    dir: path.join(root, '.dvc', 'cache'),
    tmpDir: path.join(root, '.dvc', 'tmp'),
    indexDir: path.join(root, '.dvc', 'tmp', 'check-index'),
    linkTypes: ['copy'],
    shared: false,
  });
}

function objects(): string[] {
  const base = path.join(root, '.dvc', 'cache', 'files', 'md5');
  if (!fs.existsSync(base)) return [];
  const names = fs.readdirSync(base, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names.flatMap(({ name }) =>
    fs
      .readdirSync(path.join(base, name))
      .filter((rest) => !rest.endsWith('.tmp'))
      .map((rest) => name + rest),
  );
}

async function checkObjects(store: ObjectStore): Promise<void> {
  for (const hash of objects()) {
    const state = await store.verify(hash);
    if (state !== 'good') problems.push(`object ${hash} is ${state}`);
  }
}

async function checkPointer(store: ObjectStore, name: string): Promise<void> {
  const file = parseDvcFile(fs.readFileSync(path.join(root, name), 'utf8'), name);
  for (const out of file.outs) {
    const hash = out.hash ?? '';
    if ((await store.verify(hash)) !== 'good') problems.push(`${name} names ${hash}, which is not there`);
    else if (hash.endsWith('.dir')) {
      for (const entry of await store.readDir(hash)) {
        if ((await store.verify(entry.md5)) !== 'good') problems.push(`${name}: no object of ${entry.relpath}`);
      }
    }
  }
}

async function checkState(expected: Expected): Promise<void> {
  const store = openHere();
  await checkObjects(store);
  for (const name of fs.readdirSync(root))
    if (name.endsWith('.dvc') && name !== '.dvc') await checkPointer(store, name);
  await store.close();
  for (const [name, { allowed }] of Object.entries(expected.files)) {
    const text = fs.existsSync(path.join(root, name)) ? fs.readFileSync(path.join(root, name), 'utf8') : null;
    if (!allowed.includes(text)) problems.push(`${name} holds ${JSON.stringify(text)}`);
  }
}

/** The finished state: every file as wanted, recorded under its hash. */
function checkFinished(expected: Expected, when: string): void {
  for (const [name, { final }] of Object.entries(expected.files)) {
    const file = path.join(root, name);
    const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
    if (text !== final) problems.push(`${when}: ${name} holds ${JSON.stringify(text)}`);
    const md5 = createHash('md5').update(final).digest('hex');
    const object = path.join(root, '.dvc', 'cache', 'files', 'md5', md5.slice(0, 2), md5.slice(2));
    if (!fs.existsSync(object)) problems.push(`${when}: ${name} is not in the cache`);
    else if ((fs.statSync(object).mode & 0o777) !== 0o444) problems.push(`${when}: object of ${name} is writable`);
  }
  for (const name of expected.pointers) {
    if (!fs.existsSync(path.join(root, name))) problems.push(`${when}: no ${name}`);
  }
}

async function main(): Promise<void> {
  const expected = JSON.parse(fs.readFileSync(process.argv[2] ?? '', 'utf8')) as Expected;
  await checkState(expected);
  if (process.env['CRASHPOINTS_EXIT'] === '0') checkFinished(expected, 'after exit 0');
  const [program = '', ...args] = expected.command;
  const again = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  if (again.status !== 0) problems.push(`the same command again: exit ${again.status}: ${again.stderr}`);
  await checkState(expected);
  checkFinished(expected, 'after the same command again');
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

void main();
