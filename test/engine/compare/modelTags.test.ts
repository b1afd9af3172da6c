/** What tags of models say about commits; the rules are GTO's (dvc.md §24). */

import assert from 'node:assert/strict';
import { modelLabels, stageCommit } from '../../../src/engine/compare/modelTags';
import { type Ref } from '../../../src/engine/git/git';

/** `name@@commit` in the order of time; a leading `~` is a lightweight tag. */
function refs(text: string): Ref[] {
  return text.split(' ').map((part, i) => {
    const [name = '', commit = ''] = part.replace('~', '').split('@@');
    const tag = { tagger: { name: 't', email: 't@x' }, time: i * 1000, message: name };
    return { name: `refs/tags/${name}`, short: name, kind: 'tag', commit, ...(part.startsWith('~') ? {} : { tag }) };
  });
}

function check(text: string): string {
  const { labels } = modelLabels(refs(text));
  return [...labels]
    .map(([commit, names]) => `${commit}: ${names.join(' ')}`)
    .sort()
    .join('; ');
}

describe('compare: tags of models', () => {
  const rows: [string, string, string][] = [
    ['versions and stages', 'm@v1.0.0@@A m#prod#1@@A', 'A: m@v1.0.0 m#prod'],
    ['a stage moves on', 'm#prod#1@@A m#prod#2@@B', 'B: m#prod'],
    ['and comes back when it is taken away', 'm#prod#1@@A m#prod#2@@B m#prod!#3@@B', 'A: m#prod'],
    ['time decides, not the counter', 'm#prod#9@@A m#prod#2@@B', 'B: m#prod'],
    ['a version that was taken back', 'm@v1.0.0@@A m@v1.0.0!@@A', ''],
    ['and registered once more', 'm@v1.0.0@@A m@v1.0.0!@@A m@v1.0.0#2@@A', 'A: m@v1.0.0'],
    ['a version that was taken back has no stage', 'm@v1.0.0@@A m#prod#1@@A m@v1.0.0!@@A', ''],
    [
      'and the one before has it again',
      'm@v1.0.0@@A m#prod#1@@A m@v2.0.0@@B m#prod#2@@B m@v2.0.0!@@B',
      'A: m@v1.0.0 m#prod',
    ],
    ['a stage of a commit without a version', 'm#prod#1@@A n@v1.0.0@@A n@v1.0.0!@@A', 'A: m#prod'],
    ['folders', 'dir=m@v0.1.0@@A', 'A: dir:m@v0.1.0'],
    ['lightweight tags are none', '~m@v1.0.0@@A ~m#prod#1@@A', ''],
    ['nor are other names', 'v1.0@@A m@v0.3@@A release@@B', ''],
    ['pre-releases', 'm@v1.0.0-rc.1@@A', 'A: m@v1.0.0-rc.1'],
  ];
  for (const [title, text, expected] of rows) it(title, () => assert.equal(check(text), expected));

  it('finds the commit of a stage', () => {
    assert.equal(stageCommit(refs('m#prod#1@@A m#dev#2@@B'), 'm#dev'), 'B');
    assert.equal(stageCommit(refs('m#prod#1@@A'), 'm#dev'), undefined);
  });
});
