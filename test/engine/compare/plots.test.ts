/** Plots: fields, labels and points by revision, where ours is kinder than DVC, pictures, what untrusted workspaces get; templates. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { quietCall } from '../../../src/base/cancel';
import { plotVerbs } from '../../../src/engine/compare/plots/plots';
import { TEMPLATES } from '../../../src/engine/compare/plots/templates';
import { is } from '../../../src/engine/errors';
import { type PlotsAnswer, type PlotsArgs } from '../../../src/engine/verbs/plots';
import { makeProject, type TestProject } from '../../support/pipelineProject';

const CSV = 'step,loss,acc\n0,1.5,0.1\n1,1.0,0.2\n';

interface Row {
  readonly files: Readonly<Record<string, string>>;
  readonly args?: Partial<PlotsArgs>;
  /** By plot: properties and points of the workspace, the address of a picture, or nothing. */
  readonly plots: Readonly<Record<string, readonly unknown[]>>;
  readonly errors?: readonly (readonly [name: string | undefined, type: string])[];
}

const rows: Readonly<Record<string, Row>> = {
  'one field, labels from it': {
    files: { 'dvc.yaml': 'plots: [h.csv: {x: step, y: loss}]\n', 'h.csv': CSV },
    plots: {
      'h.csv': [
        { template: 'linear', title: 'h.csv', x: 'step', y: 'loss', x_label: 'step', y_label: 'loss' },
        [
          { step: '0', loss: '1.5', acc: '0.1', rev: 'workspace' },
          { step: '1', loss: '1.0', acc: '0.2', rev: 'workspace' },
        ],
      ],
    },
  },
  'several fields become points of their own': {
    files: {
      'dvc.yaml': 'plots: [all: {y: {h.csv: [loss, acc]}, y_label: both, title: A, template: scatter}]\n',
      'h.csv': 'loss,acc\n3,4\n',
    },
    plots: {
      all: [
        {
          ...{ template: 'scatter', title: 'A', x: 'step', y: 'dvc_inferred_y_value' },
          ...{ x_label: 'step', y_label: 'both' },
        },
        [
          { loss: '3', acc: '4', step: 0, dvc_inferred_y_value: '3', field: 'loss', rev: 'workspace' },
          { loss: '3', acc: '4', step: 0, dvc_inferred_y_value: '4', field: 'acc', rev: 'workspace' },
        ],
      ],
    },
  },
  'a template that nobody has is told, others are drawn': {
    files: {
      'dvc.yaml': 'plots: [a.csv: {template: zzz}, b.csv: {template: bad}]\n',
      'a.csv': CSV,
      'b.csv': CSV,
      '.dvc/plots/bad.json': '[]',
    },
    plots: { 'a.csv': [], 'b.csv': [] },
    errors: [
      ['a.csv', 'TemplateNotFoundError'],
      ['b.csv', 'BadTemplateError'],
    ],
  },
  'the same field twice': {
    files: { 'dvc.yaml': 'plots: [h.csv: {y: [v, v]}]\n', 'h.csv': 'v\n1\n' },
    plots: {
      'h.csv': [
        { template: 'linear', title: 'h.csv', x: 'step', y: 'v', x_label: 'step', y_label: 'v' },
        [
          { v: '1', step: 0, rev: 'workspace' },
          { v: '1', step: 0, rev: 'workspace' },
        ],
      ],
    },
  },
  'a table with tabs and no head': {
    files: { 'h.tsv': '1\t2\n' },
    args: { targets: ['h.tsv'], noHeader: true },
    plots: {
      'h.tsv': [
        { template: 'linear', title: 'h.tsv', x: 'step', y: '1', x_label: 'step', y_label: '1' },
        [{ 0: '1', 1: '2', step: 0, rev: 'workspace' }],
      ],
    },
  },
  'a field with marks of its own': {
    files: {
      'dvc.yaml': 'plots: [h.json: {x: "a.b", y: "c[0]"}]\n',
      'h.json': '[{"a.b": 1, "c[0]": 2, "__proto__": 3}]',
    },
    plots: {
      'h.json': [
        { template: 'linear', title: 'h.json', x: 'a.b', y: 'c[0]', x_label: 'a.b', y_label: 'c[0]' },
        [JSON.parse('{"a.b": 1, "c[0]": 2, "__proto__": 3, "rev": "workspace"}')],
      ],
    },
  },
  'an ending that nobody reads': {
    files: { 'dvc.yaml': 'plots: [d]\n', 'd/x.txt': 'x' },
    plots: { 'd/x.txt': [] },
    errors: [['d/x.txt', 'PlotMetricTypeError']],
  },
  'pictures by their path': {
    files: { 'dvc.yaml': 'plots: [i]\n', 'i/a.png': 'x', 'i/b.svg': '<svg/>' },
    plots: { 'i/a.png': ['i/a.png'], 'i/b.svg': ['i/b.svg'] },
  },
  'copies of pictures': {
    files: { 'dvc.yaml': 'plots: [i]\n', 'i/a.png': 'x' },
    args: { out: 'copies' },
    plots: { 'i/a.png': ['copies/workspace_i_a.png'] },
  },
};

