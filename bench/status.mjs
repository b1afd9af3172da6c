/**
 * Promise: the status of a folder of unchanged files comes five times faster than DVC's, from the command line and in the editor; of 20,000 and
 * more twenty times, in at most twice the time of a bare walk, and four times faster when nothing is remembered yet, as in a fresh clone.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alternate, compareRow, memoryRow } from './measure.mjs';
import { floor, makeFiles, makeProjects, settle } from './projects.mjs';

/** Measures; gives rows. */
export function measure(context) {
  const { rounds, files } = context;
  const projects = makeProjects(context, (folder) => makeFiles(join(folder, 'data'), files, 2048));
  for (const project of Object.values(projects)) project.run('add', 'data');
  const tool = (project, cold) => ({
    name: project.name,
    command: { ...project.command(['status']), prints: /up to date/ },
    prepare: () => {
      if (cold) project.forget();
      settle(project.path('data'));
    },
  });
  const walk = { name: 'walk', command: floor('walk', projects.strata.path('data')) };
  const warm = alternate([tool(projects.strata, false), tool(projects.dvc, false), walk], rounds);
  const cold = alternate([tool(projects.strata, true), tool(projects.dvc, true)], rounds);
  const asked = {
    name: 'strata',
    command: {
      program: process.execPath,
      args: [fileURLToPath(new URL('engineStatus.mjs', import.meta.url)), context.dist, projects.strata.root],
      figure: /([\d.]+) ms/,
    },
    prepare: () => settle(projects.strata.path('data')),
  };
  const inEditor = alternate([asked, tool(projects.dvc, false)], rounds);
  const many = files >= 20_000;
  const title = `status of ${files} files`;
  return [
    compareRow(`${title}, index warm`, warm, { against: 'dvc', atLeast: many ? 20 : 5 }),
    compareRow(`${title}, index warm`, warm, { against: 'walk', atMost: many ? 2 : undefined }),
    compareRow(`${title}, asked by the editor`, inEditor, { against: 'dvc', atLeast: 5 }),
    compareRow(`${title}, index cold`, cold, { against: 'dvc', atLeast: many ? 4 : undefined }),
    memoryRow(title, tool(projects.strata, true), 250),
  ];
}
