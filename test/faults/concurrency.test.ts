/** C1, C6: several engines on one project at the same time, each in a process of its own. What each of them recorded is there in the end. */

import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { quietCall } from '../../src/base/cancel';
import { withRepoLock } from '../../src/engine/cache/locks';
import { checkPaths } from '../../src/engine/cache/rwlock';
import { is } from '../../src/engine/errors';
import { parseDirObject } from '../../src/engine/formats/dirObject';
import { parseDvcFile } from '../../src/engine/formats/dvcFile';
import { parseDvcLock } from '../../src/engine/formats/dvcLock';
import { initRepository, openRepository, type Repository } from '../../src/engine/library';
import { EngineProject, md5Of } from '../support/engineProject';
import { until } from '../support/pipelineProject';
import { SOAK } from './crashpoints';
import { runEngines, type EngineCall } from './engines';

const ENGINES = 3;
/** Acts of each engine on the file that the catalogue counts, and on the others. */
const MANY = SOAK ? 400 : 50;
const SOME = SOAK ? 100 : 5;
const FEW = SOAK ? 20 : 2;

/** Something that every engine does to files they share. */
interface Story {
  /** Acts of each engine. */
  readonly each: number;
  prepare?(project: EngineProject, all: readonly string[]): Promise<void> | void;
  /** What is done for one of the names, which are all different. */
  calls(name: string): readonly EngineCall[];
  check(project: EngineProject, all: readonly string[]): void;
}

const text = (project: EngineProject, name: string): string => project.read(name) ?? '';

/** A stage a name, each with an output that is there. */
function stages(project: EngineProject, names: readonly string[], cmd = (name: string) => `echo ${name}`): void {
  const entry = (name: string): string => `  ${name}:\n    cmd: ${cmd(name)}\n    outs:\n    - ${name}.txt\n`;
  project.put('dvc.yaml', `# What is made here.\nstages:\n${names.map(entry).join('')}`);
  for (const name of names) project.put(`${name}.txt`, `${name}\n`);
}

function checkLock(project: EngineProject, names: readonly string[]): void {
  const { stages: locked } = parseDvcLock(text(project, 'dvc.lock'), 'dvc.lock');
  assert.deepEqual([...locked.keys()].sort(), [...names].sort());
  for (const name of names) {
    assert.equal(locked.get(name)?.outs[0]?.hash, md5Of(`${name}\n`), name);
    assert.ok(fs.existsSync(project.object(md5Of(`${name}\n`))), name);
  }
}

function checkIgnored(project: EngineProject, names: readonly string[]): void {
  assert.deepEqual(text(project, '.gitignore').split('\n').sort(), ['', ...names.map((name) => `/${name}`)].sort());
}

const frozenOf = (project: EngineProject): number => text(project, 'dvc.yaml').split('frozen: true').length - 1;

