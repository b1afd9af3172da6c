import assert from 'node:assert/strict';
import { bumpSemver, compareSemver, parseSemver } from '../../../src/engine/registry/semver';

describe('registry: versions', () => {
  it('are in the order of the specification', () => {
    const order = [
      'abc',
      'v0.9.0',
      'v1.0.0-alpha',
      'v1.0.0-alpha.1',
      'v1.0.0-alpha.beta',
      'v1.0.0-beta',
      'v1.0.0-beta.2',
    ];
    order.push('v1.0.0-beta.11', 'v1.0.0-rc.1', 'v1.0.0', 'v1.2.0', 'v1.10.0', 'v99999999999999999999.0.0');
    for (const [i, a] of order.entries())
      for (const [j, b] of order.entries()) assert.equal(Math.sign(compareSemver(a, b)), Math.sign(i - j), `${a} ${b}`);
    assert.equal(compareSemver('v1.0.0+a', 'v1.0.0+b'), 0);
  });

  const bumps: [string, 'major' | 'minor' | 'patch', string][] = [
    ['v1.2.3', 'patch', 'v1.2.4'],
    ['v1.2.3', 'minor', 'v1.3.0'],
    ['v1.2.3', 'major', 'v2.0.0'],
    ['v0.2.0-rc.1+b', 'patch', 'v0.2.1'],
  ];
  for (const [from, bump, to] of bumps) it(`${from} by ${bump}`, () => assert.equal(bumpSemver(from, bump), to));

  it('need a v and three numbers without leading zeros', () => {
    for (const bad of ['1.0.0', 'v1.0', 'v01.0.0', 'v1.0.0-', 'v1.0.0-01', 'V1.0.0', 'v1.0.0 '])
      assert.equal(parseSemver(bad), undefined, bad);
  });
});
