import { tell, type Step } from './scenario';

const ONE = 'b026324c6904b2a9cb4b88d6d61c81d1';
const OBJECT = `.dvc/cache/files/md5/${ONE.slice(0, 2)}/${ONE.slice(2)}`;

/** A folder `d` and a file `f`, tracked. */
const START: readonly Step[] = [
  { write: { 'd/a': '1\n', 'd/s/b': '2\n', f: '3\n' } },
  { verb: 'add', targets: ['d', 'f'] },
];

const none = { added: [], modified: [], deleted: [], failed: [] };

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'puts back what is gone, and says so': [
    { remove: ['d/a', 'f'] },
    {
      verb: 'checkout',
      gives: { ...none, added: ['f'], modified: ['d/'], stats: { added: 2, modified: 0, deleted: 0 } },
    },
    { files: { 'd/a': '1\n', f: '3\n' } },
    { verb: 'checkout', gives: { ...none, stats: { added: 0, modified: 0, deleted: 0 } } },
  ],
  'makes a whole folder again': [
    { remove: ['d'] },
    { verb: 'checkout', targets: ['d'], has: { added: ['d/'] } },
    { files: { 'd/a': '1\n', 'd/s/b': '2\n' } },
  ],
  'refuses to lose what no cache has': [
    { write: { f: 'unsaved\n', 'd/new': 'unsaved too\n' } },
    { verb: 'checkout', fails: 'data.unsaved' },
    { files: { f: 'unsaved\n', 'd/new': 'unsaved too\n' } },
    { verb: 'checkout', options: { force: true }, has: { modified: ['d/', 'f'] } },
    { files: { f: '3\n', 'd/new': null } },
  ],
  'says beforehand what it would do': [
    { write: { f: 'unsaved\n' } },
    { verb: 'checkout', options: { dry: true }, has: { modified: ['f'], unsaved: ['f'] } },
    { files: { f: 'unsaved\n' } },
  ],
  'replaces changed data that is in the cache without being asked': [
    { write: { f: '1\n' } },
    { verb: 'checkout', targets: ['f'], has: { modified: ['f'] } },
    { files: { f: '3\n' } },
  ],
  'restores only the part asked for': [
    { remove: ['d/a', 'd/s'] },
    { verb: 'checkout', targets: ['d/s'], has: { modified: ['d/'] } },
    { files: { 'd/a': null, 'd/s/b': '2\n' } },
  ],
  'fails one output and does the rest': [
    { remove: ['d/a', 'f', OBJECT] },
    {
      verb: 'checkout',
      has: {
        added: ['f'],
        failed: [{ path: 'd', hash: ONE, msg: 'not in the cache', code: 'cache.missing', data: { hash: ONE } }],
      },
    },
    { files: { f: '3\n', 'd/s/b': '2\n' } },
    { verb: 'checkout', options: { allowMissing: true }, has: { failed: [] } },
  ],
  'protects an object that it found right': [
    { write: { [OBJECT]: '1\n' }, mode: 0o644 },
    { remove: ['d/a'] },
    { verb: 'checkout', targets: ['d'] },
    { modes: { [OBJECT]: 0o444 } },
  ],
  'keeps a file whose object is damaged': [
    { write: { f: '1\n' } },
    { verb: 'add', targets: ['f'] },
    { write: { f: '2\n', [OBJECT]: 'damaged' }, mode: 0o644 },
    { verb: 'checkout', targets: ['f'], options: { force: true }, has: { modified: [] } },
    { files: { f: '2\n' } },
  ],
  'turns a file into a folder and back': [
    { remove: ['f', 'd'] },
    { write: { d: '1\n', 'f/x': '2\n' } },
    { verb: 'checkout', options: { force: true }, has: { modified: ['d/', 'f'] } },
    { files: { 'd/a': '1\n', 'd/s/b': '2\n', f: '3\n' } },
  ],
  'clears away what it placed and nobody tracks any more': [
    { write: { g: 'mine\n', h: '1\n' } },
    { verb: 'add', targets: ['g'] },
    { remove: ['g.dvc', 'f.dvc'] },
    { write: { f: 'changed since\n' } },
    { verb: 'checkout', has: { deleted: ['g'] } },
    { files: { g: null, f: 'changed since\n', h: '1\n' } },
  ],
  'leaves data that was never recorded alone': [
    { write: { 'dvc.yaml': 'stages:\n  s:\n    cmd: x\n    outs:\n    - o\n', o: 'mine\n' } },
    {
      verb: 'checkout',
      has: { failed: [{ path: 'o', msg: 'nothing is recorded for this output', code: 'data.neverRecorded' }] },
    },
    { verb: 'checkout', options: { force: true, allowMissing: true }, has: { failed: [] } },
    { files: { o: 'mine\n' } },
  ],
  'has nothing to do for a stage that makes nothing': [
    { write: { 'dvc.yaml': 'stages:\n  s:\n    cmd: x\n' } },
    { verb: 'checkout', targets: ['s'], has: { added: [], modified: [], deleted: [], failed: [] } },
  ],
  'refuses targets that nothing tracks': [{ verb: 'checkout', targets: ['nope'], fails: 'data.notTracked' }],
  'refuses a pointer that leads outside': [
    { write: { 'evil.dvc': `outs:\n- md5: ${ONE}\n  size: 2\n  hash: md5\n  path: ../../outside\n` } },
    { verb: 'checkout', targets: ['evil.dvc'], fails: 'data.outside' },
  ],
  'refuses a pointer into .git': [
    { write: { 'evil.dvc': `outs:\n- md5: ${ONE}\n  size: 2\n  hash: md5\n  path: .git/hooks/post-checkout\n` } },
    { verb: 'checkout', targets: ['evil.dvc'], fails: 'data.unsafePath' },
    { files: { '.git/hooks/post-checkout': null } },
  ],
  'refuses to write through a link': [
    { write: { 'elsewhere/x': '', 'l.dvc': `outs:\n- md5: ${ONE}\n  size: 2\n  hash: md5\n  path: l/x\n` } },
    { link: { l: 'elsewhere' } },
    { verb: 'checkout', targets: ['l.dvc'], fails: 'data.behindLink' },
    { files: { 'elsewhere/x': '' } },
  ],
  'restores the executable bit': [
    { write: { 'run.sh': '#!/bin/sh\n' }, mode: 0o755 },
    { verb: 'add', targets: ['run.sh'] },
    { remove: ['run.sh'] },
    { verb: 'checkout', targets: ['run.sh'] },
    { modes: { 'run.sh': 0o744 } },
  ],
};

describe('checkout', () => {
  for (const [name, steps] of Object.entries(STORIES)) it(name, () => tell([...START, ...steps]));
});
