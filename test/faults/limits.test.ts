/**
 * Much data on little: few open files (E3), a small heap (E6), many files (S1), one file larger than the memory it may take (S2). In `npm test`
 * numbers are cut down; the soak has those of the contract.
 */

import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { newProject, objectsOf, type CommandProject, type Outcome } from '../support/commandLine';
import { limited, measured } from '../support/limits';
import { skip } from '../support/skip';
import { SOAK } from './crashpoints';

const PATIENCE = SOAK ? 1_800_000 : 120_000;
/** Bytes of the large file: with holes, so that it exists at once. */
const LARGE = SOAK ? 3 * 2 ** 30 : 256 * 2 ** 20;
const OPEN_FILES = SOAK ? 10_000 : 300;
const MANY = SOAK ? 100_000 : 20_000;
const ON_SMALL_HEAP = SOAK ? 100_000 : 4000;
/** MB that so many files may take. */
const MEMORY = SOAK ? 250 : 170;
/** MB that one file may take, whatever its size. */
const MEMORY_OF_ONE = 200;

describe('much data on little', function () {
  this.timeout(SOAK ? 3_600_000 : 240_000);
  let project: CommandProject;
  const { TMPDIR } = process.env;
  before(() => {
    // Memory where there is some: what is tried here is none of the disk's business, and the soak needs more room.
    if (!SOAK && fs.existsSync('/dev/shm')) process.env['TMPDIR'] = '/dev/shm';
  });
  after(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  });
  beforeEach(() => (project = newProject()));
  afterEach(() => project.drop());

  const at = (...names: string[]): string => path.join(project.root, ...names);

  function makeFiles(count: number): void {
    fs.mkdirSync(at('data/deep'), { recursive: true });
    for (let n = 0; n < count; n += 1)
      fs.writeFileSync(at('data', n % 2 === 0 ? 'deep' : '', `file ${n}`), `${n} holds this\n`);
  }

  /** How many files the folder holds, each with its own bytes. */
  function wholeFiles(): number {
    const files = fs
      .readdirSync(at('data'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile());
    const whole = files.filter(
      ({ name, parentPath }) =>
        fs.readFileSync(path.join(parentPath, name), 'utf8') === `${name.slice('file '.length)} holds this\n`,
    );
    return whole.length;
  }

  const lose = (...names: string[]): void => names.forEach((name) => fs.rmSync(at(name), { recursive: true }));

  /** Every act on a folder of `count` files, each call made by `run`, which has to succeed. */
  function everyAct(count: number, run: (...args: string[]) => void): void {
    makeFiles(count);
    project.ok('remote', 'add', '-q', '-d', 'r', path.join(path.dirname(project.root), 'remote'));
    run('add', 'data');
    run('status');
    run('push');
    lose('.dvc/cache', 'data', '.dvc/tmp');
    run('fetch');
    assert.equal(objectsOf(project.root).length, count + 1);
    run('checkout');
    assert.equal(wholeFiles(), count);
    run('status');
    fs.writeFileSync(at('data/deep/file 0'), 'other\n');
    run('commit', '-f', 'data.dvc');
    run('gc', '-w', '-f');
    assert.equal(project.run('status', '-q').code, 0);
  }

  const good = (args: readonly string[], { code, out, err }: Outcome): void =>
    assert.equal(code, 0, `${args.join(' ')}: ${out}${err}`);

  it(`E3 64 open files are enough for ${OPEN_FILES.toLocaleString('en')} files`, function () {
    if (process.platform === 'win32') skip(this, 'there is no ulimit');
    everyAct(OPEN_FILES, (...args) => good(args, limited(project.root, 'ulimit -n 64', args, PATIENCE)));
  });

  it(`E6 a heap of 256 MB is enough for ${ON_SMALL_HEAP.toLocaleString('en')} files`, () => {
    everyAct(ON_SMALL_HEAP, (...args) =>
      good(args, measured(project.root, args, ['--max-old-space-size=256'], PATIENCE)),
    );
  });

  it(`S1 ${MANY.toLocaleString('en')} files: add, status and checkout within ${MEMORY} MB, the second status in no time`, () => {
    makeFiles(MANY);
    const within = (...args: string[]): number => {
      const started = performance.now();
      const outcome = measured(project.root, args, [], PATIENCE);
      const ms = performance.now() - started;
      good(args, outcome);
      assert.ok(outcome.mb < MEMORY, `${args.join(' ')} held ${outcome.mb} MB`);
      return ms;
    };
    within('add', 'data');
    lose('.dvc/tmp');
    const first = within('status');
    const second = within('status');
    lose('data', '.dvc/tmp');
    within('checkout');
    assert.equal(wholeFiles(), MANY);
    assert.ok(SOAK ? second < first / 2 : second < first * 1.5, `first ${first} ms, second ${second} ms`);
  });

  it(`S2 a file of ${Math.round(LARGE / 2 ** 20)} MiB: added, pushed, fetched and checked out within ${MEMORY_OF_ONE} MB, and on a small heap (E6)`, () => {
    fs.writeFileSync(at('large'), 'begin');
    fs.truncateSync(at('large'), LARGE - 3);
    fs.appendFileSync(at('large'), 'end');
    project.ok('remote', 'add', '-q', '-d', 'r', path.join(path.dirname(project.root), 'remote'));
    const within = (...args: string[]): void => {
      const outcome = measured(project.root, args, ['--max-old-space-size=256'], PATIENCE);
      good(args, outcome);
      assert.ok(outcome.mb < MEMORY_OF_ONE, `${args.join(' ')} held ${outcome.mb} MB`);
    };
    within('add', 'large');
    within('status');
    within('push');
    lose('.dvc/cache', 'large');
    within('fetch');
    within('checkout');
    assert.equal(fs.statSync(at('large')).size, LARGE);
    const { status } = spawnSync('cmp', [at('large'), ...objectsOf(project.root)]);
    assert.equal(status, 0, 'workspace and cache hold the same');
    within('status');
  });
});
