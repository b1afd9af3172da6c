import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { createText, type Bundle } from '../../src/base/text';
import { processOutput, codeSentence } from '../../src/cli/output';
import { type Repo } from '../../src/engine/data/repo';
import { dvcFileStage, pipelineStages } from '../../src/engine/data/outputs';
import { guardName } from '../../src/engine/data/placement';
import { is } from '../../src/engine/errors';
import { parseDirObject } from '../../src/engine/formats/dirObject';
import { parseDvcFile } from '../../src/engine/formats/dvcFile';
import { parseDvcLock } from '../../src/engine/formats/dvcLock';
import { loadYaml } from '../../src/engine/data/templating/resolveYaml';
import { checkRepoUrl } from '../../src/engine/git/clone';
import { schemeOf } from '../../src/engine/remotes/remotes';
import { EngineProject, fingerprint, md5Of } from '../support/engineProject';
import { asWindows, HOSTILE_PATHS, HOSTILE_TEXTS } from '../support/hostilePaths';
import { SOAK } from './crashpoints';

const HASH = md5Of('evil\n');
const quoted = (text: string): string => JSON.stringify(text);

/** Guards the outputs that a `.dvc` file declares. */
function ofDvcFile(repo: Repo, text: string): void {
  const entry = { path: 'evil.dvc', text, file: parseDvcFile(text, 'evil.dvc') };
  for (const out of dvcFileStage(repo.root, entry).outs) {
    guardName(repo, out.path);
    repo.store.pathOf(out.recorded?.hash ?? HASH);
  }
}

/** Guards the outputs that a dvc.yaml and a dvc.lock declare. */
async function ofPipeline(repo: Repo, stage: string, outs = ''): Promise<void> {
  const text = `stages:\n  s:\n    cmd: echo\n${stage}`;
  const lock = `schema: '2.0'\nstages:\n  s:\n    cmd: echo\n${outs}`;
  const place = { root: repo.root, readText: () => Promise.resolve(undefined), style: {} };
  const loaded = await loadYaml(text, 'dvc.yaml', place);
  const entry = { path: 'dvc.yaml', text, ...loaded, lock: parseDvcLock(lock, 'dvc.lock') };
  for (const out of pipelineStages(repo.root, entry).flatMap((one) => one.outs)) {
    guardName(repo, out.path);
    repo.store.pathOf(out.recorded?.hash ?? HASH);
  }
}

const lockOut = (md5: string): string =>
  `    outs:\n    - path: x\n      hash: md5\n      md5: ${md5}\n      size: 1\n`;

/** Where a hostile path may stand, and what looks at it before anything is done with it. */
const FIELDS: Readonly<Record<string, (repo: Repo, hostile: string) => void | Promise<void>>> = {
  'path of an output': (repo, p) => ofDvcFile(repo, `outs:\n- md5: ${HASH}\n  path: ${quoted(p)}\n`),
  'hash of an output': (repo, p) => ofDvcFile(repo, `outs:\n- md5: ${quoted(p)}\n  path: x\n`),
  'wdir of a .dvc file': (repo, p) => ofDvcFile(repo, `wdir: ${quoted(p)}\nouts:\n- md5: ${HASH}\n  path: x\n`),
  'path of an import': (repo, p) =>
    ofDvcFile(repo, `deps:\n- path: a\n  repo:\n    url: u\nouts:\n- md5: ${HASH}\n  path: ${quoted(p)}\n`),
  'output of a stage': (repo, p) => ofPipeline(repo, `    outs:\n    - ${quoted(p)}\n`),
  'metrics of a stage': (repo, p) => ofPipeline(repo, `    metrics:\n    - ${quoted(p)}:\n        cache: false\n`),
  'plots of a stage': (repo, p) => ofPipeline(repo, `    plots:\n    - ${quoted(p)}\n`),
  'wdir of a stage': (repo, p) => ofPipeline(repo, `    wdir: ${quoted(p)}\n    outs:\n    - x\n`),
  'hash in dvc.lock': (repo, p) => ofPipeline(repo, '    outs:\n    - x\n', lockOut(quoted(p))),
  'path in the list of a folder': (_, p) =>
    void parseDirObject(`[{"md5": "${HASH}", "relpath": ${quoted(p)}}]`, 'x.dir'),
};

