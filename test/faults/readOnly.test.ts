/**
 * Places that may not be written (E4): cache, workspace and remote of another user, as somebody without rights; and each on a disk that is mounted
 * read-only. What has to write there is refused with the place named, the rest works; nothing is half-done, and with rights it finishes.
 */

import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CLI, call, type Outcome } from '../support/commandLine';
import { fingerprint } from '../support/engineProject';
import { asNobody, give, needNobody, SmallDisk } from '../support/limits';
import { skip } from '../support/skip';
import { dropFolder, newFolder } from '../support/temporary';

type Place = 'project' | 'cache' | 'remote';
const PLACES: readonly Place[] = ['project', 'cache', 'remote'];

interface Verb {
  readonly command: string;
  /** What is done by somebody with rights before. */
  readonly prepare: (at: (...names: string[]) => string) => void;
  /** The places without which it cannot do its work. */
  readonly needs: readonly Place[];
  /** True once the work is done. */
  readonly done: (at: (...names: string[]) => string) => boolean;
}

const nothing = (): void => undefined;
const objects = (folder: string): number =>
  fs.existsSync(folder)
    ? (fs.readdirSync(folder, { recursive: true }) as string[]).filter((name) => /[0-9a-f]{30}(\.dir)?$/.test(name))
        .length
    : 0;
/** Objects of the template: kept, data/a, data/b and the list of data. */
const OBJECTS = 4;

const VERBS: Readonly<Record<string, Verb>> = {
  add: {
    command: 'add fresh',
    prepare: nothing,
    needs: ['project', 'cache'],
    done: (at) => fs.existsSync(at('project/fresh.dvc')) && objects(at('cache')) === OBJECTS + 1,
  },
  commit: {
    command: 'commit -f',
    prepare: (at) => fs.writeFileSync(at('project/data/a'), 'changed\n'),
    needs: ['project', 'cache'],
    done: (at) => objects(at('cache')) === OBJECTS + 2,
  },
  checkout: {
    command: 'checkout',
    prepare: (at) => ['kept', 'data'].forEach((name) => fs.rmSync(at('project', name), { recursive: true })),
    needs: ['project'],
    done: (at) => fs.existsSync(at('project/kept')) && fs.existsSync(at('project/data/b')),
  },
  fetch: {
    command: 'fetch',
    prepare: (at) => fs.rmSync(at('cache/files'), { recursive: true }),
    needs: ['project', 'cache'],
    done: (at) => objects(at('cache')) === OBJECTS,
  },
  push: {
    command: 'push',
    prepare: (at) => fs.rmSync(at('remote/files'), { recursive: true }),
    needs: ['project', 'remote'],
    done: (at) => objects(at('remote')) === OBJECTS,
  },
  gc: {
    command: 'gc -w -f',
    prepare: (at) => fs.rmSync(at('project/kept.dvc')),
    needs: ['project', 'cache'],
    done: (at) => objects(at('cache')) === OBJECTS - 1,
  },
  remove: {
    command: 'remove kept.dvc',
    prepare: nothing,
    needs: ['project'],
    done: (at) => !fs.existsSync(at('project/kept.dvc')),
  },
};

/** Says that something may not be written, where, and what to do. */
const SAYS =
  /^(You have no permission for|Nothing was done for [^\n]+: you have no permission for) \S[^\n]*\. Change the permissions or the owner of it and of the folder it lies in, then try again\.$/;
const SAYS_READ_ONLY =
  /^(\S[^\n]* lies|Nothing was done for [^\n]+: \S[^\n]* lies) on a read-only file system\. Choose another place, or mount it writable\.$/;

