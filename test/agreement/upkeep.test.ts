/** Moving, removing, freezing, links and garbage, situation by situation: the real DVC and ours on two copies of one project, equal after every step. */

import * as fs from 'node:fs';
import { join } from 'node:path';
import { DvcServer, Twins, writeFile } from './twins';

type Step =
  | { readonly write: Readonly<Record<string, string>>; readonly mode?: number }
  | { readonly rm: readonly string[] }
  | { readonly mkdir: string }
  | { readonly git: readonly string[] }
  | { readonly commit: string }
  /** A command for both; `in` is the folder it is given in. */
  | { readonly act: string; readonly in?: string }
  | { readonly ask: string }
  /** Only what differs on purpose is looked away from: both forget these paths. */
  | { readonly drop: readonly string[] };

const PIPELINE = `# what we do
vars: []
stages:
  # first
  prep: {cmd: cp raw mid, deps: [raw], outs: [mid]}
  train:
    cmd: cp mid model && echo 1 > m.json
    deps: [mid]
    outs:
    - model
    metrics:
    - m.json:
        cache: false
`;
const PLAIN = PIPELINE.replace('vars: []\n', '');

/** Three commits of a file and a folder on `main`, one on a branch, a tag on the first. */
const HISTORY: readonly Step[] = [
  { write: { f: '1\n', 'd/a': 'a1\n', 'd/b': 'b\n' } },
  { act: 'add f d' },
  { commit: 'one' },
  { git: ['tag', 'v1'] },
  { write: { f: '2\n', 'd/a': 'a2\n' } },
  { act: 'add f d' },
  { commit: 'two' },
  { git: ['checkout', '-q', '-b', 'side'] },
  { write: { f: 'side\n' } },
  { act: 'add f' },
  { commit: 'side' },
  { git: ['checkout', '-q', 'main'] },
  { act: 'checkout -q' },
  { write: { f: '3\n', 'd/a': 'a3\n' } },
  { act: 'add f d' },
  { commit: 'three' },
  { write: { f: '4\n' } },
  { act: 'add f' },
];

/** The first two of them, each on a remote. */
const PUSHED: readonly Step[] = [
  { act: 'remote add -d store ../store' },
  ...HISTORY.slice(0, 3),
  { act: 'push -q' },
  ...HISTORY.slice(3, 7),
  { act: 'push -q' },
];

