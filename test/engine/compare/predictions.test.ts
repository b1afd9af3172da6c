/** Where predictions are found, and what changed beside the results. */

import assert from 'node:assert/strict';
import { quietCall } from '../../../src/base/cancel';
import { compareVerbs } from '../../../src/engine/compare/compare';
import { findPredictions } from '../../../src/engine/compare/predictions';
import { workspaceSnapshot } from '../../../src/engine/compare/snapshot';
import { projectOnDisk, type ProjectOnDisk } from './projectOnDisk';

const call = quietCall();
const stage = (outs: string): string => `stages:\n  s:\n    cmd: x\n    deps: [test.csv, s.py]\n    outs: [${outs}]\n`;

describe('compare: predictions', () => {
  let project: ProjectOnDisk | undefined;
  afterEach(() => project?.close());

  /** `path n id truth pred columns`, or what was found instead. */
  async function find(files: Record<string, string>, roles = {}): Promise<string> {
    project = await projectOnDisk(files);
    const { predictions, lost } = await findPredictions(await workspaceSnapshot(project.repo, call), roles, call);
    if (!predictions) return lost === undefined ? 'none' : `lost ${lost}`;
    const { path, n, id, truth, pred, columns } = predictions;
    return `${path} ${n} ${id ?? '-'} ${truth ?? '-'} ${pred ?? '-'} ${[...columns.keys()].join('+')}`;
  }

  const rows: [string, Record<string, string>, object, string][] = [
    [
      'by name',
      {
        'dvc.yaml': stage('o/my_predictions.csv: {cache: false}'),
        'o/my_predictions.csv': 'id,y_true,y_pred,loss\n1,a,b,0.5\n2,a,a,0.1\n',
      },
      {},
      'o/my_predictions.csv 2 id y_true y_pred id+y_true+y_pred+loss',
    ],
    [
      'by columns',
      {
        'dvc.yaml': stage('out.tsv: {cache: false}, other.csv: {cache: false}'),
        'other.csv': 'a,b\n1,2\n',
        'out.tsv': 'Sample_ID\tActual\tPredicted\n7\tx\ty\n',
      },
      {},
      'out.tsv 1 Sample_ID Actual Predicted Sample_ID+Actual+Predicted',
    ],
    [
      'in a folder',
      { 'dvc.yaml': stage('o'), 'o/predictions.csv': 'id,y_true,y_pred\n1,a,b\n' },
      {},
      'o/predictions.csv 1 id y_true y_pred id+y_true+y_pred',
    ],
    [
      'as JSON lines, a cut one left out',
      {
        'dvc.yaml': stage('predictions.jsonl: {cache: false}'),
        'predictions.jsonl':
          '{"id": 1, "label": 3, "pred": 4}\n{"id": 2, "label": null, "pred": NaN, "x": 1}\n{"id": 3, "la',
      },
      {},
      'predictions.jsonl 2 id label pred id+label+pred+x',
    ],
    [
      'where it is declared',
      { 'dvc.yaml': stage('x'), 'deep/file.csv': 'key,t,p\nk1,1,2\n' },
      { path: 'deep/file.csv', truth: 't', pred: 'p' },
      'deep/file.csv 1 key t p key+t+p',
    ],
    [
      'with the first unique column as id',
      {
        'dvc.yaml': stage('predictions.csv: {cache: false}'),
        'predictions.csv': 'fold,file,y_true,y_pred\n1,a.png,0,0\n1,b.png,1,0\n',
      },
      {},
      'predictions.csv 2 file y_true y_pred fold+file+y_true+y_pred',
    ],
    [
      'never with a measured column as id',
      {
        'dvc.yaml': stage('predictions.csv: {cache: false}'),
        'predictions.csv': 'y_true,y_pred,loss,score\n0,0,0.1,0.7\n0,1,0.2,0.8\n',
      },
      {},
      'predictions.csv 2 - y_true y_pred y_true+y_pred+loss+score',
    ],
    [
      'no tables without predictions',
      { 'dvc.yaml': stage('confusion.csv: {cache: false}'), 'confusion.csv': 'a,b\n1,2\n' },
      {},
      'none',
    ],
    ['an empty file', { 'dvc.yaml': stage('predictions.csv: {cache: false}'), 'predictions.csv': '' }, {}, 'none'],
  ];
  for (const [title, files, roles, expected] of rows)
    it(title, async () => assert.equal(await find(files, roles), expected));

  it('says which file is recorded but not in the cache', async () => {
    const lock = `schema: '2.0'\nstages:\n  s:\n    cmd: x\n    outs:\n    - path: predictions.csv\n      hash: md5\n      md5: ${'a'.repeat(32)}\n      size: 3\n`;
    assert.equal(await find({ 'dvc.yaml': stage('predictions.csv'), 'dvc.lock': lock }), 'lost predictions.csv');
  });

  it('what changed: code, environment and params, without pointers and results', async () => {
    project = await projectOnDisk({
      'dvc.yaml': `${stage('m.pt')}    metrics: [m.json: {cache: false}]\n`,
      'm.json': '{"acc": 0.5}',
      'params.yaml': 'lr: 1\n',
      's.py': 'a',
      'gone.py': 'a',
      'requirements.txt': 'numpy\n',
    });
    project.write({
      'm.json': '{"acc": 0.6}',
      'params.yaml': 'lr: 2\n',
      's.py': 'b',
      'new.py': 'n',
      'requirements.txt': 'numpy<3\n',
      '.gitignore': '/x\n',
      'd.dvc': `outs:\n- md5: ${'b'.repeat(32)}\n  hash: md5\n  path: d\n  size: 1\n`,
    });
    project.git('rm', '-q', 'gone.py');
    const expected = {
      params: [{ path: 'params.yaml', key: 'lr', old: 1, new: 2 }],
      code: [
        { path: 'gone.py', state: 'deleted' },
        { path: 'new.py', state: 'added' },
        { path: 's.py', state: 'modified' },
      ],
      data: [{ path: 'd', new: 'b'.repeat(32) }],
      env: ['requirements.txt'],
    };
    const changed = async (...targets: string[]) =>
      (await compareVerbs.compare(project?.repo as never, { targets }, call)).changed;
    project.git('add', '-A');
    assert.deepEqual(await changed('main', 'workspace'), expected);
    project.commit('second');
    assert.deepEqual(await changed('HEAD~1', 'main'), expected);
    assert.deepEqual(await changed('main', 'workspace'), { params: [], code: [], data: [], env: [] });
  });
});