const STORIES: Readonly<Record<string, Story>> = {
  'commit into one dvc.lock': {
    each: MANY,
    prepare: (project, all) => {
      // Without Git, which would be asked twice for each.
      project.put('.dvc/config', '[core]\n    no_scm = True\n');
      stages(project, all);
    },
    calls: (name) => [['commit', [name], { force: true }]],
    check: checkLock,
  },
  'freeze in one dvc.yaml': {
    each: SOME,
    prepare: (project, all) => stages(project, all),
    calls: (name) => [['freeze', [name]]],
    check: (project, all) => assert.equal(frozenOf(project), all.length),
  },
  'freeze and unfreeze, until the file is as it was': {
    each: SOME,
    prepare: (project, all) => {
      stages(project, all);
      project.put('before', text(project, 'dvc.yaml'));
    },
    calls: (name) => [
      ['freeze', [name]],
      ['unfreeze', [name]],
    ],
    check: (project) => assert.equal(text(project, 'dvc.yaml'), text(project, 'before')),
  },
  'remove stages from dvc.yaml and dvc.lock': {
    each: SOME,
    prepare: async (project, all) => {
      stages(project, [...all, 'stays']);
      const repository = await openRepository({ dir: project.root });
      await repository.commit({ force: true });
      await repository.close();
    },
    calls: (name) => [['remove', [name]]],
    check: (project) => {
      checkLock(project, ['stays']);
      assert.match(
        text(project, 'dvc.yaml'),
        /^# What is made here\.\nstages:\n {2}stays:\n[^:]*cmd: [^:]*outs:[^:]*$/,
      );
    },
  },
  'add stages to one dvc.yaml': {
    each: SOME,
    calls: (name) => [['stage.add', ['echo', name], { name, outs: [`${name}.txt`] }]],
    check: (project, all) => {
      const declared = [...text(project, 'dvc.yaml').matchAll(/^ {2}(\w+):\n {4}cmd: echo (\w+)\n/gm)];
      assert.deepEqual(declared.map(([, name, word]) => [name, word]).sort(), all.map((name) => [name, name]).sort());
      checkIgnored(
        project,
        all.map((name) => `${name}.txt`),
      );
    },
  },
  'repro of different stages': {
    each: FEW,
    prepare: (project, all) => stages(project, all, (name) => `echo ${name} > ${name}.txt`),
    calls: (name) => [['repro', [name]]],
    check: checkLock,
  },
  'remotes and settings in one .dvc/config': {
    each: SOME,
    calls: (name) => [
      ['remote.add', [name, `/srv/${name}`]],
      ['remote.modify', [name, 'jobs', '3']],
    ],
    check: (project, all) => {
      const config = text(project, '.dvc/config');
      for (const name of all)
        assert.ok(
          config.includes(`['remote "${name}"']\n    url = /srv/${name}\n    jobs = 3\n`),
          `${name}: ${config}`,
        );
    },
  },
  'remove remotes while others are added': {
    each: SOME,
    calls: (name) => [
      ['remote.add', [name, `/srv/${name}`]],
      ['remote.add', [`${name}-gone`, '/srv/gone']],
      ['remote.remove', [`${name}-gone`]],
    ],
    check: (project, all) => {
      const config = text(project, '.dvc/config');
      assert.equal(config.match(/url = /g)?.length, all.length);
      assert.ok(!config.includes('gone'));
    },
  },
  'add and move files beside one .gitignore': {
    each: SOME,
    prepare: (project, all) => {
      for (const name of all) project.put(name, `${name}\n`);
    },
    calls: (name) => [
      ['add', [name]],
      ['move', [name, `${name}.moved`]],
    ],
    check: (project, all) => {
      const moved = all.map((name) => `${name}.moved`);
      checkIgnored(project, moved);
      for (const name of moved) assert.ok(project.read(`${name}.dvc`)?.includes(`path: ${name}\n`), name);
    },
  },
  'add files inside one tracked folder': {
    each: SOME,
    prepare: async (project, all) => {
      project.put('images/first', 'first\n');
      await project.call('add', ['images']);
      for (const name of all) project.put(`images/${name}`, `${name}\n`);
    },
    calls: (name) => [['add', [`images/${name}`]]],
    check: (project, all) => {
      const [out] = parseDvcFile(text(project, 'images.dvc'), 'images.dvc').outs;
      const list = fs.readFileSync(project.object(out?.hash ?? ''), 'utf8');
      const names = parseDirObject(list, 'images').map((entry) => entry.relpath);
      assert.deepEqual(names, ['first', ...all].sort());
    },
  },
  'import files': {
    each: SOME,
    prepare: (project, all) => {
      for (const name of all) fs.writeFileSync(path.join(project.above, name), `${name}\n`);
    },
    calls: (name) => [['import-url', [`../${name}`]]],
    check: (project, all) => {
      checkIgnored(project, all);
      for (const name of all) assert.ok(project.read(`${name}.dvc`)?.includes(`md5: ${md5Of(`${name}\n`)}`), name);
    },
  },
};

