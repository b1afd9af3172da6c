/** Models: tags that we make are GTO's, and GTO's are ours, in turn on one repository. */

import assert from 'node:assert/strict';
import { until } from '../support/pipelineProject';
import { TwoTools } from './twoTools';

/** The fields of `show NAME` that say what stands where; both tools give more. */
interface Version {
  readonly version: string;
  readonly commit_hexsha: string;
  readonly is_active: boolean;
  readonly stages: readonly { readonly stage: string; readonly is_active: boolean }[];
}

describe('agreement: models', function () {
  this.timeout(180_000);
  let two: TwoTools;
  before(async () => {
    two = await TwoTools.make('strata');
    two.write({
      'a.bin': 'one',
      'dvc.yaml': 'artifacts:\n  m1:\n    path: a.bin\n    type: model\n',
    });
    two.commit('one');
    two.write({ 'a.bin': 'two' });
    two.commit('two');
    two.write({ 'a.bin': 'three' });
    two.commit('three');
  });
  after(() => two.dispose());

  const gto = (...args: string[]): string => two.run('gto', ...args);
  const ours = (...args: string[]): string => two.run('strata', 'registry', ...args);
  const decisive = (text: string): unknown =>
    (JSON.parse(text) as Version[]).map(({ version, commit_hexsha, is_active, stages }) => ({
      version,
      commit_hexsha,
      is_active,
      stages: stages.map(({ stage, is_active: active }) => [stage, active]),
    }));
  const agree = (): unknown => {
    const theirs = JSON.parse(gto('show', '--json')) as unknown;
    assert.deepEqual(JSON.parse(ours('show', '--json')), theirs);
    return theirs;
  };
  /** Our tags come strictly after each other, so that several of one second lie ahead of the clock; GTO's do not look. */
  const passTags = async (): Promise<void> => {
    const [last = ''] = two.run('git', 'tag', '--sort=-creatordate', '--format=%(creatordate:unix)').split('\n');
    await until(() => Date.now() > (Number(last) + 1) * 1000, 'the clock is past the last tag');
  };
  const tags = (): string[] => two.run('git', 'tag').trim().split('\n');

  it('registered and promoted by us, in stage for GTO', () => {
    ours('register', 'm1', 'HEAD~2', '--version', 'v0.1.0');
    ours('register', 'm1', 'HEAD~1');
    ours('assign', 'm1', '--version', 'v0.1.0', '--stage', 'prod');
    ours('assign', 'm1', '--version', 'v0.1.1', '--stage', 'prod');
    ours('assign', 'm1', '--version', 'v0.1.1', '--stage', 'dev');
    const standing = { version: 'v0.1.1', stage: { prod: 'v0.1.1', dev: 'v0.1.1' }, registered: true, active: true };
    assert.deepEqual(agree(), { m1: standing });
    assert.equal(two.run('git', 'cat-file', '-t', 'm1#prod#1').trim(), 'tag');
  });

  it('registered and promoted by GTO, in stage for us', async () => {
    await passTags();
    gto('register', 'm1', 'HEAD', '--bump-minor');
    gto('assign', 'm1', '--version', 'v0.2.0', '--stage', 'prod');
    const standing = { version: 'v0.2.0', stage: { prod: 'v0.2.0', dev: 'v0.1.1' }, registered: true, active: true };
    assert.deepEqual(agree(), { m1: standing });
    assert.deepEqual(decisive(ours('show', 'm1', '--json')), decisive(gto('show', 'm1', '--json')));
  });

  it('taken back by us what GTO did: the version before stands again', () => {
    ours('unassign', 'm1', '--version', 'v0.2.0', '--stage', 'prod');
    const standing = { version: 'v0.2.0', stage: { prod: 'v0.1.1', dev: 'v0.1.1' }, registered: true, active: true };
    assert.deepEqual(agree(), { m1: standing });
    assert.ok(tags().includes('m1#prod!#5'), tags().join(' '));
  });

  it('counted on by GTO from our tags, and deprecated by it', async () => {
    await passTags();
    gto('assign', 'm1', '--version', 'v0.2.0', '--stage', 'prod');
    assert.ok(tags().includes('m1#prod#6'), tags().join(' '));
    gto('deprecate', 'm1', 'v0.1.1');
    agree();
    assert.deepEqual(decisive(ours('show', 'm1', '--json')), decisive(gto('show', 'm1', '--json')));
  });

  it('rolled back by us, in stage for GTO', () => {
    two.run('strata', 'rollback', 'm1', '--stage', 'prod', '--to', 'v0.1.0', '--yes');
    const all = agree() as Record<string, { stage: Record<string, string | null> }>;
    assert.equal(all['m1']?.stage['prod'], 'v0.1.0');
  });
});
