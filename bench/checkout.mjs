/**
 * Promise: restoring a folder of small files costs at most twice what reading, hashing and copying them costs, of 20,000 and more 1.5 times,
 * although each object is verified on the way: the tool remembers nothing about the cache, as after a fresh clone.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { alternate, compareRow, memoryRow } from './measure.mjs';
import { floor, makeFiles, makeProjects, setAside, settle } from './projects.mjs';

/** Measures; gives rows. */
export function measure(context) {
  const { work, rounds, files } = context;
  const projects = makeProjects(context, (folder) => makeFiles(join(folder, 'data'), files, 2048));
  for (const project of Object.values(projects)) project.run('add', 'data');
  const objects = (project) => project.path('.dvc/cache/files/md5');
  const target = join(work, 'floor');
  const tool = (project, cold) => ({
    name: project.name,
    command: project.command(['checkout']),
    prepare: () => {
      if (cold) project.forget();
      setAside(project.path('data'));
      settle(objects(project));
    },
    check: () => {
      const found = readdirSync(project.path('data')).length;
      if (found !== files) throw new Error(`${project.name} restored ${found} of ${files} files`);
    },
  });
  const bare = (name, ...sync) => ({
    name,
    command: floor('restore', objects(projects.strata), target, ...sync),
    prepare: () => {
      setAside(target);
      settle(objects(projects.strata));
    },
  });
  const floors = [bare('floor', 'sync'), bare('floor without sync')];
  const cold = alternate([tool(projects.strata, true), tool(projects.dvc, true), ...floors], rounds);
  const warm = alternate([tool(projects.strata, false), tool(projects.dvc, false), ...floors], rounds);
  const rows = (what, results) => [
    compareRow(what, results, { against: 'floor', atMost: files < 20_000 ? 2 : 1.5 }),
    compareRow(what, results, { against: 'floor without sync', atMost: undefined }),
    compareRow(what, results, { against: 'dvc', atLeast: undefined }),
  ];
  return [
    ...rows(`checkout ${files} files, index cold`, cold),
    ...rows(`checkout ${files} files, index warm`, warm),
    memoryRow(`checkout ${files} files`, tool(projects.strata, true), 250),
  ];
}
