/** Imports: the real DVC brings data into one copy and ours into the other, from repositories and places that lie beside both; files, objects and pointers are the same after each step. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { startWebServer, type WebServer } from '../support/webFolder';
import { DvcServer, Twins, inOrder, writeFile } from './twins';

/** A step of a story. `at` is the folder of a copy's project. */
type Step =
  | { readonly act: readonly string[]; readonly cwd?: string }
  | { readonly ask: readonly string[] }
  | { readonly files: (at: string) => void }
  | { readonly git: readonly (readonly string[])[]; readonly cwd: string };

const write = (files: Readonly<Record<string, string>>): Step => ({
  files: (at) => Object.entries(files).forEach(([path, text]) => writeFile(at, path, text)),
});
const remove = (...paths: string[]): Step => ({
  files: (at) => paths.forEach((path) => fs.rmSync(join(at, path), { recursive: true, force: true })),
});
const commit = (cwd: string, message: string, ...tags: string[]): Step => ({
  cwd,
  git: [['add', '-A'], ['commit', '-q', '-m', message], ...tags.map((tag) => ['tag', tag])],
});

/** A repository `../src` with data of DVC, files of Git, a folder of both, and the tag v1. */
const SOURCE: readonly Step[] = [
  write({
    '../src/d/a': '1\n',
    '../src/d/s/b': '2\n',
    '../src/f': 'f\n',
    '../src/g': 'of Git\n',
    '../src/folder/g1': 'g1\n',
    '../src/folder/sub/g2': 'g2\n',
    '../src/both/text': 'text\n',
    '../src/both/in/data': 'data\n',
  }),
  { cwd: '../src', git: [['init', '-q', '-b', 'main']] },
  { act: ['init', '-q'], cwd: '../src' },
  { act: ['add', 'd', 'f', 'both/in/data'], cwd: '../src' },
  commit('../src', 'one', 'v1'),
];
const MOVE_ON: readonly Step[] = [
  write({ '../src/d/c': '3\n', '../src/g': 'newer\n', '../src/folder/g3': 'g3\n' }),
  { act: ['add', 'd'], cwd: '../src' },
  commit('../src', 'two', 'v2'),
];
const imports = (...list: string[]): Step[] =>
  list.map((words) => ({ act: ['import', '../src', ...words.split(' ')] }));
