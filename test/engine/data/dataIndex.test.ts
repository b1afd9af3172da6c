import * as assert from 'node:assert/strict';
import { diffIndexes, entryPath, type DataIndex, type IndexRoot } from '../../../src/engine/data/dataIndex';

/** `f=1` is a file of hash 1, `d/=9:a=1,b=2` a folder of hash 9, `d/=9` one whose list is missing, `o` an output never recorded. */
function index(text: string): DataIndex {
  const roots = text
    .split(' ')
    .filter(Boolean)
    .map((part): IndexRoot => {
      const [name = '', value] = part.split(/=(.*)/s);
      const folder = name.endsWith('/');
      const path = folder ? name.slice(0, -1) : name;
      const [hash, list] = (value ?? '').split(':');
      const files =
        list === undefined
          ? undefined
          : new Map(
              list
                .split(',')
                .filter(Boolean)
                .map((one) => one.split('=') as [string, string]),
            );
      return { path, folder, ...(hash ? { hash, hashName: 'md5' } : {}), ...(files ? { files } : {}) };
    });
  return new Map(roots.map((root) => [root.path, root]));
}

const CASES: readonly (readonly [name: string, old: string, now: string, says: string])[] = [
  ['same', 'f=1', 'f=1', 'unchanged f'],
  ['added and deleted', 'f=1', 'g=2', 'deleted f, added g'],
  ['modified', 'f=1', 'f=2', 'modified f'],
  ['renamed output', 'f=1', 'g=1', 'renamed f>g'],
  ['renamed once when two go', 'f=1 g=1', 'h=1', 'deleted g, renamed f>h'],
  ['inside a folder', 'd/=9:a=1,b=2', 'd/=8:a=1,b=3,c=4', 'modified d/, unchanged d/a, modified d/b, added d/c'],
  ['renamed inside', 'd/=9:a=1', 'd/=8:z=1', 'modified d/, renamed d/a>d/z'],
  ['a whole folder gone', 'd/=9:a=1', '', 'deleted d/, deleted d/a'],
  ['a list is missing', 'd/=9', 'd/=8:a=1', 'modified d/, unknown d/a'],
  [
    'a list is missing, with folders below',
    'd/=9',
    'd/=8:s/t/a=1',
    'modified d/, unknown d/s/, unknown d/s/t/, unknown d/s/t/a',
  ],
  ['a list is missing on both sides', 'd/=9', 'd/=9', 'unchanged d/'],
  ['never recorded, and there', 'o', 'o=1', 'added o'],
  ['never recorded, and not there', 'o', '', 'unchanged o'],
  ['a file became a folder', 'd=1', 'd/=9:a=1', 'modified d/, added d/a'],
];

describe('diffIndexes', () => {
  for (const [name, old, now, says] of CASES) {
    it(name, () => {
      const changes = diffIndexes(index(old), index(now), { granular: true, targets: [] });
      const words = changes.map(({ kind, old: a, new: b }) =>
        kind === 'renamed' && a && b
          ? `renamed ${entryPath(a)}>${entryPath(b)}`
          : `${kind} ${entryPath(b ?? a ?? { path: '', folder: false })}`,
      );
      assert.equal(words.join(', '), says);
    });
  }

  it('keeps to targets, and to outputs unless granular', () => {
    const [old, now] = [index('d/=9:a=1 f=1'), index('d/=8:a=2 f=2')];
    const paths = (granular: boolean, targets: string[]): string[] =>
      diffIndexes(old, now, { granular, targets }).map((one) => one.new?.path ?? '');
    assert.deepEqual(paths(false, []), ['d', 'f']);
    assert.deepEqual(paths(true, ['d/a']), ['d/a']);
    assert.deepEqual(paths(true, ['f']), ['f']);
  });
});
