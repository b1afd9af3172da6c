/** One repository that changes hands after every act: whoever acted, both tools say the same about it afterwards. */

import assert from 'node:assert/strict';
import { type Tool, TwoTools } from './twoTools';

interface Turn {
  readonly name: string;
  /** Files to write before the act; null deletes. */
  readonly files?: Readonly<Record<string, string | null>>;
  readonly act: readonly [Tool, ...string[]];
  /** Stages and pointers that are not clean afterwards; for both. */
  readonly stale?: readonly string[];
}

const PIPELINE = `stages:
  join:
    cmd: cat data/* > joined
    deps:
    - data
    outs:
    - joined
  count:
    cmd: wc -c < joined > count.txt
    deps:
    - joined
    params:
    - unit
    metrics:
    - count.txt
`;

const TURNS: readonly Turn[] = [
  { name: 'we track a folder', files: { 'data/a': '1\n', 'data/b': '2\n' }, act: ['strata', 'add', 'data'] },
  { name: 'DVC adds one file of it', files: { 'data/c': '3\n' }, act: ['dvc', 'add', 'data/c'] },
  {
    name: 'we add another',
    files: { 'data/d': '4\n', 'data/a': null },
    act: ['strata', 'add', 'data/d'],
    stale: ['data.dvc'],
  },
  { name: 'DVC records the rest', act: ['dvc', 'commit', '-f', 'data.dvc'] },
  { name: 'we run', files: { 'dvc.yaml': PIPELINE, 'params.yaml': 'unit: 1\n' }, act: ['strata', 'repro'] },
  { name: 'DVC runs with another value', files: { 'params.yaml': 'unit: 2\n' }, act: ['dvc', 'repro'] },
  { name: 'we go back to the first', files: { 'params.yaml': 'unit: 1\n' }, act: ['strata', 'repro'] },
  { name: 'DVC runs on new data', files: { 'data/e': '5\n' }, act: ['dvc', 'repro'] },
  { name: 'we find the result of the earlier data', files: { 'data/e': null }, act: ['strata', 'repro'] },
  { name: 'DVC finds the result of the later', files: { 'data/e': '5\n' }, act: ['dvc', 'repro'] },
  {
    name: 'we replace an output and record it',
    files: { joined: 'mine\n' },
    act: ['strata', 'commit', '-f', 'join'],
    stale: ['count'],
  },
  { name: 'DVC goes on from there', act: ['dvc', 'repro'] },
];

const last = TURNS.at(-1);

describe('agreement: taking turns', function () {
  this.timeout(180_000);
  let two: TwoTools;
  before(async () => {
    two = await TwoTools.make('dvc');
    two.commit('empty');
  });
  after(() => two.dispose());

  for (const { name, files = {}, act, stale = [] } of TURNS) {
    it(name, () => {
      for (const [path, text] of Object.entries(files)) {
        if (text === null) two.remove(path);
        else two.write({ [path]: text });
      }
      const [tool, ...args] = act;
      two.run(tool, ...args);
      assert.deepEqual(Object.keys(two.agree('status') as object), stale);
      if (args[0] !== 'repro' || name === last?.name) two.agree('data', 'status', '--granular');
    });
  }
});
