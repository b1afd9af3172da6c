/** The levels of `npm test`: what each runs, what it needs, and which test files are its own. */
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { outFolder, root } from './root.mjs';

const bin = (path) => [process.execPath, join(root, 'node_modules', ...path.split('/'))];
const mocha = [
  process.execPath,
  '--import=tsx',
  '--enable-source-maps',
  join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'),
];
const mochaOptions = ['--no-config', '--no-color', '--timeout', '30000'];

/**
 * In the order in which they start.
 * - commands: programs that count as one test each, by their name
 * - folders: folders of test files that mocha runs
 * - program: a program that writes its own counts
 * - needs: machinery that must be there first; after: levels that must have ended well
 * - alone: whether nothing may run beside it, because it measures time or fills both cores
 */
export const levels = [
  { name: 'build', commands: { 'esbuild builds every file': [process.execPath, 'esbuild.js', '--production'] } },
  // The long ones first: nothing has to wait for them in the end.
  { name: 'crashes', folders: ['crashes'], after: ['build'], needs: ['strace', 'python'] },
  { name: 'agreement', folders: ['agreement'], after: ['build'], needs: ['python'] },
  { name: 'faults', folders: ['faults'], after: ['build'], needs: ['strace'] },
  { name: 'remotes', folders: ['remotes'], after: ['build'], needs: ['python', 'servers', 'sshd'] },
  {
    name: 'static',
    commands: {
      'tsc finds no error': [...bin('typescript/bin/tsc'), '--noEmit', '--pretty', 'false', '-p', '.'],
      'eslint finds nothing': [...bin('eslint/bin/eslint.js'), '.'],
      'prettier would change nothing': [...bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
    },
  },
  { name: 'engine', folders: ['engine', 'base', 'cli', 'protocol', 'support'], after: ['build'] },
  { name: 'project', folders: ['project'], after: ['build'] },
  { name: 'conformance', folders: ['conformance'], after: ['build'] },
  { name: 'pages', folders: ['browser/pages'], after: ['build'], needs: ['browser'] },
  {
    name: 'editor',
    program: [process.execPath, join(root, 'test', 'editor', 'run.mjs')],
    folders: ['editor'],
    after: ['build'],
    needs: ['server', 'browser', 'python'],
    alone: true,
  },
  { name: 'walk', folders: ['browser/walk'], after: ['build'], needs: ['server', 'browser', 'python'], alone: true },
];

async function testFilesUnder(folder) {
  const entries = await readdir(join(root, 'test', folder), { recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.endsWith('.test.ts'))
    .map((entry) => join('test', folder, entry))
    .sort();
}

/** The test files of a level, relative to the project, sorted. */
export async function filesOf(level) {
  return (await Promise.all((level.folders ?? []).map(testFilesUnder))).flat();
}

/** Test files that no level would run. */
export async function strayFiles() {
  const ours = new Set((await Promise.all(levels.map(filesOf))).flat());
  return (await testFilesUnder('.'))
    .map((file) => file.replace(`test${sep}.${sep}`, `test${sep}`))
    .filter((file) => !ours.has(file));
}

/** The program and arguments that run a level's test files. */
export function programOf(level, files) {
  if (level.program) return level.program;
  return [...mocha, ...mochaOptions, '--reporter', join(root, 'test', 'support', 'reporter.cjs'), ...files];
}

/** Where a level writes its counts, and where its output is kept. */
export const countsFile = (name) => join(outFolder, 'test', `${name}.json`);
export const logFile = (name) => join(outFolder, 'test', `${name}.log`);
