/** Promise: tracking a folder of small files costs at most twice what reading, hashing and copying them costs; of 20,000 and more, 1.5 times. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alternate, compareRow, memoryRow } from './measure.mjs';
import { floor, makeFiles, makeProjects, setAside, settle } from './projects.mjs';

/** Throws unless both tools recorded the same. */
export function sameRecord({ strata, dvc }) {
  const [a, b] = [strata, dvc].map((project) => readFileSync(project.path('data.dvc'), 'utf8'));
  if (a !== b) throw new Error(`Strata and DVC recorded different things:\n${a}\n${b}`);
}

/** Measures; gives rows. */
export function measure(context) {
  const { work, rounds, files } = context;
  const projects = makeProjects(context, (folder) => makeFiles(join(folder, 'data'), files, 2048));
  const source = projects.strata.path('data');
  const target = join(work, 'floor');
  const tool = (project) => ({
    name: project.name,
    command: project.command(['add', 'data']),
    prepare: () => {
      project.forget();
      setAside(project.path('.dvc/cache'), project.path('data.dvc'), project.path('.gitignore'));
      settle(project.path('data'));
    },
  });
  const bare = (name, ...sync) => ({
    name,
    command: floor('store', source, target, ...sync),
    prepare: () => {
      setAside(target);
      settle(source);
    },
  });
  const subjects = [tool(projects.strata), tool(projects.dvc), bare('floor', 'sync'), bare('floor without sync')];
  const results = alternate(subjects, rounds);
  sameRecord(projects);
  const what = `add ${files} files`;
  return [
    compareRow(what, results, { against: 'floor', atMost: files < 20_000 ? 2 : 1.5 }),
    compareRow(what, results, { against: 'floor without sync', atMost: undefined }),
    compareRow(what, results, { against: 'dvc', atLeast: undefined }),
    memoryRow(what, subjects[0], 250),
  ];
}
