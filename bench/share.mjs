/** Promise: to and from a remote that is a folder, many small files go in at most twice the time of bare copying, and five times faster than with DVC. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { alternate, compareRow } from './measure.mjs';
import { floor, makeFiles, makeProjects, setAside, settle } from './projects.mjs';

/** DVC takes minutes for a round. */
const mostRounds = 3;

function countObjects(folder) {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder).reduce((sum, xx) => sum + readdirSync(join(folder, xx)).length, 0);
}

/** Measures; gives rows. */
export function measure(context) {
  const { work, files } = context;
  const rounds = Math.min(context.rounds, mostRounds);
  const projects = makeProjects(context, (folder) => makeFiles(join(folder, 'data'), files, 2048));
  const remoteOf = (name) => join(work, `remote of ${name}`);
  const objects = (project) => project.path('.dvc/cache/files/md5');
  for (const project of Object.values(projects)) {
    project.run('add', 'data');
    project.run('remote', 'add', '--default', 'store', remoteOf(project.name));
  }
  const whole = (what, name, folder) => {
    const found = countObjects(folder);
    if (found !== files + 1) throw new Error(`${name} ${what} ${found} of ${files + 1} objects`);
  };
  const push = (project) => ({
    name: project.name,
    command: project.command(['push']),
    prepare: () => {
      project.forget();
      setAside(remoteOf(project.name));
      settle(objects(project));
    },
    check: () => whole('pushed', project.name, join(remoteOf(project.name), 'files/md5')),
  });
  const fetch = (project) => ({
    name: project.name,
    command: project.command(['fetch']),
    prepare: () => {
      project.forget();
      setAside(project.path('.dvc/cache'));
      settle(remoteOf(project.name));
    },
    check: () => whole('fetched', project.name, objects(project)),
  });
  const bare = (from) => ({
    name: 'floor',
    command: floor('store', from, join(work, 'floor'), 'sync'),
    prepare: () => {
      setAside(join(work, 'floor'));
      settle(from);
    },
  });
  const pushed = alternate([push(projects.strata), push(projects.dvc), bare(objects(projects.strata))], rounds);
  const fetched = alternate([fetch(projects.strata), fetch(projects.dvc), bare(remoteOf('strata'))], rounds);
  const rows = (what, results) => [
    compareRow(what, results, { against: 'floor', atMost: 2 }),
    compareRow(what, results, { against: 'dvc', atLeast: 5 }),
  ];
  return [...rows(`push ${files} files to a folder`, pushed), ...rows(`fetch ${files} files from a folder`, fetched)];
}
