/** The projects that the fault tests start from, and what each file may hold on the way and in the end. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { newScene, strata, type Expected, type Scene } from './crashpoints';

type Files = Record<string, { allowed: (string | null)[]; final: string }>;

const OLD = 'id,label\n1,cat\n';
const NEW = 'id,label\n1,cat\n2,dog\n';

function put(root: string, name: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  fs.writeFileSync(path.join(root, name), text);
}

/** Names and texts of a small folder; enough files for one sync of all. */
function folderFiles(version: string): [string, string][] {
  const names = Array.from({ length: 9 }, (_, i) => `images/${i}.txt`);
  return [...names, 'images/sub/same.txt', 'images/sub/twin.txt'].map((name) => [
    name,
    name.startsWith('images/sub') ? 'the same twice\n' : `${version} of ${name}\n`,
  ]);
}

function expect(texts: readonly [string, string][], before: (name: string) => (string | null)[]): Files {
  return Object.fromEntries(
    texts.map(([name, final]) => [name, { allowed: [...new Set([...before(name), final])], final }]),
  );
}

/** `add` of a changed file and of a new folder. */
export function addScene(): Scene {
  return newScene(['add', '-q', 'data.csv', 'images'], (root): Omit<Expected, 'command'> => {
    put(root, 'data.csv', OLD);
    strata(root, 'add', '-q', 'data.csv');
    put(root, 'data.csv', NEW);
    const folder = folderFiles('first');
    for (const [name, text] of folder) put(root, name, text);
    return {
      files: { ...expect([['data.csv', NEW]], () => []), ...expect(folder, () => []) },
      pointers: ['data.csv.dvc', 'images.dvc'],
    };
  });
}

/** `checkout` over an older file and an older folder, with a file that is gone and one that is too many. */
export function checkoutScene(): Scene {
  return newScene(['checkout', '-q'], (root): Omit<Expected, 'command'> => {
    const older = new Map(folderFiles('first'));
    put(root, 'data.csv', OLD);
    for (const [name, text] of older) put(root, name, text);
    strata(root, 'add', '-q', 'data.csv', 'images');
    const newer = folderFiles('second');
    put(root, 'data.csv', NEW);
    for (const [name, text] of newer) put(root, name, text);
    strata(root, 'add', '-q', 'data.csv', 'images');
    put(root, 'data.csv', OLD);
    for (const [name, text] of older) put(root, name, text);
    fs.rmSync(path.join(root, 'images/3.txt'));
    older.delete('images/3.txt');
    return {
      files: {
        ...expect([['data.csv', NEW]], () => [OLD]),
        ...expect(newer, (name) => [older.get(name) ?? null]),
      },
      pointers: ['data.csv.dvc', 'images.dvc'],
    };
  });
}