const act = (...list: string[]): Step[] => list.map((words) => ({ act: words.split(' ') }));

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'a file and a folder of DVC, a file and a folder of Git, a folder of both': [
    ...SOURCE,
    ...imports('f', 'd', 'g', 'folder', 'both'),
    { ask: ['status', '--no-updates'] },
  ],
  'paths inside tracked folders, into other names and folders': [
    ...SOURCE,
    { files: (at) => fs.mkdirSync(join(at, 'sub')) },
    ...imports('d/s/b -o one', 'd/s -o two', 'folder/sub/g2 -o sub', 'f -o sub/other', 'both/in -o in'),
  ],
  'a tag, a branch, an older commit': [
    ...SOURCE,
    ...MOVE_ON,
    ...imports('d -o old --rev v1', 'd -o new --rev main', 'g -o before --rev HEAD~1'),
  ],
  'without data, without a look': [
    ...SOURCE,
    ...imports('f --no-download', 'd --no-exec', 'd/a -o a --no-download'),
    { ask: ['status', '--no-updates'] },
    ...act('update f.dvc', 'update d.dvc', 'update a.dvc'),
  ],
  'what is refused': [
    ...SOURCE,
    write({ there: 'x\n' }),
    ...imports('nope', 'f --rev nope', 'f -o there', 'f -o no/such/folder', 'f -o ../outside', '../out'),
    ...act('import ../nowhere f', 'import ../src f -o there -f', 'update there', 'update --to-remote there.dvc'),
  ],
  'update: nothing new, the source moved on, another revision, back': [
    ...SOURCE,
    ...imports('d', 'g', 'folder', 'd -o fixed --rev v1'),
    ...act('update d.dvc', 'update g.dvc'),
    ...MOVE_ON,
    { ask: ['status', '--no-updates'] },
    ...act('update d', 'update g.dvc', 'update folder.dvc', 'update fixed.dvc', 'update --rev v2 fixed.dvc'),
    ...act('update --rev v1 d.dvc', 'update --rev main d.dvc', 'update --rev nope d.dvc'),
  ],
  'update --no-download forgets the data': [
    ...SOURCE,
    ...imports('d', 'g'),
    ...MOVE_ON,
    ...act('update --no-download d.dvc', 'update --no-download g.dvc', 'update --no-download g.dvc', 'update d.dvc'),
  ],
  'update restores what was deleted, of one or of all below a folder': [
    ...SOURCE,
    { files: (at) => fs.mkdirSync(join(at, 'sub')) },
    ...imports('f', 'd -o sub/d', 'g -o sub/g'),
    remove('f', 'sub/d', 'sub/g'),
    ...act('update f.dvc', 'update -R sub'),
  ],
  'pull brings data of imports from their sources': [
    ...SOURCE,
    // Of folders in folders DVC also keeps lists that nothing names; so there is none.
    ...imports('f', 'd/s -o s', 'g', 'folder/sub'),
    remove('f', 's', 'g', 'sub', '.dvc/cache'),
    ...act('pull'),
    { ask: ['status', '--no-updates'] },
  ],
  'an import of an import': [
    ...SOURCE,
    write({ '../mid/own': 'own\n' }),
    { cwd: '../mid', git: [['init', '-q', '-b', 'main']] },
    { act: ['init', '-q'], cwd: '../mid' },
    { act: ['import', '../src', 'd'], cwd: '../mid' },
    { act: ['import', '../src', 'g', '-o', 'text'], cwd: '../mid' },
    commit('../mid', 'imports'),
    ...act('import ../mid d', 'import ../mid text'),
  ],
  'DVC 2.x data becomes 3.x': [
    write({
      '../src/old.txt.dvc': 'outs:\n- md5: dd8c6a395b5dd36c56d23275028f526c\n  size: 6\n  path: old.txt\n',
      '../src/.dvc/cache/dd/8c6a395b5dd36c56d23275028f526c': 'a\r\nb\r\n',
    }),
    { cwd: '../src', git: [['init', '-q', '-b', 'main']] },
    { act: ['init', '-q', '-f'], cwd: '../src' },
    write({ '../src/.dvc/cache/dd/8c6a395b5dd36c56d23275028f526c': 'a\r\nb\r\n', '../src/.gitignore': '/old.txt\n' }),
    commit('../src', 'old'),
    ...imports('old.txt'),
  ],
  'words of an older file stay': [
    ...SOURCE,
    ...imports('f'),
    { files: (at) => fs.appendFileSync(join(at, 'f.dvc'), 'desc: mine\nmeta: {a: 1}\n') },
    ...act('import ../src f --force', 'import ../src f --rev v1 -f'),
  ],
  'import-url: files, folders, executables, links, empty': [
    write({ '../ext/d/a': 'a\n', '../ext/d/s/b': 'b\n', '../ext/run.sh': 'run\n', inner: 'inner\n', 'sub/x': 'x\n' }),
    {
      files: (at) => {
        fs.chmodSync(join(at, '../ext/run.sh'), 0o755);
        fs.symlinkSync('a', join(at, '../ext/d/link'));
        fs.mkdirSync(join(at, '../ext/empty'));
      },
    },
    ...act('import-url ../ext/run.sh', 'import-url ../ext/d', 'import-url ../ext/d/ other', 'import-url ../ext/empty'),
    ...act('import-url inner sub/inner', 'import-url inner copy', 'import-url ../ext/run.sh nodl --no-download'),
    ...act(
      'import-url ../ext/d noex --no-exec',
      'import-url ../ext/nope',
      'import-url ../ext/d d',
      'import-url . self',
    ),
    ...act('import-url nope://x y', 'import-url ../ext/d/a here --to-remote --no-exec', 'import-url inner z -r r'),
    { ask: ['status', '--no-updates'] },
  ],
  'import-url and update through a remote of the configuration': [
    write({ '../ext/d/a': 'a\n', '../ext/d/b': 'b\n', '../ext/f': 'f\n' }),
    ...act('remote add -q from ../ext', 'import-url remote://from/d', 'import-url remote://from/f'),
    write({ '../ext/d/c': 'c\n' }),
    ...act('update d.dvc f.dvc'),
    remove('../ext/d/a'),
    ...act('update d.dvc', 'update f.dvc'),
  ],
  'import-url and update of what lies beside': [
    write({ '../ext/d/a': 'a\n', '../ext/f': 'f\n' }),
    ...act('import-url ../ext/d', 'import-url ../ext/f', 'update d.dvc f.dvc'),
    write({ '../ext/d/b': 'b\n', '../ext/f': 'changed\n' }),
    { ask: ['status', '--no-updates'] },
    ...act('update d.dvc', 'update --no-download f.dvc', 'update f.dvc'),
    remove('d'),
    ...act('update d.dvc'),
  ],
};

