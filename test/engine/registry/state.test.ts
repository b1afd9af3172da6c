/** Who holds a stage after a list of tags; one tag a second, as `TAG COMMIT`. */

import assert from 'node:assert/strict';
import { activeVersions, buildModels, holders, isModelActive, type TagEvent } from '../../../src/engine/registry/state';
import { parseTag } from '../../../src/engine/registry/tags';

function events(lines: readonly string[]): TagEvent[] {
  return lines.map((line, i) => {
    const [tag = '', commit = '', at] = line.split(' ');
    const name = parseTag(tag);
    assert.ok(name, tag);
    const author = { name: 'a', email: 'a@example.com' };
    return { ...name, tag, commit, author, message: '', time: Number(at ?? i) * 1000 };
  });
}

function check(what: string, lines: readonly string[], expected: string): void {
  it(what, () => {
    const model = buildModels(events(lines)).get('m');
    assert.ok(model);
    const stages = [...holders(model)].sort().map(([stage, version]) => `${stage}=${version.name}`);
    const versions = activeVersions(model).map((one) => one.name);
    assert.equal([...versions, ...stages, ...(isModelActive(model) ? [] : ['gone'])].join(' '), expected);
  });
}

describe('registry: state', () => {
  const two = ['m@v0.1.0 a', 'm@v0.2.0 b', 'm#prod#1 a', 'm#prod#2 b'];
  check('the latest assignment holds the stage', two, 'v0.2.0 v0.1.0 prod=v0.2.0');
  check('the one before comes back', [...two, 'm#prod!#3 b'], 'v0.2.0 v0.1.0 prod=v0.1.0');
  check('nobody is left', [...two, 'm#prod!#3 b', 'm#prod!#4 a'], 'v0.2.0 v0.1.0');
  check('the tag time decides, not the counter', [...two, 'm#prod#9 a 1'], 'v0.2.0 v0.1.0 prod=v0.2.0');
  check('an older version comes by a later tag', [...two, 'm#prod#3 a'], 'v0.2.0 v0.1.0 prod=v0.1.0');
  check('a version that is taken back loses its stages', [...two, 'm@v0.2.0! b'], 'v0.1.0 prod=v0.1.0');
  check('and has them again when it returns', [...two, 'm@v0.2.0! b', 'm@v0.2.0#3 b'], 'v0.2.0 v0.1.0 prod=v0.2.0');
  check('an assignment before its registration counts', ['m#dev#1 a', 'm@v1.0.0 a'], 'v1.0.0 dev=v1.0.0');
  check('a commit without version stands for one', ['m@v1.0.0 a', 'm#dev#1 c'], 'v1.0.0 dev=c');
  check('a deprecated model is gone', [...two, 'm@deprecated b'], 'v0.2.0 v0.1.0 prod=v0.2.0 gone');
  check('until something happens', [...two, 'm@deprecated b', 'm#dev#3 a'], 'v0.2.0 v0.1.0 dev=v0.1.0 prod=v0.2.0');
});
