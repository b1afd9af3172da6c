/**
 * Settings, remotes and ignore rules, command by command: the real DVC and ours on two copies. Both succeed or both fail, print the same on
 * stdout, and the files of all four levels of the configuration hold the same text.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root as projectRoot } from '../../scripts/lib/root.mjs';
import { DvcServer, type Ended } from './twins';

/** A command's words, in a string where none holds a blank; or files to write before the next command. */
type Step =
  | string
  | readonly string[]
  | { readonly write: Readonly<Record<string, string>> }
  /** A command in another folder, with something on standard input. */
  | { readonly act: string; readonly in?: string; readonly stdin?: string }
  /** Where the two differ on purpose: what each prints, or `null` for failing. */
  | { readonly act: string; readonly in?: string; readonly dvc: string | null; readonly ours: string | null };

const REMOTES: readonly Step[] = ['remote add -q a ../a', 'remote add -q -d B s3://bucket/path'];

const SETTINGS: Readonly<Record<string, readonly Step[]>> = {
  'values at each level, and where they come from': [
    'config core.autostage true',
    'config --local core.autostage false',
    'config --global core.checksum_jobs 3',
    'config --system core.analytics false',
    'config core.autostage',
    'config --project core.autostage',
    'config --global core.autostage',
    'config core.checksum_jobs',
    'config --list',
    'config -l --show-origin',
    'config -l --local',
    'config -l --global --show-origin',
    'config --show-origin core.checksum_jobs',
    'config --show-origin core.autostage',
    'config -u core.checksum_jobs',
    'config -u --global core.checksum_jobs',
    'config -u core.autostage',
    'config core.autostage',
  ],
  'values that are nowhere': ['config core.remote', 'config --local core.remote', 'config -u core.remote'],
  'options that exclude each other': [
    'config --local --global core.autostage true',
    'config --list core.remote',
    'config -l -u',
    'config --show-origin core.remote x',
    'config --show-origin -u core.remote',
    'config',
    'remote add --local --system x y',
    'remote list --local --project',
  ],
  'names of settings': [
    'config CORE.AutoStage TRUE',
    'config core.autostage',
    'config core',
    'config core.nope 1',
    'config nope.x 1',
    'config remote.x.y.z 1',
    'config feature.machine true',
    'config parsing.list append',
    'config db.main.url sqlite://x',
    'config db.main.nope 1',
  ],
  'yes and no': ['true', 'TRUE', 'False', 'yes', '1', 'on', ''].map((word) => ['config', 'core.autostage', word]),
  'numbers, words and links': [
    ...['0', '2', ' 3 ', '1_0', '-1', '1.5', 'x'].map((word) => ['config', 'core.checksum_jobs', word]),
    ...['group', 'GROUP', 'all'].map((word) => ['config', 'cache.shared', word]),
    ...['copy', 'reflink,copy', 'symlink, hardlink', 'none', 'copy,'].map((word) => ['config', 'cache.type', word]),
    'config parsing.bool boolean_optional',
    'config parsing.bool nope',
    'config state.row_cleanup_quota 101',
    'config hydra.config_dir x',
    'config hydra.config_module y',
    'config -l',
  ],
  'paths are written from the folder of their file': [
    'config cache.dir ../cache',
    'config --local cache.dir cache',
    { act: 'config --local cache.dir x/y', in: 'sub' },
    'config -l',
    'config cache.dir ~/cache',
    'config --global cache.dir rel/ative',
    'config cache.dir',
    'config --project cache.dir',
    'config cache.dir /abs/x',
    'config --local -u cache.dir',
    'config studio.url ../not/a/path',
    'config plots.out_dir ../not/a/path',
    'config plots.html_template ../tpl.html',
    'config core.site_cache_dir ../site',
    'config -l',
  ],
  'quotes, percent signs and odd characters': [
    ...['a,b', 'a#b', ' x ', "it's", '"q"', 'both \' and "', '50%', '100%% %d', 'a = b', '[x]', ''].flatMap((word) => [
      ['config', 'studio.token', word],
      ['config', 'studio.token'],
    ]),
    'config -l',
    ['config', 'studio.token', 'a\nb'],
    { act: 'config studio.token', dvc: 'a\nb\n', ours: 'a\\u000ab\n' },
    // DVC reads what is no ASCII; when it has to write it, it ends half-way.
    { act: 'config studio.token é', dvc: null, ours: '' },
  ],
  'values that stand on others': [
    { write: { '.dvc/config': '[studio]\n    url = base\n    token = a%(url)s/b\n[\'remote "r"\']\n    url = x\n' } },
    'config studio.token',
    'config -l',
    { act: 'config studio.token %(nope)s', dvc: null, ours: null },
  ],
  'remotes: add, list, default': [
    ...REMOTES,
    'remote list',
    'remote default',
    'remote add -q b x',
    'remote add -q -f A ../other',
    'remote add -q --local loc ./here',
    'remote default A',
    'remote default --local loc',
    'remote default',
    'remote default --project',
    'remote default loc',
    'remote default nope',
    'remote list',
    'remote list --local',
    'remote default -u --local',
    'remote default -u',
    { act: 'remote default', dvc: 'failed: No default remote set\n', ours: null },
  ],
  'remotes: modify': [
    ...REMOTES,
    'remote modify b region eu-west-1',
    'remote modify --local b secret_access_key a#b',
    'remote modify b nope x',
    'remote modify b endpointurl http://localhost:1',
    'remote modify b use_ssl maybe',
    'remote modify b use_ssl FALSE',
    'remote modify b connect_timeout 3',
    'remote modify b connect_timeout 3.5',
    'remote modify b cache_regions true',
    'remote modify b jobs 0',
    'remote modify b jobs 8',
    'remote modify a region x',
    'remote modify a shared group',
    'remote modify a url ../elsewhere',
    { act: 'remote modify a url here', in: 'sub' },
    'remote modify -u a url',
    'config -u remote.a.url',
    'remote modify -u b region',
    'remote modify -u b region',
    'remote modify nope url x',
    'remote modify b credentialpath ../keys',
    'remote modify b url nope://host/x',
    'remote list',
    'config remote.b.jobs',
    'config remote.b.region eu',
    'config -u remote.b.region',
    'config remote.b.nope x',
  ],
  'remotes: modify across levels': [
    'remote add -q --global g ../g',
    'remote modify g jobs 2',
    'remote add -q --local l ../l',
    'remote modify l jobs 2',
    'remote modify --local l jobs 2',
    'remote default g',
    'remote default --global l',
    'remote list',
    'config -l',
  ],
  'remotes: remove': [
    ...REMOTES,
    'remote default --local b',
    'remote remove b',
    'remote list',
    'config -l',
    'remote remove b',
    'remote remove --local a',
    'remote remove A',
    'remote list',
  ],
  'remotes: rename': [
    ...REMOTES,
    'remote modify b region x',
    'remote add -q c ../c',
    'remote default --local b',
    'remote rename b z',
    'remote list',
    'config -l',
    'remote rename nope y',
    'remote rename a c',
    'remote rename --local a y',
    'remote rename a y',
    'remote list',
  ],
  'URLs of every kind': [
    ...[
      'azure://c/x',
      'gs://b',
      'gdrive://id/x',
      'oss://b/x',
      'hdfs://u@h/x',
      'webhdfs://h/x',
      'http://h/x',
      'https://h',
    ],
    ...['webdav://h/x', 'webdavs://h/x', 'ssh://u@h:22/x', 'remote://a/x', 'file:///x', 'foo:///x', 'nope://h', '~/x'],
    ...['user@host:x', '/abs', '.', '..', 'a b'],
  ].flatMap((url, i) => [
    ['remote', 'add', '-q', `r${i}`, url],
    ['remote', 'list'],
  ]),
  'what DVC refuses can be corrected': [
    { write: { '.dvc/config': '[core]\n    nope = 1\n    autostage = yes\n[odd]\n    x = 1\n' } },
    'status --json',
    'config -l',
    'config core.nope',
    'config -u core.nope',
    'config --project core.autostage',
  ],
  'the last error is corrected': [
    { write: { '.dvc/config': '[core]\n    no_scm = True\n    nope = 1\n' } },
    'status --json',
    'remote list',
    'config -u core.nope',
    'status --json',
    { write: { '.dvc/config': '[core]\n    no_scm = True\n[\'remote "r"\']\n    jobs = 3\n' } },
    'status --json',
    'remote modify r url ../r',
    'status --json',
  ],
  'options of status that are about remotes alone': [
    'status -a',
    'status -j 3',
    'status -T --all-commits',
    'data status --untracked-files xx',
  ],
  'outside of a project': [
    { act: 'config --global core.autostage true', in: '../out' },
    { act: 'config core.autostage', in: '../out' },
    { act: 'config -l --show-origin', in: '../out' },
    { act: 'config core.autostage true', in: '../out' },
    { act: 'config --local core.autostage', in: '../out' },
    { act: 'remote add -q --global far s3://b/x', in: '../out' },
    { act: 'remote add -q far s3://b/x', in: '../out' },
    { act: 'remote list', in: '../out' },
    { act: 'remote modify --global far region x', in: '../out' },
    { act: 'remote default --global far', in: '../out' },
    { act: 'remote remove --system far', in: '../out' },
    { act: 'config -l', in: '../out' },
    // DVC has renamed it when it comes to levels that are not there.
    { act: 'remote rename --global far near', in: '../out', dvc: null, ours: '' },
    { act: 'config -l', in: '../out' },
    'config -l',
  ],
};

