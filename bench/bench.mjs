/**
 * `npm run bench`: ours beside the real DVC and the floor, in one run on this machine, as ratios (min, median, max over rounds).
 * Says for each promise whether it is met. Writes `out/bench.json` as well. Nothing of it is a test: a busy machine fails nobody.
 *
 *   --quick        fewer rounds
 *   --only NAME    one promise (may be given again): add, status, checkout, repro, activation, startup, changed, share, s3, bigFile, million
 *   --large        the promises about many and big files, each at its size, in three rounds; takes half an hour and 60 GB of disk
 *   --files N      so many files where a promise is about many, 5000 unless given
 *   --dist DIR     measures what is built there instead of building
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePython } from '../scripts/machinery.mjs';
import { outFolder, root } from '../scripts/lib/root.mjs';
import { workFolder } from './projects.mjs';
import { printTable, rowLine } from './table.mjs';

/** Run when nothing else is asked for. */
const usual = ['startup', 'add', 'status', 'checkout', 'repro', 'activation'];
/** Promises about many and big files, with the number of files. */
const large = [
  ['add', 20_000],
  ['add', 100_000],
  ['status', 100_000],
  ['checkout', 100_000],
  ['changed', 100_000],
  ['share', 20_000],
  ['s3', 20_000],
  ['bigFile', 1],
  ['million', 1_000_000],
];
const promises = [...new Set([...usual, ...large.map(([name]) => name)])];

function readOptions() {
  const options = {
    quick: { type: 'boolean' },
    large: { type: 'boolean' },
    only: { type: 'string', multiple: true },
    files: { type: 'string', default: '5000' },
    dist: { type: 'string' },
  };
  const { values } = parseArgs({ options });
  const unknown = (values.only ?? []).find((name) => !promises.includes(name));
  if (unknown) throw new Error(`There is no promise called ${unknown}: say one of ${promises.join(', ')}.`);
  return values;
}

function build() {
  execFileSync(process.execPath, [join(root, 'esbuild.js'), '--production'], { cwd: root, stdio: 'inherit' });
  return join(root, 'dist');
}

function machine() {
  return {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    platform: platform(),
    arch: arch(),
    node: process.version,
    load: loadavg(),
  };
}

/** What is measured: names with numbers of files. */
function planOf({ large: all, only, files }) {
  if (all) return large;
  return (only ? promises.filter((name) => only.includes(name)) : usual).map((name) => [name, Number(files)]);
}

async function main() {
  const options = readOptions();
  const peer = await ensurePython();
  // Where this is set, Node reads a list of certificates at each start, some 30 ms, whatever the program does; none here needs it.
  for (const env of [process.env, peer.env]) delete env.NODE_EXTRA_CA_CERTS;
  const dist = options.dist ? resolve(options.dist) : build();
  rmSync(workFolder, { recursive: true, force: true });
  const rounds = options.quick || options.large ? 3 : 7;
  const before = machine();
  const rows = [];
  for (const [name, files] of planOf(options)) {
    const { measure } = await import(`./${name}.mjs`);
    mkdirSync(workFolder, { recursive: true });
    const found = await measure({ work: join(workFolder, `${name}-${files}`), dist, peer, rounds, files });
    for (const row of found) console.log(rowLine(row));
    rows.push(...found.map((row) => ({ promise: name, ...row })));
  }
  const facts = { rounds, machine: { ...before, loadAfter: loadavg() } };
  writeFileSync(join(outFolder, 'bench.json'), `${JSON.stringify({ ...facts, rows }, undefined, 2)}\n`);
  printTable(rows, facts);
  rmSync(workFolder, { recursive: true, force: true });
}

main().catch((error) => {
  console.error(`bench: ${error.stack ?? error}`);
  process.exitCode = 1;
});
