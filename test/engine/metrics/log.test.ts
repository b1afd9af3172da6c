/** `log`: files as DVCLive writes them, a log that goes on, and what is refused before anything is written. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { is } from '../../../src/engine/errors';
import { nodeHost } from '../../../src/engine/host/node';
import { log } from '../../../src/engine/metrics/log';
import { type LogArgs } from '../../../src/engine/verbs/log';

const METRICS_YAML = 'metrics:\n- dvclive/metrics.json\nplots:\n- dvclive/plots/metrics:\n    x: step\n';

interface Row {
  readonly before?: Readonly<Record<string, string>>;
  readonly calls: readonly Partial<LogArgs>[];
  /** Files afterwards, or the code of the refusal of the last call. */
  readonly gives: Readonly<Record<string, string>> | string;
}

const rows: Readonly<Record<string, Row>> = {
  'two steps, groups, numbers as Python writes them': {
    calls: [
      { targets: ['train/loss=1.0', 'acc=1', 'big=123456789012345678901'] },
      { targets: ['train/loss=1e-5', 'acc=2'] },
    ],
    gives: {
      'dvc.yaml': METRICS_YAML,
      'dvclive/metrics.json':
        '{\n    "train": {\n        "loss": 1e-05\n    },\n    "acc": 2,\n    "big": 123456789012345678901,\n    "step": 1\n}\n',
      'dvclive/plots/metrics/train/loss.tsv': 'step\tloss\n0\t1.0\n1\t1e-05\n',
      'dvclive/plots/metrics/acc.tsv': 'step\tacc\n0\t1\n1\t2\n',
      'dvclive/plots/metrics/big.tsv': 'step\tbig\n0\t123456789012345678901\n',
    },
  },
  'what is no number, text with marks of its own': {
    calls: [{ targets: ['a=NaN', 'b=-inf', 'c=true', 'd=é "x"', 'e=1e999'] }],
    gives: {
      'dvc.yaml': METRICS_YAML,
      'dvclive/metrics.json':
        '{\n    "a": "nan",\n    "b": "-inf",\n    "c": true,\n    "d": "\\u00e9 \\"x\\"",\n    "e": "inf",\n    "step": 0\n}\n',
      'dvclive/plots/metrics/a.tsv': 'step\ta\n0\tnan\n',
      'dvclive/plots/metrics/b.tsv': 'step\tb\n0\t-inf\n',
      'dvclive/plots/metrics/c.tsv': 'step\tc\n0\tTrue\n',
      'dvclive/plots/metrics/d.tsv': 'step\td\n0\t"é ""x"""\n',
      'dvclive/plots/metrics/e.tsv': 'step\te\n0\tinf\n',
    },
  },
  'params are merged, and no step is made': {
    calls: [{ param: ['lr=1e-3', 'net={a: [1, 2], b: x}'] }, { param: ['lr=0.5', 'on=true'] }],
    gives: {
      'dvc.yaml': 'params:\n- dvclive/params.yaml\n',
      'dvclive/params.yaml': 'lr: 0.5\nnet:\n  a:\n  - 1\n  - 2\n  b: x\non: true\n',
    },
  },
  'a summary keeps the step; a metric may go without a curve': {
    calls: [{ targets: ['x=1', 'y=2'], noPlot: ['y'], step: 7 }, { summary: ['best=0.9'] }],
    gives: {
      'dvc.yaml': METRICS_YAML,
      'dvclive/metrics.json': '{\n    "x": 1,\n    "y": 2,\n    "step": 7,\n    "best": 0.9\n}\n',
      'dvclive/plots/metrics/x.tsv': 'step\tx\n7\t1\n',
    },
  },
  'what dvc.yaml says stays, what it lacks comes in': {
    before: { 'dvc.yaml': '# ours\nstages:\n  s: {cmd: x}\nmetrics:\n- other.json # mine\n' },
    calls: [{ targets: ['x=1'], dir: 'out/live' }],
    gives: {
      'dvc.yaml':
        '# ours\nstages:\n  s: {cmd: x}\nmetrics:\n- other.json\n- out/live/metrics.json\nplots:\n- out/live/plots/metrics:\n    x: step\n',
      'out/live/metrics.json': '{\n    "x": 1,\n    "step": 0\n}\n',
      'out/live/plots/metrics/x.tsv': 'step\tx\n0\t1\n',
    },
  },
  'no dvc.yaml where none is wanted': {
    calls: [{ targets: ['x=1'], noDvcyaml: true }],
    gives: {
      'dvclive/metrics.json': '{\n    "x": 1,\n    "step": 0\n}\n',
      'dvclive/plots/metrics/x.tsv': 'step\tx\n0\t1\n',
    },
  },
  'a dvc.yaml of another folder': {
    calls: [{ targets: ['x=1'], dvcyaml: 'sub/dvc.yaml', noPlot: ['x'] }],
    gives: {
      'sub/dvc.yaml': 'metrics:\n- ../dvclive/metrics.json\n',
      'dvclive/metrics.json': '{\n    "x": 1,\n    "step": 0\n}\n',
    },
  },
  'nothing at all': { calls: [{}], gives: 'log.nothing' },
  'a word without a value': { calls: [{ targets: ['x'] }], gives: 'log.noValue' },
  'a name that leads out of the log': { calls: [{ targets: ['../x=1'] }], gives: 'log.badName' },
  'a group with the name of a metric': { calls: [{ targets: ['a=1', 'a/b=2'] }], gives: 'log.group' },
  'a metric with the name of a group': { calls: [{ targets: ['a/b=2', 'a=1'] }], gives: 'log.group' },
  'half a step': { calls: [{ targets: ['a=1'], step: 0.5 }], gives: 'log.badStep' },
  'another name for dvc.yaml': { calls: [{ targets: ['a=1'], dvcyaml: 'x.yaml' }], gives: 'log.dvcyaml' },
  'a damaged metrics.json': {
    before: { 'dvclive/metrics.json': '{"x": ' },
    calls: [{ targets: ['a=1'] }],
    gives: 'formats.json',
  },
};

function filesIn(dir: string): Record<string, string> {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(dir.length + 1), readFileSync(path, 'utf8')]));
}

describe('log', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'strata-log-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  for (const [name, { before = {}, calls, gives }] of Object.entries(rows)) {
    it(name, async () => {
      for (const [path, text] of Object.entries(before)) {
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(join(dir, path), text);
      }
      const place = { dir, host: nodeHost() };
      const act = async (): Promise<void> => {
        for (const args of calls) await log(place, { targets: [], ...args });
      };
      if (typeof gives === 'string') await assert.rejects(act(), (error) => is(error, gives));
      else await act();
      assert.deepEqual(filesIn(dir), typeof gives === 'string' ? before : gives);
    });
  }

  it('says what it wrote, and when each value came', async () => {
    const host = { ...nodeHost(), now: () => 1_700_000_000_123 };
    const answer = await log({ dir, host }, { targets: ['x=1.5'], timestamp: true, step: 3 });
    assert.deepEqual(JSON.parse(JSON.stringify(answer)), {
      dir: 'dvclive',
      step: 3,
      metrics: { x: 1.5, step: 3 },
      files: ['dvclive/plots/metrics/x.tsv', 'dvclive/metrics.json', 'dvc.yaml'],
    });
    assert.equal(
      readFileSync(join(dir, 'dvclive/plots/metrics/x.tsv'), 'utf8'),
      'timestamp\tstep\tx\n1700000000123\t3\t1.5\n',
    );
    assert.ok(existsSync(join(dir, 'dvc.yaml')));
  });
});
