/**
 * `npm test`: runs all levels, four at a time where they do not disturb each other, and closes with one line that adds
 * them up. It installs what is missing by itself. Each level's output is kept in `out/test/<level>.log`.
 *
 * Usage: node scripts/test.mjs [--only LEVEL[,LEVEL]]
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureDependencies } from './lib/dependencies.mjs';
import { countsFile, filesOf, levels, logFile, programOf, strayFiles } from './lib/levels.mjs';
import { endFamily, killFamily, markerName } from './lib/processes.mjs';
import { outFolder, root } from './lib/root.mjs';
import { pieces as install } from './machinery.mjs';

const atOnce = 4;
const levelPatienceMs = 15 * 60_000;
const endPatienceMs = 20_000;

const noCounts = () => ({ passed: 0, failed: 0, skipped: [], failures: [] });

/** Git as on a machine where nobody has set it up, so that tests see the same everywhere. */
async function testEnv() {
  const config = join(outFolder, 'test', 'gitconfig');
  await writeFile(config, '[init]\n\tdefaultBranch = main\n');
  const { NODE_OPTIONS: _, FORCE_COLOR: __, ...env } = process.env;
  return { ...env, GIT_CONFIG_GLOBAL: config, GIT_CONFIG_NOSYSTEM: '1', DVC_NO_ANALYTICS: '1', NO_COLOR: '1' };
}

/** Runs a program with all that it starts; gives its exit code and output. Kills it when it takes too long. */
async function runProgram([program, ...args], env, isDone) {
  const marker = randomUUID();
  const detached = process.platform !== 'win32';
  const child = spawn(program, args, {
    cwd: root,
    env: { ...env, [markerName]: marker },
    detached,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killNow = () => killFamily(child.pid, marker);
  process.on('exit', killNow);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve({ code: code ?? signal }));
  });
  const watch = new AbortController();
  const overdue = whenOverdue(isDone, watch.signal);
  const { code } = await Promise.race([ended, overdue]);
  watch.abort();
  process.off('exit', killNow);
  await endFamily(child.pid, marker);
  return { code, output };
}

/** Resolves when a level takes too long, or has reported and does not end. */
async function whenOverdue(isDone, signal) {
  const end = Date.now() + levelPatienceMs;
  for (let doneAt; !signal.aborted; await sleep(500)) {
    doneAt ??= (await isDone()) ? Date.now() : undefined;
    if (doneAt && Date.now() > doneAt + endPatienceMs)
      return { code: 'not ending by itself: a test left something open' };
    if (Date.now() > end) return { code: `taking more than ${levelPatienceMs / 60_000} minutes` };
  }
  return { code: 'aborted' };
}

async function readCounts(name) {
  return readFile(countsFile(name), 'utf8')
    .then(JSON.parse)
    .catch(() => undefined);
}

async function runCommands(level, env) {
  const counts = noCounts();
  let output = '';
  for (const [title, command] of Object.entries(level.commands)) {
    const result = await runProgram(command, env, () => false);
    if (result.code === 0) counts.passed += 1;
    else fail(counts, title, result.output);
    output +=
      result.code === 0 ? `  passed ${title}\n` : `  FAILED ${title}\n${result.output.replace(/^/gm, '    ')}\n`;
  }
  return { counts, output };
}

async function runFiles(level, env) {
  const files = await filesOf(level);
  if (files.length === 0)
    return failed(
      `${level.name} has no tests`,
      `No *.test.ts in ${level.folders.map((each) => `test/${each}`).join(', ')}.`,
    );
  const levelEnv = { ...env, STRATA_COUNTS: countsFile(level.name) };
  // Everything is installed by now: no program of a test reads lists of certificates, which costs each start of Node 30 ms.
  delete levelEnv.NODE_EXTRA_CA_CERTS;
  const { code, output } = await runProgram(programOf(level, files), levelEnv, () => readCounts(level.name));
  const counts = (await readCounts(level.name)) ?? noCounts();
  const said = counts.failed > 0 && typeof code === 'number';
  const empty = counts.passed + counts.failed + counts.skipped.length === 0;
  if ((code !== 0 && !said) || empty) fail(counts, `${level.name} as a whole`, `It ended with: ${code}.`);
  return { counts, output: said ? output : `${output}${code === 0 ? '' : `  FAILED: ended with ${code}\n`}` };
}

