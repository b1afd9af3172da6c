/** Promise: when one file of many changed, status, add and push cost less than 15 % of what they cost the first time. */
import { writeFileSync } from 'node:fs';
import { shareRow } from './measure.mjs';
import { join } from 'node:path';
import { makeFiles, makeProjects, setAside, settle } from './projects.mjs';

const most = 0.15;

/** Measures; gives rows. */
export function measure(context) {
  const { rounds, files, work } = context;
  const { strata } = makeProjects(context, (folder) => makeFiles(join(folder, 'data'), files, 2048));
  const times = { status: [[], []], add: [[], []], push: [[], []] };
  const time = (verb, which, ...words) => {
    settle(strata.path('data'));
    times[verb][which].push(strata.run(verb, ...words).ms);
  };
  for (let round = 0; round < rounds; round++) {
    setAside(strata.path('.dvc/cache'), strata.path('data.dvc'), strata.path('.gitignore'), strata.path('.dvc/tmp'));
    strata.run('remote', 'add', '--force', '--default', 'store', join(work, `remote ${round}`));
    time('add', 0, 'data');
    time('push', 0);
    strata.forget();
    time('status', 0);
    strata.run('status');
    writeFileSync(strata.path('data', '000007.bin'), `changed in round ${round}\n`);
    time('status', 1);
    time('add', 1, 'data');
    time('push', 1);
  }
  return Object.entries(times).map(([verb, [first, again]]) =>
    shareRow(`${verb} of ${files} files, one changed`, again, first, most),
  );
}
