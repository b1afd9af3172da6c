import assert from 'node:assert/strict';
import { type Failed, type FetchAnswer } from '../../../src/engine/verbs/data';
import { tell, type Step } from './scenario';

const ONE = 'b026324c6904b2a9cb4b88d6d61c81d1';
const object = (md5: string): string => `files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`;

/** A folder and a file, tracked, and a folder beside the project as remote. */
const START: readonly Step[] = [
  { write: { 'd/a': '1\n', 'd/b': '2\n', f: '3\n' } },
  { verb: 'add', targets: ['d', 'f'] },
  { verb: 'remote.add', targets: ['r', '../remote'], options: { default: true } },
];

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'push, lose everything, pull': [
    { verb: 'push', gives: { pushed: 4, bytes: 128, failed: [], remote: 'r' } },
    { verb: 'push', gives: { pushed: 0, bytes: 0, failed: [], remote: 'r' } },
    { remove: ['.dvc/cache', 'd', 'f'] },
    { verb: 'pull', has: { fetched: 4, failed: [], added: ['d/', 'f'], stats: { added: 3, modified: 0, deleted: 0 } } },
    { files: { 'd/a': '1\n', f: '3\n' } },
    { verb: 'data.status', gives: { committed: { added: ['d/', 'f'] } } },
  ],
  'says what would move': [
    { verb: 'push', options: { dry: true }, has: { pushed: 4 } },
    { files: { '../remote': null } },
  ],
  'pushes targets only': [
    { verb: 'push', targets: ['f'], has: { pushed: 1 } },
    { remove: ['.dvc/cache'] },
    { verb: 'fetch', targets: ['f'], has: { fetched: 1, failed: [] } },
    { verb: 'fetch', targets: ['d'], has: { fetched: 0 } },
  ],
  'does not push a folder that is not whole': [
    { remove: [`.dvc/cache/${object(ONE)}`] },
    {
      verb: 'push',
      has: {
        pushed: 2,
        failed: [
          {
            path: 'd/a',
            hash: ONE,
            msg: 'not in the cache',
            code: 'cache.missing',
            data: { hash: ONE, path: 'd/a' },
          },
          {
            path: 'd',
            hash: 'c37f8bc8917fdf64a45bb6010380cdab.dir',
            msg: 'not pushed, because d/a is missing',
            code: 'remotes.incomplete',
            data: { entry: 'd/a', path: 'd' },
          },
        ],
      },
    },
  ],
  'honours push: false and a remote of its own': [
    { verb: 'remote.add', targets: ['other', '../other'] },
    {
      write: {
        g: '1\n',
        'g.dvc': `outs:\n- md5: ${ONE}\n  size: 2\n  hash: md5\n  path: g\n  remote: other\n`,
        'f.dvc': 'outs:\n- md5: 6d7fce9fee471194aa8b5b6e47267f03\n  size: 2\n  hash: md5\n  path: f\n  push: false\n',
      },
    },
    { verb: 'push', targets: ['g', 'f'], has: { pushed: 1 } },
    { files: { [`../other/${object(ONE)}`]: '1\n', '../remote': null } },
    { verb: 'push', targets: ['g'], options: { remote: 'r' }, has: { pushed: 0 } },
  ],
  'fetches what commits used': [
    { commit: 'one' },
    { write: { f: '5\n' } },
    { verb: 'add', targets: ['f'] },
    { commit: 'two' },
    { verb: 'push', options: { allCommits: true }, has: { pushed: 5 } },
    { remove: ['.dvc/cache'] },
    { verb: 'fetch', targets: ['f'], has: { fetched: 1 } },
    { verb: 'fetch', targets: ['f'], options: { allCommits: true }, has: { fetched: 1 } },
  ],
  'reports damaged objects of the remote and takes none in': [
    { verb: 'push' },
    { remove: ['.dvc/cache', 'f'] },
    { remove: [`../remote/${object('6d7fce9fee471194aa8b5b6e47267f03')}`] },
    { write: { [`../remote/${object('6d7fce9fee471194aa8b5b6e47267f03')}`]: 'x\n' } },
    {
      verb: 'pull',
      targets: ['f'],
      has: { fetched: 0 },
      check: (got) => {
        const [{ data, ...failed }, ...others] = (got as FetchAnswer).failed as [Failed, ...Failed[]];
        assert.deepEqual(
          [failed, others],
          [
            {
              path: 'f',
              hash: '6d7fce9fee471194aa8b5b6e47267f03',
              msg: 'the remote sent bytes that do not match the name',
              code: 'remotes.corrupt',
            },
            [],
          ],
        );
        assert.match(String(data?.['url']), /remote$/);
      },
    },
    { files: { f: null } },
  ],
  'needs a remote': [
    { verb: 'remote.remove', targets: ['r'] },
    { verb: 'push', fails: 'remotes.none' },
    { verb: 'push', options: { remote: 'nope' }, fails: 'remotes.unknown' },
  ],
};

describe('push, fetch, pull', () => {
  for (const [name, steps] of Object.entries(STORIES)) it(name, () => tell([...START, ...steps]));
});