describe('hostile paths', function () {
  this.timeout(60_000);
  let project: EngineProject;
  before(async () => (project = await EngineProject.make()));
  after(() => project.drop());

  for (const [field, look] of Object.entries(FIELDS)) {
    it(`A1 as ${field}: ${HOSTILE_PATHS.length} in both styles are refused`, () =>
      project.use(async (repo) => {
        const styles = [...HOSTILE_PATHS, ...HOSTILE_PATHS.map(asWindows)];
        assert.ok(styles.length >= 120);
        for (const hostile of styles) {
          await assert.rejects(
            async () => look(repo, hostile),
            (error: unknown) => is(error) && !error.code.startsWith('formats.yaml'),
            quoted(hostile),
          );
        }
      }));
  }

  it('A1 what only looks alike is no attack', () =>
    project.use((repo) => {
      const fine = [
        '.gitignore',
        '.gitx/a',
        'git/x',
        'dvc',
        '12:30:00.csv',
        'end ',
        'v1.',
        '...x',
        'console',
        'auxiliary/nullable',
        '~/x',
      ];
      for (const name of fine) guardName(repo, name);
      return Promise.resolve();
    }));
});

/** Lists of folders that must not be followed, each with the entry that has to be named; undefined: no entry is to blame. */
const LISTS: readonly (readonly [string, string | undefined])[] = [
  ['', undefined],
  ['[', undefined],
  ['{}', undefined],
  ['null', undefined],
  ['"x"', undefined],
  ['[1]', undefined],
  ['[null]', undefined],
  ['[[]]', undefined],
  ['[{}]', undefined],
  [`[{"md5": "${HASH}"}]`, undefined],
  ['[{"relpath": "x"}]', undefined],
  [`[{"md5": "${HASH}", "relpath": 1}]`, undefined],
  [`[{"md5": 1, "relpath": "x"}]`, undefined],
  [`[{"md5": "${HASH.toUpperCase()}", "relpath": "x"}]`, undefined],
  [`[{"md5": "${HASH}.dir", "relpath": "x"}]`, undefined],
  ['[{"md5": "../../../x", "relpath": "x"}]', undefined],
  [`[{"md5": "${HASH}", "relpath": "x"}`, undefined],
  [`[{"md5": "${HASH}", "relpath": "x"}] trailing`, undefined],
  ...[
    ...[
      '../x',
      '/etc/passwd',
      'a/../../x',
      'C:\\x',
      '..\\x',
      'a\\..\\..\\x',
      '.git/config',
      'sub/.git/hooks/x',
      '.dvc/config',
    ],
    ...['aux', 'sub/nul.txt', '', '.', 'a/./b', 'a//b', 'a/', '/', 'x\u0000y', '.git./x', '.g\u200cit/x', 'con '],
  ].map((entry): [string, string] => [`[{"md5": "${HASH}", "relpath": ${quoted(entry)}}]`, entry]),
  [`[{"md5": "${HASH}", "relpath": "a"}, {"md5": "${HASH}", "relpath": "a"}]`, 'a'],
  [`[{"md5": "${HASH}", "relpath": "a"}, {"md5": "${HASH}", "relpath": "a/b"}]`, 'a/b'],
];

