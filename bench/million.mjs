/** Promise: a folder of a million files works: at most 1 GB of memory, and a status whose time grows with the number of files, within 20 %. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoryRow, shareRow, spread } from './measure.mjs';
import { makeFiles, makeProjects, settle } from './projects.mjs';

const limit = 1000;
const smaller = 10;

/** A project with so many files in folders of a thousand. */
function projectOf(context, files) {
  const options = { ...context, work: join(context.work, String(files)), twins: false };
  return makeProjects(options, (folder) => {
    for (let n = 0; n < files / 1000; n++) makeFiles(join(folder, 'data', String(n)), 1000, 16, n * 1000);
  }).strata;
}

/** Measures; gives rows. */
export function measure(context) {
  const { files, rounds } = context;
  const part = projectOf(context, files / smaller);
  const whole = projectOf(context, files);
  part.run('add', 'data');
  const subject = (words) => ({ name: 'strata', command: whole.command(words) });
  const rows = [memoryRow(`add ${files} files`, subject(['add', 'data']), limit)];
  rows.push(memoryRow(`status of ${files} files, the first`, subject(['status']), limit));
  part.run('status');
  const times = { part: [], whole: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, project] of Object.entries({ part, whole })) {
      settle(join(project.root, '.dvc'));
      times[name].push(project.run('status').ms);
    }
  }
  const linear = times.part.map((ms) => ms * smaller);
  rows.push({
    ...shareRow(`status of ${files} files, warm`, times.whole, linear, 1.2),
    against: `${smaller} × ${files / smaller}`,
  });
  rows.push(memoryRow(`status of ${files} files, warm`, subject(['status']), limit));
  writeFileSync(whole.path('data', '7', '000007.bin'), 'changed\n');
  rows.push(memoryRow(`diff of ${files} files, one changed`, subject(['diff']), limit));
  const diff = spread([whole.run('diff').ms]);
  rows.push({ what: `diff of ${files} files, one changed`, against: 'nothing', ours: diff, other: diff });
  return rows;
}
