/**
 * Pointers and lists byte for byte (I7): projects that differ in names, contents, links, settings and in what their `.dvc` files say beside the
 * hash. Both tools do the same to a copy each, which leaves the same bytes; then each reads what the other wrote: clean, and back from the cache.
 */

import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { DvcServer, Twins } from './twins';

type Content = string | Uint8Array | { readonly exec: string } | { readonly link: string };

/** What lies in one folder of a project. */
interface Row {
  /** Files by path; a path that ends in `/` is a folder. */
  readonly files: Readonly<Record<string, Content>>;
  /** What is given to `add`; the first parts of all paths unless given. */
  readonly add?: readonly string[];
  /** Changes a pointer after that. */
  readonly edit?: readonly [file: string, change: (text: string) => string];
  /** Then these files get other bytes, and these targets are given to `add` or `commit`. */
  readonly then?: {
    readonly files: Readonly<Record<string, Content>>;
    readonly act: 'add' | 'commit';
    readonly targets: readonly string[];
  };
  /** Not taken away and brought back: a link becomes a file of its own. */
  readonly keep?: true;
}

const bytes = (n: number, seed = 1): Uint8Array => Uint8Array.from({ length: n }, (_, i) => (i * seed * 31) & 0xff);
const one = (name: string, text = 'text\n'): Row => ({ files: { [name]: text } });
const inFolder = (...names: string[]): Row => ({
  files: Object.fromEntries(names.map((name, n) => [`d/${name}`, `${n}\n`])),
});
/** A file whose pointer says more, then new data for it. */
const kept = (extra: string, act: 'add' | 'commit' = 'add'): Row => ({
  files: { f: '1\n' },
  edit: ['f.dvc', (text) => text + extra],
  then: { files: { f: 'longer\n' }, act, targets: [act === 'add' ? 'f' : 'f.dvc'] },
});
/** What lies in a project that is configured in some way. */
const SOME: Row = {
  files: { f: 'text\n', 'd/a': 'a\n', 'd/s/b': 'b\n', 'd/empty': '' },
  then: { files: { f: 'more\n', 'd/a': 'other\n', 'd/new': 'new\n' }, act: 'commit', targets: ['f.dvc', 'd.dvc'] },
};

const LEGACY = 'dd8c6a395b5dd36c56d23275028f526c';

