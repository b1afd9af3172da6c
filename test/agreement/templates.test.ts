/**
 * Templates and params files as the real DVC resolves and reads them: random ones, resolved by its own resolver and by ours, must come out equal, with
 * all types and in the same order, or be refused by both.
 */

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { join, normalize } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../../scripts/lib/root.mjs';
import { ensurePython } from '../../scripts/machinery.mjs';
import { resolveYaml, usedValues } from '../../src/engine/data/templating/resolveYaml';
import { is } from '../../src/engine/errors';
import { parseParams } from '../../src/engine/formats/params';
import { isDict, isInt, isList, isPyFloat, isPyOther, isTuple, pyFloatText } from '../../src/engine/formats/values';
import { type Dict, type Value } from '../../src/engine/formats/values';
import { TemplateWriter, type Files } from './templateWriter';

const SEED = Number(process.env['SEED'] ?? 20_261_125);
const PROJECTS = Number(process.env['PROJECTS'] ?? 400);
const PARAMS_FILES = 200;

interface Answer {
  readonly value?: unknown;
  readonly error?: string;
}

const GONE: Answer = { error: 'the process has ended' };

/** DVC's resolver in a process of its own. */
class Resolver {
  private readonly waiting: ((answer: Answer) => void)[] = [];

  private constructor(private readonly child: ChildProcess) {
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    lines.on('line', (line) => this.waiting.shift()?.(JSON.parse(line) as Answer));
    child.once('exit', () => this.waiting.splice(0).forEach((answer) => answer(GONE)));
  }

  static async start(): Promise<Resolver> {
    const { python, env } = await ensurePython();
    const script = join(root, 'test', 'agreement', 'resolveServer.py');
    return new Resolver(spawn(python, [script], { env, stdio: ['pipe', 'pipe', 'inherit'] }));
  }

  ask(question: object): Promise<Answer> {
    if (this.child.exitCode !== null) return Promise.resolve(GONE);
    const answer = new Promise<Answer>((resolve) => this.waiting.push(resolve));
    this.child.stdin?.write(`${JSON.stringify(question)}\n`);
    return answer;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.stdin?.end();
    await ended;
  }
}

/** A value as the other process writes it. */
function typed(value: Value): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (isInt(value)) return ['int', String(value)];
  if (isPyFloat(value)) return ['float', pyFloatText(value.$float)];
  if (typeof value === 'number') return ['float', pyFloatText(value)];
  if (isList(value)) return [isTuple(value) ? 'tuple' : 'list', ...value.map(typed)];
  if (isDict(value)) return ['dict', ...[...value].map(([key, member]) => [typed(key), typed(member)])];
  if (!isPyOther(value)) return ['other', 'date'];
  const isSet = /^(\{|set\()/.test(value.$python);
  return ['other', isSet ? (value.$python === 'set()' ? 0 : value.$python.split(',').length) : value.$python];
}

async function resolveOurs(files: Files, style: Record<string, string>): Promise<Answer> {
  const readText = (path: string): Promise<string | undefined> => Promise.resolve(files[normalize(path)]);
  try {
    const place = { root: '/project', readText, style };
    const { stages, sections } = await resolveYaml(files['dvc.yaml'] ?? '', 'dvc.yaml', place);
    const used = stages.map(({ name, uses }): [string, Value] => [name, usedValues(uses) as Dict]);
    const value = {
      stages: typed(new Map(stages.map(({ name, definition }) => [name, definition]))),
      sections: typed(new Map([...sections].filter(([, section]) => !isEmpty(section)))),
      used: typed(new Map(used.filter(([, by]) => !isEmpty(by)))),
    };
    return { value };
  } catch (error) {
    if (is(error)) return { error: error.code };
    throw error;
  }
}

function isEmpty(value: Value): boolean {
  return isList(value) ? value.length === 0 : isDict(value) && value.size === 0;
}

async function readOurs(path: string, text: string): Promise<Answer> {
  try {
    return { value: typed(await parseParams(text, path)) };
  } catch (error) {
    if (is(error)) return { error: error.code };
    throw error;
  }
}

/** Both give the same, or both refuse. */
function agree(ours: Answer, theirs: Answer, told: string): void {
  assert.notEqual(theirs, GONE);
  if (theirs.error !== undefined && ours.error !== undefined) return;
  assert.deepEqual(ours, theirs, told);
}

describe(`agreement: templates and params files (seed ${SEED})`, function () {
  this.timeout(180_000);
  let dvc: Resolver;
  before(async () => (dvc = await Resolver.start()));
  after(() => dvc.stop());

  it(`${PROJECTS} random projects are resolved alike, or refused by both`, async () => {
    let resolved = 0;
    for (let n = 0; n < PROJECTS; n += 1) {
      const files = new TemplateWriter(SEED + n).files();
      const config = {
        ...(n % 3 === 0 ? { bool: 'boolean_optional' } : {}),
        ...(n % 5 === 0 ? { list: 'append' } : {}),
      };
      const theirs = await dvc.ask({ files, config });
      agree(await resolveOurs(files, config), theirs, `SEED=${SEED + n} PROJECTS=1\n${JSON.stringify(files, null, 1)}`);
      if (theirs.error === undefined) resolved += 1;
    }
    assert.ok(resolved > PROJECTS / 3, `only ${resolved} were resolved`);
  });

  it(`${PARAMS_FILES} random TOML and Python files are read alike`, async () => {
    for (let n = 0; n < PARAMS_FILES; n += 1) {
      const writer = new TemplateWriter(SEED + n);
      const [path, text] = n % 2 === 0 ? ['p.toml', writer.toml(0.3)] : ['p.py', writer.python(0.3)];
      agree(await readOurs(path, text), await dvc.ask({ params: path, text }), text);
    }
  });
});
