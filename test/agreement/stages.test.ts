/** `stage add` beside the real DVC: the same dvc.yaml and .gitignore, byte for byte, or a refusal by both. */

import * as fs from 'node:fs';
import { join } from 'node:path';
import { DvcServer, Twins, writeFile } from './twins';

const COMMENTED = `stages:
  # first
  a:
    cmd: cp x y # copy
    deps: [x]
    outs:
    - y:
        desc: hey
        push: false
    frozen: true
    desc: old
  b: {cmd: echo, deps: [y]}
# tail
params:
- p.yaml
`;

interface Row {
  readonly files?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly args: readonly string[];
}

const rows: Readonly<Record<string, Row>> = {
  'a stage put in place of another keeps its notes': {
    files: { 'dvc.yaml': COMMENTED },
    args: ['-f', '-n', 'a', '-d', 'z', '-o', 'y', '-O', 'w', 'echo', 'hi'],
  },
  'behind the last stage, comments kept': {
    files: { 'dvc.yaml': COMMENTED },
    args: ['-n', 'c', '-d', 'y', '-o', 'k', 'echo hi'],
  },
  'an output that another makes': { files: { 'dvc.yaml': COMMENTED }, args: ['-n', 'c', '-o', 'y', 'echo'] },
  'an output inside another': { files: { 'dvc.yaml': COMMENTED }, args: ['-n', 'c', '-o', 'y/z', 'echo'] },
  'outputs inside each other': { args: ['-n', 'c', '-o', 'q/z', '-o', 'q', 'echo'] },
  'a circle of two': { files: { 'dvc.yaml': COMMENTED }, args: ['-n', 'c', '-o', 'x', '-d', 'y', 'echo'] },
  'a circle of one': { args: ['-n', 'c', '-o', 'k', '-d', 'k/x', 'echo'] },
  'an output that is a dependency': { args: ['-n', 'c', '-o', 'k', '-d', 'k', 'echo'] },
  'an output named twice': { args: ['-n', 'c', '-o', 'k', '-O', './k', 'echo'] },
  'params named as a dependency too': { args: ['-n', 'c', '-d', 'params.yaml', '-p', 'a', 'echo'] },
  'a working folder': {
    files: { 'sub/x': '1' },
    args: ['-n', 'c', '-w', 'sub', '-d', 'x', '-o', 'o', '-p', 'k', '-m', '../m.json', 'echo'],
  },
  'from a folder below': {
    files: { 'sub/x': '1' },
    cwd: 'sub',
    args: ['-n', 'c', '-w', '..', '-d', 'x', '-o', 'o', '--plots', 'p.csv', 'echo'],
  },
  'a folder that is not there yet': { args: ['-n', 'c', '-o', 'e', '-o', 'd/o', 'echo'] },
  'a pointer as output': { args: ['-n', 'c', '-o', 'a.dvc', 'echo'] },
  'a hidden output': { files: { '.dvcignore': '*.tmp\n' }, args: ['-n', 'c', '-o', 'a.tmp', 'echo'] },
  'a hidden dependency': { files: { '.dvcignore': '*.tmp\n' }, args: ['-n', 'c', '-d', 'a.tmp', 'echo'] },
  'an output outside': { args: ['-n', 'c', '-o', '/tmp/elsewhere', 'echo'] },
  'an output outside that is not cached': { args: ['-n', 'c', '-O', '/tmp/elsewhere', 'echo'] },
  'the whole project as output': { args: ['-n', 'c', '-o', '.', 'echo'] },
  'a dependency on the web': { args: ['-n', 'c', '-d', 'https://example.com/a', '-o', 'b', 'echo'] },
  'a working folder outside': { args: ['-n', 'c', '-w', '..', 'echo'] },
  'a file as working folder': { files: { f: '' }, args: ['-n', 'c', '-w', 'f', 'echo'] },
  'options of the command': { args: ['-n', 'c', 'python', 't.py', '-o', 'x', '--json', '-f'] },
  'words with spaces and quotes': { args: ['-n', 'c', 'echo', 'a b', '"c d"', '', '$x', 'a"b c'] },
  'no command': { args: ['-n', 'c'] },
  'no name': { args: ['echo'] },
  'a name with letters of a language': { args: ['-n', 'año 1', 'echo'] },
  'several lines': { args: ['-n', 'c', '-d', 'b', '-d', 'a', 'echo a\necho b'] },
  'params of several files': {
    args: ['-n', 'c', '-p', 'b,a', '-p', 'z.json:k,', '-p', 'a.toml:', '-p', 'params.yaml:c', '-p', 'z.json:b', 'echo'],
  },
  'params, then the whole file': { args: ['-n', 'c', '-p', 'params.yaml:', 'echo'] },
  'a file that cannot be loaded': { files: { 's/dvc.yaml': 'stages:\n  a: {cmd: 1}\n' }, args: ['-n', 'c', 'echo'] },
  'an empty dvc.yaml': { files: { 'dvc.yaml': '' }, args: ['-n', 'c', 'echo'] },
  'no stages yet': { files: { 'dvc.yaml': 'stages: {}\n' }, args: ['-n', 'c', 'echo'] },
  'a group replaced': {
    files: { 'dvc.yaml': 'stages:\n  a:\n    foreach: [1]\n    do: {cmd: x}\n  b: {cmd: y}\n' },
    args: ['-n', 'a', '-f', 'echo'],
  },
  'a dvc.yaml that Git ignores': { files: { '.gitignore': 'dvc.yaml\n' }, args: ['-n', 'a', 'echo'] },
  'an output that Git ignores already': { files: { '.gitignore': 'o\n' }, args: ['-n', 'a', '-o', 'o', 'echo'] },
  'paths as they are typed': { args: ['-n', 'a', '-o', 'd/', '-d', './x', '-d', 'b/../y', 'echo'] },
  'all kinds of output': {
    args: [
      ...['-n', 'a', '--desc', 'long: text # x', '--always-changed', '--outs-persist-no-cache', 'p'],
      ...['--outs-no-cache', 'q', '--metrics', 'm.json', '--metrics-no-cache', 'n.json', '-o', 'z', '-o', 'y', 'echo'],
    ],
  },
  'run at once': { files: { i: '1' }, args: ['-n', 'a', '-d', 'i', '-o', 'o', '--run', 'cp', 'i', 'o'] },
};

describe('agreement: stage add', function () {
  this.timeout(240_000);
  let server: DvcServer;
  let empty: Twins;
  before(async () => {
    server = await DvcServer.start();
    empty = await Twins.make(server);
  });
  after(() => {
    empty.dispose();
    server.stop();
  });

  for (const [name, { files = {}, cwd, args }] of Object.entries(rows)) {
    it(name, async () => {
      const twins = empty.copy();
      try {
        twins.both((at) => {
          for (const [path, text] of Object.entries(files)) writeFile(at, path, text);
          if (cwd !== undefined) fs.mkdirSync(join(at, cwd), { recursive: true });
        });
        const isDone = await twins.act(['stage', 'add', ...args], cwd);
        if (!isDone) twins.sameFiles('refused');
      } finally {
        twins.dispose();
      }
    });
  }
});