const ROWS: Readonly<Record<string, Row>> = {
  'an empty file': one('f', ''),
  'a file of one byte': one('f', 'x'),
  'a byte order mark and old line ends': one('f', '\ufeffa\r\nb\r'),
  'bytes that are no text': { files: { f: bytes(70_000, 7) } },
  'a file of exactly one block': { files: { f: bytes(2 ** 20) } },
  'a file of one block and a byte': { files: { f: bytes(2 ** 20 + 1) } },
  'a file of nine blocks, executable': { files: { f: { exec: 'x'.repeat(9 * 2 ** 20) } } },
  'an executable file that is empty': { files: { f: { exec: '' } } },
  'names that YAML takes for something else': {
    files: Object.fromEntries(
      ['true', 'null', '~', '123', '1e3', '0x1F', '1_000', '12:30:00', '2024-01-01', 'no', '.5'].map((n) => [n, n]),
    ),
  },
  'names that YAML has marks for': {
    files: Object.fromEntries(
      ['a: b', '&anchor', '!tag', '%percent', '@at', '`tick', '{brace}', '[list]', 'x #y', '? q', '|', '>'].map((n) => [
        n,
        n,
      ]),
    ),
  },
  'names with quotes': one(`it's "so"`),
  // At its end a space is escaped in .gitignore, which DVC forgets.
  'a name that begins with a space': one(' x'),
  'a name of 200 letters': one('n'.repeat(200)),
  'a name of words that passes the 80th column': one('some words that go on and on '.repeat(5).trim()),
  'a name of Japanese words that passes the 80th column': one('日本 語の '.repeat(12).trim()),
  'names composed and not': { files: { 'caf\u00e9': '1', 'cafe\u0301': '2' } },
  'a name beyond the first plane': one('😀 \u{1f468}\u200d\u{1f469}'),
  'a name with a tab': one('a\tb'),
  'a name with a backslash': one('a\\b'),
  'a name of Latin 1': one('\u00e4\u00f1\u00ff'),
  'a name with a soft and a hard space': one('a\u00adb\u00a0c'),
  'names of two cases': { files: { Data: '1', data: '2' } },

  'an empty folder': { files: { 'd/': 'folder' } },
  'a folder with an empty folder': { files: { 'd/s/t/': 'folder', 'd/f': 'x' } },
  'a folder with an empty file': inFolder('e'),
  'a folder of one content under many names': {
    files: Object.fromEntries(['a', 'b', 's/a', 's/t/a'].map((n) => [`d/${n}`, 'same'])),
  },
  'a folder ten levels deep': inFolder('1/2/3/4/5/6/7/8/9/10/f', '1/f', '1/2/3/f'),
  'a folder of 300 files': inFolder(...Array.from({ length: 300 }, (_, n) => `f${n}`)),
  'order: around the slash': inFolder('a/b', 'a-b', 'a.b', 'a b', 'a0', 'aa', 'a!/b'),
  'order: of cases and digits': inFolder('B', 'a', 'A', 'b', '10', '9', '_', '~', '-'),
  'order: beyond the first plane': inFolder('\uff5e', '\u{1f600}', '\ue000', '\u{10000}', 'z', '\ufffd'),
  'names that JSON escapes': inFolder(
    '"',
    'back\\slash',
    '\u0001',
    '\t',
    '\u007f',
    '\u00e9',
    '\u2028',
    '\u{1f600}',
    '</script>',
  ),
  'a folder with executable files': { files: { 'd/run': { exec: 'echo\n' }, 'd/plain': 'echo\n' } },
  'a folder with hidden files': inFolder('.hidden', '.s/f', '.env'),
  'a folder with a link to a file': { files: { 'd/f': 'x\n', 'd/l': { link: 'f' } }, keep: true },
  'a folder with a link to a file elsewhere': {
    files: { outside: 'o\n', 'd/l': { link: '../outside' } },
    add: ['d'],
    keep: true,
  },
  'a folder of which a part is ignored': {
    files: {
      '.dvcignore': '*.log\n/d/tmp/\n!keep.log\n',
      'd/a.log': '1',
      'd/keep.log': '2',
      'd/tmp/x': '3',
      'd/f': '4',
    },
    add: ['d'],
  },
  'a file in a folder that is not tracked': { files: { 'x/y/f': 'f\n' }, add: ['x/y/f'] },
  'a folder in a folder that is not tracked': { files: { 'x y/é/f': 'f\n', 'x y/é/s/g': 'g\n' }, add: ['x y/é'] },

  'frozen, then new data': kept('frozen: true\n'),
  'a description': kept("  desc: 'it: is # so'\ndesc: whole\n"),
  'meta of any depth': kept('meta:\n  a: 1\n  b:\n  - x\n  - y: 1.50\n    z: 0x10\n'),
  'type and labels': kept('  type: model\n  labels:\n  - one\n  - two\n'),
  'not pushed': kept('  push: false\n'),
  'a remote of its own': kept('  remote: other\n'),
  'kept by persist': kept('  persist: true\n', 'commit'),
  comments: kept('# the end\n', 'commit'),
  'keys in another order': {
    files: { f: '1\n' },
    edit: ['f.dvc', (text) => text.replace(/- md5: (\S+)\n([^]*)\n {2}path: f/, '- path: f\n  md5: $1\n$2')],
    then: { files: { f: '22\n' }, act: 'commit', targets: ['f.dvc'] },
  },
  'a folder whose file changes': {
    files: { 'd/a': '1\n', 'd/b': '2\n' },
    edit: ['d.dvc', (text) => `${text}  desc: kept\n`],
    then: { files: { 'd/a': 'new\n' }, act: 'add', targets: ['d/a'] },
  },
  'a folder that gets a file by name': {
    files: { 'd/a': '1\n' },
    then: { files: { 'd/s/new': 'new\n' }, act: 'add', targets: ['d/s/new'] },
  },
  'a folder whose file changes in the whole': {
    files: { 'd/a': '1\n', 'd/b': '2\n' },
    then: { files: { 'd/b': 'other\n', 'd/c': '' }, act: 'commit', targets: ['d.dvc'] },
  },
  'a file that becomes a folder': {
    files: { f: '1\n' },
    then: { files: { 'f/a': 'a\n' }, act: 'add', targets: ['f'] },
  },
  'a folder that becomes a file': {
    files: { 'd/a': '1\n' },
    then: { files: { d: 'file\n' }, act: 'add', targets: ['d'] },
  },
  'a working folder': {
    files: { 'data/f': '1\n', 'p/f.dvc': 'wdir: ../data\nouts:\n- path: f\n' },
    add: [],
    then: { files: { 'data/f': 'more\n' }, act: 'commit', targets: ['p/f.dvc'] },
  },
  'written by 2.x, unchanged': {
    files: {
      'f.dvc': `outs:\n- md5: ${LEGACY}\n  size: 6\n  path: f\n`,
      f: 'a\r\nb\r\n',
    },
    add: ['f'],
  },
  'written by 2.x, then new data': {
    files: {
      'f.dvc': `md5: 0123456789abcdef0123456789abcdef\nouts:\n- md5: ${LEGACY}\n  size: 6\n  path: f\n`,
      f: 'a\r\nb\r\n',
    },
    add: ['f'],
    then: { files: { f: 'c\r\n' }, act: 'commit', targets: ['f.dvc'] },
  },
  'two outputs in one pointer': {
    files: {
      'p.dvc': 'outs:\n- path: a\n- path: b\n  cache: false\n',
      a: '1\n',
      b: '2\n',
    },
    add: [],
    then: { files: { a: 'more\n' }, act: 'commit', targets: ['p.dvc'] },
  },
};

