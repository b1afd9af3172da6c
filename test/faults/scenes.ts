/** The projects that the crash tests start from, and what each file may hold on the way and in the end: one scene an operation. */

import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { newScene, strata, type Expected, type Scene } from './crashpoints';

type Files = Record<string, { allowed: (string | null)[]; final: string | null }>;
type Told = Omit<Expected, 'command'>;

const OLD = 'id,label\n1,cat\n';
const NEW = 'id,label\n1,cat\n2,dog\n';
const FEW = 9;
const TWENTY = 18;

function put(root: string, name: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  fs.writeFileSync(path.join(root, name), text);
}

/** Names and texts of a folder of `n` files and two more that are the same; enough files for one sync of all. */
function folderFiles(version: string, n: number): [string, string][] {
  const names = Array.from({ length: n }, (_, i) => `images/${i}.txt`);
  return [...names, 'images/sub/same.txt', 'images/sub/twin.txt'].map((name) => [
    name,
    name.startsWith('images/sub') ? 'the same twice\n' : `${version} of ${name}\n`,
  ]);
}

function expect(texts: readonly [string, string][], before: (name: string) => (string | null)[] = () => []): Files {
  return Object.fromEntries(
    texts.map(([name, final]) => [name, { allowed: [...new Set([...before(name), final])], final }]),
  );
}

function track(root: string, files: readonly [string, string][], ...targets: string[]): void {
  for (const [name, text] of files) put(root, name, text);
  strata(root, 'add', '-q', ...targets);
}

/** A tracked file and a tracked folder. */
function tracked(root: string): [string, string][] {
  const files: [string, string][] = [['data.csv', OLD], ...folderFiles('first', FEW)];
  track(root, files, 'data.csv', 'images');
  return files;
}

/** The same with a remote inside the project, so that what happens there is seen too. */
function shared(root: string): [string, string][] {
  strata(root, 'remote', 'add', '-q', '-d', 'store', '.dvc/remote');
  return tracked(root);
}

const ignoring = (...lines: string[]): string => lines.map((line) => `/${line}\n`).join('');

/** `add` of a file that nobody tracks. */
function addNew(): Scene {
  return newScene(['add', '-q', 'data.csv'], (root): Told => {
    put(root, 'data.csv', NEW);
    // As in any project that was used before: what is made only once is no point of interest.
    fs.mkdirSync(path.join(root, '.dvc', 'tmp', 'strata'));
    const ignored = { allowed: [null, ignoring('data.csv')], final: ignoring('data.csv') };
    return { files: { ...expect([['data.csv', NEW]]), '.gitignore': ignored }, pointers: ['data.csv.dvc'] };
  });
}

/** `add` of a file that changed. */
function addChanged(): Scene {
  return newScene(['add', '-q', 'data.csv'], (root): Told => {
    track(root, [['data.csv', OLD]], 'data.csv');
    put(root, 'data.csv', NEW);
    return { files: expect([['data.csv', NEW]]), pointers: ['data.csv.dvc'] };
  });
}

/** `add` of a changed file and of a new folder of twenty. */
function addFolder(): Scene {
  return newScene(['add', '-q', 'data.csv', 'images'], (root): Told => {
    track(root, [['data.csv', OLD]], 'data.csv');
    const folder: [string, string][] = [['data.csv', NEW], ...folderFiles('first', TWENTY)];
    for (const [name, text] of folder) put(root, name, text);
    const before = ignoring('data.csv');
    const final = ignoring('data.csv', 'images');
    const ignored = { '.gitignore': { allowed: [before, final], final } };
    return { files: { ...expect(folder), ...ignored }, pointers: ['data.csv.dvc', 'images.dvc'] };
  });
}

