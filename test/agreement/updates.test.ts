/** What `status` says of imports: the real DVC asks their sources always, ours with `--check-updates` only; the answers are the same. */

import assert from 'node:assert/strict';
import { TwoTools } from './twoTools';

describe('agreement: imports that have moved on', function () {
  this.timeout(240_000);
  let tools: TwoTools;
  beforeEach(async () => {
    tools = await TwoTools.make('dvc');
    tools.write({ '../src/f': '1\n', '../src/g': '1\n', '../ext': '1\n', own: '1\n' });
    for (const args of [
      ['init', '-q', '-b', 'main'],
      ['add', '-A'],
      ['commit', '-q', '-m', 'one'],
      ['tag', 'v1'],
    ])
      tools.run('git', '-C', '../src', ...args);
  });
  afterEach(() => tools.dispose());

  /** Both give this answer; ours says nothing about sources unless it is told to ask. */
  function check(expected: unknown, quiet: unknown = {}, ...targets: string[]): void {
    assert.deepEqual(tools.json('dvc', 'status', ...targets), expected);
    assert.deepEqual(tools.json('strata', 'status', '--check-updates', ...targets), expected);
    assert.deepEqual(tools.json('strata', 'status', ...targets), quiet);
    assert.deepEqual(tools.json('dvc', 'status', '--no-updates', ...targets), quiet);
    const shown = tools.try('strata', 'status', '--check-updates', '-q', ...targets);
    assert.deepEqual([shown.code, shown.stdout], [Object.keys(expected as object).length > 0 ? 1 : 0, '']);
  }

  /** A commit of the source; it need not concern what is imported. */
  function moveOn(file: string): void {
    tools.write({ [`../src/${file}`]: `${Math.random()}\n` });
    tools.run('git', '-C', '../src', 'add', '-A');
    tools.run('git', '-C', '../src', 'commit', '-q', '-m', file);
  }

  it('from repositories, at a branch, a tag, a commit', () => {
    tools.run('dvc', 'import', '-q', '../src', 'f');
    tools.run('strata', 'import', '-q', '../src', 'g', '--rev', 'main');
    tools.run('dvc', 'import', '-q', '../src', 'f', '-o', 'tagged', '--rev', 'v1');
    check({});
    moveOn('unrelated');
    const moved = (file: string): unknown => [{ 'changed deps': { [`${file} (../src)`]: 'update available' } }];
    check({ 'f.dvc': moved('f'), 'g.dvc': moved('g') });
    check({ 'g.dvc': moved('g') }, {}, 'g.dvc');
    tools.write({ g: 'mine\n' });
    const changed = { 'changed outs': { g: 'modified' } };
    check({ 'f.dvc': moved('f'), 'g.dvc': [...(moved('g') as unknown[]), changed] }, { 'g.dvc': [changed] });
    tools.run('strata', 'update', '-q', 'f.dvc');
    tools.run('dvc', 'update', '-q', 'g.dvc');
    check({});
    tools.run('git', '-C', '../src', 'tag', '-f', 'v1');
    check({ 'tagged.dvc': moved('f') });
  });

  it('from addresses: frozen ones are not asked, others always', () => {
    tools.run('dvc', 'import-url', '-q', '../ext');
    tools.run('strata', 'import-url', '-q', '../ext', 'loose');
    tools.run('strata', 'unfreeze', 'loose.dvc');
    check({});
    tools.write({ '../ext': '2\n' });
    const [ext] = Object.keys(
      (tools.json('dvc', 'status') as { 'loose.dvc': [{ 'changed deps': object }] })['loose.dvc'][0]['changed deps'],
    );
    const found = { 'loose.dvc': [{ 'changed deps': { [ext ?? '']: 'modified' } }] };
    check(found, found);
  });
});
