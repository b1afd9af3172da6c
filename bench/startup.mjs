/** What the command line costs before it does anything, beside an empty Node program and DVC. */
import { join } from 'node:path';
import { alternate, compareRow } from './measure.mjs';

/** Measures; gives rows. */
export function measure({ rounds, dist, peer }) {
  const ours = { program: process.execPath, args: [join(dist, 'cli.js'), '--version'], prints: /^\d/ };
  const results = alternate(
    [
      { name: 'strata', command: ours },
      { name: 'dvc', command: { program: peer.dvc, args: ['--version'], env: peer.env, prints: /^\d/ } },
      { name: 'node -e 0', command: { program: process.execPath, args: ['-e', '0'] } },
    ],
    rounds,
  );
  return [
    compareRow('--version', results, { against: 'dvc', atLeast: undefined }),
    compareRow('--version', results, { against: 'node -e 0', atMost: undefined }),
  ];
}
