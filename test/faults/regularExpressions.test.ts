import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import ts from 'typescript';
import { buildProgram } from '../support/program';
import { dropFolder, newFolder } from '../support/temporary';
import { type Slow, type Written } from './worstInputs';

const ROOT = path.join(__dirname, '..', '..');
/** A run of all of them takes seconds; this only ends one that stands still. */
const PATIENCE_MS = 240_000;

/** Expressions that are made from parts while the program runs, and why no text of a file can make them slow. */
const MADE_FROM_PARTS: Readonly<Record<string, string>> = {
  'src/engine/metrics/decimate.ts': 'of constant parts; tried with the others',
  'src/engine/registry/semver.ts': 'of constant parts; tried with the others',
  'src/engine/registry/tags.ts': 'of constant parts; tried with the others',
  'src/engine/formats/globMatch.ts': 'one character at a time',
  'src/engine/formats/pythonLiterals.ts': 'of constant parts, tried with the others, and one of so many digits',
  'src/engine/compare/plots/definitions.ts': 'typed by the user as the name of a plot, as DVC takes it',
  'src/engine/compare/questions.ts': 'literal text between ^ and $',
  'src/engine/compare/filter.ts': "typed by the user into the table's filter; the texts it is tried on are cut short",
};

function sources(): string[] {
  return ['src', 'webview-ui'].flatMap((folder) =>
    (fs.readdirSync(path.join(ROOT, folder), { recursive: true }) as string[])
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => path.join(folder, name).replaceAll(path.sep, '/')),
  );
}

interface Found {
  readonly written: Written[];
  /** Files that make expressions from parts. */
  readonly making: Set<string>;
}

/** Every regular expression that the sources write, and the files that make some. */
function collect(): Found {
  const found: Found = { written: [], making: new Set() };
  for (const file of sources()) {
    const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
    const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) {
        const cut = node.text.lastIndexOf('/');
        const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
        const [source, flags] = [node.text.slice(1, cut), node.text.slice(cut + 1)];
        found.written.push({ where: `${file}:${line + 1}`, source, flags });
      }
      const called = ts.isNewExpression(node) || ts.isCallExpression(node) ? node.expression : undefined;
      if (called && ts.isIdentifier(called) && called.text === 'RegExp') found.making.add(file);
      ts.forEachChild(node, visit);
    };
    visit(tree);
  }
  return found;
}

/** Tries them all in a process of its own; gives those that are too slow, and the counts. */
function tryAll(folder: string, all: readonly Written[]): { slow: Slow[]; made: number; attacks: number } {
  const [program, list, progress] = [
    buildProgram(path.join(__dirname, 'tryExpressions.ts'), folder),
    path.join(folder, 'list.json'),
    path.join(folder, 'progress'),
  ];
  fs.writeFileSync(list, JSON.stringify(all));
  const run = spawnSync(process.execPath, [program, list, progress], {
    encoding: 'utf8',
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
  const at = fs.existsSync(progress) ? fs.readFileSync(progress, 'utf8') : '';
  assert.equal(run.status, 0, `stands still or ended at ${at}: ${run.stderr}`);
  const lines = run.stdout.trimEnd().split('\n');
  const counts = JSON.parse(lines.pop() ?? '') as { made: number; attacks: number };
  return { ...counts, slow: lines.map((line) => JSON.parse(line) as Slow) };
}

describe('regular expressions', function () {
  this.timeout(PATIENCE_MS + 60_000);
  let folder: string;
  before(() => (folder = newFolder()));
  after(() => dropFolder(folder));
  const found = collect();

  it(`P5 all ${found.written.length} of the sources take time that grows with 100 kB of what they like least`, () => {
    const { slow, made, attacks } = tryAll(folder, found.written);
    const told = slow.map(({ where, source, flags, attack, ms, size }) => {
      const { before: start, unit, after: end } = attack;
      return `${where} /${source}/${flags} on ${JSON.stringify(start)} ${JSON.stringify(unit)}… ${JSON.stringify(end)}: ${ms} ms for ${size} characters`;
    });
    assert.deepEqual(told, []);
    assert.ok(found.written.length > 200 && made > 5, `${found.written.length} written, ${made} made`);
    assert.ok(attacks > 30 * found.written.length, `${attacks} attacks`);
  });

  it('P5 those made from parts are known', () => {
    assert.deepEqual([...found.making].sort(), Object.keys(MADE_FROM_PARTS).sort());
  });

  /** Known to grow with the square, and known not to. */
  const SLOW = [
    'a+b',
    '^(?:x|y)\\s*\\n\\s*$',
    '\\s+$',
    '<[^>]*>',
    '^.*b.*$',
    '^\\s*=\\s*"(.*)" *\\s*$',
    '^\\w=\\s*(.*?)\\s*$',
  ];
  const QUICK = [
    '^a+b',
    '^(?:x|y)[ \\t]*\\n\\s*x',
    '^\\s+$',
    '^<[^>]*>$',
    '^"(?:[^"\\\\]|\\\\.)*"$',
    '[^a]',
    '^(?=.*x).*y',
  ];
  it('P5 what is known to be slow is found, and what is known to be quick is not', () => {
    const all = [...SLOW, ...QUICK].map((source) => ({ where: 'here', source, flags: '' }));
    assert.deepEqual(
      tryAll(folder, all).slow.map((one) => one.source),
      SLOW,
    );
  });
});
