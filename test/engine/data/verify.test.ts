import { tell, type Step } from './scenario';

const ONE = 'b026324c6904b2a9cb4b88d6d61c81d1';
const TWO = '26ab0db90d72e28ad0ba1e22ee510510';
const object = (md5: string): string => `.dvc/cache/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`;

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'finds nothing wrong': [
    { verb: 'verify', gives: { checked: 4, bad: [] } },
    { verb: 'verify', targets: ['f'], gives: { checked: 1, bad: [] } },
  ],
  'finds wrong bytes and missing objects, and where good copies are': [
    { verb: 'push', targets: ['d'] },
    { remove: [object(ONE), object(TWO)] },
    { write: { [object(ONE)]: 'X\n' }, mode: 0o444 },
    {
      verb: 'verify',
      gives: {
        checked: 4,
        bad: [
          { path: 'd/a', hash: ONE, reason: 'corrupt', copies: ['remote:r'] },
          { path: 'd/b', hash: TWO, reason: 'missing', copies: ['remote:r'] },
        ],
      },
    },
  ],
};

describe('verify', () => {
  const start: readonly Step[] = [
    { write: { 'd/a': '1\n', 'd/b': '2\n', f: '3\n' } },
    { verb: 'add', targets: ['d', 'f'] },
    { verb: 'remote.add', targets: ['r', '../remote'], options: { default: true } },
  ];
  for (const [name, steps] of Object.entries(STORIES)) it(name, () => tell([...start, ...steps]));
});
