/**
 * Timing whole processes beside each other. Subjects of one comparison run in turns within one round, so that whatever else
 * the machine does hits all of them; ratios are taken inside a round, then their minimum, median and maximum are shown.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Minimum, median and maximum of numbers. */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { min: sorted[0], median, max: sorted.at(-1) };
}

/** Processor time of all children that have ended, in milliseconds to the tick of 10 ms; undefined where there is no /proc. */
function childrenCpu() {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[13]) + Number(fields[14])) * 10;
  } catch {
    return undefined;
  }
}

/**
 * Runs a program to its end. Throws with what it printed unless it ends with 0 and prints what it should.
 * @param {{program: string, args: string[], cwd?: string, env?: NodeJS.ProcessEnv, prints?: RegExp, figure?: RegExp}} command
 * figure: takes the time that the program itself printed, in milliseconds, instead of the time of the process
 * @returns {{ms: number, cpuMs: number | undefined, stdout: string, stderr: string}} wall clock and processor time of it and its children
 */
export function timed({ program, args, cwd, env, prints, figure }) {
  const before = childrenCpu();
  const started = performance.now();
  const done = spawnSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const ms = performance.now() - started;
  const after = childrenCpu();
  const said = () => `${program} ${args.join(' ')}\n${done.stdout}${done.stderr}`;
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`ended with ${done.status ?? done.signal}: ${said()}`);
  if (prints && !prints.test(done.stdout)) throw new Error(`did not print ${prints}: ${said()}`);
  const { stdout, stderr } = done;
  if (figure) return { ms: Number(figure.exec(stdout)?.[1]), cpuMs: undefined, stdout, stderr };
  return { ms, cpuMs: before === undefined ? undefined : after - before, stdout, stderr };
}

/**
 * Runs subjects in turns. The order moves on by one each round; one round before the first is not counted.
 * @param {{name: string, command: object, prepare?: (round: number) => void, check?: () => void}[]} subjects prepare: called
 * before each run, outside the time; check: called after each, throws when the work was not done
 * @param {number} rounds
 * @returns {Record<string, {ms: number[], cpuMs: (number | undefined)[]}>} by name of subject, a number a round
 */
export function alternate(subjects, rounds) {
  const results = Object.fromEntries(subjects.map(({ name }) => [name, { ms: [], cpuMs: [] }]));
  for (let round = -1; round < rounds; round++) {
    const first = (round + subjects.length) % subjects.length;
    const order = [...subjects.slice(first), ...subjects.slice(0, first)];
    // Every second round backwards, so that nobody always follows the same one.
    if (round % 2 === 0) order.reverse();
    for (const subject of order) {
      subject.prepare?.(round);
      const { ms, cpuMs } = timed(subject.command);
      subject.check?.();
      if (round < 0) continue;
      results[subject.name].ms.push(ms);
      results[subject.name].cpuMs.push(cpuMs);
    }
  }
  return results;
}

/**
 * A row of the table: ours beside one other. The ratio says how many times faster ours is with `atLeast`, and how many times the
 * other's time it takes with `atMost`; a bar of `undefined` is no promise.
 * @param {string} what the work
 * @param {Record<string, {ms: number[], cpuMs: (number | undefined)[]}>} results
 * @param {{against: string, atLeast?: number} | {against: string, atMost?: number}} bar
 */
export function compareRow(what, results, bar) {
  const [ours, other] = [results.strata, results[bar.against]];
  const faster = 'atLeast' in bar;
  const over = (a, b) => (faster ? b / a : a / b);
  const ratio = spread(ours.ms.map((ms, round) => over(ms, other.ms[round])));
  const row = { what, against: bar.against, ours: spread(ours.ms), other: spread(other.ms), ratio };
  // What other work on the machine disturbed least.
  row.best = over(row.ours.min, row.other.min);
  row.unit = faster ? '× faster' : '× its time';
  if (ours.cpuMs.every((cpu) => cpu !== undefined)) {
    row.cpu = { ours: spread(ours.cpuMs).median, other: spread(other.cpuMs).median };
    row.cpu.ratio = over(row.cpu.ours, row.cpu.other);
  }
  const limit = faster ? bar.atLeast : bar.atMost;
  if (limit === undefined) return row;
  return { ...row, bar: `${faster ? '≥' : '≤'} ${limit}`, met: faster ? ratio.median >= limit : ratio.median <= limit };
}

const peakHook = fileURLToPath(new URL('peakHook.cjs', import.meta.url));

/**
 * The most memory that one run of a subject's own program held, as a row against a limit; both in MB of resident memory.
 * @param {string} what the work
 * @param {{command: object, prepare?: (round: number) => void}} subject whose command runs a Node program
 * @param {number} limit in MB
 */
export function memoryRow(what, { command, prepare }, limit) {
  prepare?.(0);
  const { stderr } = timed({ ...command, args: ['--require', peakHook, ...command.args] });
  const mb = Number(/^peak (\d+)$/m.exec(stderr)?.[1]) / 1000;
  const row = { what: `${what}, memory`, against: 'limit', figure: 'MB', ours: spread([mb]), other: spread([limit]) };
  return { ...row, bar: `≤ ${limit} MB`, met: mb <= limit };
}

/** A row that holds one duration of ours against another of ours: what a part of the work costs of the whole. */
export function shareRow(what, part, whole, atMost) {
  const ratio = spread(part.map((ms, round) => ms / whole[round]));
  const row = { what, against: 'first time', ours: spread(part), other: spread(whole), ratio, unit: '× its time' };
  return atMost === undefined ? row : { ...row, bar: `≤ ${atMost}`, met: ratio.median <= atMost };
}
