import { tell, type Step } from './scenario';

const START: readonly Step[] = [
  { write: { 'd/a': '1\n', 'd/b': '2\n', f: '3\n' } },
  { verb: 'add', targets: ['d', 'f'] },
];

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'everything is added before the first commit': [
    { verb: 'data.status', gives: { committed: { added: ['d/', 'f'] } } },
  ],
  'nothing to say after it': [{ commit: 'one' }, { verb: 'data.status', gives: {} }],
  'lists unchanged data when asked': [
    { commit: 'one' },
    {
      verb: 'data.status',
      options: { unchanged: true, granular: true },
      gives: { unchanged: ['d/', 'd/a', 'd/b', 'f'] },
    },
  ],
  'looks inside folders when asked': [
    { commit: 'one' },
    { write: { 'd/new': '4\n', 'd/a': '5\n' } },
    { remove: ['d/b', 'f'] },
    { verb: 'data.status', gives: { uncommitted: { modified: ['d/'], deleted: ['f'] } } },
    {
      verb: 'data.status',
      options: { granular: true },
      gives: { uncommitted: { added: ['d/new'], modified: ['d/', 'd/a'], deleted: ['d/b', 'f'] } },
    },
    { verb: 'data.status', targets: ['f'], gives: { uncommitted: { deleted: ['f'] } } },
  ],
  'finds renames': [
    { commit: 'one' },
    { write: { 'd/z': '1\n' } },
    { remove: ['d/a'] },
    {
      verb: 'data.status',
      options: { granular: true },
      gives: { uncommitted: { modified: ['d/'], renamed: [{ old: 'd/a', new: 'd/z' }] } },
    },
  ],
  'says what it cannot know': [
    { commit: 'one' },
    { remove: ['.dvc/cache'] },
    {
      verb: 'data.status',
      options: { granular: true },
      gives: { not_in_cache: ['d/', 'f'], uncommitted: { unknown: ['d/a', 'd/b'] } },
    },
  ],
  'lists untracked files when asked': [
    { commit: 'one' },
    { write: { new: '', 'x/y': '' } },
    { verb: 'data.status', options: { untrackedFiles: 'all' }, gives: { untracked: ['new', 'x/y'] } },
  ],
  'says what the remote lacks': [
    { verb: 'remote.add', targets: ['r', '../remote'], options: { default: true } },
    { commit: 'one' },
    { verb: 'data.status', options: { notInRemote: true }, gives: { not_in_remote: ['d/', 'f'] } },
    { verb: 'push', targets: ['f'] },
    {
      verb: 'data.status',
      options: { notInRemote: true, granular: true },
      gives: { not_in_remote: ['d/', 'd/a', 'd/b'] },
    },
  ],
};

describe('data.status', () => {
  for (const [name, steps] of Object.entries(STORIES)) it(name, () => tell([...START, ...steps]));
});
