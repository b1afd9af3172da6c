import * as assert from 'node:assert/strict';
import { ParserProgram } from './parserProgram';
import { TRAPS } from './parserTraps';

/** Only ends what stands still; all traps of a format take a second or two. */
const PATIENCE_MS = 120_000;

describe('traps for parsers', function () {
  this.timeout(PATIENCE_MS + 10_000);
  let program: ParserProgram;
  before(() => (program = new ParserProgram()));
  after(() => program.drop());

  for (const [name, traps] of Object.entries(TRAPS)) {
    it(`P2 ${name}: ${Object.keys(traps).length} traps, each answered or refused with 100 MB of memory`, () => {
      const wanted = Object.fromEntries(Object.entries(traps).map(([what, [, end]]) => [what, end]));
      assert.deepEqual(program.run(PATIENCE_MS, 'traps', name), wanted);
    });
  }
});