function fail(counts, title, error) {
  counts.failed += 1;
  counts.failures.push({ title, error });
}

function failed(title, error) {
  const counts = noCounts();
  fail(counts, title, error);
  return { counts, output: `  FAILED ${title}: ${error}\n` };
}

/** Runs one level after its machinery is there and prints what it said. */
async function runLevel(level, env, machinery) {
  const started = Date.now();
  await rm(countsFile(level.name), { force: true });
  let result;
  try {
    for (const need of level.needs ?? []) await machinery(need);
    result = level.commands ? await runCommands(level, env) : await runFiles(level, env);
  } catch (error) {
    result = failed(level.name, error.message);
  }
  const { counts, output } = result;
  await writeFile(logFile(level.name), output);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(
    `\n== ${level.name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped in ${seconds} s`,
  );
  process.stdout.write(output);
  return counts;
}

/** Starts levels in their order, at most four at once, and gives their counts by name. */
async function runAll(wanted, env) {
  const waiting = [...wanted];
  const running = new Map();
  const results = new Map();
  const pieces = new Map();
  const machinery = (name) => pieces.get(name) ?? pieces.set(name, install[name]()).get(name);
  const isReady = ({ after = [] }) =>
    after.every((name) => results.has(name) || !wanted.some((level) => level.name === name));
  const mayStart = (level) =>
    isReady(level) &&
    (running.size === 0 ||
      (running.size < atOnce && !level.alone && ![...running.values()].some(({ alone }) => alone)));
  while (waiting.length > 0 || running.size > 0) {
    const at = waiting.findIndex(mayStart);
    if (at >= 0) {
      const [level] = waiting.splice(at, 1);
      const done = runLevel(level, env, machinery).then((counts) => {
        results.set(level.name, counts);
        running.delete(level.name);
      });
      running.set(level.name, { alone: level.alone, done });
    } else await Promise.race([...running.values()].map(({ done }) => done));
  }
  return results;
}

/** Levels that a name in `--only` does not know are an error, as a typing mistake would pass silently. */
function chooseLevels(only) {
  if (!only) return levels;
  const names = only.split(',');
  const unknown = names.filter((name) => !levels.some((level) => level.name === name));
  if (unknown.length > 0)
    throw new Error(`No such level: ${unknown.join(', ')}. There are: ${levels.map(({ name }) => name).join(', ')}.`);
  return levels.filter(({ name }) => names.includes(name));
}

function report(results, stray) {
  const all = noCounts();
  for (const file of stray) fail(all, file, 'No level runs this file.');
  for (const counts of results.values()) {
    all.passed += counts.passed;
    all.failed += counts.failed;
    all.skipped.push(...counts.skipped);
    all.failures.push(...counts.failures);
  }
  console.log('');
  for (const { title, reason } of all.skipped) console.log(`skipped: ${title}: ${reason}`);
  for (const { title, error } of all.failures) console.log(`failed: ${title}: ${String(error).trim().split('\n')[0]}`);
  const skipped = all.skipped.length > 0 ? `, ${all.skipped.length} skipped` : '';
  console.log(`${all.passed} passed, ${all.failed} failed${skipped}`);
  return all;
}

async function main() {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const wanted = chooseLevels(values.only);
  await ensureDependencies();
  await mkdir(join(outFolder, 'test'), { recursive: true });
  const started = Date.now();
  const results = await runAll(wanted, await testEnv());
  const stray = values.only ? [] : await strayFiles();
  console.log(
    `\nAll levels took ${((Date.now() - started) / 1000).toFixed(0)} s; their output is kept in ${relative(root, join(outFolder, 'test'))}.`,
  );
  const { failed: count } = report(results, stray);
  process.exit(count > 0 ? 1 : 0);
}

for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => process.exit(130));
main().catch((error) => {
  console.error(error.stack);
  console.log('0 passed, 1 failed');
  process.exit(1);
});