describe('several engines', function () {
  this.timeout(SOAK ? 3_600_000 : 90_000);
  let project: EngineProject;
  beforeEach(async () => (project = await EngineProject.make()));
  afterEach(() => project.drop());

  /** Lets them work and judges: every act was done, and what it recorded is there. `dirs`: by which paths they open the project. */
  async function check(story: Story, dirs: readonly string[]): Promise<void> {
    const names = dirs.map((_, engine) => Array.from({ length: story.each }, (__, n) => `s${engine}x${n}`));
    await story.prepare?.(project, names.flat());
    const jobs = dirs.map((dir, engine) => ({ dir, calls: (names[engine] ?? []).flatMap((one) => story.calls(one)) }));
    const told = await runEngines(jobs);
    assert.deepEqual(
      told.flatMap((one) => one.failed),
      [],
    );
    assert.deepEqual(
      told.map((one) => one.done),
      jobs.map((job) => job.calls.length),
    );
    story.check(project, names.flat());
    assert.deepEqual(leftovers(project), [], 'nothing is left lying');
  }

  for (const [name, story] of Object.entries(STORIES))
    it(`C1 ${ENGINES} engines, ${story.each} each: ${name}`, () =>
      check(
        story,
        Array.from({ length: ENGINES }, () => project.root),
      ));

  describe('C6 one folder by two paths', () => {
    let link = '';
    const opened: Repository[] = [];
    beforeEach(() => {
      link = path.join(project.above, 'link');
      fs.symlinkSync(project.root, link);
    });
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close();
    });

    async function open(dir: string): Promise<Repository> {
      const repository = await openRepository({ dir });
      opened.push(repository);
      return repository;
    }

    const story: Story = { ...(STORIES['commit into one dvc.lock'] as Story), each: SOME };
    it('no update is lost', () => check(story, [project.root, link]));

    it('there is one lock: who holds it by one path is in the way of the other', async () => {
      const byLink = await open(link);
      project.put('f', 'f\n');
      const held = { command: 'strata test', hardlink: false, signal: quietCall().signal };
      await withRepoLock(project.at('.dvc'), held, async () => {
        const refused = await byLink.add({ targets: ['f'] }).catch((error: unknown) => error);
        assert.ok(is(refused, 'lock.busy'), String(refused));
      });
      await byLink.add({ targets: ['f'] });
    });

    it('gc takes the lock of a project once, by whatever path it is named too', async () => {
      project.put('f', 'f\n');
      await project.call('add', ['f']);
      const scope = { workspace: true, force: true, projects: [link, path.join(link, '.dvc')] };
      assert.equal((await (await open(project.root)).gc(scope)).removed, 0);
    });

    it('a run that was started by one path is in the way of the other, and of DVC', async () => {
      stages(
        project,
        ['slow'],
        () => 'touch ../started && while [ ! -f ../go ]; do sleep 0.02; done; echo slow > slow.txt',
      );
      const running = runEngines([{ dir: link, calls: [['repro', []]] }]);
      await until(() => fs.existsSync(path.join(project.above, 'started')), 'the stage runs');
      const claims = { read: [], write: [project.at('slow.txt')] };
      const blocker = await checkPaths(project.at('.dvc'), claims, process.pid);
      const refused = await (await open(project.root)).add({ targets: ['slow.txt'] }).catch((error: unknown) => error);
      fs.writeFileSync(path.join(project.above, 'go'), '');
      assert.deepEqual(
        (await running).map((one) => [one.done, one.failed]),
        [[1, []]],
      );
      assert.equal(blocker?.path, project.at('slow.txt'));
      assert.ok(is(refused, 'lock.paths') || is(refused, 'data.madeByStage'), String(refused));
    });

    it('both see the same: state, Git around the project, a remote beside it, paths as they were typed', async () => {
      const inner = path.join(project.root, 'inner');
      const innerLink = path.join(project.above, 'elsewhere', 'link');
      fs.mkdirSync(path.dirname(innerLink));
      fs.mkdirSync(inner);
      fs.symlinkSync(inner, innerLink);
      await initRepository({ dir: inner }, { subdir: true });
      fs.writeFileSync(path.join(inner, 'f'), 'f\n');
      const [real, byLink] = [await open(inner), await open(innerLink)];
      assert.equal(byLink.root, real.root);
      await byLink.remoteAdd({ targets: ['store', '../store'], default: true });
      await byLink.add({ targets: [path.join(innerLink, 'f')] });
      assert.equal(fs.readFileSync(path.join(inner, '.gitignore'), 'utf8'), '/f\n', 'Git was found');
      assert.equal((await byLink.push()).failed.length, 0);
      assert.ok(fs.existsSync(path.join(project.root, 'store', 'files', 'md5')), 'beside the project, not the link');
      for (const one of [real, byLink]) assert.deepEqual(await one.status(), {});
      fs.writeFileSync(path.join(inner, 'f'), 'changed\n');
      for (const one of [real, byLink]) assert.deepEqual(Object.keys(await one.status()), ['f.dvc']);
    });
  });
});

/** Temporaries and claims that are still there. */
function leftovers(project: EngineProject): string[] {
  const names = fs.readdirSync(project.root, { recursive: true }).map(String);
  return names.filter((name) => /\.tmp$|tmp\/[0-9a-f]{32}\.lock$/.test(name) && !name.startsWith('.git/'));
}
