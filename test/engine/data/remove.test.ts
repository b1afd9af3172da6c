/** No longer tracking, and freezing: what is edited, what is kept, and what is refused. */

import { tell, type Step } from './scenario';

const YAML = `# above
vars: [{unused: 1}]
stages:
  # about a
  a:
    cmd: cp i a
    deps: [i]
    outs: [a]   # beside
  # about b
  b: {cmd: cp a b, deps: [a], outs: [b], metrics: [m.json: {cache: false}]}
plots: [p.csv]   # kept
`.replace('vars: [{unused: 1}]\n', '');
const LOCK = `schema: '2.0'
stages:
  a:
    cmd: cp i a
    outs:
    - path: a
      hash: md5
      md5: b026324c6904b2a9cb4b88d6d61c81d1
      size: 2
  b:
    cmd: cp a b
`;
const START: readonly Step[] = [
  { write: { i: '1\n', a: '1\n', 'm.json': '{}\n', 'dvc.yaml': YAML, 'dvc.lock': LOCK, '.gitignore': '/a\n/b\n' } },
];
const remove = (targets: readonly string[], has: Readonly<Record<string, unknown>> = {}): Step => ({
  verb: 'remove',
  targets,
  has,
});

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'takes a stage out and leaves the rest as it was': [
    remove(['a'], { removed: ['a'], deleted: [], files: ['.gitignore', 'dvc.lock', 'dvc.yaml'] }),
    {
      files: {
        'dvc.yaml': YAML.replace(/ {2}a:\n( {4}.*\n)+ {2}# about b\n/, ''),
        'dvc.lock': LOCK.replace(/ {2}a:\n( {4,}.*\n)+/, ''),
        '.gitignore': '/b\n',
        a: '1\n',
      },
    },
  ],
  'the last stage takes dvc.lock along, not the plots and comments of dvc.yaml': [
    remove(['a', 'b'], { removed: ['a', 'b'] }),
    { files: { 'dvc.yaml': '# above\nplots: [p.csv]   # kept\n', 'dvc.lock': null, '.gitignore': null } },
  ],
  'a dvc.yaml of stages alone goes with the last one': [
    { write: { 'dvc.yaml': YAML.replace(/plots.*\n/, '') } },
    remove(['dvc.yaml']),
    { files: { 'dvc.yaml': null, 'dvc.lock': null, a: '1\n' } },
  ],
  'deletes outputs that the cache has': [
    { verb: 'add', targets: ['i'] },
    { verb: 'remove', targets: ['i.dvc'], options: { outs: true }, has: { removed: ['i.dvc'], deleted: ['i'] } },
    { files: { i: null, 'i.dvc': null } },
  ],
  'deletes nothing that no cache has, unless forced': [
    { verb: 'add', targets: ['i'] },
    { write: { i: 'unsaved\n' } },
    { verb: 'remove', targets: ['i.dvc'], options: { outs: true }, fails: 'remove.unsaved' },
    { files: { i: 'unsaved\n' } },
    { exists: ['i.dvc'] },
    { verb: 'remove', targets: ['b'], options: { outs: true }, fails: 'remove.unsaved' },
    { commit: 'the metric is in Git' },
    { verb: 'remove', targets: ['b'], options: { outs: true }, has: { deleted: ['m.json'] } },
    { verb: 'remove', targets: ['i.dvc'], options: { outs: true, force: true } },
    { files: { i: null } },
  ],
  'takes escaped lines out of .gitignore': [
    { write: { '#x': '1\n' } },
    { verb: 'add', targets: ['#x'] },
    remove(['#x.dvc']),
    { files: { '.gitignore': '/a\n/b\n' } },
  ],
  'says what to name': [
    { verb: 'add', targets: ['i'] },
    { verb: 'remove', targets: ['i'], fails: 'stage.isData' },
    { verb: 'remove', targets: ['nope'], fails: 'stage.unknown' },
    { verb: 'freeze', targets: ['a', 'nope'], fails: 'stage.unknown' },
    { files: { 'dvc.yaml': YAML } },
  ],
  'freezes in place and back': [
    { verb: 'freeze', targets: ['a', 'b'], has: { changed: ['a', 'b'], files: ['dvc.yaml'] } },
    {
      files: {
        'dvc.yaml': YAML.replace('# beside\n', '# beside\n    frozen: true\n').replace(
          '[m.json: {cache: false}]}',
          '[m.json: {cache: false}], frozen: true}',
        ),
      },
    },
    { verb: 'freeze', targets: ['a'], has: { changed: [], files: [] } },
    { verb: 'unfreeze', targets: ['a', 'b'] },
    { files: { 'dvc.yaml': YAML } },
  ],
  'a link that is no longer tracked becomes a file': [
    { verb: 'config', targets: ['cache.type', 'symlink'] },
    { verb: 'add', targets: ['i'] },
    remove(['i.dvc']),
    { modes: { i: 0o644 } },
    { kinds: { i: 'file' } },
  ],
};

describe('remove and freeze', () => {
  for (const [name, steps] of Object.entries(STORIES)) it(name, () => tell([...START, ...steps]));
});
