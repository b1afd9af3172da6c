import * as assert from 'node:assert/strict';
import { type DiffContentAnswer } from '../../../src/engine/verbs/data';
import { tell, type Step } from './scenario';

const START: readonly Step[] = [
  { write: { 't.csv': 'id,x\n1,a\n2,b\n', 'd/a': '1\n', 'd/b': '2\n', 'm.txt': 'words\n', 'w.pt': 'model\n' } },
  { verb: 'add', targets: ['t.csv', 'd', 'w.pt'] },
  { commit: 'one' },
];

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'tables by rows': [
    { write: { 't.csv': 'id,x\n1,a\n2,c\n3,d\n' } },
    {
      verb: 'diff.content',
      targets: ['HEAD', 'workspace', 't.csv'],
      has: {
        kind: 'table',
        key: ['id'],
        rows: { a: 2, b: 3, added: 1, removed: 0, changed: 1, same: 1 },
        columns: { x: { changed: 1 } },
        sample: [
          { state: 'changed', key: ['2'], a: ['2', 'b'], b: ['2', 'c'], changed: [1] },
          { state: 'added', key: ['3'], a: null, b: ['3', 'd'], changed: [] },
        ],
      },
    },
  ],
  'folders by files': [
    { write: { 'd/z': '1\n', 'd/new': 'new\n', 'd/b': 'longer\n' } },
    { remove: ['d/a'] },
    {
      verb: 'diff.content',
      targets: ['HEAD', 'workspace', 'd'],
      gives: {
        kind: 'folder',
        path: 'd',
        files: [
          { path: 'b', state: 'changed', a: 2, b: 7 },
          { path: 'new', state: 'added', b: 4 },
          { path: 'z', state: 'renamed', from: 'a', a: 2, b: 2 },
        ],
        same: 0,
      },
    },
  ],
  'other kinds by their facts': [
    { write: { 'm.txt': 'other words\n', 'w.pt': 'model 2\n' } },
    {
      verb: 'diff.content',
      targets: ['HEAD', 'workspace', 'm.txt'],
      gives: {
        kind: 'text',
        path: 'm.txt',
        a: { size: 6, hash: '993ed7d20d5f775dc558eb129f5a6c20' },
        b: { size: 12, hash: '6583e5950a7080a46f77fdbbccf2871b' },
        same: false,
      },
    },
    {
      verb: 'diff.content',
      targets: ['HEAD', 'workspace', 'w.pt'],
      check: (answer) => assert.equal((answer as DiffContentAnswer).kind, 'model'),
    },
  ],
  'one side may lack the path': [
    { remove: ['w.pt'] },
    { verb: 'diff.content', targets: ['HEAD', 'workspace', 'w.pt'], has: { kind: 'model', b: null, same: false } },
    { verb: 'diff.content', targets: ['HEAD', 'workspace', 'nope'], fails: 'data.noVersion' },
    { write: { 'w.pt/x': '' } },
    { verb: 'diff.content', targets: ['HEAD', 'workspace', 'w.pt'], fails: 'diff.kinds' },
  ],
};

describe('diff.content', () => {
  for (const [name, steps] of Object.entries(STORIES)) it(name, () => tell([...START, ...steps]));
});