const history = (...args: string[]): readonly Step[] => [...HISTORY, ...args.map((act) => ({ act }))];

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'move into a folder': [{ write: { f: '1\n', 's/x': '' } }, { act: 'add f' }, { act: 'move f s' }, { ask: 'status' }],
  'move into a folder, named with a slash': [
    { write: { f: '1\n', 's/x': '' } },
    { act: 'add f' },
    { act: 'move f s/' },
  ],
  'move out of a folder, from inside it': [
    { write: { 's/f': '1\n' } },
    { act: 'add s/f' },
    { act: 'move f ../g', in: 's' },
    { ask: 'status' },
  ],
  'move a folder into another': [
    { write: { 'd/a': '1\n', 'd/e/b': '2\n', 's/x': '' } },
    { act: 'add d' },
    { act: 'move d s' },
    { ask: 'data status --granular' },
  ],
  'rename a folder': [{ write: { 'd/a': '1\n' } }, { act: 'add d' }, { act: 'move d e' }, { ask: 'status' }],
  'move data that is gone': [{ write: { f: '1\n' } }, { act: 'add f' }, { rm: ['f'] }, { act: 'move f g' }],
  'move keeps the name of a .dvc file that is not named after its data': [
    {
      write: {
        f: '1\n',
        '.gitignore': '/f\n',
        'other.dvc': '# ours\nouts:\n- md5: b026324c6904b2a9cb4b88d6d61c81d1\n  size: 2\n  hash: md5\n  path: f\n',
      },
    },
    { act: 'commit -q -f other.dvc' },
    { act: 'move f s' },
    { mkdir: 'sub' },
    { act: 'move s sub' },
    { ask: 'status' },
  ],
  'move keeps what users wrote': [
    { write: { f: '1\n' } },
    { act: 'add f' },
    {
      write: {
        'f.dvc':
          'desc: hello\nouts:\n- md5: b026324c6904b2a9cb4b88d6d61c81d1\n  size: 2\n  hash: md5\n  path: f\n  desc: mine\n  remote: r\n  push: false\nmeta: {k: 1}\n',
      },
    },
    { act: 'move f g' },
  ],
  'move an import from a file: its source is named from the new place': [
    {
      write: {
        src: '1\n',
        g: '1\n',
        '.gitignore': '/g\n',
        's/x': '',
        'g.dvc': `md5: 0b6fb04a6b6d2b3a7b0f8f9ec2b8b9a1\nfrozen: true\ndeps:\n- md5: b026324c6904b2a9cb4b88d6d61c81d1\n  size: 2\n  hash: md5\n  path: src\nouts:\n- md5: b026324c6904b2a9cb4b88d6d61c81d1\n  size: 2\n  hash: md5\n  path: g\n`,
      },
    },
    { act: 'commit -q -f g.dvc' },
    { act: 'move g s/h' },
  ],
  'move what is not tracked, made by a stage, or goes nowhere': [
    { write: { f: '1\n', raw: 'r\n', 'dvc.yaml': PLAIN } },
    { act: 'add f raw' },
    { act: 'repro -q' },
    { act: 'move nope g' },
    { act: 'move mid g' },
    { act: 'move f nowhere/g' },
  ],
  'remove files and folders': [
    { write: { f: '1\n', 'd/a': '2\n', 's/g': '3\n' } },
    { act: 'add f d s/g' },
    { act: 'remove f.dvc d.dvc' },
    { act: 'remove s/g.dvc --outs' },
  ],
  'remove by the name of the data, and twice': [
    { write: { f: '1\n' } },
    { act: 'add f' },
    { act: 'remove f' },
    { act: 'remove f.dvc' },
    { act: 'remove f.dvc' },
  ],
  'remove a link: the data stays as a copy': [
    { act: 'config cache.type symlink' },
    { write: { f: '1\n', 'd/a': '2\n' } },
    { act: 'add f d' },
    { act: 'remove f.dvc d.dvc' },
  ],
  'remove stages one after the other': [
    { write: { raw: 'r\n', 'dvc.yaml': PLAIN } },
    { act: 'add raw' },
    { act: 'repro -q' },
    { act: 'remove train' },
    { ask: 'status' },
    { act: 'remove prep --outs' },
  ],
  'remove a stage of another folder': [
    { write: { 'sub/raw': 'r\n', 'sub/dvc.yaml': PLAIN } },
    { act: 'repro -q sub/dvc.yaml:train' },
    { act: 'remove sub/dvc.yaml:prep' },
    { act: 'remove train', in: 'sub' },
  ],
  'remove all stages of a file': [
    { write: { raw: 'r\n', 'dvc.yaml': PLAIN } },
    { act: 'repro -q' },
    { act: 'remove dvc.yaml' },
  ],
  'remove a stage that never ran': [{ write: { 'dvc.yaml': PLAIN } }, { act: 'remove prep' }, { act: 'remove nope' }],
  'freeze and unfreeze stages and files': [
    { write: { raw: 'r\n', f: '1\n', 'dvc.yaml': PLAIN } },
    { act: 'add f raw' },
    { act: 'repro -q' },
    { act: 'freeze prep train' },
    { write: { raw: 'other\n' } },
    { ask: 'status' },
    { act: 'freeze prep' },
    { act: 'freeze f.dvc' },
    { act: 'unfreeze prep f.dvc' },
    { ask: 'status' },
    { act: 'unfreeze train' },
    { act: 'freeze nope' },
  ],
  'freeze in another folder': [
    { write: { 'sub/raw': 'r\n', 'sub/dvc.yaml': PLAIN } },
    { act: 'freeze sub/dvc.yaml:prep' },
    { act: 'unfreeze prep', in: 'sub' },
  ],
  'gc -w': history('gc -w -f'),
  'gc of all commits': history('gc -A -f'),
  'gc of branches': history('gc -a -f'),
  'gc of branches, two commits back': history('gc -a -n 2 -f'),
  'gc of tags': history('gc -T -f'),
  'gc of tags and branches': history('gc -T -a -f'),
  'gc of a revision': history('gc --rev HEAD~1 -f'),
  'gc of a revision, three back': history('gc --rev side -n 3 -f'),
  'gc of a day': history('gc --date 2026-01-01 -f'),
  'gc of a later day': history('gc --date 2026-01-03 -f'),
  'gc --dry deletes nothing': history('gc -w --dry'),
  'gc without a scope, without consent, with half a scope, with two that exclude each other': history(
    'gc -f',
    'gc -n 2 -f',
    'gc -w --not-in-remote -c -f',
  ),
  'gc keeps the results of runs, not their objects': [
    { write: { raw: 'r\n', 'dvc.yaml': PLAIN } },
    { act: 'repro -q' },
    { write: { raw: 'other\n' } },
    { act: 'repro -q' },
    { act: 'gc -w -f' },
    { ask: 'status' },
  ],
  'gc of a remote': [
    ...PUSHED,
    { write: { f: '5\n' } },
    { act: 'add f' },
    { act: 'push -q' },
    { act: 'gc -w -c -f' },
    { act: 'push -q' },
    { ask: 'status -c' },
  ],
  'gc of a remote from a cache that holds less': [
    ...PUSHED,
    { rm: ['.dvc/cache'] },
    { act: 'fetch -q' },
    { act: 'gc -c -w -f' },
  ],
  'gc --not-in-remote': [
    ...PUSHED,
    { write: { 'd/c': 'new\n' } },
    { act: 'add d' },
    { act: 'gc -w --not-in-remote -f' },
  ],
  'unprotect and relink': [
    { act: 'config cache.type symlink' },
    { write: { f: '1\n', 'd/a': '2\n', 'd/e/b': '3\n', empty: '' } },
    { act: 'add f d empty' },
    { act: 'unprotect f d' },
    { ask: 'status' },
    { act: 'checkout --relink' },
    { act: 'config cache.type copy' },
    { act: 'checkout --relink' },
    { act: 'config cache.type hardlink,symlink' },
    { act: 'checkout --relink f' },
    { act: 'checkout --relink' },
    { act: 'unprotect nope' },
  ],
  'links of commits and checkouts': [
    { act: 'config cache.type hardlink' },
    { write: { f: '1\n', 'd/a': '2\n', 'd/empty': '' } },
    { act: 'add f d' },
    { rm: ['d/a'] },
    { write: { 'd/a': 'new\n' } },
    { act: 'commit -f d.dvc' },
    { rm: ['d', 'f'] },
    { act: 'checkout' },
    { ask: 'status' },
  ],
  'a shared cache elsewhere': [
    { act: 'config cache.dir ../cache' },
    { act: 'config cache.shared group' },
    { write: { f: '1\n', 'd/a': '2\n' } },
    { act: 'add f d' },
    { write: { f: '2\n' } },
    { act: 'add f' },
    { act: 'gc -w -f' },
  ],
};

