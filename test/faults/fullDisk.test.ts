/**
 * Disks that are full for real (E2): a tmpfs of one megabyte, one with room for some names only, an ext4. Into each something is added, checked
 * out, fetched, pushed: refused with what is needed, what is free and where; all is as before; with room the same command finishes.
 */

import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CLI, call, type Outcome } from '../support/commandLine';
import { fingerprint, md5Of, seeded } from '../support/engineProject';
import { SmallDisk, type DiskKind } from '../support/limits';
import { skip } from '../support/skip';
import { dropFolder, newFolder } from '../support/temporary';
import { SOAK } from './crashpoints';

/** Which of the three places of a project is the small disk. */
type Place = 'project' | 'cache' | 'remote';

interface Act {
  readonly name: string;
  readonly small: Place;
  /** Commands that have to be done before the disk is filled. */
  readonly before: readonly string[];
  /** What is gone before the command, and comes back with it. */
  readonly lose: readonly string[];
  readonly command: string;
}

const ACTS: readonly Act[] = [
  { name: 'add', small: 'cache', before: [], lose: [], command: 'add data big' },
  {
    name: 'add of what has changed',
    small: 'cache',
    before: ['add data big', 'gc -wf', 'change'],
    lose: [],
    command: 'add data big',
  },
  {
    name: 'checkout',
    small: 'project',
    before: ['add data big'],
    lose: ['project/data', 'project/big'],
    command: 'checkout',
  },
  { name: 'fetch', small: 'cache', before: ['add data big', 'push'], lose: ['cache/files'], command: 'fetch' },
  { name: 'push', small: 'remote', before: ['add data big'], lose: [], command: 'push' },
];

interface Kind {
  readonly name: string;
  readonly disk: DiskKind;
  /** Bytes of a block of ballast; 0: names run out, not bytes. */
  readonly block: number;
  /** Acts that are tried in each run of the tests, not in the soak alone. */
  readonly often: readonly string[];
}

const KINDS: readonly Kind[] = [
  { name: 'a tmpfs of 1 MB', disk: { tmpfs: 'size=1m' }, block: 4096, often: ACTS.map((act) => act.name) },
  { name: 'a tmpfs of few names', disk: { tmpfs: 'size=4m,nr_inodes=50' }, block: 0, often: ['checkout', 'push'] },
  { name: 'an ext4', disk: { ext4: 4 }, block: 4096, often: ['add', 'fetch'] },
];

const SMALL = 5;
const BIG = 300_000;

describe('a full disk', function () {
  this.timeout(60_000);
  let above = '';
  let disk: SmallDisk | undefined;
  beforeEach(() => (above = newFolder()));
  afterEach(() => {
    disk?.unmount();
    disk = undefined;
    dropFolder(above);
  });
  before(function () {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      skip(this, 'disks can be mounted by root on Linux only');
  });

  const at = (...names: string[]): string => path.join(above, ...names);
  /** `CACHE` and `REMOTE` stand for those folders. */
  const strata = (words: string): Outcome => {
    const places: Readonly<Record<string, string>> = { CACHE: at('cache'), REMOTE: at('remote') };
    const args = words.split(' ').map((word) => places[word] ?? word);
    return call(process.execPath, [CLI, ...args], at('project'));
  };
  const ok = (words: string): void => {
    const { code, err } = words === 'change' ? change() : strata(words);
    assert.equal(code, 0, `${words}: ${err}`);
  };

  /** Every file gets other bytes. */
  function change(seed = 2): Outcome {
    const random = seeded(seed);
    const bytes = (n: number): Uint8Array => Uint8Array.from({ length: n }, () => Math.floor(random() * 256));
    fs.mkdirSync(at('project/data'), { recursive: true });
    for (let n = 0; n < SMALL; n += 1) fs.writeFileSync(at('project/data', `f${n}`), bytes(5000));
    fs.writeFileSync(at('project/big'), bytes(BIG));
    return { code: 0, out: '', err: '' };
  }

  /** All that is promised to be as it was, or whole: objects may have come, each as its name says; nothing of ours lies about. */
  function state(): unknown {
    const names = (place: string): string[] =>
      fs.existsSync(at(place)) ? (fs.readdirSync(at(place), { recursive: true }) as string[]) : [];
    for (const place of ['cache', 'remote']) {
      const objects = names(place).filter((name) => /[0-9a-f]{30}(\.dir)?$/.test(name));
      for (const name of objects) {
        const [shelf = '', rest = ''] = name.split('/').slice(-2);
        assert.equal(md5Of(fs.readFileSync(at(place, name))), (shelf + rest).slice(0, 32), `${place}: ${name}`);
      }
    }
    const litter = ['project', 'cache', 'remote'].flatMap(names).filter((name) => /\.tmp$/.test(name));
    assert.deepEqual(
      litter.filter((name) => name !== '.dvc/tmp'),
      [],
    );
    return [...fingerprint(at('project'), (name) => /^(\.dvc\/tmp|\.git)(\/|$)|ballast|^lost\+found/.test(name))];
  }

  const cases = KINDS.flatMap((kind) => ACTS.map((act) => ({ kind, act })));
  for (const { kind, act } of cases.filter((one) => SOAK || one.kind.often.includes(one.act.name))) {
    it(`E2 ${kind.name} as ${act.small}: ${act.name}`, function () {
      disk = SmallDisk.mount(this, at(act.small), kind.disk);
      fs.mkdirSync(at('project'), { recursive: true });
      // Without the samples of hooks: they would take up the few names.
      assert.equal(call('git', ['init', '-q', '--template='], at('project')).code, 0);
      ok('init -q');
      ok('config cache.dir CACHE');
      ok('remote add -q -d r REMOTE');
      change(1);
      for (const words of act.before) ok(words);
      for (const name of act.lose) fs.rmSync(at(name), { recursive: true });
      const before = state();
      disk.fill(kind.block);
      const { code, out, err } = strata(act.command);
      assert.equal(code, 1, `${out}${err}`);
      for (const line of err.trim().split('\n').slice(0, 1)) {
        assert.match(line, SAYS[kind.block === 0 ? 'names' : 'bytes']);
        assert.ok(line.includes(at(act.small)), `${line} says where`);
      }
      assert.deepEqual(state(), before);
      disk.free();
      ok(act.command);
      for (const name of ['data', 'big']) assert.ok(fs.existsSync(at('project', name)), name);
      const status = strata(act.command === 'push' ? 'status -c -q' : 'status -q');
      assert.equal(status.code, 0, 'all is done');
    });
  }
});

/** What happened, how much is needed and free, and what to do. */
const SAYS = {
  bytes:
    /^No space is left for \S.*: [\d.,]+ k?B needed, [\d.,]+ k?B free on the disk of \/.*\. Free some space, then do the same again; nothing was lost\.$/,
  names:
    /^No more files can be made for \S.*: \d+ needed, room for \d+ on the disk of \/.*\. Delete files there that nobody needs, then do the same again; nothing was lost\.$/,
};
