import * as assert from 'node:assert/strict';
import { type DataNode, type DataTreeAnswer } from '../../../src/engine/verbs/dataViews';
import { tell, type Step } from './scenario';

const START: readonly Step[] = [
  {
    write: {
      'd/a': '1\n',
      'd/s/b': '2\n',
      'd/s/c': '3\n',
      f: '3\n',
      'dvc.yaml': 'stages:\n  s:\n    cmd: x\n    outs:\n    - o\n',
    },
  },
  { verb: 'add', targets: ['d', 'f'] },
  { commit: 'one' },
];

/** `path state`, with the number of changed files when there is one. */
const line = (node: DataNode): string =>
  `${node.path} ${node.state}${node.changedFiles === undefined ? '' : ` ${node.changedFiles}`}`;

const shows = (lines: readonly string[], path?: string): Step => ({
  verb: 'dataTree',
  options: path === undefined ? {} : { path },
  check: (answer) => assert.deepEqual((answer as DataTreeAnswer).nodes.map(line), lines),
});

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'outputs, stages among them': [shows(['d unchanged', 'f unchanged', 'o deleted'])],
  'counts what changed inside': [
    { write: { 'd/s/b': 'x\n', 'd/new': 'y\n' } },
    { remove: ['d/a', 'f'] },
    shows(['d modified 3', 'f deleted', 'o deleted']),
    shows(['d/s modified 1', 'd/a deleted', 'd/new added'], 'd'),
    shows(['d/s/b modified', 'd/s/c unchanged'], 'd/s'),
  ],
  'what no commit knows is added': [
    { write: { g: '1\n' } },
    { verb: 'add', targets: ['g'] },
    shows(['d unchanged', 'f unchanged', 'g added', 'o deleted']),
  ],
  'what the cache lacks is told': [
    { remove: ['.dvc/cache/files/md5/26'] },
    shows(['d notInCache', 'f unchanged', 'o deleted']),
  ],
  'survives files that cannot be read': [
    { write: { 'bad.dvc': '][' } },
    shows(['d unchanged', 'f unchanged', 'o deleted']),
  ],
  'has nothing to show below what is not tracked': [shows([], 'nope')],
};

describe('dataTree', () => {
  for (const [name, steps] of Object.entries(STORIES)) it(name, () => tell([...START, ...steps]));
});
