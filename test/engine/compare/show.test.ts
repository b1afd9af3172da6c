/** `params`, `metrics` and their diffs: DVC's answers (its conformance cases of the same names hold more). */

import assert from 'node:assert/strict';
import { quietCall } from '../../../src/base/cancel';
import { compareVerbs } from '../../../src/engine/compare/compare';
import { is } from '../../../src/engine/errors';
import { projectOnDisk, type ProjectOnDisk } from './projectOnDisk';

const call = quietCall();
const FILES = {
  'dvc.yaml':
    'metrics: [top.json, gone.json]\nparams: [other.json]\nstages:\n  s:\n    cmd: echo\n' +
    '    params: [lr, {extra.yaml: [a.b, c]}]\n    metrics: [m.json: {cache: false}]\n',
  'm.json': '{"acc": 0.5, "nest": {"f1": 1, "l": [1, 2]}, "n": null, "b": true, "name": "x"}',
  'top.json': '{"t": 3}',
  'params.yaml': 'lr: 0.1\nl: [1, a, null, true]\n',
  'other.json': '{"k": {"z": 1}}',
  'extra.yaml': 'a: {b: 1, x: 2}\nc: 3\nd: 4\n',
  'sub/x': '',
};

describe('compare: params and metrics', () => {
  let project: ProjectOnDisk;
  beforeEach(async () => {
    project = await projectOnDisk(FILES);
  });
  afterEach(() => project.close());

  it('metrics: numbers, texts and booleans; an absent file is an error of its own', async () => {
    const answer = await compareVerbs.metrics(project.repo, { targets: [] }, call);
    const msg = `[Errno 2] No such file or directory: '${project.root}/gone.json'`;
    assert.deepEqual(answer, {
      '': {
        data: {
          'gone.json': { error: { type: 'FileNotFoundError', msg } },
          'm.json': { data: { acc: 0.5, nest: { f1: 1 }, b: true, name: 'x' } },
          'top.json': { data: { t: 3 } },
        },
      },
    });
  });

  it('params: whole files, and of others the keys that stages name', async () => {
    const answer = await compareVerbs.params(project.repo, { targets: [] }, call);
    assert.deepEqual(answer[''], {
      data: {
        'extra.yaml': { data: { a: { b: 1 }, c: 3 } },
        'other.json': { data: { k: { z: 1 } } },
        'params.yaml': { data: { lr: 0.1, l: [1, 'a', null, true] } },
      },
    });
    const deps = await compareVerbs.params(project.repo, { targets: [], deps: true }, call);
    assert.deepEqual(Object.keys(deps['']?.data ?? {}), ['extra.yaml', 'params.yaml']);
    assert.deepEqual(deps['']?.data?.['params.yaml'], { data: { lr: 0.1 } });
  });

  it('show only the files asked for, with paths as seen from the folder', async () => {
    const below = await projectOnDisk(FILES, 'sub');
    const answer = await compareVerbs.metrics(below.repo, { targets: ['../m.json'] }, call);
    assert.deepEqual(Object.keys(answer['']?.data ?? {}), ['../m.json']);
    await below.close();
  });

  it('diffs: what changed, by dotted key', async () => {
    project.write({
      'm.json': '{"acc": 0.75, "nest": {"f1": 1}, "b": false, "name": "y", "new": 1}',
      'params.yaml': "l: [2, 'it is', \"it's\"]\n",
    });
    assert.deepEqual(await compareVerbs['metrics.diff'](project.repo, { targets: [] }, call), {
      'm.json': {
        acc: { old: 0.5, new: 0.75, diff: 0.25 },
        b: { old: true, new: false, diff: -1 },
        name: { old: 'x', new: 'y' },
        new: { old: null, new: 1 },
      },
    });
    assert.deepEqual(await compareVerbs['params.diff'](project.repo, { targets: ['HEAD'] }, call), {
      'params.yaml': { lr: { old: 0.1, new: null }, l: { old: "[1, 'a', None, True]", new: "[2, 'it is', \"it's\"]" } },
    });
    const all = await compareVerbs['metrics.diff'](project.repo, { targets: [], all: true, paths: ['top.json'] }, call);
    assert.deepEqual(all, { 'top.json': { t: { old: 3, new: 3, diff: 0 } } });
  });

  it('diffs of two commits leave the workspace out', async () => {
    project.write({ 'top.json': '{"t": 4}' });
    project.commit('second');
    project.write({ 'top.json': '{"t": 5}' });
    const answer = await compareVerbs['metrics.diff'](project.repo, { targets: ['HEAD~1', 'HEAD'] }, call);
    assert.deepEqual(answer, { 'top.json': { t: { old: 3, new: 4, diff: 1 } } });
    await assert.rejects(compareVerbs['metrics.diff'](project.repo, { targets: ['gone'] }, call), (error) =>
      is(error, 'git.unknownRevision'),
    );
  });

  it('-a, -T, -A: the workspace only when it differs from what is checked out', async () => {
    project.git('tag', 'v1');
    const keys = async (args: object): Promise<string[]> =>
      Object.keys(await compareVerbs.metrics(project.repo, { targets: ['m.json'], ...args }, call));
    assert.deepEqual(await keys({ allBranches: true }), ['main']);
    project.write({ 'm.json': '{"acc": 1}' });
    assert.deepEqual(await keys({ allBranches: true, allTags: true }), ['workspace', 'main', 'v1']);
    assert.deepEqual(await keys({ allCommits: true }), ['workspace', project.git('rev-parse', 'HEAD').trim()]);
    assert.deepEqual(await keys({ rev: 'v1' }), ['v1']);
  });

  it('a dvc.yaml that cannot be loaded is an error of the whole', async () => {
    project.write({ 'dvc.yaml': 'stages: [\n' });
    const answer = await compareVerbs.metrics(project.repo, { targets: [] }, call);
    assert.equal(answer['']?.error?.type, 'YAMLValidationError');
    assert.equal(answer['']?.data, undefined);
  });
});
