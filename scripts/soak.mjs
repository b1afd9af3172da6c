/**
 * `npm run soak [-- GROUP…]`: what takes too long for `npm test`. Every crash point of every operation (killed, power cut, each system call
 * failing in six ways), instead of a spread of them, and more rounds of the other groups. Needs Linux and strace; closes with the tests' own counts.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureDependencies } from './lib/dependencies.mjs';
import { root } from './lib/root.mjs';
import { ensureStrace } from './machinery.mjs';

await ensureDependencies();
const strace = await ensureStrace();
if (strace.skip) throw new Error(strace.skip);
const run = (args, env = {}) => {
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (status !== 0) process.exit(status ?? 1);
};
run(['esbuild.js', '--production']);
const mocha = ['--import=tsx', join('node_modules', 'mocha', 'bin', 'mocha.js'), '--no-config', '--timeout', '3600000'];
const all = ['crash', 'randomKills', 'leftovers', 'concurrency', 'collecting', 'besideDvc', 'integrity', 'clock'];
const parsers = ['yaml', 'mutants', 'parserTraps', 'properties', 'regularExpressions'];
const groups =
  process.argv.length > 2
    ? process.argv.slice(2)
    : [...all, 'fullDisk', 'limits', 'hostilePaths', 'hostileRepos', ...parsers];
const places = { crash: 'crashes/crash', besideDvc: 'agreement/concurrency', yaml: 'agreement/yaml' };
const fileOf = (name) => `test/${places[name] ?? `faults/${name}`}.test.ts`;
run([...mocha, ...groups.map(fileOf)], { STRATA_SOAK: '1' });
