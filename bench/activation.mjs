/**
 * Promise: the extension wakes without being noticed. VS Code's own numbers for ours and for an empty extension that wakes by the
 * same event in the same window, and the number of processes that were started meanwhile.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { launchChromium } from '../scripts/lib/chromium.mjs';
import { start } from '../scripts/vscodeServer.mjs';
import { spread } from './measure.mjs';
import { remove } from './projects.mjs';

const oursId = 'strata-mlops.strata-mlops';
const emptyId = 'strata-bench.empty';
const patienceMs = 120_000;
const extension = (name) => fileURLToPath(new URL(`extensions/${name}`, import.meta.url));

/** Load and activate times in milliseconds, out of the table "Extension Activation Stats". */
function timesOf(text, id) {
  const row = text.split('\n').find((line) => line.startsWith(`| ${id} `) || line.startsWith(`| *${id} `));
  const cells = row?.split('|').map((cell) => cell.trim());
  const [load, call, finish] = (cells ?? []).slice(3, 6).map(Number);
  if (![load, call, finish].every(Number.isFinite)) throw new Error(`No times of ${id} in:\n${text}`);
  return { load, call, finish };
}

async function waitFor(file, log) {
  for (const end = Date.now() + patienceMs; !existsSync(file); await sleep(100)) {
    if (Date.now() > end) throw new Error(`The extensions did not wake:\n${log()}`);
  }
  const found = JSON.parse(readFileSync(file, 'utf8'));
  if (found.error) throw new Error(found.error);
  return found;
}

async function openOnce({ work, dist, browser }) {
  remove(work);
  const folder = join(work, 'project');
  const result = join(work, 'result.json');
  mkdirSync(join(folder, '.dvc'), { recursive: true });
  writeFileSync(join(folder, '.dvc', 'config'), '');
  const server = await start(folder, {
    gallery: false,
    userDataDir: join(work, 'server'),
    otherExtensions: [dirname(dist), extension('empty'), extension('probe')],
    // Nothing of ours may be looked at, or it would rightly begin to work; VS Code's own Git starts processes.
    settings: { 'files.exclude': { '**': true }, 'git.enabled': false },
    env: { STRATA_BENCH_RESULT: result, STRATA_BENCH_IDS: `${oursId},${emptyId}` },
  });
  const page = await browser.newPage();
  try {
    await page.goto(server.url);
    return await waitFor(result, server.log);
  } finally {
    await page.close();
    await server.stop();
  }
}

const row = (what, ours, empty, bar) => ({
  what,
  against: 'empty extension',
  unit: 'ms',
  ours: spread(ours),
  other: spread(empty),
  bar: `≤ ${bar} ms`,
  met: spread(ours).median <= bar,
});

/**
 * Processes that are ours: started by code of ours in the extension host's thread, or by another thread, since VS Code itself
 * starts its own from that one thread.
 */
function processesOf({ started, children }, dist) {
  const known = new Set(started.map(({ pid }) => String(pid)));
  const fromThreads = Object.entries(children).filter(([pid]) => !known.has(pid));
  return [
    ...started.filter(({ stack }) => stack.includes(dist)).map(({ program }) => program),
    ...fromThreads.map(([, command]) => command),
  ];
}

/** Measures; gives rows. */
export async function measure(context) {
  const browser = await launchChromium();
  const runs = [];
  try {
    for (let round = 0; round < context.rounds; round++) {
      const found = await openOnce({ ...context, browser });
      const [ours, empty] = [oursId, emptyId].map((id) => timesOf(found.text, id));
      runs.push({ ours, empty, processes: processesOf(found, context.dist) });
    }
  } finally {
    await browser.close();
    remove(context.work);
  }
  const of = (who, what) => runs.map((run) => run[who][what]);
  const counts = runs.map(({ processes }) => processes.length);
  return [
    row('activation: load', of('ours', 'load'), of('empty', 'load'), 50),
    row('activation: our call', of('ours', 'call'), of('empty', 'call'), 15),
    row('activation: until finished', of('ours', 'finish'), of('empty', 'finish'), 20),
    {
      what: 'activation: processes started',
      against: 'none',
      unit: '',
      ours: spread(counts),
      other: spread([0]),
      bar: '0',
      met: Math.max(...counts) === 0,
      processes: runs.map(({ processes }) => processes),
    },
  ];
}
