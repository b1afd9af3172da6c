import * as assert from 'node:assert/strict';
import { SOAK } from './crashpoints';
import { FORMATS } from './parserFormats';
import { ParserProgram } from './parserProgram';

const MANY = SOAK ? 20_000 : 1200;
/** Only ends what stands still. */
const PATIENCE_MS = SOAK ? 1_800_000 : 120_000;
/** Errors that an honest file may meet as well, and that therefore have to come up among so many changed ones. */
const LIVELY = 2;

/** Formats that are read in several ways, changed and written again for each mutant. */
const SLOW = new Set(['x.dvc', 'dvc.yaml', 'dvc.lock', 'params.yaml', 'gates.yaml', 'compare.yaml']);

/** Formats whose readers pass over what they do not understand, as the tools do that own them. */
const LENIENT = new Set([
  '.dvcignore',
  '.gitignore',
  'loss.csv',
  'plots/metrics/train/loss.tsv',
  'an answer of WebDAV',
  'ssh config',
  'known_hosts',
  'aws config',
]);

describe('changed files', function () {
  this.timeout(PATIENCE_MS + 10_000);
  let program: ParserProgram;
  before(() => (program = new ParserProgram()));
  after(() => program.drop());

  for (const name of Object.keys(FORMATS)) {
    const many = SOAK || !SLOW.has(name) ? MANY : MANY / 3;
    it(`P3 ${many.toLocaleString('en')} mutants of ${name}: answers, or errors of our own; nothing else is touched`, () => {
      const seed = SOAK ? Date.now() % 1_000_000_000 : 7;
      const ends = program.run(PATIENCE_MS, 'mutants', name, String(many), String(seed));
      assert.ok(Number(ends['read']) > many / 50, `seed ${seed}: ${JSON.stringify(ends)}`);
      const all = Object.values(ends).reduce<number>((sum, count) => sum + Number(count), 0);
      assert.ok(all >= many && Object.keys(ends).length >= (LENIENT.has(name) ? 1 : LIVELY), JSON.stringify(ends));
    });
  }
});