const IGNORE = {
  '.dvcignore': '*.log\n!keep.log\n/d/logs/\n*.log\n*.tmp\nout*\n!out.txt\n',
  'd/logs/x': '',
  'n/.dvcignore': '*.dat\n!*.tmp\n',
  'sub/inner/.dvc/config': '',
  'sub/inner/f': '',
  'outer/f': '',
};
const PATHS =
  'a.log keep.log d/logs d/logs/x n/x.dat x.dat n/a.tmp out.txt outer outer/f .dvc .dvc/config .git sub/inner sub/inner/f ../x';

const IGNORES: Readonly<Record<string, readonly Step[]>> = {
  'one path at a time': PATHS.split(' ').flatMap((path) => [
    `check-ignore -d -a -n ${path}`,
    `check-ignore -q ${path}`,
  ]),
  'many paths': [`check-ignore ${PATHS}`, `check-ignore -d ${PATHS}`, `check-ignore --details --non-matching ${PATHS}`],
  'from another folder': [
    { act: 'check-ignore -d x.dat a.tmp ../a.log ./x.dat', in: 'n' },
    { act: 'check-ignore logs logs/x', in: 'd' },
  ],
  'from standard input': [
    { act: 'check-ignore --stdin', stdin: 'a.log\nkeep.log\nx\n' },
    { act: 'check-ignore --stdin -d -n', stdin: 'a.log\nkeep.log\nx\n' },
    { act: 'check-ignore --stdin', stdin: 'x\n\na.log\n' },
    { act: 'check-ignore --stdin', stdin: 'a.log' },
    { act: 'check-ignore --stdin -q', stdin: 'a.log' },
    { act: 'check-ignore --stdin', stdin: '' },
    { act: 'check-ignore --stdin a.log', stdin: 'x' },
  ],
  'options that need each other': [
    'check-ignore',
    'check-ignore -n a.log',
    'check-ignore -a a.log',
    'check-ignore -d -q a.log',
  ],
};

