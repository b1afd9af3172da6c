/** What the reading verbs answer, and `commit` for stages: one project for each row, the answer as plain data. */

import assert from 'node:assert/strict';
import { quietCall } from '../../../src/base/cancel';
import { is } from '../../../src/engine/errors';
import { commit, dag, repro, stages, status } from '../../../src/engine/pipeline/pipeline';
import { type Repo } from '../../../src/engine/data/repo';
import { makeProject, supervisor, type TestProject } from '../../support/pipelineProject';

const FILES = {
  'raw.dvc':
    'outs:\n- md5: 4b43b0aee35624cd95b910189b3dc231\n  size: 1\n  hash: md5\n  path: raw\n  desc: what came in\n',
  raw: 'r',
  'params.yaml': 'lr: 1.0\nbig: 123456789012345678901\nnet: {depth: 3, w: [1, null]}\n',
  'dvc.yaml': `stages:
  prep:
    cmd: mkdir d; cp raw d/x
    deps: [raw]
    params: [lr, big, gone]
    outs: [d: {desc: clean, push: false}]
  train:
    cmd: [cp d/x m, echo 1 > m.json]
    desc: the long one
    deps: [d/x]
    params: [other.yaml: ]
    outs: [m]
    metrics: [m.json: {cache: false}]
    plots: [p.csv: {x: step, persist: true}]
    meta: {owner: me}
`,
  'p.csv': 'step,y\n1,2\n',
  'sub/dvc.yaml':
    'stages:\n  s: {cmd: cp ../../m o, wdir: w, deps: [../../m], outs: [o], frozen: true, always_changed: true}\n',
  'sub/w/o': 'x',
};

type Act = (repo: Repo) => Promise<unknown>;
const asStages: Act = async (repo) => (await stages(repo, { targets: [] }, quietCall())).stages;

const rows: [string, { files?: Record<string, string>; cwd?: string; act: Act }, unknown][] = [
  [
    'stages before any run',
    { act: asStages },
    [
      {
        name: 'raw.dvc',
        file: 'raw.dvc',
        cmd: null,
        wdir: '.',
        deps: [],
        params: [],
        outs: [{ path: 'raw', kind: 'out', desc: 'what came in', hash: '4b43b0aee35624cd95b910189b3dc231', size: 1 }],
      },
      {
        name: 'prep',
        file: 'dvc.yaml',
        cmd: 'mkdir d; cp raw d/x',
        wdir: '.',
        deps: [{ path: 'raw' }],
        params: [{ path: 'params.yaml', keys: ['lr', 'big', 'gone'], values: { lr: 1, big: 123456789012345678901n } }],
        outs: [{ path: 'd', kind: 'out', push: false, desc: 'clean' }],
      },
      {
        name: 'train',
        file: 'dvc.yaml',
        cmd: ['cp d/x m', 'echo 1 > m.json'],
        wdir: '.',
        desc: 'the long one',
        meta: { owner: 'me' },
        deps: [{ path: 'd/x' }],
        params: [{ path: 'other.yaml', keys: [], values: {} }],
        outs: [
          { path: 'm', kind: 'out' },
          { path: 'm.json', kind: 'metric', cache: false },
          { path: 'p.csv', kind: 'plot', persist: true, plot: { x: 'step' } },
        ],
      },
      {
        name: 'sub/dvc.yaml:s',
        file: 'sub/dvc.yaml',
        cmd: 'cp ../../m o',
        wdir: 'sub/w',
        frozen: true,
        always_changed: true,
        deps: [{ path: 'm' }],
        params: [],
        outs: [{ path: 'sub/w/o', kind: 'out' }],
      },
    ],
  ],
  [
    'stages of one file, from a folder inside',
    {
      cwd: 'sub',
      act: async (repo) =>
        (await stages(repo, { targets: ['dvc.yaml'] }, quietCall())).stages.map((s) => [
          s.name,
          s.file,
          s.wdir,
          s.deps,
          s.outs,
        ]),
    },
    [['s', 'dvc.yaml', 'w', [{ path: '../m' }], [{ path: 'w/o', kind: 'out' }]]],
  ],
  [
    'files that cannot be loaded',
    {
      files: { 'dvc.yaml': 'stages:\n  s: {cmd: x, foo: 1}\n', 'x.dvc': '[' },
      act: async (repo) => {
        const answer = await stages(repo, { targets: [] }, quietCall());
        return [answer.stages.map((s) => s.name), answer.errors.map(({ path, line, code }) => [path, line, code])];
      },
    },
    [
      ['raw.dvc', 'sub/dvc.yaml:s'],
      [
        ['dvc.yaml', 2, 'formats.extraKey'],
        ['x.dvc', 1, 'formats.yaml'],
      ],
    ],
  ],
  [
    'dag',
    { act: (repo) => dag(repo, { targets: [] }, quietCall()) },
    {
      nodes: ['raw.dvc', 'prep', 'train', 'sub/dvc.yaml:s'],
      edges: [
        ['raw.dvc', 'prep'],
        ['prep', 'train'],
        ['train', 'sub/dvc.yaml:s'],
      ],
    },
  ],
  [
    'dag of a target',
    { act: (repo) => dag(repo, { targets: ['prep'] }, quietCall()) },
    { nodes: ['raw.dvc', 'prep'], edges: [['raw.dvc', 'prep']] },
  ],
  [
    'dag of outputs',
    { act: (repo) => dag(repo, { targets: ['train'], outs: true }, quietCall()) },
    {
      nodes: ['raw', 'd', 'm', 'm.json', 'p.csv'],
      edges: [
        ['raw', 'd'],
        ['d', 'm'],
        ['d', 'm.json'],
        ['d', 'p.csv'],
      ],
    },
  ],
  [
    'dag of a whole pipeline',
    { act: async (repo) => (await dag(repo, { targets: ['raw.dvc'], full: true }, quietCall())).nodes },
    ['raw.dvc', 'prep', 'train', 'sub/dvc.yaml:s'],
  ],
  [
    'dag with a group as one node',
    {
      files: {
        'dvc.yaml':
          'stages:\n  g:\n    foreach: [1, 2]\n    do: {cmd: x, deps: [raw], outs: ["o${item}"]}\n  b: {cmd: x, deps: [o1, o2]}\n',
      },
      act: (repo) => dag(repo, { targets: [], collapseForeachMatrix: true }, quietCall()),
    },
    {
      nodes: ['raw.dvc', 'g', 'b', 'sub/dvc.yaml:s'],
      edges: [
        ['raw.dvc', 'g'],
        ['g', 'b'],
      ],
    },
  ],
  [
    'status before any run',
    { act: (repo) => status(repo, { targets: [] }, quietCall()) },
    {
      'raw.dvc': [{ 'changed outs': { raw: 'not in cache' } }],
      prep: [{ 'changed deps': { raw: 'modified', 'params.yaml': 'new' } }, { 'changed outs': { d: 'deleted' } }],
      train: [
        { 'changed deps': { 'd/x': 'deleted', 'other.yaml': 'deleted' } },
        { 'changed outs': { m: 'deleted', 'm.json': 'deleted', 'p.csv': 'modified' } },
      ],
      'sub/dvc.yaml:s': [{ 'changed outs': { 'sub/w/o': 'modified' } }, 'always changed'],
    },
  ],
  [
    'status of targets: an output, a stage with all before it, a folder',
    {
      act: async (repo) => [
        await status(repo, { targets: ['m.json'] }, quietCall()),
        Object.keys(await status(repo, { targets: ['prep'], withDeps: true }, quietCall())),
        Object.keys(await status(repo, { targets: ['sub'], recursive: true }, quietCall())),
      ],
    },
    [
      {
        train: [
          { 'changed deps': { 'd/x': 'deleted', 'other.yaml': 'deleted' } },
          { 'changed outs': { 'm.json': 'deleted' } },
        ],
      },
      ['raw.dvc', 'prep'],
      ['sub/dvc.yaml:s'],
    ],
  ],
  [
    'status from a folder inside',
    {
      cwd: 'sub/w',
      act: async (repo) => (await status(repo, { targets: ['../dvc.yaml'] }, quietCall()))['../dvc.yaml:s'],
    },
    [{ 'changed outs': { o: 'modified' } }, 'always changed'],
  ],
];

