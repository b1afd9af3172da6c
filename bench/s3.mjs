/** Promise: to and from an S3 server (SeaweedFS here) small files go at most at twice the cost of the bare requests, and five times as fast as with DVC. */
import { cpSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { s3Bucket, s3Keys, startSeaweed } from '../scripts/lib/objectServers.mjs';
import { alternate, compareRow } from './measure.mjs';
import { makeFiles, makeProjects, setAside, settle } from './projects.mjs';

const floorProgram = fileURLToPath(new URL('s3Floor.mjs', import.meta.url));
/** DVC takes minutes for one round. */
const mostRounds = 3;

function countObjects(folder) {
  return readdirSync(folder).reduce((sum, xx) => sum + readdirSync(join(folder, xx)).length, 0);
}

/** Points both projects at a folder of the bucket. */
function configure(project, endpoint, prefix) {
  const set = (...words) => project.run('remote', ...words);
  set('add', '--force', '--default', 'cloud', `s3://${s3Bucket}/${prefix}`);
  set('modify', 'cloud', 'endpointurl', endpoint);
  set('modify', '--local', 'cloud', 'access_key_id', s3Keys.accessKeyId);
  set('modify', '--local', 'cloud', 'secret_access_key', s3Keys.secretAccessKey);
}

/** Where a subject keeps its objects in a round. */
const prefixOf = (name, round) => `${name}/${round}`;

function pushSubjects({ projects, endpoint, objects }) {
  const tool = (project) => ({
    name: project.name,
    command: project.command(['push']),
    prepare: (round) => {
      configure(project, endpoint, prefixOf(project.name, round));
      project.forget();
      settle(project.path('.dvc/cache'));
    },
  });
  const bare = { name: 'floor', command: undefined };
  bare.prepare = (round) => {
    const args = [floorProgram, 'put', endpoint, `${s3Bucket}/${prefixOf('floor', round)}`, objects];
    bare.command = { program: process.execPath, args };
    settle(objects);
  };
  return [tool(projects.strata), tool(projects.dvc), bare];
}

function fetchSubjects({ projects, endpoint, objects, work, files }) {
  const tool = (project) => ({
    name: project.name,
    command: project.command(['fetch']),
    prepare: () => {
      configure(project, endpoint, prefixOf(project.name, 0));
      project.forget();
      setAside(project.path('.dvc/cache'));
      settle(work);
    },
    check: () => {
      const found = countObjects(project.path('.dvc/cache/files/md5'));
      if (found !== files + 1) throw new Error(`${project.name} brought ${found} objects of ${files + 1}`);
    },
  });
  const target = join(work, 'floor');
  const args = [floorProgram, 'get', endpoint, `${s3Bucket}/${prefixOf('floor', 0)}`, objects, target];
  const bare = { name: 'floor', command: { program: process.execPath, args }, prepare: () => setAside(target) };
  return [tool(projects.strata), tool(projects.dvc), bare];
}

/** The promise is about 20,000 files; with fewer, starting a program weighs more. */
function rowsOf(what, results) {
  return [
    compareRow(what, results, { against: 'floor', atMost: 2 }),
    compareRow(what, results, { against: 'dvc', atLeast: 5 }),
  ];
}

/** Measures; gives rows. */
export async function measure(context) {
  const { work, files } = context;
  const rounds = Math.min(context.rounds, mostRounds);
  const projects = makeProjects(context, (folder) => makeFiles(join(folder, 'data'), files, 2048));
  for (const project of Object.values(projects)) project.run('add', 'data');
  const [ours, theirs] = Object.values(projects).map((project) => readFileSync(project.path('data.dvc'), 'utf8'));
  if (ours !== theirs) throw new Error(`Strata and DVC recorded different things:\n${ours}\n${theirs}`);
  const objects = join(work, 'objects');
  cpSync(projects.strata.path('.dvc/cache/files/md5'), objects, { recursive: true });
  const server = await startSeaweed();
  try {
    const all = { projects, endpoint: server.endpoint, objects, work, files };
    const pushed = alternate(pushSubjects(all), rounds);
    const fetched = alternate(fetchSubjects(all), rounds);
    return [...rowsOf(`push ${files} files to S3`, pushed), ...rowsOf(`fetch ${files} files from S3`, fetched)];
  } finally {
    await server.stop();
  }
}
