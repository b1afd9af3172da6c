/** The style sheets of the panels: colours of the theme only, and nothing that the policy would block. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../../..');

const RULES: readonly (readonly [string, RegExp])[] = [
  ['a colour of its own', /#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\(/iu],
  ['a named colour', /:\s*(?:white|black|red|green|blue|gray|grey|yellow|orange)\s*;/iu],
  ['an address', /url\(|@import/u],
];

describe('style sheets', () => {
  const folder = path.join(ROOT, 'webview-ui');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const sheets = files.filter((file) => file.endsWith('.css'));
  it('are there', () => assert.ok(sheets.length >= 6));
  for (const sheet of sheets) {
    for (const [what, pattern] of RULES) {
      it(`${sheet} has not ${what}`, () => {
        const lines = readFileSync(path.join(folder, sheet), 'utf8').split('\n');
        assert.deepEqual(
          lines.filter((line) => pattern.test(line)),
          [],
        );
      });
    }
  }
});
