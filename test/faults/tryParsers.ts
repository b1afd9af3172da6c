/**
 * Reads hostile files in a process of its own, with little memory: `tryParsers.js mutants FORMAT COUNT SEED PROGRESS` or
 * `tryParsers.js traps FORMAT PROGRESS`. What is read next stands in PROGRESS, so that it is known where the program stands still or dies. Writes one
 * line of JSON: what went wrong first, or how many files were answered and how each trap ended.
 */

import * as fs from 'node:fs';
import { is } from '../../src/engine/errors';
import { seeded } from '../../src/engine/stats/random';
import { FORMATS, type Format } from './parserFormats';
import { mutant } from './parserMutants';
import { TRAPS } from './parserTraps';

/** Numbers from 0 to 1, the same for the same seed. */
function chances(seed: number): () => number {
  const next = seeded(seed);
  return () => next() / 2 ** 32;
}

interface End {
  readonly ended: string;
  readonly wrong?: string;
}

/** How an act ended: `read`, the code of an error of our own, or what must not be. */
async function outcome(act: () => unknown): Promise<End> {
  try {
    await act();
    return { ended: 'read' };
  } catch (error) {
    if (is(error)) return { ended: error.code };
    return { ended: 'wrong', wrong: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** What was done to all objects, or undefined. */
function dirt(): string | undefined {
  const names = Object.getOwnPropertyNames(Object.prototype).filter((name) => !BEFORE.has(name));
  return names.length > 0 ? `Object.prototype has ${names.join(', ')}` : undefined;
}
const BEFORE = new Set(Object.getOwnPropertyNames(Object.prototype));

const say = (answer: object): void => void fs.writeSync(1, `${JSON.stringify(answer)}\n`);

async function mutants(format: Format, [count = '', seed = '', progress = '']: readonly string[]): Promise<void> {
  const file = fs.openSync(progress, 'w');
  const random = chances(Number(seed));
  const ends = new Map<string, number>();
  const texts = [...format.samples, ...Array.from({ length: Number(count) }, () => undefined)];
  for (const [n, sample] of texts.entries()) {
    const text = sample ?? mutant(format.samples, random);
    if (n % 16 === 0) fs.writeSync(file, String(n).padStart(9), 0);
    const { ended, wrong } = await outcome(() => format.read(text));
    const more = await outcome(() => format.more?.(text, random));
    const trouble = wrong ?? more.wrong ?? dirt();
    if (trouble !== undefined) return say({ wrong: trouble, text });
    ends.set(ended, (ends.get(ended) ?? 0) + 1);
  }
  say({ ends: Object.fromEntries(ends) });
}

async function traps(name: string, format: Format, progress: string): Promise<void> {
  const ends: Record<string, string> = {};
  for (const [what, [make]] of Object.entries(TRAPS[name] ?? {})) {
    fs.writeFileSync(progress, what);
    const { ended, wrong = dirt() } = await outcome(() => format.read(make()));
    if (wrong !== undefined) return say({ wrong, text: what });
    ends[what] = ended;
  }
  say({ ends });
}

const [mode, name = '', ...rest] = process.argv.slice(2);
const format = FORMATS[name];
if (!format) throw new Error(name);
void (mode === 'mutants' ? mutants(format, rest) : traps(name, format, rest[0] ?? ''));