async function withProject(
  files: Readonly<Record<string, string>>,
  act: (project: TestProject) => Promise<void>,
): Promise<void> {
  const project = await makeProject(files, true);
  try {
    await act(project);
  } finally {
    await project.dispose();
  }
}

function told(answer: PlotsAnswer): unknown {
  return Object.fromEntries(
    Object.entries(answer.data).map(([id, items]) => [
      id,
      items.flatMap((item): unknown[] =>
        item.type === 'image' ? [item.url] : [item.properties, ...item.revisions.map((rev) => item.datapoints[rev])],
      ),
    ]),
  );
}

function git(project: TestProject, ...args: string[]): void {
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
  execFileSync('git', [...who, ...args], { cwd: project.root });
}

describe('plots show', () => {
  for (const [name, { files, args, plots, errors = [] }] of Object.entries(rows)) {
    it(name, () =>
      withProject(files, async ({ repo }) => {
        const answer = await plotVerbs.plots(repo, { targets: [], ...args }, quietCall());
        assert.deepEqual(told(answer), plots);
        assert.deepEqual(
          (answer.errors ?? []).map((error) => [error.name, error.type]),
          errors,
        );
      }),
    );
  }
});

describe('plots diff', () => {
  const files = { 'dvc.yaml': 'plots: [h.csv: {x: step}, i]\n', 'h.csv': 'step,v\n1,2\n', 'i/a.png': 'old' };

  it('gives the points and the picture of each revision; an old picture is written where ours is kept', () =>
    withProject(files, async (project) => {
      git(project, 'add', '-A');
      git(project, 'commit', '-q', '-m', 'x');
      project.write({ 'h.csv': 'step,v\n1,3\n', 'i/a.png': 'new' });
      const answer = await plotVerbs['plots.diff'](project.repo, { targets: [] }, quietCall());
      const point = { step: '1', rev: 'workspace' };
      const [properties] = (told(answer) as Record<string, unknown[]>)['h.csv'] ?? [];
      const url = '.dvc/tmp/strata/plots/149603e6c03516362a8da23f624db945/a.png';
      assert.deepEqual(told(answer), {
        'h.csv': [properties, [{ ...point, v: '3' }], [{ ...point, v: '2', rev: 'HEAD' }]],
        'i/a.png': ['i/a.png', url],
      });
      assert.equal(project.read(url), 'old');
    }));

  it('fails for a revision that there is not, and is empty before the first commit', () =>
    withProject(files, async (project) => {
      assert.deepEqual(await plotVerbs['plots.diff'](project.repo, { targets: [] }, quietCall()), { data: {} });
      git(project, 'add', '-A');
      git(project, 'commit', '-q', '-m', 'x');
      await assert.rejects(plotVerbs['plots.diff'](project.repo, { targets: ['nope'] }, quietCall()), (error) =>
        is(error, 'git.unknownRevision'),
      );
    }));
});

describe('templates of plots', () => {
  for (const name of Object.keys(TEMPLATES)) {
    it(`${name}: every place is filled, with one y and with two`, () =>
      withProject({ 'h.csv': CSV, 'k.csv': CSV }, async (project) => {
        project.write({
          'dvc.yaml': `plots: [one: {x: step, y: {h.csv: loss}, template: ${name}}, two: {x: step, y: {h.csv: loss, k.csv: acc}, template: ${name}}]\n`,
        });
        const answer = await plotVerbs.plots(project.repo, { targets: [] }, quietCall());
        assert.equal(answer.errors, undefined);
        for (const items of Object.values(answer.data)) {
          const [item] = items;
          assert.ok(item?.type === 'vega');
          assert.ok(!JSON.stringify(item.content).includes('<DVC_METRIC_'), JSON.stringify(item.content));
        }
      }));
  }

  it('one by its name, all names, none of that name', () =>
    withProject({}, async ({ repo }) => {
      const ask = (...targets: string[]) => plotVerbs['plots.templates'](repo, { targets });
      assert.deepEqual(await ask(), { names: Object.keys(TEMPLATES) });
      assert.deepEqual((await ask('simple')).template, TEMPLATES['simple']);
      await assert.rejects(ask('zzz'), (error) => is(error, 'plots.noTemplate'));
    }));
});
