/**
 * Judges what a command left when it was ended or failed half-way. Reads with the engine itself: every object is what its name says,
 * every pointer is whole and its objects are there, every workspace file is an allowed one. Then the same command again must finish, and
 * DVC itself must find nothing to do.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseDirObject } from '../../src/engine/formats/dirObject';
import { parseDvcFile } from '../../src/engine/formats/dvcFile';
import { parseDvcLock } from '../../src/engine/formats/dvcLock';
import { type Expected, type Place } from './crashpoints';

const root = process.cwd();
const problems: string[] = [];
const FOLDERS: Readonly<Record<Place, string>> = { cache: '.dvc/cache', remote: '.dvc/remote' };

/** Every object of a place by its name, with its bytes. A name that is not a temporary's is an object's. */
function readObjects(place: Place): Map<string, Buffer> {
  const base = path.join(root, FOLDERS[place], 'files', 'md5');
  const objects = new Map<string, Buffer>();
  if (!fs.existsSync(base)) return objects;
  const names = fs.readdirSync(base, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  for (const { name, parentPath } of names) {
    if (/^\..*\.tmp$/.test(name)) continue;
    objects.set(path.basename(parentPath) + name, fs.readFileSync(path.join(parentPath, name)));
  }
  return objects;
}

const md5Of = (bytes: Buffer | string): string => createHash('md5').update(bytes).digest('hex');

/** Whatever its mode says, an object is what its name says; and a list on a remote promises that its files are there. */
function checkObjects(place: Place, objects: ReadonlyMap<string, Buffer>): void {
  for (const [name, bytes] of objects) {
    if (md5Of(bytes) !== name.slice(0, 32)) problems.push(`${place}: object ${name} is not what its name says`);
    else if (place === 'remote' && name.endsWith('.dir')) checkThere(place, objects, name, 'a list');
  }
}

/** An object is there, and the files of a list too. */
function checkThere(place: Place, objects: ReadonlyMap<string, Buffer>, hash: string, who: string): void {
  const bytes = objects.get(hash);
  if (!bytes) problems.push(`${who} names ${hash}, which is not in the ${place}`);
  else if (hash.endsWith('.dir')) {
    for (const entry of parseDirObject(bytes.toString(), hash))
      if (!objects.has(entry.md5)) problems.push(`${who}: ${entry.relpath} is not in the ${place}`);
  }
}

/** Hashes of outputs that a pointer or dvc.lock names. Reading them whole is a part of the test. */
function hashesIn(name: string): string[] {
  const text = fs.readFileSync(path.join(root, name), 'utf8');
  const outs = name.endsWith('.dvc')
    ? parseDvcFile(text, name).outs
    : [...parseDvcLock(text, name).stages.values()].flatMap((stage) => stage.outs);
  return outs.map((out) => out.hash ?? '');
}

function checkState(expected: Expected): Map<Place, Map<string, Buffer>> {
  const places = new Map<Place, Map<string, Buffer>>();
  for (const place of ['cache', 'remote'] as const) {
    const objects = readObjects(place);
    checkObjects(place, objects);
    places.set(place, objects);
  }
  const safe = expected.safe ?? 'cache';
  const pointers = fs
    .readdirSync(root)
    .filter((name) => (name.endsWith('.dvc') && name !== '.dvc') || name === 'dvc.lock');
  for (const name of pointers)
    for (const hash of hashesIn(name)) checkThere(safe, places.get(safe) ?? new Map<string, Buffer>(), hash, name);
  for (const [name, { allowed }] of Object.entries(expected.files)) {
    const text = textOf(name);
    if (!allowed.includes(text)) problems.push(`${name} holds ${JSON.stringify(text)}`);
  }
  for (const group of expected.present ?? [])
    if (!group.some((name) => fs.existsSync(path.join(root, name))))
      problems.push(`none of ${group.join(', ')} is there`);
  return places;
}

function textOf(name: string): string | null {
  return fs.existsSync(path.join(root, name)) ? fs.readFileSync(path.join(root, name), 'utf8') : null;
}

/** The finished state: every file as wanted and stored under its hash, every pointer there, what shall be gone is gone. Says whether it is. */
function checkFinished(expected: Expected, when: string): boolean {
  const before = problems.length;
  const uncached = new Set(['.gitignore', ...(expected.uncached ?? [])]);
  for (const [name, { final }] of Object.entries(expected.files)) {
    const text = textOf(name);
    if (text !== final) problems.push(`${when}: ${name} holds ${JSON.stringify(text)}`);
    if (final === null || uncached.has(name)) continue;
    for (const place of expected.stored ?? ['cache']) checkStored(place, md5Of(final), `${when}: ${name}`);
  }
  for (const name of expected.pointers) if (textOf(name) === null) problems.push(`${when}: no ${name}`);
  for (const name of expected.gone ?? [])
    if (fs.existsSync(path.join(root, name))) problems.push(`${when}: ${name} is still there`);
  return problems.length === before;
}

/** The same, without telling. */
function isFinished(expected: Expected): boolean {
  const before = problems.length;
  const finished = checkFinished(expected, 'before');
  problems.length = before;
  return finished;
}

function checkStored(place: Place, md5: string, what: string): void {
  const object = path.join(root, FOLDERS[place], 'files', 'md5', md5.slice(0, 2), md5.slice(2));
  if (!fs.existsSync(object)) problems.push(`${what} is not in the ${place}`);
  else if ((fs.statSync(object).mode & 0o777) !== 0o444)
    problems.push(`${what}: its object in the ${place} is writable`);
}

function again(expected: Expected): void {
  const [program = '', ...args] = expected.command;
  const mayRefuse = expected.once === true && isFinished(expected);
  const run = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  if (run.status !== 0 && !mayRefuse) problems.push(`the same command again: exit ${run.status}: ${run.stderr}`);
}

/** DVC's own opinion, of every so many points: it takes longer than all the rest. */
function checkWithDvc(): void {
  const [dvc, every = '1'] = (process.env['CHECK_DVC'] ?? '').split('\n');
  const point = Number(process.env['CRASHPOINTS_POINT']);
  if (!dvc || (Number.isInteger(point) && point % Number(every) !== 0)) return;
  const run = spawnSync(dvc, ['status'], { cwd: root, encoding: 'utf8' });
  if (run.status !== 0 || !run.stdout.includes('up to date'))
    problems.push(`dvc status: exit ${run.status}: ${run.stdout}${run.stderr}`);
}

function main(): void {
  const expected = JSON.parse(fs.readFileSync(process.argv[2] ?? '', 'utf8')) as Expected;
  checkState(expected);
  if (process.env['CRASHPOINTS_EXIT'] === '0') checkFinished(expected, 'after exit 0');
  again(expected);
  checkState(expected);
  checkFinished(expected, 'after the same command again');
  checkWithDvc();
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

main();
