/**
 * Tries regular expressions on their worst inputs, in a process of its own: `tryExpressions.js EXPRESSIONS PROGRESS`. Before each one its number
 * goes to PROGRESS, so that it is known where the program stands still. Writes one line of JSON for each that is too slow, and a last one with
 * the counts.
 */

import { MADE } from './recordExpressions';
import '../../src/engine/formats/pythonLiterals';
import '../../src/engine/metrics/decimate';
import '../../src/engine/registry/tags';
import '../../src/engine/registry/semver';
import * as fs from 'node:fs';
import { attacksOn, type Attack, type Slow, type Written } from './worstInputs';

const made = MADE.map((one): Written => ({ ...one, where: 'made from parts' }));
/** Characters of the attacks, in this order: what grows without any measure shows with few, what grows with the square with some. */
const SIZES = [40, 500, 2000, 10_000, 30_000, 100_000];
/** Milliseconds of this process alone. What grows with the input takes well under one for the longest, what grows with its square takes seconds. */
const QUICK = 40;
/** Twice the input may take so many times as long. */
const LINEAR = 2.8;

function textOf({ before, unit, after }: Attack, size: number): string {
  return before + unit.repeat(Math.ceil(size / unit.length)) + after;
}

/** Milliseconds that an expression takes, as sources use it: all matches when it asks for all. */
function timeOf(written: Written, text: string): number {
  const expression = new RegExp(written.source, written.flags);
  const before = process.cpuUsage();
  if (written.flags.includes('g')) text.replace(expression, '');
  else expression.test(text);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** What is said of an attack that takes too long, and longer than twice as long on twice the text. */
function judge(written: Written, attack: Attack): Slow | undefined {
  for (const size of SIZES) {
    const text = textOf(attack, size);
    if (timeOf(written, text) < QUICK) continue;
    const ms = timeOf(written, text);
    const half = Math.max(1, timeOf(written, textOf(attack, size / 2)));
    if (ms > QUICK && ms / half > LINEAR) return { ...written, attack, ms: Math.round(ms), size };
  }
  return undefined;
}

const [listed = '', progress = ''] = process.argv.slice(2);
const all = [...(JSON.parse(fs.readFileSync(listed, 'utf8')) as Written[]), ...made];
let tried = 0;
for (const written of all) {
  fs.writeFileSync(progress, `${written.where}: /${written.source}/${written.flags}`);
  const attacks = attacksOn(written.source, written.flags);
  tried += attacks.length;
  for (const attack of attacks) {
    const slow = judge(written, attack);
    if (!slow) continue;
    fs.writeSync(1, `${JSON.stringify(slow)}\n`);
    break;
  }
}
fs.writeSync(1, `${JSON.stringify({ expressions: all.length, made: made.length, attacks: tried })}\n`);