const CLI = process.env['STRATA_CLI'] ?? join(projectRoot, 'dist', 'cli.js');
/** Folders of the two; names of one length, as columns follow from it. */
const SIDES = ['theirs', 'oursss'] as const;
type Side = (typeof SIDES)[number];
/** How DVC ends when its command line is not understood: it prints its usage on stdout. */
const USAGE = 254;

describe('agreement: settings', function () {
  this.timeout(240_000);
  let server: DvcServer;
  before(async () => {
    server = await DvcServer.start();
  });
  after(() => server.stop());

  for (const [name, steps] of Object.entries(SETTINGS)) it(name, () => live(server, steps));
  for (const [name, steps] of Object.entries(IGNORES))
    it(`check-ignore: ${name}`, () => live(server, [{ write: IGNORE }, ...steps]));
});

async function live(server: DvcServer, steps: readonly Step[]): Promise<void> {
  const above = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'strata settings ')));
  try {
    for (const side of SIDES) {
      for (const folder of ['project/sub', 'project/.dvc', 'project/.git', 'out'])
        fs.mkdirSync(join(above, side, folder), { recursive: true });
      fs.writeFileSync(join(above, side, 'project/.dvc/config'), '[core]\n    no_scm = True\n');
    }
    for (const step of steps) {
      if (typeof step === 'string' || Array.isArray(step)) await both(server, above, { words: wordsOf(step) });
      else if ('write' in step) for (const side of SIDES) write(join(above, side, 'project'), step.write);
      else await both(server, above, { ...(step as { act: string }), words: (step as { act: string }).act.split(' ') });
    }
  } finally {
    fs.rmSync(above, { recursive: true, force: true });
  }
}