describe('places that may not be written', function () {
  this.timeout(60_000);
  let above = '';
  let disk: SmallDisk | undefined;
  const at = (...names: string[]): string => path.join(above, ...names);
  const strata = (...args: string[]): Outcome => call(process.execPath, [CLI, ...args], at('project'));
  before(function () {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) skip(this, 'needs root on Linux');
    above = newFolder();
    make();
    for (const place of PLACES) fs.renameSync(at(place), `${at(place)} model`);
  });
  after(() => dropFolder(above));
  afterEach(() => {
    disk?.unmount();
    disk = undefined;
    for (const place of PLACES) fs.rmSync(at(place), { recursive: true, force: true });
  });

  /** The places as they were made, at the same paths. */
  function makeAgain(): void {
    const how = { recursive: true, preserveTimestamps: true };
    for (const place of PLACES) fs.cpSync(`${at(place)} model`, at(place), how);
  }

  /** A project whose three places lie beside each other, everything added and pushed. */
  function make(): void {
    for (const place of PLACES) fs.mkdirSync(at(place), { recursive: true });
    fs.mkdirSync(at('project/data'));
    const ok = (...args: string[]): void => assert.equal(strata(...args).code, 0, args.join(' '));
    assert.equal(call('git', ['init', '-q'], at('project')).code, 0);
    ok('init', '-q');
    ok('config', 'cache.dir', at('cache'));
    ok('remote', 'add', '-q', '-d', 'r', at('remote'));
    for (const [name, text] of [
      ['kept', 'kept\n'],
      ['data/a', 'a\n'],
      ['data/b', 'b\n'],
    ] as const)
      fs.writeFileSync(at('project', name), text);
    ok('add', '-q', 'kept', 'data');
    ok('push', '-q');
    fs.writeFileSync(at('project/fresh'), 'fresh\n');
  }

  /** Everything but our own notes. */
  const state = (): unknown => [
    ...fingerprint(above, (name) => /^project\/\.(dvc\/tmp|git)(\/|$)|^\w+ model/.test(name)),
  ];

  /** Refused with a sentence about the place when it is needed; else done. */
  function judge(verb: Verb, place: Place, before: unknown, { code, out, err }: Outcome, says: RegExp): void {
    if (!verb.needs.includes(place)) {
      assert.equal(code, 0, `${verb.command} needs no ${place}: ${err}`);
      assert.ok(verb.done(at), `${verb.command} is done`);
      return;
    }
    assert.equal(code, 1, `${verb.command}: ${out}${err}`);
    const [line = ''] = err.split('\n');
    assert.match(line, says);
    assert.ok(place === 'project' || line.includes(at(place)), `“${line}” names the ${place}`);
    assert.deepEqual(state(), before, 'nothing is half-done');
  }

  for (const [name, verb] of Object.entries(VERBS)) {
    it(`E4 ${name} without rights on project, cache or remote`, function () {
      needNobody(this, above);
      for (const place of PLACES) {
        makeAgain();
        verb.prepare(at);
        give('nobody', ...PLACES.map((one) => at(one)));
        give('root', at(place));
        const before = state();
        judge(verb, place, before, asNobody(at('project'), ...verb.command.split(' ')), SAYS);
        give('nobody', at(place));
        const again = asNobody(at('project'), ...verb.command.split(' '));
        assert.ok(verb.done(at), `${verb.command} with rights: ${again.err}`);
        for (const one of PLACES) fs.rmSync(at(one), { recursive: true });
      }
    });

    it(`E4 ${name} on a disk that is read-only`, function () {
      for (const place of PLACES) {
        disk = SmallDisk.mount(this, at(place), { tmpfs: 'size=8m' });
        makeAgain();
        verb.prepare(at);
        const before = state();
        disk.readOnly(true);
        judge(verb, place, before, strata(...verb.command.split(' ')), SAYS_READ_ONLY);
        disk.readOnly(false);
        const again = strata(...verb.command.split(' '));
        assert.ok(verb.done(at), `${verb.command} with rights: ${again.err}`);
        disk.unmount();
        disk = undefined;
        for (const one of PLACES) fs.rmSync(at(one), { recursive: true });
      }
    });
  }

  it('E4 questions need no rights: status, also of the remote, list, verify', function () {
    needNobody(this, above);
    makeAgain();
    for (const words of ['status', 'list .', 'status -c', 'verify']) {
      const { code, err } = asNobody(at('project'), ...words.split(' '));
      assert.equal(code, 0, `${words}: ${err}`);
    }
  });
});