/** Projects that are configured in some way, `section.key value` each. */
const CONFIGURED: Readonly<Record<string, readonly string[]>> = {
  'links: symlink': ['cache.type symlink'],
  'links: hardlink': ['cache.type hardlink'],
  'links: copy': ['cache.type copy'],
  'links: reflink, hardlink, symlink': ['cache.type reflink,hardlink,symlink'],
  'a shared cache': ['cache.shared group'],
  'a cache elsewhere': ['cache.dir ../../elsewhere'],
};

function put(at: string, path: string, content: Content): void {
  const file = join(at, path);
  if (path.endsWith('/')) return void fs.mkdirSync(file, { recursive: true });
  const parent = dirname(file);
  if (fs.lstatSync(parent, { throwIfNoEntry: false })?.isFile()) fs.rmSync(parent);
  fs.mkdirSync(parent, { recursive: true });
  fs.rmSync(file, { recursive: true, force: true });
  if (typeof content === 'string' || content instanceof Uint8Array) fs.writeFileSync(file, content);
  else if ('link' in content) fs.symlinkSync(content.link, file);
  else fs.writeFileSync(file, content.exec, { mode: 0o755 });
}

describe('agreement: pointers byte for byte', function () {
  this.timeout(240_000);
  let server: DvcServer;
  let model: Twins;
  before(async () => {
    server = await DvcServer.start();
    model = await Twins.make(server);
    model.configure('remote.other.url', '../../other');
    // What 2.x left in the cache.
    model.both((at) => {
      const object = join(at, '.dvc/cache', LEGACY.slice(0, 2), LEGACY.slice(2));
      fs.mkdirSync(dirname(object), { recursive: true });
      fs.writeFileSync(object, 'a\r\nb\r\n', { mode: 0o444 });
    });
  });
  after(() => {
    model?.dispose();
    server.stop();
  });

  /** The same for both, which has to go well and leave the same bytes; no targets are nothing to do. */
  async function act(twins: Twins, words: readonly string[], targets: readonly string[]): Promise<void> {
    if (targets.length === 0) return;
    assert.ok(await twins.act([...words, '--', ...targets]), `${words.join(' ')} is done by both`);
  }

  /** Every row in a folder of its own, named by what it is about. */
  async function live(twins: Twins, rows: Readonly<Record<string, Row>>): Promise<void> {
    const all = Object.entries(rows).map(([name, row]) => ({ ...row, folder: name.replace(/[^\w]+/g, '-') }));
    const write = (folder: string, files: Row['files']): void =>
      twins.both((at) => Object.entries(files).forEach(([path, content]) => put(join(at, folder), path, content)));
    for (const { folder, files } of all) write(folder, files);
    const added = all.flatMap(({ folder, files, add }) =>
      [...new Set(add ?? Object.keys(files).map((path) => path.split('/')[0] ?? ''))].map((path) => join(folder, path)),
    );
    await act(twins, ['add'], added);
    for (const { folder, edit, then } of all) {
      const pointer = (at: string): string => join(at, folder, edit?.[0] ?? '');
      if (edit) twins.both((at) => fs.writeFileSync(pointer(at), edit[1](fs.readFileSync(pointer(at), 'utf8'))));
      if (then) write(folder, then.files);
    }
    const targets = (what: 'add' | 'commit'): string[] =>
      all.flatMap(({ folder, then }) => (then?.act === what ? then.targets.map((path) => join(folder, path)) : []));
    await act(twins, ['add'], targets('add'));
    await act(twins, ['commit', '-f'], targets('commit'));
    await twins.swapped(['status', '--json'], (said) => assert.deepEqual(JSON.parse(said.stdout), {}));
    const kept = new Set(all.flatMap(({ folder, keep }) => (keep ? [folder] : [])));
    const data = dataOf(twins).filter((path) => !kept.has(path.split('/')[0] ?? ''));
    twins.both((at) => data.forEach((path) => fs.rmSync(join(at, path), { recursive: true, force: true })));
    await twins.swapped(['checkout']);
    twins.sameFiles('each checked out what the other had written');
  }

  async function inCopy(rows: Readonly<Record<string, Row>>, config: readonly string[] = []): Promise<void> {
    const twins = model.copy();
    try {
      for (const setting of config) twins.configure(...(setting.split(' ') as [string, string]));
      await live(twins, rows);
    } finally {
      twins.dispose();
    }
  }

  const names = Object.keys(ROWS);
  it(`I7 ${names.length} kinds of names, contents and pointers`, async () => {
    assert.ok(names.length + Object.keys(CONFIGURED).length >= 60);
    await inCopy(ROWS);
  });

  for (const [name, config] of Object.entries(CONFIGURED)) it(`I7 ${name}`, () => inCopy({ some: SOME }, config));
});

/** What the workspace holds of the tracked data: all but pointers, Git's and DVC's own, and what is ignored. */
function dataOf(twins: Twins): string[] {
  const root = twins.root('strata');
  const paths: string[] = [];
  const walk = (below: string): void => {
    for (const entry of fs.readdirSync(join(root, below), { withFileTypes: true })) {
      const path = join(below, entry.name);
      if (/^\.(git|dvc|gitignore|dvcignore)$/.test(entry.name) || path.endsWith('.dvc')) continue;
      if (entry.isDirectory() && !fs.existsSync(join(root, `${path}.dvc`))) walk(path);
      else paths.push(path);
    }
  };
  walk('.');
  return paths;
}