function wordsOf(step: string | readonly string[]): readonly string[] {
  return typeof step === 'string' ? step.split(' ') : step;
}

function write(at: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    fs.mkdirSync(dirname(join(at, path)), { recursive: true });
    fs.writeFileSync(join(at, path), text);
  }
}

interface Act {
  readonly words: readonly string[];
  readonly in?: string;
  readonly stdin?: string;
  readonly dvc?: string | null;
  readonly ours?: string | null;
}

async function both(server: DvcServer, above: string, act: Act): Promise<void> {
  const theirs = await run(server, above, 'theirs', act);
  const ours = await run(server, above, 'oursss', act);
  const shown = `${act.words.join(' ')}\nDVC ${theirs.code}: ${theirs.stdout}${theirs.stderr}\nours ${ours.code}: ${ours.stdout}${ours.stderr}`;
  assert.notEqual(ours.code, null, shown);
  if (act.dvc !== undefined) assert.equal(printed(theirs, above, 'theirs'), act.dvc, shown);
  const expected = act.ours === undefined ? printed(theirs, above, 'theirs') : act.ours;
  assert.equal(printed(ours, above, 'oursss'), expected, shown);
  if (theirs.code === 0) assert.deepEqual(levels(above, 'oursss'), levels(above, 'theirs'), shown);
}

/** What was printed; null for a failure (`check-ignore` fails with what it found). */
function printed({ code, stdout }: Ended, above: string, side: Side): string | null {
  const text = stdout.replaceAll(join(above, side), '{ABOVE}');
  return code !== 0 && (text === '' || code === USAGE) ? null : `${code === 0 ? '' : 'failed: '}${text}`;
}

async function run(server: DvcServer, above: string, side: Side, act: Act): Promise<Ended> {
  const cwd = join(above, side, 'project', act.in ?? '.');
  const env = {
    HOME: join(above, side, 'home'),
    DVC_GLOBAL_CONFIG_DIR: join(above, side, 'global'),
    DVC_SYSTEM_CONFIG_DIR: join(above, side, 'system'),
    COLUMNS: '400',
  };
  if (side === 'theirs') return server.call(cwd, act.words, { env, stdin: act.stdin ?? '' });
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...act.words], {
    cwd,
    env: { ...server.env, ...env },
    encoding: 'utf8',
    input: act.stdin ?? '',
    timeout: 60_000,
  });
  return { code: status ?? 128, stdout, stderr };
}

/** The files of all levels; where nothing is left DVC leaves an empty line. */
function levels(above: string, side: Side): Record<string, string> {
  const files = ['project/.dvc/config', 'project/.dvc/config.local', 'global/config', 'system/config'];
  const texts = files.map((file): [string, string] => {
    const path = join(above, side, file);
    return [file, fs.existsSync(path) ? fs.readFileSync(path, 'utf8').replace(/^\n$/, '') : ''];
  });
  return Object.fromEntries(texts);
}
