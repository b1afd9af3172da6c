import { tell, type Step } from './scenario';

/** Hashes of `1\n`, `2\n`, `3\n`, and of folders made of them. */
const ONE = 'b026324c6904b2a9cb4b88d6d61c81d1';
const TWO = '26ab0db90d72e28ad0ba1e22ee510510';
const THREE = '6d7fce9fee471194aa8b5b6e47267f03';

const pointer = (md5: string, size: number, name: string): string =>
  `outs:\n- md5: ${md5}\n  size: ${size}\n  hash: md5\n  path: ${name}\n`;

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'tracks a file: pointer, .gitignore, object': [
    { write: { f: '1\n' } },
    {
      verb: 'add',
      targets: ['f'],
      gives: {
        added: [{ path: 'f', file: 'f.dvc', hash: ONE, size: 2, state: 'added' }],
        files: ['.gitignore', 'f.dvc'],
      },
    },
    {
      files: {
        'f.dvc': pointer(ONE, 2, 'f'),
        '.gitignore': '/f\n',
        f: '1\n',
        [`.dvc/cache/files/md5/${ONE.slice(0, 2)}/${ONE.slice(2)}`]: '1\n',
      },
    },
  ],
  'says unchanged, and modified, when added again': [
    { write: { f: '1\n' } },
    { verb: 'add', targets: ['f'] },
    {
      verb: 'add',
      targets: ['f'],
      gives: { added: [{ path: 'f', file: 'f.dvc', hash: ONE, size: 2, state: 'unchanged' }], files: ['f.dvc'] },
    },
    { write: { f: '2\n' } },
    {
      verb: 'add',
      targets: ['f'],
      has: { added: [{ path: 'f', file: 'f.dvc', hash: TWO, size: 2, state: 'modified' }] },
    },
  ],
  'keeps comments, annotations and order': [
    {
      write: {
        f: '2\n',
        'f.dvc': `# mine\nouts:\n- md5: ${ONE} # was\n  size: 2\n  hash: md5\n  path: f\n  desc: words\n`,
      },
    },
    { verb: 'add', targets: ['f'] },
    { files: { 'f.dvc': `# mine\nouts:\n- md5: ${TWO} # was\n  size: 2\n  hash: md5\n  path: f\n  desc: words\n` } },
  ],
  'is called from a folder below': [
    { write: { 'sub/d/a': '1\n' } },
    { verb: 'add', targets: ['d'], cwd: 'sub', has: { files: ['.gitignore', 'd.dvc'] } },
    { files: { 'sub/.gitignore': '/d\n', '.gitignore': null } },
  ],
  'reads every way to write a path': [
    { write: { 'a/b': '1\n' } },
    { verb: 'add', targets: ['a//../a/./b'], has: { files: ['a/.gitignore', 'a/b.dvc'] } },
  ],
  'with --no-commit inside a folder writes its pointer only': [
    { write: { 'd/a': '1\n', 'd/s/b': '1\n' } },
    { verb: 'add', targets: ['d'] },
    { write: { 'd/s/b': '2\n' } },
    { verb: 'add', targets: ['d/s'], options: { noCommit: true } },
    { files: { [`.dvc/cache/files/md5/${TWO.slice(0, 2)}/${TWO.slice(2)}`]: null } },
    { verb: 'data.status', has: { not_in_cache: ['d/'] } },
  ],
  'with --no-commit writes the pointer only': [
    { write: { f: '1\n' } },
    { verb: 'add', targets: ['f'], options: { noCommit: true } },
    { files: { 'f.dvc': pointer(ONE, 2, 'f'), [`.dvc/cache/files/md5/${ONE.slice(0, 2)}/${ONE.slice(2)}`]: null } },
  ],
  'with --file names the pointer': [
    { write: { 'data/f': '1\n' } },
    { verb: 'add', targets: ['data/f'], options: { file: 'meta/x.dvc' } },
    { files: { 'meta/x.dvc': pointer(ONE, 2, '../data/f'), 'data/.gitignore': '/f\n' } },
  ],
  'replaces only the part of a folder it is given': [
    { write: { 'd/a': '1\n', 'd/s/b': '2\n' } },
    { verb: 'add', targets: ['d'] },
    { write: { 'd/a': '3\n', 'd/s/b': '3\n' } },
    { verb: 'add', targets: ['d/s'] },
    { verb: 'data.status', options: { granular: true }, has: { uncommitted: { modified: ['d/', 'd/a'] } } },
  ],
  'takes a path that is gone out of a folder': [
    { write: { 'd/a': '1\n', 'd/b': '2\n' } },
    { verb: 'add', targets: ['d'] },
    { remove: ['d/b'] },
    { verb: 'add', targets: ['d/b'] },
    { verb: 'data.status', gives: { committed: { added: ['d/'] } } },
  ],
  'hands files to Git when autostage is on': [
    { verb: 'config', targets: ['core.autostage', 'true'] },
    { write: { f: '1\n' } },
    { verb: 'add', targets: ['f'] },
    { git: ['ls-files', '--error-unmatch', 'f.dvc', '.gitignore'] },
  ],
  'replaces a link by the file it leads to, and leaves links to folders': [
    { write: { target: '1\n', 'd/x/y': '2\n' } },
    { link: { 'd/l': '../target', 'd/dl': 'x' } },
    { verb: 'add', targets: ['d'], has: { files: ['.gitignore', 'd.dvc'] } },
    { write: { 'd/l': '3\n' } },
    { files: { target: '1\n' } },
  ],
};