describe('hostile lists of folders', function () {
  this.timeout(60_000);
  let project: EngineProject;
  beforeEach(async () => {
    project = await EngineProject.make();
    project.putObject('evil\n');
    project.put('good', 'good\n');
    await project.call('add', ['good']);
  });
  afterEach(() => project.drop());

  const point = (hash: string): void =>
    project.put('evil.dvc', `outs:\n- md5: ${hash}\n  size: 5\n  nfiles: 1\n  hash: md5\n  path: folder\n`);
  /** All but what belongs to the engine alone. */
  const everything = (): Map<string, string> => fingerprint(project.above, (name) => name.includes('/.dvc/tmp'));

  it(`I3 ${LISTS.length} of them: checkout refuses and names the entry, nothing is written; verify tells and goes on`, async () => {
    assert.ok(LISTS.length >= 40);
    for (const [text, entry] of LISTS) {
      const hash = project.putObject(text, '.dir');
      point(hash);
      const before = everything();
      const error = await project.refusal('checkout');
      assert.match(error?.code ?? '', /^formats\.dir(Object|Path)$/, text);
      assert.equal(error?.data['path'], hash);
      assert.equal(error.data['entry'], entry);
      assert.deepEqual(everything(), before, text);
      const { bad, checked } = await project.call('verify');
      assert.deepEqual(
        bad.map((one) => [one.path, one.reason, one.code]),
        [['folder', 'refused', error.code]],
      );
      assert.equal(checked, 2);
    }
  });

  it('I3 a list that is not what its name says is damaged, whatever it holds', async () => {
    point(project.putObject(`[{"md5": "${HASH}", "relpath": "x"}]`, '.dir', md5Of('another')));
    const { failed } = await project.call('checkout');
    assert.deepEqual(
      failed.map((one) => one.code),
      ['cache.corrupt'],
    );
    assert.equal(project.read('folder/x'), undefined);
  });

  const many = SOAK ? 1_000_000 : 200_000;
  it(`I3 a list of ${many.toLocaleString('en')} entries, the last of them hostile, is refused for that one`, async () => {
    const names = Array.from({ length: many }, (_, n) => `{"md5": "${HASH}", "relpath": "d/${n}"}`);
    const hash = project.putObject(`[${names.join(', ')}, {"md5": "${HASH}", "relpath": "../x"}]`, '.dir');
    point(hash);
    assert.equal((await project.refusal('checkout'))?.data['entry'], '../x');
  });

  it('I3 wrong order is no harm: the files come out all the same', async () => {
    point(project.putObject(`[{"md5": "${HASH}", "relpath": "b"}, {"md5": "${HASH}", "relpath": "a"}]`, '.dir'));
    assert.deepEqual((await project.call('checkout')).failed, []);
    assert.deepEqual(fs.readdirSync(project.at('folder')).sort(), ['a', 'b']);
  });

  for (const [what, a, b] of [
    ['capital letters', 'Data.csv', 'data.csv'],
    ['ways of writing an accent', 'caf\u00e9', 'cafe\u0301'],
  ] as const) {
    it(`A4 two names that differ by ${what} alone: fine where both can be, refused where they are one file`, async () => {
      point(
        project.putObject(
          `[{"md5": "${HASH}", "relpath": ${quoted(a)}}, {"md5": "${HASH}", "relpath": ${quoted(b)}}]`,
          '.dir',
        ),
      );
      project.platform = 'darwin';
      const error = await project.refusal('checkout');
      assert.deepEqual([error?.code, fs.existsSync(project.at('folder'))], ['data.twin', false]);
      project.platform = 'linux';
      assert.deepEqual((await project.call('checkout')).failed, []);
      fs.rmSync(project.at('evil.dvc'));
      project.put(a, 'one\n');
      project.put(b, 'two\n');
      project.platform = 'win32';
      assert.equal((await project.refusal('add', [a, b]))?.code, 'data.twin');
      await project.call('add', [a]);
      assert.equal((await project.refusal('add', [b]))?.code, 'data.twin');
      project.platform = 'linux';
      await project.call('add', [b]);
      project.platform = 'darwin';
      assert.equal((await project.refusal('checkout'))?.code, 'data.twin');
    });
  }
});

