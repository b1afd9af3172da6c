import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { TICK_MS } from '../../src/engine/cache/stateIndex';
import { EngineProject, seeded } from '../support/engineProject';
import { SOAK } from './crashpoints';

const DAY = 86_400;
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, TICK_MS + 10));

/** A time as `utimes` takes it, in seconds since 1970. */
const ago = (seconds: number): number => Date.now() / 1000 - seconds;

describe('E5 clocks and the indexes', function () {
  this.timeout(SOAK ? 3_600_000 : 60_000);
  let project: EngineProject;
  const FILES = {
    'data/a': 'one',
    'data/b': 'two',
    'data/sub/c': 'three',
    'data/sub/deep/d': 'four',
    'data/twin/c': 'THREE',
    file: 'five',
  };

  beforeEach(async () => {
    project = await EngineProject.make();
    for (const [name, text] of Object.entries(FILES)) project.put(name, text);
    await project.call('add', ['data', 'file']);
  });
  afterEach(() => project.drop());

  /** Dates everything of the workspace and the cache back, so that it may be noted, and looks at it until all indexes are warm. */
  async function warm(): Promise<void> {
    const all = [project.at('data'), project.at('file'), project.at('.dvc/cache/files/md5')];
    for (const top of all) {
      const below = fs.statSync(top).isDirectory() ? (fs.readdirSync(top, { recursive: true }) as string[]) : [];
      for (const name of ['', ...below]) fs.utimesSync(path.join(top, name), ago(3600), ago(3600));
    }
    await tick();
    for (let n = 0; n < 2; n += 1) assert.deepEqual(changesIn(await look()), {});
  }

  const look = (): Promise<unknown> => project.call('data.status', [], { granular: true });
  const changesIn = (answer: unknown): unknown => {
    const { uncommitted = {}, not_in_cache: missing } = answer as { uncommitted?: object; not_in_cache?: string[] };
    return missing ? { ...uncommitted, missing } : uncommitted;
  };
  const dropIndexes = (): void => fs.rmSync(project.at('.dvc/tmp/strata/index'), { recursive: true, force: true });

  /** What the indexes say is what is found without them. */
  async function sameWithout(what: string): Promise<unknown> {
    const found = await look();
    dropIndexes();
    assert.deepEqual(found, await look(), what);
    return changesIn(found);
  }

  const at = (name: string): string => project.at(name);
  /** Changes bytes in place, keeps size and inode, and gives the file the time it had. */
  const quietly = (name: string, change: () => void): void => {
    const { atime, mtime } = fs.statSync(at(name));
    change();
    fs.utimesSync(at(name), atime, mtime);
  };
  const swap = (a: string, b: string): void => {
    fs.renameSync(at(a), at('aside'));
    fs.renameSync(at(b), at(a));
    fs.renameSync(at('aside'), at(b));
  };

  const CHANGES: Readonly<Record<string, () => void>> = {
    'other bytes of the same size under the old time': () =>
      quietly('file', () => fs.writeFileSync(at('file'), 'FIVE')),
    'other bytes under the old time, deep below': () =>
      quietly('data/sub/deep/d', () => fs.writeFileSync(at('data/sub/deep/d'), 'FOUR')),
    'a time in 1970': () => {
      fs.writeFileSync(at('data/a'), 'ONE');
      fs.utimesSync(at('data/a'), 0, 0);
    },
    'a time after 2038': () => {
      fs.writeFileSync(at('data/a'), 'ONE');
      fs.utimesSync(at('data/a'), 2 ** 31 + DAY, 2 ** 31 + DAY);
    },
    'two files swapped, of one size and one time': () => swap('data/a', 'data/b'),
    'two folders swapped': () => quietly('data', () => swap('data/sub', 'data/twin')),
    'a folder renamed, and the time of the folder above set back': () =>
      quietly('data', () => fs.renameSync(at('data/sub'), at('data/bus'))),
    'a new file deep below, and the times of all folders set back': () =>
      quietly('data', () =>
        quietly('data/sub', () => quietly('data/sub/deep', () => fs.writeFileSync(at('data/sub/deep/e'), ''))),
      ),
    'a file less, and the time of its folder set back': () => quietly('data/sub', () => fs.rmSync(at('data/sub/c'))),
    'a file replaced by another of its size and time': () => {
      const { atime, mtime } = fs.statSync(at('file'));
      fs.writeFileSync(at('other'), 'FIVE');
      fs.utimesSync(at('other'), atime, mtime);
      fs.renameSync(at('other'), at('file'));
    },
    'a file replaced by a link to another of its size and time': () => {
      const { atime, mtime } = fs.statSync(at('file'));
      fs.writeFileSync(at('other'), 'FIVE');
      fs.utimesSync(at('other'), atime, mtime);
      fs.rmSync(at('file'));
      fs.symlinkSync('other', at('file'));
    },
    'the whole folder replaced by a copy with one other byte': () => {
      fs.renameSync(at('data'), at('old'));
      fs.cpSync(at('old'), at('data'), { recursive: true, preserveTimestamps: true });
      quietly('data/sub/c', () => fs.writeFileSync(at('data/sub/c'), 'THRee'));
    },
    'an object gone, and the time of its folder in the cache set back': () => {
      const object = fs.readFileSync(at('file.dvc'), 'utf8').match(/md5: (\w+)/)?.[1] ?? '';
      const folder = path.relative(project.root, path.dirname(project.object(object)));
      quietly(folder, () => fs.rmSync(project.object(object)));
    },
  };
  for (const [name, change] of Object.entries(CHANGES)) {
    it(`sees ${name}`, async () => {
      await warm();
      change();
      assert.notDeepEqual(await sameWithout(name), {}, name);
    });
  }

  for (const [name, seconds] of [
    ['a day ahead', -DAY],
    ['just now', 0],
    ['a minute ago', 60],
  ] as const) {
    it(`sees an edit in the very tick in which a file dated ${name} was looked at`, async () => {
      await warm();
      for (let n = 0; n < (SOAK ? 2000 : 20); n += 1) {
        const date = ago(seconds);
        for (const text of ['aaaa', `${n}`.padEnd(4, 'b')]) {
          fs.writeFileSync(at('file'), text);
          fs.utimesSync(at('file'), date, date);
          await look();
        }
        assert.notDeepEqual(await sameWithout(name), {});
      }
    });
  }

  it('any acts in any order: what the indexes say is what is found without them', async () => {
    const random = seeded(SOAK ? Date.now() : 5);
    const below = (): string[] =>
      fs
        .readdirSync(at('data'), { recursive: true, withFileTypes: true })
        .map((entry) => path.join(entry.parentPath, entry.name));
    const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
    const times = [ago(3600), ago(10), ago(0), ago(-DAY)];
    const acts: ((name: string) => void)[] = [
      (name) => fs.statSync(name).isFile() && fs.writeFileSync(name, `${Math.floor(random() * 10)}`.repeat(4)),
      (name) => fs.utimesSync(name, pick(times) ?? 0, pick(times) ?? 0),
      (name) => fs.renameSync(name, `${name}x`),
      (name) =>
        fs.writeFileSync(
          path.join(fs.statSync(name).isFile() ? path.dirname(name) : name, `n${Math.floor(random() * 9)}`),
          'new!',
        ),
      (name) => fs.statSync(name).isFile() && fs.rmSync(name),
      (name) => fs.statSync(name).isFile() && fs.copyFileSync(name, `${name}y`),
    ];
    for (let n = 0; n < (SOAK ? 5000 : 60); n += 1) {
      if (n % 5 === 0) await tick();
      await look();
      for (let k = 0; k <= random() * 3; k += 1) {
        const name = pick(below());
        if (name !== undefined) pick(acts)?.(name);
      }
      const kept = at('.dvc/tmp/strata/kept');
      const found = await look();
      fs.cpSync(at('.dvc/tmp/strata/index'), kept, { recursive: true, preserveTimestamps: true });
      dropIndexes();
      assert.deepEqual(found, await look(), `act ${n}`);
      fs.rmSync(at('.dvc/tmp/strata/index'), { recursive: true, force: true });
      fs.renameSync(kept, at('.dvc/tmp/strata/index'));
    }
  });
});
