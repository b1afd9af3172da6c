/** Pipelines: what the one ran is up to date for the other, byte for byte, and results kept in the run cache serve both. */

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { TwoTools } from './twoTools';

const DVC_YAML = `stages:
  prepare:
    cmd: echo prepare >> ../ran.log && mkdir -p prepared && sort raw.txt > prepared/sorted.txt && wc -l < raw.txt > prepared/count
    deps:
    - raw.txt
    outs:
    - prepared
  train:
    cmd:
    - cat prepared/sorted.txt params.yaml > model.bin
    - printf '#!/bin/sh\\necho model\\n' > serve.sh
    - chmod +x serve.sh
    deps:
    - prepared
    params:
    - lr
    - net.layers
    - other.json:
      - seed
    outs:
    - serve.sh
    - model.bin
  evaluate:
    cmd: printf '{"acc":0.5,"nested":{"f1":1}}' > scores.json && printf 'x,y\\n1,2\\n' > curve.csv
    deps:
    - model.bin
    metrics:
    - scores.json:
        cache: false
    plots:
    - curve.csv:
        x: x
        y: y
  report:
    cmd: cat ../scores.json > report.txt
    wdir: out
    deps:
    - ../scores.json
    outs:
    - report.txt:
        cache: false
`;
const FILES = {
  'raw.txt': 'b\na\nc\n',
  'params.yaml': 'lr: 1e-5\nnet:\n  layers: [1, 2.0, true]\n',
  'other.json': '{"seed": 7, "unused": null}\n',
  'out/.gitkeep': '',
  'dvc.yaml': DVC_YAML,
};
const other = { dvc: 'strata', strata: 'dvc' } as const;

for (const runner of ['strata', 'dvc'] as const) {
  const reader = other[runner];
  describe(`agreement: a pipeline that ${runner} runs, for ${reader}`, function () {
    this.timeout(180_000);
    let two: TwoTools;
    const results = ['prepared', 'model.bin', 'serve.sh', 'scores.json', 'curve.csv', 'out/report.txt'];
    before(async () => {
      two = await TwoTools.make(runner);
      two.write(FILES);
      two.run(runner, 'add', 'raw.txt');
      two.run(runner, 'repro');
      two.commit('run');
    });
    after(() => two.dispose());

    it('is up to date, and running it again changes nothing', () => {
      assert.deepEqual(two.agree('status'), {});
      const cache = two.list('.dvc/cache');
      two.run(reader, 'repro');
      two.run(reader, 'repro', '-f');
      assert.equal(two.run('git', 'status', '--porcelain'), '');
      assert.deepEqual(two.list('.dvc/cache'), cache);
    });

    it('is restored from the run cache', () => {
      const before = two.read('../ran.log');
      two.remove('dvc.lock', ...results);
      two.run(reader, 'repro');
      assert.equal(two.read('../ran.log'), before, 'nothing ran');
      assert.equal(two.run('git', 'status', '--porcelain', '--', 'dvc.lock', '.gitignore', 'out'), '');
      assert.equal(two.read('prepared/sorted.txt'), 'a\nb\nc\n');
      assert.deepEqual(two.json(runner, 'status'), {});
    });

    it('with other values, both say what is stale, and either may go on', () => {
      two.write({ 'params.yaml': 'lr: 2e-5\nnet:\n  layers: [1, 2.0, true]\n' });
      assert.deepEqual(two.agree('status'), {
        train: [{ 'changed deps': { 'params.yaml': { lr: 'modified' } } }],
      });
      two.agree('params', 'diff');
      two.run(reader, 'repro', 'train');
      two.run(runner, 'repro');
      assert.deepEqual(two.agree('status'), {});
      assert.deepEqual(two.agree('metrics', 'show'), {
        '': { data: { 'scores.json': { data: { acc: 0.5, nested: { f1: 1 } } } } },
      });
    });

    it('goes through the remote with its run cache', () => {
      two.run(reader, 'remote', 'add', '-d', 'store', '../store');
      two.run(runner, 'push', '--run-cache');
      two.remove('.dvc/cache', ...results);
      two.run(reader, 'pull', '--run-cache');
      two.agree('data', 'status');
      assert.equal(two.read('model.bin'), 'a\nb\nc\nlr: 2e-5\nnet:\n  layers: [1, 2.0, true]\n');
      assert.equal(statSync(two.at('serve.sh')).mode & 0o100, 0o100);
      const ran = two.read('../ran.log');
      two.run(reader, 'repro');
      assert.equal(two.read('../ran.log'), ran, 'nothing ran');
    });
  });
}
