/** No conformance case goes missing: each known one is copied here unchanged, or is named in not-yet.json with what it waits for. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/lib/root.mjs';
import { caseIds, casesFolder } from './caseFiles';

const readMap = (name: string): Record<string, string> =>
  JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8')) as Record<string, string>;
const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Where the cases came from, in a checkout that has them beside the project. */
const originals = join(root, '..', 'shared', 'conformance', 'open');

describe('inventory of conformance cases', () => {
  const known = readMap('inventory.json');
  const notYet = readMap('not-yet.json');
  const copied = caseIds(casesFolder);

  it('every known case is copied or waits for something', () => {
    assert.deepEqual([...copied, ...Object.keys(notYet)].sort(), Object.keys(known).sort());
  });

  it('what waits says for what', () => {
    const silent = Object.entries(notYet).filter(([, reason]) => reason.trim().length < 4);
    assert.deepEqual(silent, []);
  });

  it('copies are as they came', () => {
    const changed = copied.filter((id) => sha256(join(casesFolder, `${id}.json`)) !== known[id]);
    assert.deepEqual(changed, []);
  });

  if (existsSync(originals)) {
    it('the originals beside the project are the known ones', () => {
      const beside = caseIds(originals).map((id) => [id, sha256(join(originals, `${id}.json`))]);
      assert.deepEqual(Object.fromEntries(beside), known);
    });
  }
});