/** `checkout` over an older file and an older folder, with a file that is gone and one that is too many. */
function checkout(): Scene {
  return newScene(['checkout', '-q'], (root): Told => {
    const older = new Map(tracked(root));
    const newer: [string, string][] = [['data.csv', NEW], ...folderFiles('second', FEW)];
    track(root, newer, 'data.csv', 'images');
    for (const [name, text] of older) put(root, name, text);
    fs.rmSync(path.join(root, 'images/3.txt'));
    older.delete('images/3.txt');
    return { files: expect(newer, (name) => [older.get(name) ?? null]), pointers: ['data.csv.dvc', 'images.dvc'] };
  });
}

/** `push` to an empty remote. */
function push(): Scene {
  return newScene(['push', '-q'], (root): Told => {
    const files = shared(root);
    return { files: expect(files), pointers: ['data.csv.dvc', 'images.dvc'], stored: ['cache', 'remote'] };
  });
}

/** `fetch` into an empty cache. */
function fetch(): Scene {
  return newScene(['fetch', '-q'], (root): Told => {
    const files = shared(root);
    strata(root, 'push', '-q');
    fs.rmSync(path.join(root, '.dvc', 'cache'), { recursive: true });
    fs.mkdirSync(path.join(root, '.dvc', 'cache'));
    const pointers = ['data.csv.dvc', 'images.dvc'];
    return { files: expect(files), pointers, safe: 'remote', stored: ['cache', 'remote'] };
  });
}

const STAGE = `stages:
  make:
    cmd: cat in.txt > out.txt
    deps:
    - in.txt
    outs:
    - out.txt
`;

/** A stage that runs again because its input changed; its command may leave a part of its output when it is killed, we may not. */
function repro(): Scene {
  const passing = ['.dvc/tmp/strata/runs', 'out.txt'];
  return newScene(
    ['repro', '-q'],
    (root): Told => {
      put(root, 'in.txt', OLD);
      put(root, 'dvc.yaml', STAGE);
      strata(root, 'repro', '-q');
      put(root, 'in.txt', NEW);
      const out = { 'out.txt': { allowed: [null, '', OLD, NEW], final: NEW } };
      const lock = { 'dvc.yaml': { allowed: [STAGE], final: STAGE } };
      return { files: { ...out, ...lock }, pointers: ['dvc.lock'], uncached: ['dvc.yaml'] };
    },
    passing,
  );
}

/** `gc` of cache and remote, with an older file, an older folder, and what an interrupted command left two days ago. */
function gc(): Scene {
  return newScene(['gc', '-q', '-w', '-c', '-f'], (root): Told => {
    const older = shared(root);
    strata(root, 'push', '-q');
    const newer: [string, string][] = [['data.csv', NEW], ...folderFiles('second', FEW)];
    track(root, newer, 'data.csv', 'images');
    strata(root, 'push', '-q');
    const temporary = '.dvc/cache/files/md5/.0123456789abcdef.tmp';
    put(root, temporary, 'left');
    const before = Date.now() / 1000 - 2 * 24 * 3600;
    fs.utimesSync(path.join(root, temporary), before, before);
    const wanted = new Set(newer.map(([, text]) => objectOf(text)));
    const unused = older.map(([, text]) => objectOf(text)).filter((name) => !wanted.has(name));
    return {
      files: expect(newer),
      pointers: ['data.csv.dvc', 'images.dvc'],
      stored: ['cache', 'remote'],
      gone: [temporary, ...unused.map((name) => `.dvc/cache/${name}`), ...unused.map((name) => `.dvc/remote/${name}`)],
    };
  });
}

function objectOf(text: string): string {
  const md5 = createHash('md5').update(text).digest('hex');
  return `files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`;
}

