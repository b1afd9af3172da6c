import assert from 'node:assert/strict';
import { StrataError } from '../../../src/engine/errors';
import { collectDvcYaml, readWithLines, type DvcYaml } from '../../../src/engine/formats/dvcYaml';
import { toPlain } from '../../../src/engine/formats/values';

/** A dvc.yaml without templates. */
function parseDvcYaml(text: string, path: string): DvcYaml {
  const { data, lines } = readWithLines(text, path);
  return collectDvcYaml(data, { lines: lines(), groups: [], origins: new Map() });
}

function failure(text: string): StrataError {
  try {
    parseDvcYaml(text, 'dvc.yaml');
  } catch (error) {
    assert.ok(error instanceof StrataError, String(error));
    return error;
  }
  return assert.fail('was accepted');
}

describe('dvc.yaml', () => {
  it('reads a stage with everything', () => {
    const text = `stages:
  # the first
  train:
    desc: words
    cmd:
    - python train.py
    - echo done
    wdir: sub
    deps: [train.py, ../data]
    params:
    - lr
    - net.depth
    - other.json: [k.z]
    - lr
    - whole.yaml:
    outs:
    - model.bin: {cache: false, persist: true, desc: d, labels: [a], meta: {k: 1.0}}
    - plain
    metrics:
    - m.json: {cache: false}
    plots:
    - p.csv: {x: step, y: loss, header: false}
    - dir
    frozen: true
    always_changed: true
    meta: {author: x}
`;
    const file = parseDvcYaml(text, 'dvc.yaml');
    const [stage] = file.stages;
    assert.ok(stage);
    assert.deepEqual(
      [stage.name, stage.cmd, stage.wdir, stage.line],
      ['train', ['python train.py', 'echo done'], 'sub', 3],
    );
    assert.deepEqual(stage.params, [
      { path: 'params.yaml', keys: ['lr', 'net.depth'] },
      { path: 'other.json', keys: ['k.z'] },
      { path: 'whole.yaml', keys: [] },
    ]);
    const outs = stage.outs.map(({ path, kind, cache, persist, plot }) => [path, kind, cache, persist, plot]);
    assert.deepEqual(outs, [
      ['model.bin', 'out', false, true, undefined],
      ['plain', 'out', true, false, undefined],
      ['m.json', 'metric', false, false, undefined],
      ['p.csv', 'plot', true, false, { x: 'step', y: 'loss', header: false }],
      ['dir', 'plot', true, false, undefined],
    ]);
    assert.deepEqual([stage.frozen, stage.alwaysChanged, stage.desc], [true, true, 'words']);
    assert.deepEqual(toPlain(stage.meta ?? null), Object.assign(Object.create(null), { author: 'x' }));
  });

  it('reads the sections beside the stages', () => {
    const text = `params: [other.json]
metrics: [top.json]
plots:
- hist.csv: {x: step, y: loss}
- roc: {x: fpr, y: {a.csv: [loss, acc]}}
- plain.tsv
artifacts:
  m1: {path: a.bin, type: model, labels: [x], meta: {k: 1}, desc: d}
`;
    const file = parseDvcYaml(text, 'dvc.yaml');
    assert.deepEqual(
      [file.params, file.metrics, file.plots.map(({ id }) => id)],
      [['other.json'], ['top.json'], ['hist.csv', 'roc', 'plain.tsv']],
    );
    const [model] = file.artifacts;
    assert.deepEqual([model?.name, model?.path, model?.type, model?.labels], ['m1', 'a.bin', 'model', ['x']]);
  });

  it('takes an empty file as one without stages', () => assert.deepEqual(parseDvcYaml('', 'dvc.yaml').stages, []));

  it('knows the line of each stage in flow style too', () => {
    const file = parseDvcYaml('stages:\n  a: {cmd: x}\n\n  b: {cmd: y}\n', 'dvc.yaml');
    assert.deepEqual(
      file.stages.map(({ name, line }) => [name, line]),
      [
        ['a', 2],
        ['b', 4],
      ],
    );
  });

  // What DVC 3.67.1 says about each, after "validation failed".
  const wrong: [string, string, string][] = [
    ['foo: 1\n', 'extraKey', 'extra keys not allowed, in foo'],
    ['stages: {s: {cmd: x, foo: 1}}\n', 'extraKey', 'extra keys not allowed, in stages -> s -> foo, line 1, column 13'],
    ['stages: {s: {deps: [a]}}\n', 'missingKey', 'required key not provided, in stages -> s -> cmd, line 1, column 13'],
    ['stages: {s: {cmd: }}\n', 'expectedText', 'expected str, in stages -> s -> cmd, line 1, column 13'],
    ['stages: {s: {cmd: 1}}\n', 'expectedText', 'expected str, in stages -> s -> cmd, line 1, column 13'],
    ['stages: {s: {cmd: x, deps: a}}\n', 'expectedList', 'expected a list, in stages -> s -> deps, line 1, column 13'],
    [
      'stages: {s: {cmd: x, outs: [{a: {cache: yes}}]}}\n',
      'expectedBool',
      'expected bool, in stages -> s -> outs -> 0 -> a -> cache, line 1, column 33',
    ],
    ['stages:\n', 'expectedMap', 'expected a dictionary, in stages'],
    ['stages: [a]\n', 'expectedMap', 'expected a dictionary, in stages, line 1, column 9'],
    [
      'stages: {s: {foreach: [a], do: {cmd: x}, cmd: y}}\n',
      'extraKey',
      'extra keys not allowed, in stages -> s -> cmd, line 1, column 13',
    ],
    [
      'stages: {s: {matrix: {a: [1]}, foreach: [a], do: {cmd: x}}}\n',
      'extraKey',
      'extra keys not allowed, in stages -> s -> matrix, line 1, column 22',
    ],
    ['vars: [1]\n', 'expectedMap', 'expected dict, in vars -> 0, line 1, column 7'],
    [
      'stages: {s: {foreach: 1, do: {cmd: x}}}\n',
      'expectedMap',
      'expected dict, in stages -> s -> foreach, line 1, column 13',
    ],
    ['plots: [{}]\n', 'noMembers', "required key not provided, in plots -> 0 -> <class 'str'>, line 1, column 9"],
    [
      'stages: {s: {cmd: x, params: [{f.yaml: a}]}}\n',
      'expectedList',
      'expected a list, in stages -> s -> params -> 0 -> f.yaml, line 1, column 31',
    ],
  ];
  const near: [string, string, string][] = [
    ['stages: {s: {cmd: x, dep: [a]}}\n', 'stages -> s -> dep', 'deps'],
    ['stages: {s: {cmd: x, outs: [{a: {cahce: false}}]}}\n', 'stages -> s -> outs -> 0 -> a -> cahce', 'cache'],
    ['plots: [a: {x_lable: b}]\n', 'plots -> 0 -> a -> x_lable', 'x_label'],
    ['metric: [a]\n', 'metric', 'metrics'],
  ];
  for (const [text, place, key] of near) {
    it(`${place}: perhaps ${key}`, () => {
      const { code, data } = failure(text);
      assert.deepEqual([code, data.place, data.near], ['formats.extraKeyNear', place, key]);
    });
  }
  for (const [text, fault, words] of wrong) {
    it(words, () => {
      const error = failure(text);
      assert.deepEqual([error.code, error.data.problems], [`formats.${fault}`, [words]]);
    });
  }
});