/** What goes to a stream while `act` runs. */
function captured(stream: NodeJS.WriteStream, act: () => void): string {
  const write = stream.write.bind(stream);
  let said = '';
  stream.write = (chunk: string | Uint8Array) => {
    said += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  try {
    act();
  } finally {
    stream.write = write;
  }
  return said;
}

describe('hostile texts on a terminal', () => {
  const bundles = path.join(__dirname, '..', '..', 'dist', 'l10n');
  const text = createText('en', JSON.parse(fs.readFileSync(path.join(bundles, 'en.json'), 'utf8')) as Bundle);
  const output = processOutput(text, { json: false, quiet: false });
  const { stdout, stderr } = process;
  const places: Readonly<Record<string, (hostile: string) => string>> = {
    'a line of the result': (t) => captured(stdout, () => output.line(`A       ${t}`)),
    'a note': (t) => captured(stderr, () => output.note(t)),
    'a problem': (t) => captured(stderr, () => output.problem(t)),
    'a path in a sentence': (t) => codeSentence('data.missing', { path: t }, text),
    'words of another program in a sentence': (t) => codeSentence('unexpected', { message: t }, text),
    'a list in a sentence': (t) => codeSentence('data.unsaved', { paths: [t, t], n: 2, path: t }, text),
    'the one JSON document': (t) => captured(stdout, () => output.json({ path: t })),
  };
  for (const [place, show] of Object.entries(places)) {
    it(`A6 ${HOSTILE_TEXTS.length} of them in ${place} stay one line without control or direction marks`, () => {
      assert.ok(HOSTILE_TEXTS.length >= 40);
      for (const hostile of HOSTILE_TEXTS) {
        const shown = show(hostile);
        const marks =
          /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
        assert.doesNotMatch(shown.replace(/\n$/, ''), marks, quoted(hostile));
        if (place.includes('JSON')) assert.deepEqual(JSON.parse(shown), { path: hostile });
        assert.ok(!shown.replace(/\n$/, '').includes('\n'));
      }
    });
  }
});

/** Kinds that DVC's settings may name and we do not open. */
const DVC_KINDS = new Set(['azure', 'gs', 'oss', 'hdfs', 'gdrive']);

describe('hostile addresses', () => {
  const REFUSED = [
    ...[
      'ext::sh -c touch% evil',
      'ext::x',
      'fd::3',
      'transport-helper::x',
      'file+x::y',
      '-oProxyCommand=touch evil',
      '--upload-pack=touch evil',
    ],
    ...[
      '-u',
      '--',
      'ssh://-oProxyCommand=x/y',
      'ssh://user@-oProxyCommand=x/y',
      'git+ssh2://x',
      'ext://x',
      'dvc::x',
      'javascript://x',
    ],
    ...[
      'data://x',
      'gopher://x',
      'ftp://x/y',
      'ldap://x',
      'vscode://x',
      'command://x',
      '',
      'a\nb',
      'a\u0000b',
      'https://x/\r\ny',
      'a+b::x',
    ],
  ];
  it(`A8 ${REFUSED.length} that are no address of a repository are refused before Git sees them`, () => {
    assert.ok(REFUSED.length >= 25);
    const accepted = REFUSED.filter((url) => {
      try {
        checkRepoUrl(url);
        return true;
      } catch (error) {
        assert.ok(is(error, 'git.badUrl'), url);
        return false;
      }
    });
    assert.deepEqual(accepted, []);
  });

  it('A8 a remote of an unlisted kind is told by its name, and nothing is connected or started', async () => {
    const project = await EngineProject.make();
    try {
      const kinds = [
        'ext',
        'file',
        'javascript',
        'data',
        'vscode',
        'ftp',
        'gopher',
        'git',
        'svn+ssh',
        'azure',
        'gs',
        'oss',
        'hdfs',
        'gdrive',
      ];
      for (const kind of kinds) {
        project.put('.dvc/config', `[core]\n    remote = r\n['remote "r"']\n    url = ${kind}://host/path\n`);
        assert.equal(schemeOf(`${kind}://host/path`), kind);
        const known = DVC_KINDS.has(kind);
        const refused = await project.refusal('fetch');
        assert.equal(refused?.code, known ? 'remotes.unsupported' : 'formats.configScheme', kind);
      }
    } finally {
      project.drop();
    }
  });
});
