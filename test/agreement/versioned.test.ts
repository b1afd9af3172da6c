/**
 * Records of remotes that keep versions (`cloud`, `version_id`, `etag`, `files`): what DVC and ours make of them when data stays or changes,
 * on two copies of one project, equal after every step.
 */

import * as fs from 'node:fs';
import { join } from 'node:path';
import { DvcServer, Twins, writeFile } from './twins';

type Step =
  | { readonly write: Readonly<Record<string, string>> }
  | { readonly rm: readonly string[] }
  | { readonly act: string }
  | { readonly ask: string };

const ONE = 'b026324c6904b2a9cb4b88d6d61c81d1';
const TWO = '26ab0db90d72e28ad0ba1e22ee510510';
const CLOUD = `  cloud:\n    r:\n      etag: '0x8D'\n      version_id: v1\n`;
const file = (more: string): string => `outs:\n- md5: ${ONE}\n  size: 2\n  hash: md5\n${more}  path: f\n`;
const listed = (relpath: string, md5: string, version: string): string =>
  `  - relpath: ${relpath}\n    md5: ${md5}\n    size: 2\n    cloud:\n      r:\n        etag: etag-${version}\n        version_id: ${version}\n`;
const FOLDER = `outs:\n- hash: md5\n  path: d\n  files:\n${listed('a', ONE, 'v1')}${listed('b', TWO, 'v2')}`;
const DATA = { f: '1\n', 'd/a': '1\n', 'd/b': '2\n' };

const known = (more: Readonly<Record<string, string>>): readonly Step[] => [
  { write: DATA },
  { act: 'add -q f d' },
  { write: more },
];

/** A file whose record holds more: unchanged, then changed, by both commands. */
const ofFile = (more: string): readonly Step[] => [
  ...known({ 'f.dvc': file(more) }),
  { ask: 'status' },
  { act: 'add -q f' },
  { act: 'commit -q f.dvc' },
  { act: 'commit -q -f f.dvc' },
  { ask: 'data status --unchanged' },
  { write: { f: '2\n' } },
  { ask: 'status' },
  { act: 'add -q f' },
  { write: { f: '1\n', 'f.dvc': file(more) } },
  { write: { f: '3\n' } },
  { act: 'commit -q -f f.dvc' },
  { ask: 'status' },
];

const LOCKED = `schema: '2.0'
stages:
  s:
    cmd: echo 1 > o
    outs:
    - path: o
      hash: md5
      md5: ${ONE}
      size: 2
      cloud:
        r:
          etag: etag-1
          version_id: v1
`;

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'a file with a version under cloud': ofFile(CLOUD),
  'a file with a version': ofFile('  version_id: v1\n'),
  'a file with a version and an etag': ofFile(`  etag: '0x8D'\n  version_id: v1\n`),
  'a folder recorded file by file, unchanged': [
    ...known({ 'd.dvc': FOLDER }),
    { ask: 'status' },
    { act: 'add -q d' },
    { act: 'commit -q d.dvc' },
    { act: 'commit -q -f d.dvc' },
    { ask: 'data status --granular --unchanged' },
    { ask: 'status' },
  ],
  'a folder recorded file by file, changed and added': [
    ...known({ 'd.dvc': FOLDER }),
    { write: { 'd/b': '3\n', 'd/c': '4\n' } },
    { ask: 'status' },
    { ask: 'data status --granular' },
    { act: 'add -q d' },
    { ask: 'status' },
    { ask: 'data status --granular --unchanged' },
  ],
  'a folder recorded file by file, changed and committed': [
    ...known({ 'd.dvc': FOLDER }),
    { write: { 'd/b': '3\n', 'd/c': '4\n' } },
    { rm: ['d/a'] },
    { act: 'commit -q d.dvc' },
    { act: 'commit -q -f d.dvc' },
    { ask: 'status' },
  ],
  'a part of a folder recorded file by file': [
    ...known({ 'd.dvc': FOLDER }),
    { write: { 'd/c': '4\n' } },
    { act: 'add -q d/c' },
    { write: { 'd/c': '5\n' } },
    { act: 'commit -q -f d/c' },
    { ask: 'status' },
  ],
  'a folder recorded file by file comes back, and goes to a remote': [
    ...known({ 'd.dvc': FOLDER }),
    { act: 'remote add -q -d store ../store' },
    { rm: ['d'] },
    { ask: 'status' },
    { act: 'checkout -q d.dvc' },
    { act: 'push -q' },
    { rm: ['d', '.dvc/cache'] },
    { act: 'pull -q' },
    { act: 'gc -w -f' },
    { ask: 'status' },
  ],
  'what is on no remote, as there is none': [
    ...known({}),
    { ask: 'data status --not-in-remote' },
    { ask: 'data status --not-in-remote --granular' },
    { rm: ['f', 'd'] },
    { act: 'fetch -q' },
    { act: 'pull -q' },
    { act: 'push -q' },
    { rm: ['f', '.dvc/cache'] },
    { act: 'pull -q' },
  ],
  'an output of a stage with a version': [
    {
      write: {
        'dvc.yaml': 'stages:\n  s:\n    cmd: echo 1 > o\n    outs: [o]\n',
        'dvc.lock': LOCKED,
        o: '1\n',
        '.gitignore': '/o\n',
      },
    },
    { act: 'commit -q -f' },
    { ask: 'status' },
    { write: { o: '2\n' } },
    { act: 'commit -q -f s' },
    { ask: 'status' },
  ],
};

describe('agreement: versions at remotes', function () {
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
  if ('act' in step) await twins.act(step.act.split(' '));
  else if ('ask' in step) await twins.ask(step.ask.split(' '));
  else if ('write' in step)
    twins.both((at) => Object.entries(step.write).forEach(([path, text]) => writeFile(at, path, text)));
  else twins.both((at) => step.rm.forEach((path) => fs.rmSync(join(at, path), { recursive: true, force: true })));
}
