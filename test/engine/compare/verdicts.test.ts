/** Which method judges what, and what is said when nothing can be judged. */

import assert from 'node:assert/strict';
import { quietCall } from '../../../src/base/cancel';
import { parseCompareConfig } from '../../../src/engine/compare/compareConfig';
import { type Predictions } from '../../../src/engine/compare/predictions';
import { joinSamples } from '../../../src/engine/compare/samples';
import { type Evidence } from '../../../src/engine/compare/questions';
import { judgePair, type CompareOptions } from '../../../src/engine/compare/verdicts';
import { type PlainValue } from '../../../src/engine/verbs/pipeline';
import { type Verdict } from '../../../src/engine/verbs/runs';

type Values = Record<string, PlainValue>;
type Columns = Record<string, (number | string)[]>;

function evidence(values: Values, columns?: Columns): Evidence {
  const metrics = [{ path: 'm.json', values }];
  if (!columns) return { metrics };
  const names = Object.keys(columns);
  const role = (name: string): string | undefined => (names.includes(name) ? name : undefined);
  const [id, truth, pred, cluster] = [role('id'), role('y'), role('p'), role('cluster')];
  const predictions: Predictions = {
    path: 'predictions.csv',
    n: columns[names[0] ?? '']?.length ?? 0,
    columns: new Map(Object.entries(columns).map(([name, cells]) => [name, cells.map(String)])),
    ...(id === undefined ? {} : { id }),
    ...(truth === undefined ? {} : { truth }),
    ...(pred === undefined ? {} : { pred }),
    ...(cluster === undefined ? {} : { cluster }),
  };
  return { metrics, predictions };
}

async function judge(a: Evidence, b: Evidence, options: CompareOptions = {}, yaml = 'schema: 1\n'): Promise<Verdict[]> {
  const joined =
    a.predictions && b.predictions ? await joinSamples(a.predictions, b.predictions, quietCall()) : undefined;
  const pair = { a, b, config: parseCompareConfig(yaml), ...(joined ? { joined } : {}) };
  return judgePair(pair, options, quietCall());
}

const brief = (verdicts: readonly Verdict[]): string =>
  verdicts.map((one) => `${one.primary ? '*' : ''}${one.metric} ${one.goal} ${one.method} ${one.verdict}`).join('; ');

const ids = Array.from({ length: 200 }, (_, i) => i);
/** Right on all but the last `wrong` samples. */
const preds = (wrong: number): number[] => ids.map((i) => (i < 200 - wrong ? 1 : 0));
const truth = ids.map(() => 1);