describe('agreement: upkeep', function () {
  this.timeout(120_000);
  let server: DvcServer;
  before(async () => {
    server = await DvcServer.start();
  });
  after(() => server.stop());

  for (const [name, steps] of Object.entries(STORIES)) {
    it(name, async () => {
      const twins = await Twins.make(server);
      try {
        for (const step of steps) await live(twins, step);
      } finally {
        twins.dispose();
      }
    });
  }
});

async function live(twins: Twins, step: Step): Promise<void> {
  if ('write' in step) {
    twins.both((at) => Object.entries(step.write).forEach(([path, text]) => writeFile(at, path, text, step.mode)));
  } else if ('rm' in step) forget(twins, step.rm);
  else if ('mkdir' in step) twins.both((at) => fs.mkdirSync(join(at, step.mkdir), { recursive: true }));
  else if ('git' in step) twins.git(...step.git);
  else if ('commit' in step) {
    twins.git('add', '-A');
    twins.git('commit', '-q', '-m', step.commit);
  } else if ('act' in step) await twins.act(step.act.split(' '), step.in);
  else if ('ask' in step) await twins.ask(step.ask.split(' '));
  else forget(twins, step.drop);
}

function forget(twins: Twins, paths: readonly string[]): void {
  twins.both((at) => paths.forEach((path) => fs.rmSync(join(at, path), { recursive: true, force: true })));
}
