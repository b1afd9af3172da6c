/** Moving tracked data: data, pointer and `.gitignore` together, refused where something is in the way, finished when it was interrupted. */

import { tell, type Step } from './scenario';

const ONE = 'b026324c6904b2a9cb4b88d6d61c81d1';
const POINTER = (path: string): string => `outs:\n- md5: ${ONE}\n  size: 2\n  hash: md5\n  path: ${path}\n`;
const START: readonly Step[] = [{ write: { f: '1\n', 's/x': '' } }, { verb: 'add', targets: ['f'] }];
const move = (from: string, to: string, has: Readonly<Record<string, unknown>> = {}): Step => ({
  verb: 'move',
  targets: [from, to],
  has,
});
const refused = (from: string, to: string, fails: string): Step => ({ verb: 'move', targets: [from, to], fails });

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'moves data, pointer and line': [
    move('f', 's', {
      from: 'f',
      to: 's/f',
      file: 's/f.dvc',
      files: ['s/.gitignore', '.gitignore', 's/f.dvc', 'f.dvc'],
    }),
    {
      files: {
        f: null,
        'f.dvc': null,
        '.gitignore': null,
        's/f': '1\n',
        's/f.dvc': POINTER('f'),
        's/.gitignore': '/f\n',
      },
    },
    { verb: 'checkout', has: { added: [], modified: [], deleted: [] } },
  ],
  'changed data stays changed, and nothing is recorded': [
    { write: { f: 'changed\n' } },
    move('f', 'g'),
    { files: { g: 'changed\n', 'g.dvc': POINTER('g') } },
  ],
  'takes an escaped line out again': [
    { write: { '[a]#': '1\n' } },
    { verb: 'add', targets: ['[a]#'] },
    move('[a]#', 's/b'),
    { files: { '.gitignore': '/f\n', 's/.gitignore': '/b\n' } },
  ],
  'writes over nothing': [
    { write: { g: 'mine\n', 'h.dvc': 'outs: []\n' } },
    refused('f', 'g', 'move.exists'),
    refused('f', 'h', 'move.exists'),
    refused('f', 'f', 'move.exists'),
    refused('f', 'nowhere/g', 'move.noFolder'),
    refused('f', 'nowhere/', 'move.noFolder'),
    refused('s/x', 'y', 'move.notTracked'),
    { files: { f: '1\n', g: 'mine\n', 'f.dvc': POINTER('f') } },
  ],
  'does not leave the project, nor enter other data': [
    { write: { 'd/a': '2\n' } },
    { verb: 'add', targets: ['d'] },
    refused('f', '../f', 'data.outside'),
    refused('f', '.git/f', 'data.unsafePath'),
    refused('f', 'd/f', 'data.overlap'),
    { write: { '.dvcignore': '/hidden\n' } },
    refused('f', 'hidden', 'data.hidden'),
    { files: { f: '1\n' } },
  ],
  'finishes when the data had moved but not the pointer': [
    { write: { 'g.dvc': POINTER('g'), g: '1\n' } },
    { remove: ['f'] },
    move('f', 'g', { file: 'g.dvc' }),
    { files: { 'f.dvc': null, g: '1\n', '.gitignore': '/g\n' } },
  ],
  'finishes when only the new pointer had been written': [
    { write: { 'g.dvc': POINTER('g') } },
    move('f', 'g'),
    { files: { f: null, 'f.dvc': null, g: '1\n', 'g.dvc': POINTER('g') } },
  ],
  'moves one of several outputs inside its file': [
    { write: { a: '1\n', b: '1\n', 'a.dvc': `outs:\n- md5: ${ONE}\n  path: a # mine\n- md5: ${ONE}\n  path: b\n` } },
    { verb: 'commit', targets: ['a.dvc'], options: { force: true } },
    move('a', 'c'),
    { exists: ['a.dvc', 'c', 'b'] },
    { verb: 'checkout', has: { added: [], modified: [], deleted: [] } },
  ],
  'an import keeps its source': [
    {
      write: {
        g: '1\n',
        'g.dvc': `md5: 0b6fb04a6b6d2b3a7b0f8f9ec2b8b9a1\nfrozen: true\ndeps:\n- md5: ${ONE}\n  size: 2\n  hash: md5\n  path: f\nouts:\n- md5: ${ONE}\n  size: 2\n  hash: md5\n  path: g\n`,
      },
    },
    move('g', 's/h'),
    {
      files: {
        's/h.dvc': `md5: 02a43ebc526b358d7032b17c4c848795\nfrozen: true\ndeps:\n- md5: ${ONE}\n  size: 2\n  hash: md5\n  path: ../f\nouts:\n- md5: ${ONE}\n  size: 2\n  hash: md5\n  path: h\n`,
      },
    },
  ],
};

describe('move', () => {
  for (const [name, steps] of Object.entries(STORIES)) it(name, () => tell([...START, ...steps]));
});
