/** CONTRACT.md: fifteen promises, each with what is not promised and with tests that exist and are run. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const contract = readFileSync(join(root, 'CONTRACT.md'), 'utf8');

interface Promised {
  readonly number: number;
  readonly title: string;
  readonly text: string;
  readonly tests: readonly string[];
}

/** Paths below `test/` in a text. */
const testsIn = (text: string): string[] => [...text.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path);

const promises: Promised[] = contract
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const [, number = '', title = ''] = /^(\d+)\. (.+)$/m.exec(section) ?? [];
    const held = section.slice(section.indexOf('- Held by:'));
    return { number: Number(number), title, text: section, tests: section.includes('- Held by:') ? testsIn(held) : [] };
  });

describe('the contract', () => {
  it('has fifteen promises in order, and says what they assume', () => {
    assert.deepEqual(
      promises.map(({ number }) => number),
      Array.from({ length: 15 }, (_, n) => n + 1),
    );
    assert.match(contract, /\*\*Assumed beside all of them\*\*/);
  });

  for (const { number, title, text, tests } of promises) {
    it(`${number}. ${title}: says what is not promised, and names tests`, () => {
      assert.match(text, /^- Not promised: \S/m);
      assert.ok(tests.length > 0, 'no test is named');
      assert.equal(new Set(tests).size, tests.length, 'a test is named twice');
    });
  }

  it('names tests that exist and that a level runs', () => {
    const levels = readFileSync(join(root, 'scripts/lib/levels.mjs'), 'utf8');
    const folders = [...levels.matchAll(/folders: \[([^\]]+)\]/g)].flatMap(([, list = '']) =>
      [...list.matchAll(/'([^']+)'/g)].map(([, folder = '']) => `test/${folder}/`),
    );
    assert.ok(folders.length > 8, folders.join());
    const wrong = testsIn(contract).flatMap((path) => {
      if (!path.endsWith('.test.ts') || !existsSync(join(root, path))) return [`${path} does not exist`];
      return folders.some((folder) => path.startsWith(folder)) ? [] : [`${path} is run by no level`];
    });
    assert.deepEqual(wrong, []);
  });

  it('is linked from the README', () => {
    assert.match(readFileSync(join(root, 'README.md'), 'utf8'), /\]\(CONTRACT\.md\)/);
  });
});