const REFUSALS: Readonly<Record<string, readonly [code: string, target: string, before: readonly Step[]]>> = {
  'what is not there': ['data.missing', 'nope', []],
  'what Git tracks': ['data.trackedByGit', 'f', [{ write: { f: '1' } }, { git: ['add', 'f'] }]],
  'a folder around tracked data': [
    'data.overlap',
    'd',
    [{ write: { 'd/a': '1\n', 'd/b': '2\n' } }, { verb: 'add', targets: ['d/a'] }],
  ],
  'an output of a stage': [
    'data.madeByStage',
    'o',
    [{ write: { o: '1', 'dvc.yaml': 'stages:\n  s:\n    cmd: x\n    outs:\n    - o\n' } }],
  ],
  'a .dvc file': ['data.pointerAsOutput', 'f.dvc', [{ write: { f: '1' } }, { verb: 'add', targets: ['f'] }]],
  'a pointer that tracks something else': [
    'data.pointerTaken',
    'f',
    [{ write: { f: '1\n', 'f.dvc': pointer(ONE, 2, 'g') } }],
  ],
  'what .dvcignore hides': ['data.hidden', 'e/x', [{ write: { 'e/x': '1', '.dvcignore': 'e/\n' } }]],
  'a .dvcignore inside data': ['data.ignoreInside', 'd', [{ write: { 'd/.dvcignore': '' } }]],
  'a path outside the project': ['data.outside', '../x', [{ write: { '../x': '1' } }]],
  'a path behind a link': ['data.behindLink', 'l/x', [{ write: { 'd/x': '1' } }, { link: { l: 'd' } }]],
  'a broken link': ['data.brokenLink', 'l', [{ link: { l: 'nowhere' } }]],
  'anything while a file cannot be read': ['formats.extraKey', 'f', [{ write: { f: '1', 'z.dvc': 'bad: 1\n' } }]],
  'the inside of .git': ['data.unsafePath', '.git/config', []],
};

describe('add', () => {
  it('with --force replaces what a pointer tracked', () =>
    tell([
      { write: { f: '1\n', 'f.dvc': pointer(TWO, 2, 'g') } },
      { verb: 'add', targets: ['f'], options: { force: true } },
      { files: { 'f.dvc': pointer(ONE, 2, 'f') } },
    ]));
  for (const [name, steps] of Object.entries(STORIES)) it(name, () => tell(steps));
  for (const [name, [code, target, before]] of Object.entries(REFUSALS)) {
    it(`refuses ${name}`, () => tell([...before, { verb: 'add', targets: [target], fails: code }]));
  }
  it('records nothing of several targets when one is refused', () =>
    tell([
      { write: { f: THREE } },
      { verb: 'add', targets: ['f', 'nope'], fails: 'data.missing' },
      { files: { 'f.dvc': null, '.gitignore': null } },
    ]));
});
