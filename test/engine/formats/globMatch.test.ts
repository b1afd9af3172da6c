import * as assert from 'node:assert/strict';
import ignore from 'ignore';
import { costlyMatcher, isCostly } from '../../../src/engine/formats/globMatch';
import { createDvcIgnore } from '../../../src/engine/formats/dvcIgnore';
import { seeded } from '../../support/engineProject';

describe('patterns with many wildcards', () => {
  it('are those that a regular expression may be slow on', () => {
    for (const plain of ['*.csv', '**/a/*', '*_*_*', '/a/b*/c', 'a**']) assert.equal(isCostly(plain), false, plain);
    for (const costly of ['*a*a*a*a', '**/a/**/b/**/c/**', `${'a'.repeat(5000)}`]) assert.equal(isCostly(costly), true);
  });

  it('match what the library matches, on any pattern and any path', () => {
    const random = seeded(3);
    const some = (letters: string, n: number): string =>
      Array.from({ length: Math.ceil(random() * n) }, () => letters[Math.floor(random() * letters.length)]).join('');
    let hits = 0;
    for (let n = 0; n < 20_000; n += 1) {
      const pattern = some('ab*?/', 7).replace(/\/+/g, '/').replace(/\*\*+/g, '*');
      const path = some('ab/', 7)
        .replace(/\/+/g, '/')
        .replace(/^\/|\/$/g, '');
      if (path === '' || /^\/?$/.test(pattern) || pattern.endsWith('/')) continue;
      const theirs = ignore({ ignorecase: false }).add(pattern).test(path).ignored;
      assert.equal(costlyMatcher(pattern)(path), theirs, `${pattern} on ${path}`);
      hits += Number(theirs);
    }
    assert.ok(hits > 1000);
  });

  it('P5 take no time on the worst of names, and one that is too long is no failure', () => {
    const name = 'a'.repeat(255);
    const worst = [
      `${'*a'.repeat(100)}b`,
      `${'**/a/'.repeat(60)}b`,
      'x'.repeat(100_000),
      `${'*'.repeat(2000)}x`,
      `[${'a'.repeat(50_000)}`,
    ];
    const ignores = createDvcIgnore([{ dir: '.', text: worst.join('\n') }]);
    const started = process.cpuUsage();
    for (const at of [name, `${name}/${name}`, Array(60).fill('a').join('/')]) {
      assert.equal(ignores.ignored(at, false), false);
      assert.equal(ignores.match(at, false), undefined);
    }
    const { user } = process.cpuUsage(started);
    assert.ok(user < 5_000_000, `${user} µs`);
    assert.equal(ignores.ignored('aax'.padStart(200, 'a'), false), true, 'the fourth');
  });
});