describe('compare: verdicts', () => {
  it('right and wrong on the same samples: McNemar, named after the metric it explains', async () => {
    const [verdict, ...others] = await judge(
      evidence({ accuracy: 0.8, n: 200 }, { id: ids, y: truth, p: preds(40) }),
      evidence({ accuracy: 0.95, n: 200 }, { id: ids, y: truth, p: preds(10) }),
    );
    assert.ok(verdict);
    assert.equal(brief([verdict, ...others]), '*accuracy max mcnemar B_better');
    assert.deepEqual([verdict.a?.value, verdict.b?.value, verdict.unit], [0.8, 0.95, 'points']);
    assert.equal((verdict as unknown as { estimate: number }).estimate, 0.15);
    assert.equal(verdict.result['b'], 0);
    assert.equal(verdict.result['c'], 30);
    assert.ok(verdict.how.some((line) => line.code === 'verdict.why.rightWrong'));
  });

  it('an accuracy of something else keeps its own name and gets no verdict', async () => {
    const verdicts = await judge(
      evidence({ accuracy: 0.5 }, { id: ids, y: truth, p: preds(40) }),
      evidence({ accuracy: 0.6 }, { id: ids, y: truth, p: preds(40) }),
    );
    assert.equal(brief(verdicts), '*accuracy (samples) max mcnemar no_evidence; accuracy max none none');
  });

  it('a number per sample: the t test, or sign flips when it does not hold', async () => {
    const wave = ids.map((i) => Math.sin(i * 12.9898) * 0.1);
    const loss = (shift: number): number[] => wave.map((value, i) => 1 + value * (i % 7) * 0.2 - shift * (1 + value));
    const verdicts = await judge(evidence({}, { id: ids, loss: loss(0) }), evidence({}, { id: ids, loss: loss(0.1) }));
    assert.equal(brief(verdicts), '*loss min paired_t B_better');
    const few = { id: [1, 2, 3, 4, 5, 6], loss: [1, 2, 3, 4, 5, 6] };
    const less = { id: [1, 2, 3, 4, 5, 6], loss: [1.1, 2.2, 2.9, 4.3, 5.1, 6.4] };
    assert.equal(brief(await judge(evidence({}, few), evidence({}, less))), '*loss min sign_flip no_evidence');
  });

  it('a regression: absolute and squared errors', async () => {
    const y = ids.map((i) => i + 0.5);
    const off = (by: number): Columns => ({ id: ids, y, p: y.map((value, i) => value + by * (1 + (i % 5) / 5)) });
    const verdicts = await judge(evidence({}, off(2)), evidence({}, off(1)));
    assert.equal(brief(verdicts), '*mae min paired_t B_better; mse min paired_t B_better');
  });

  it('a proportion with the size of its test: an approximation that says so', async () => {
    const [verdict] = await judge(evidence({ accuracy: 0.8, n: 1000 }), evidence({ accuracy: 0.9, n: 1000 }));
    assert.ok(verdict);
    assert.equal(brief([verdict]), '*accuracy max two_proportions B_better');
    assert.deepEqual(verdict.result['warnings'], ['unpaired_approximation']);
  });

  it('one value a run: no verdict, whatever the difference', async () => {
    const verdicts = await judge(evidence({ accuracy: 0.1, f1: 0.2 }), evidence({ accuracy: 0.99, f1: 0.9 }));
    assert.equal(brief(verdicts), '*accuracy max none none; f1 max none none');
    assert.equal(verdicts[0]?.sentence.code, 'verdict.none');
  });

  it('says that predictions are only missing in the cache', async () => {
    const [verdict] = await judge({ ...evidence({ acc: 0.1 }), lost: 'p.csv' }, evidence({ acc: 0.2 }));
    assert.ok(verdict?.how.some((line) => line.code === 'verdict.warning.predictions_missing'));
  });

  it('says that groups of samples are not taken into account', async () => {
    const columns = (wrong: number): Columns => ({
      id: ids,
      y: truth,
      p: preds(wrong),
      cluster: ids.map((i) => i % 9),
    });
    const [verdict] = await judge(evidence({}, columns(30)), evidence({}, columns(10)));
    assert.deepEqual(verdict?.result['warnings'], ['clustered']);
  });

  it('samples that do not fit together are judged invalid, not ignored', async () => {
    const twice = { id: [1, 1], y: [1, 1], p: [1, 1] };
    const [verdict] = await judge(evidence({ accuracy: 1 }, twice), evidence({ accuracy: 1 }, twice));
    assert.equal(verdict?.verdict, 'invalid');
    assert.equal(verdict?.sentence.code, 'verdict.invalid.duplicate_ids');
  });

  it('counts, texts and values that are not finite are no metrics', async () => {
    const values = { n: 5, step: 3, name: 'x', ok: true, bad: NaN, good: 1 };
    assert.equal(brief(await judge(evidence(values), evidence(values))), '*good max none none');
  });

  describe('declared', () => {
    const yaml =
      'schema: 1\nmetrics:\n  f1: {primary: true, margin: 0.5}\n  latency: {goal: max, column: ms}\n  accuracy: {margin: 0.5}\n';

    it('the primary metric comes first, goals and columns are taken', async () => {
      const columns = (by: number): Columns => ({ id: ids, ms: ids.map((i) => 10 + (i % 7) + by + (i % 3) * by) });
      const verdicts = await judge(
        evidence({ f1: 0.1, accuracy: 0.2 }, columns(0)),
        evidence({ f1: 0.2, accuracy: 0.3 }, columns(1)),
        {},
        yaml,
      );
      assert.equal(brief(verdicts), '*f1 max none none; latency max paired_t B_better; accuracy max none none');
    });

    it('the margin makes equivalence possible', async () => {
      const same = (): Evidence => evidence({}, { id: ids, y: truth, p: preds(20) });
      const [verdict] = await judge(same(), same(), {}, yaml);
      assert.equal(verdict?.verdict, 'equivalent');
      assert.equal(verdict?.margin, 0.5);
    });
  });

  it('one metric alone, by name or by file, with a margin for it', async () => {
    const [a, b] = [evidence({ f1: 0.1, accuracy: 0.2, n: 50 }), evidence({ f1: 0.2, accuracy: 0.3, n: 50 })];
    assert.equal(
      brief(await judge(a, b, { metric: 'm.json:accuracy', margin: 0.05 })),
      '*accuracy max two_proportions not_enough_data',
    );
    assert.equal(brief(await judge(a, b, { metric: 'gone' })), '');
  });

  it('gives the same result for the same seed', async () => {
    const columns = (by: number): Columns => ({ id: ids, loss: ids.map((i) => (i % 50 === 0 ? 40 * by : 1)) });
    const run = async (seed: number): Promise<unknown> =>
      (await judge(evidence({}, columns(1)), evidence({}, columns(2)), { seed }))[0]?.result;
    assert.deepEqual(await run(3), await run(3));
  });
});