/** Asked in `../src`, the workspace as it lies there; dates of folders do not matter, their sizes are the file system's. */
const LISTS = [
  '.',
  '. -R',
  '. d',
  '. d/s',
  '. both',
  '. both -R',
  '. f',
  '. --dvc-only',
  '. -R --dvc-only',
  '. -R --level 2',
  '. --rev v1',
  '. --rev v1 -R',
  '. d --rev v1',
  '. both/in --rev v1',
  '. --rev v1 -R --dvc-only',
  '. nope',
  '. --rev nope',
  '../nowhere',
];

describe('agreement: imports', function () {
  this.timeout(240_000);
  let server: DvcServer;
  let web: WebServer;
  before(async () => {
    server = await DvcServer.start();
    web = await startWebServer();
  });
  after(async () => {
    server.stop();
    await web.close();
  });

  async function live(twins: Twins, steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if ('act' in step) await twins.act(step.act, step.cwd);
      else if ('ask' in step) await twins.ask(step.ask, (answer) => inOrder(answer));
      else if ('files' in step) twins.both(step.files);
      else twins.both((at) => step.git.forEach((args) => git(join(at, step.cwd), args, server.env)));
    }
  }

  async function told(steps: readonly Step[]): Promise<void> {
    const twins = await Twins.make(server);
    try {
      await live(twins, steps);
    } finally {
      twins.dispose();
    }
  }

  for (const [name, steps] of Object.entries(STORIES)) it(name, () => told(steps));

  it('import-url and update of a web server', async () => {
    web.put('a.csv', 'one\n');
    const url = `${web.url}/a.csv`;
    await told([
      ...act(`import-url ${url}`, `import-url ${url} other`, `import-url ${url} nodl --no-download`),
      ...act(`import-url ${web.url}/nope`, 'update a.csv.dvc'),
      { files: () => web.put('a.csv', 'another\n') },
      ...act('update a.csv.dvc', 'update --no-download other.dvc', 'update nodl.dvc'),
    ]);
  });

  it('lists what a repository holds', async () => {
    const twins = await Twins.make(server);
    try {
      await live(twins, SOURCE);
      await live(twins, [...MOVE_ON, write({ '../src/untracked': 'u\n' }), remove('../src/d/s')]);
      for (const words of LISTS) await twins.ask(['list', ...words.split(' ')], entries, '../src');
      for (const words of ['../src', '../src --rev v1 -R', '../src folder'])
        await twins.ask(['list', ...words.split(' ')], entries);
    } finally {
      twins.dispose();
    }
  });

  it('gets without tracking', () =>
    told([
      ...SOURCE,
      ...MOVE_ON,
      { files: (at) => fs.mkdirSync(join(at, 'sub')) },
      ...act(
        'get ../src f',
        'get ../src d -o sub',
        'get ../src d --rev v1 -o old',
        'get ../src both',
        'get ../src g -o sub/g',
      ),
      ...act('get ../src d/s/b', 'get ../src nope', 'get ../src f', 'get ../src f -f', 'get ../src f.dvc'),
      ...act('get-url ../src/g -o x', 'get-url ../src/g url', 'get-url ../src/folder', 'get-url ../nowhere'),
    ]));
});

/** Sizes of folders are the file system's own. */
function entries(answer: unknown): unknown {
  assert.ok(Array.isArray(answer));
  return inOrder(
    (answer as { isdir: boolean; size: unknown }[]).map((one) => (one.isdir ? { ...one, size: undefined } : one)),
  );
}

function git(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  const { status, stderr } = spawnSync('git', args, { cwd, env, encoding: 'utf8' });
  assert.equal(status, 0, `git ${args.join(' ')}: ${stderr}`);
}
