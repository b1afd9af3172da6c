/** Versions, stages, gate, promotion and the way back on the real sample project. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietCall } from '../../../src/base/cancel';
import { openRepo } from '../../../src/engine/data/data';
import { type Repo } from '../../../src/engine/data/repo';
import { is } from '../../../src/engine/errors';
import { nodeHost } from '../../../src/engine/host/node';
import { registryVerbs } from '../../../src/engine/registry/registry';
import { makeSample } from '../../../src/engine/sample/sample';

const MEDIA = join(__dirname, '../../../media');
const call = quietCall();
const RULES = 'schema: 1\nmodels:\n  digits:\n    against: prod\n    rules:\n';

describe('registry: the sample project', function () {
  this.timeout(30_000);
  let root = '';
  let repo: Repo;
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const shown = async (): Promise<unknown> => registryVerbs['registry.show'](repo, { targets: [] });
  const fails = (act: Promise<unknown>, code: string): Promise<void> => assert.rejects(act, (error) => is(error, code));
  const gates = (rules: string): void => writeFileSync(join(root, 'gates.yaml'), RULES + rules);

  before(async () => {
    root = join(mkdtempSync(join(tmpdir(), 'strata registry ')), 'sample');
    await makeSample({ dir: root, host: nodeHost(), media: MEDIA }, { targets: [root] }, call);
    repo = await openRepo({ root, cwd: '.', host: nodeHost(), trusted: true, command: 'strata' });
  });
  after(async () => {
    repo.git?.close();
    await repo.store.close();
    rmSync(join(root, '..'), { recursive: true, force: true });
  });

  it('judges the workspace against prod', async () => {
    const gate = await registryVerbs.gate(repo, { targets: [] }, call);
    assert.deepEqual(
      gate.rules.map((one) => [one.rule, one.result]),
      [
        ['min eval/metrics.json:accuracy', 'pass'],
        ['max eval/metrics.json:log_loss', 'pass'],
        ['not_worse_than eval/metrics.json:accuracy', 'pass'],
      ],
    );
    assert.deepEqual(
      [gate.model, gate.against, gate.pass, gate.verdict?.verdict],
      ['digits', 'prod', true, 'B_better'],
    );
  });

  const rules: [string, string, string][] = [
    ['below a floor', '      - {metric: accuracy, min: 0.99}\n', 'fail gate.rule.min.fail'],
    ['above a ceiling', '      - {metric: log_loss, max: 0.01}\n', 'fail gate.rule.max.fail'],
    ['a metric that is not there', '      - {metric: f7, min: 0}\n', 'unknown gate.rule.noMetric'],
    [
      'a relative margin',
      '      - {metric: accuracy, not_worse_than: {by: 0.01, mode: relative}}\n',
      'pass gate.rule.notWorse.points.pass',
    ],
    ['a later kind', '      - {metric: accuracy, better: true}\n', 'unknown gate.rule.notJudged'],
  ];
  for (const [what, text, expected] of rules)
    it(`gate: ${what}`, async () => {
      gates(text);
      const gate = await registryVerbs.gate(repo, { targets: ['digits'] }, call);
      assert.deepEqual(
        gate.rules.map((one) => `${one.result} ${one.evidence.code}`),
        [expected],
      );
      assert.equal(gate.pass, expected.startsWith('pass'));
    });

  it('gate: worse than the other one, when the runs change places', async () => {
    gates('      - {metric: accuracy, not_worse_than: {by: 0.01}}\n');
    const gate = await registryVerbs.gate(repo, { targets: ['digits'], run: 'digits#prod', against: 'HEAD' }, call);
    assert.equal(gate.rules[0]?.result, 'fail');
    assert.ok((gate.rules[0]?.value ?? 0) < -0.01);
  });

  it('gate: nothing in the stage yet', async () => {
    const gate = await registryVerbs.gate(repo, { targets: ['digits'], against: 'staging' }, call);
    assert.deepEqual([gate.rules[0]?.result, gate.rules[0]?.reason], ['unknown', 'nothingThere']);
  });

  it('registers once a commit and once a version', async () => {
    const answer = await registryVerbs['registry.register'](repo, { targets: ['digits'], bumpMinor: true });
    assert.deepEqual(answer, { tags: ['digits@v0.2.0'] });
    await fails(registryVerbs['registry.register'](repo, { targets: ['digits'] }), 'registry.commitTaken');
    const again = registryVerbs['registry.register'](repo, { targets: ['digits', 'HEAD~1'], version: 'v0.2.0' });
    await fails(again, 'registry.versionTaken');
  });

  it('makes no tag behind a red gate, unless a reason is written', async () => {
    gates('      - {metric: accuracy, min: 0.99}\n');
    const args = { targets: ['digits@v0.2.0'], stage: 'staging', yes: true };
    assert.equal((await registryVerbs.promote(repo, args, call)).tag, null);
    await fails(registryVerbs.promote(repo, { ...args, override: true }, call), 'gate.needsReason');
    assert.deepEqual(git('tag', '-l', 'digits#staging*'), '');
    const { tag } = await registryVerbs.promote(repo, { ...args, override: true, reason: 'a trial' }, call);
    assert.equal(tag, 'digits#staging#2');
    assert.match(
      git('tag', '-l', '--format=%(contents)', 'digits#staging#2'),
      /Reason: a trial\nGate: fail, overridden/,
    );
  });

  it('promotes, rolls back and forth, each tag later than the one before', async () => {
    git('checkout', '--quiet', '--', 'gates.yaml');
    const args = { targets: ['digits@v0.2.0'], stage: 'prod' };
    await fails(registryVerbs.promote(repo, args, call), 'cli.cannotAsk');
    assert.equal((await registryVerbs.promote(repo, { ...args, yes: true }, call)).tag, 'digits#prod#3');
    await fails(registryVerbs.promote(repo, { ...args, yes: true }, call), 'registry.inStage');
    const back = { targets: ['digits'], stage: 'prod', yes: true };
    const plan = await registryVerbs.rollback(repo, { ...back, dry: true }, call);
    assert.deepEqual(plan, { tag: 'digits#prod#4', from: 'v0.2.0', to: 'v0.1.0', restorable: true });
    assert.equal(git('tag', '-l', 'digits#prod#4'), '');
    assert.deepEqual(await registryVerbs.rollback(repo, back, call), plan);
    const digits = { version: 'v0.2.0', stage: { prod: 'v0.1.0', staging: 'v0.2.0' }, registered: true, active: true };
    assert.deepEqual(await shown(), { digits });
    const times = git('tag', '-l', '--sort=taggerdate', '--format=%(taggerdate:unix)').split('\n').map(Number);
    assert.deepEqual(times, [...new Set(times)]);
  });

  it('lists models with metrics, newest first', async () => {
    const { models } = await registryVerbs.models(repo, {}, call);
    const versions = models[0]?.versions.map((one) => [one.version, one.stages, one.metrics['accuracy']]);
    assert.deepEqual(versions, [
      ['v0.2.0', ['staging'], 0.928482],
      ['v0.1.0', ['prod'], 0.873275],
    ]);
    assert.equal(models[0]?.path, 'models/digits.json');
  });

  it('says when files of the version could not be had', async () => {
    rmSync(join(root, '.dvc/cache'), { recursive: true });
    rmSync(join(root, 'remote'), { recursive: true, force: true });
    const back = { targets: ['digits'], stage: 'prod', to: 'v0.2.0', dry: true };
    assert.equal((await registryVerbs.rollback(repo, back, call)).restorable, false);
  });

  it('takes back a stage, a version and a model', async () => {
    const act = (...targets: string[]): Promise<unknown> => registryVerbs['registry.deprecate'](repo, { targets });
    assert.deepEqual(await act('digits', 'v0.1.0', 'prod'), { tags: ['digits#prod!#5'] });
    await fails(act('digits', 'v0.1.0', 'prod'), 'registry.notInStage');
    assert.deepEqual(await act('digits', 'v0.1.0'), { tags: ['digits@v0.1.0!'] });
    await fails(act('digits', 'v0.1.0'), 'registry.unknownVersion');
    assert.deepEqual(await act('digits'), { tags: ['digits@deprecated'] });
    assert.deepEqual(await shown(), {});
    await fails(act('digits'), 'registry.gone');
  });
});
