import assert from 'node:assert/strict';
import { isModelName, parseLabel, parseTag, renderTag } from '../../../src/engine/registry/tags';

describe('registry: names of tags', () => {
  const cases: [string, object | undefined][] = [
    ['m1@v0.1.0', { model: 'm1', kind: 'register', version: 'v0.1.0' }],
    ['m1@v0.1.0!', { model: 'm1', kind: 'deregister', version: 'v0.1.0' }],
    ['m1@v0.1.0!#2', { model: 'm1', kind: 'deregister', version: 'v0.1.0', counter: 2 }],
    ['m1@v0.2.0-rc.1+b.5', { model: 'm1', kind: 'register', version: 'v0.2.0-rc.1+b.5' }],
    ['m1#prod#3', { model: 'm1', kind: 'assign', stage: 'prod', counter: 3 }],
    ['m1#prod', { model: 'm1', kind: 'assign', stage: 'prod' }],
    ['m1#prod!#4', { model: 'm1', kind: 'unassign', stage: 'prod', counter: 4 }],
    ['m1@deprecated', { model: 'm1', kind: 'deprecate' }],
    ['m1@deprecated#7', { model: 'm1', kind: 'deprecate', counter: 7 }],
    ['a/b.c=m-1/x@v1.0.0', { model: 'a/b.c:m-1/x', kind: 'register', version: 'v1.0.0' }],
    ['m1@v0.3', undefined],
    ['m1@v01.0.0', undefined],
    ['m1@latest', undefined],
    ['m1#', undefined],
    ['-m1#prod', undefined],
    ['m1_#prod', undefined],
    ['a:m1#prod', undefined],
    ['m1@created', undefined],
    ['v1.0.0', undefined],
  ];
  for (const [name, expected] of cases)
    it(name, () => {
      const tag = parseTag(name);
      assert.deepEqual(tag, expected);
      if (tag) assert.equal(renderTag(tag), name);
    });

  it('know what a person types', () => {
    assert.deepEqual(parseLabel('dir:m@latest'), { model: 'dir:m', isLatest: true });
    assert.deepEqual(parseLabel('m@v1.0.0-a'), { model: 'm', version: 'v1.0.0-a' });
    assert.deepEqual(parseLabel('m#prod'), { model: 'm', stage: 'prod' });
    assert.deepEqual(parseLabel('m@v1'), { model: 'm@v1' });
    assert.deepEqual(['m', 'a/b', 'd.x/y:m', '', 'm_', 'm=x', 'm x', 'a:b:c'].map(isModelName), [
      true,
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