describe('pipeline: answers', () => {
  for (const [title, { files, cwd, act }, expected] of rows) {
    it(title, async () => {
      const project = await makeProject({ ...FILES, ...files });
      try {
        assert.deepEqual(await act(project.at(cwd ?? '.')), expected);
      } finally {
        await project.dispose();
      }
    });
  }
});

describe('pipeline: commit', function () {
  this.timeout(20_000);
  let project: TestProject;
  beforeEach(async () => {
    project = await makeProject({ 'dvc.yaml': 'stages:\n  s: {cmd: cp i o, deps: [i], outs: [o]}\n', i: '1' });
  });
  afterEach(() => project.dispose());
  const states = (): Promise<unknown> => status(project.repo, { targets: [] }, quietCall());

  it('stores what a run without commit only hashed', async () => {
    await repro(project.repo, { targets: [], noCommit: true }, quietCall(), { supervisor: supervisor() });
    assert.deepEqual(await states(), { s: [{ 'changed outs': { o: 'not in cache' } }] });
    const answer = await commit(project.repo, { targets: [] }, quietCall());
    assert.deepEqual(answer, { committed: [{ name: 's', changed: false }], files: [] });
    assert.deepEqual(await states(), {});
  });

  it('asks before it records what has changed, unless forced', async () => {
    await repro(project.repo, { targets: [] }, quietCall(), { supervisor: supervisor() });
    project.write({ o: 'by hand' });
    await assert.rejects(commit(project.repo, { targets: ['s'] }, quietCall()), (error) =>
      is(error, 'data.commitChanged'),
    );
    const asking = { ...quietCall(), ask: () => Promise.resolve('yes') };
    assert.deepEqual((await commit(project.repo, { targets: ['s'] }, asking)).committed, [
      { name: 's', changed: true },
    ]);
    assert.deepEqual(await states(), {});
    project.write({ i: '2' });
    const forced = await commit(project.repo, { targets: [], force: true }, quietCall());
    assert.deepEqual(forced, { committed: [{ name: 's', changed: true }], files: ['dvc.lock'] });
    assert.deepEqual(await states(), {});
  });
});
