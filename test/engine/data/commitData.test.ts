import { tell, type Step } from './scenario';

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'takes into the cache what was added without': [
    { write: { n: '1\n' } },
    { verb: 'add', targets: ['n'], options: { noCommit: true } },
    { verb: 'commit', gives: { committed: [{ name: 'n.dvc', changed: false }], files: [] } },
    { remove: ['n'] },
    { verb: 'checkout', has: { added: ['n'] } },
  ],
  'refuses changed data unless forced': [
    { write: { n: '1\n' } },
    { verb: 'add', targets: ['n'] },
    { write: { n: '2\n' } },
    { verb: 'commit', fails: 'data.commitChanged' },
    {
      verb: 'commit',
      options: { force: true },
      gives: { committed: [{ name: 'n.dvc', changed: true }], files: ['n.dvc'] },
    },
    { files: { 'n.dvc': 'outs:\n- md5: 26ab0db90d72e28ad0ba1e22ee510510\n  size: 2\n  hash: md5\n  path: n\n' } },
  ],
  'records only the part of a folder it is given': [
    { write: { 'd/a': '1\n', 'd/b': '1\n' } },
    { verb: 'add', targets: ['d'] },
    { write: { 'd/a': '2\n', 'd/b': '2\n' } },
    { verb: 'commit', targets: ['d/a'], options: { force: true } },
    { verb: 'data.status', options: { granular: true }, has: { uncommitted: { modified: ['d/', 'd/b'] } } },
  ],
  'refuses data that is gone': [
    { write: { n: '1\n' } },
    { verb: 'add', targets: ['n'] },
    { remove: ['n'] },
    { verb: 'commit', options: { force: true }, fails: 'data.missing' },
  ],
};

describe('commit', () => {
  for (const [name, steps] of Object.entries(STORIES)) it(name, () => tell(steps));
});