/** `move` of a folder into another one. */
function move(): Scene {
  return newScene(['move', '-q', 'images', 'raw/pictures'], (root): Told => {
    const files = tracked(root).filter(([name]) => name.startsWith('images/'));
    put(root, 'raw/notes.txt', 'kept\n');
    const moved = files.map(([name, text]): [string, string] => [name.replace('images', 'raw/pictures'), text]);
    const lines = [ignoring('data.csv', 'images'), ignoring('data.csv')];
    const ignored = {
      '.gitignore': { allowed: lines, final: lines[1] ?? '' },
      'raw/.gitignore': { allowed: [null, ignoring('pictures')], final: ignoring('pictures') },
    };
    return {
      files: { ...expect(moved, () => [null]), ...ignored },
      pointers: ['data.csv.dvc', 'raw/pictures.dvc'],
      gone: ['images.dvc', ...files.map(([name]) => name)],
      uncached: ['raw/.gitignore'],
      present: [['images.dvc', 'raw/pictures.dvc'], ...files.map(([name], n) => [name, moved[n]?.[0] ?? ''])],
      once: true,
    };
  });
}

/** `remove` of a file that is a link, and of a folder with its data. */
function remove(): Scene {
  return newScene(['remove', '-q', 'data.csv.dvc'], (root): Told => {
    strata(root, 'config', 'cache.type', 'symlink');
    tracked(root);
    const ignored = { allowed: [ignoring('data.csv', 'images'), ignoring('images')], final: ignoring('images') };
    return {
      files: { ...expect([['data.csv', OLD]]), '.gitignore': ignored },
      pointers: ['images.dvc'],
      gone: ['data.csv.dvc'],
      once: true,
    };
  });
}

/** `remove --outs` of a folder. That its files are gone is on disk with the folder's own name. */
function removeOuts(): Scene {
  return newScene(
    ['remove', '-q', 'images.dvc', '--outs'],
    (root): Told => {
      const files = tracked(root).filter(([name]) => name.startsWith('images/'));
      const data = Object.fromEntries(files.map(([name, text]) => [name, { allowed: [text, null], final: null }]));
      return { files: data, pointers: ['data.csv.dvc'], gone: ['images.dvc', 'images'], once: true };
    },
    ['images'],
  );
}

/** The files of a folder that lies beside what is imported from it. */
function sourceFiles(root: string, version: string): [string, string][] {
  const files = folderFiles(version, FEW);
  for (const [name, text] of files) put(root, name.replace('images', 'source'), text);
  return files;
}

/** `import-url` of a folder. */
function importUrl(): Scene {
  return newScene(['import-url', '-q', 'source', 'images'], (root): Told => {
    track(root, [['data.csv', OLD]], 'data.csv');
    const files = sourceFiles(root, 'first');
    const lines = [ignoring('data.csv'), ignoring('data.csv', 'images')];
    const ignored = { '.gitignore': { allowed: lines, final: lines[1] ?? '' } };
    return {
      files: { ...expect(files, () => [null]), ...ignored },
      pointers: ['data.csv.dvc', 'images.dvc'],
      once: true,
    };
  });
}

/** `update` of an import whose source has changed. */
function update(): Scene {
  return newScene(['update', '-q', 'images.dvc'], (root): Told => {
    const older = new Map(sourceFiles(root, 'first'));
    strata(root, 'import-url', '-q', 'source', 'images');
    const newer = sourceFiles(root, 'second');
    return { files: expect(newer, (name) => [older.get(name) ?? null]), pointers: ['images.dvc'] };
  });
}

/** Every operation under test. `all`: every point is tried in each run, not a spread of them. */
export const OPERATIONS: Readonly<Record<string, () => Scene>> = {
  'add of a new file': addNew,
  'add of a changed file': addChanged,
  'add of a folder of twenty': addFolder,
  checkout,
  push,
  fetch,
  'a stage that runs': repro,
  gc,
  'move of a folder': move,
  'remove of a link': remove,
  'remove of a folder with its data': removeOuts,
  'import-url of a folder': importUrl,
  'update of an import': update,
};

/** Those that `npm test` tries; the others are much like one of them. */
export const TEN = Object.fromEntries(
  Object.entries(OPERATIONS).filter(
    ([name]) => !/^(remove of a link|update of an import|add of a changed file)$/.test(name),
  ),
);

/** The smallest of them, for what is tried at every single call. */
export { addNew };
