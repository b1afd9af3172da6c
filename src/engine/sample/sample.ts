/**
 * Makes the sample project: a small real repository with data, a pipeline, two trained models, a history and a folder as remote, without
 * network. The door of this folder. All of it is recorded (`recorded.ts`); only the name of Python in the stage commands is chosen here.
 * Apart from the times of files, two samples made on one machine are the same, byte for byte.
 */

import { throwIfCancelled, type Call } from '../../base/cancel';
import { dirname, join } from '../../base/paths';
import { openRepo } from '../data/data';
import { type Repo } from '../data/repo';
import { StrataError } from '../errors';
import { parseDvcLock } from '../formats/dvcLock';
import { importHistory, initRepository, type History } from '../git/newRepository';
import { type Host } from '../host/host';
import { saveResult } from '../pipeline/runCache';
import { type SampleAnswer, type SampleArgs } from '../verbs/verbs';
import { findPython } from './interpreter';
import { readRecorded, type Recorded, type RecordedCommit } from './recorded';

/** Where the sample goes and what it is made from. */
export interface SampleOptions {
  /** Absolute path that a relative target starts from. */
  readonly dir: string;
  readonly host: Host;
  /** Absolute path of the folder with the shipped files; the sample is in `sample` below it. */
  readonly media: string;
}

/**
 * Makes the sample in the folder `args.targets[0]`. A folder that holds something is refused (`sample.notEmpty`) unless forced: then an
 * earlier sample is replaced, other files stay, and a file in the way that is not the sample's is refused (`sample.occupied`). After a
 * failure or a cancel nothing of the sample is left. Also fails with `sample.damaged`, `git.missing` and the errors of the file system.
 */
export async function makeSample(options: SampleOptions, args: SampleArgs, call: Call): Promise<SampleAnswer> {
  const { host } = options;
  const root = absolutePath(options, args.targets[0] ?? '.');
  const recorded = await readRecorded(host, `${options.media}/sample`);
  const names = topNames(recorded);
  const existed = (await host.fs.readdir(root)) !== undefined;
  await clearPlace(host, root, names, args.force === true);
  await host.fs.mkdir(root);
  try {
    const python = await findPython(host);
    await fill(host, root, { recorded, python: python ?? 'python3' }, call);
    const files = recorded.history.commits.flatMap((commit) => commit.files);
    const count = new Set([...files, ...trackedFiles(recorded, last(recorded)).keys()]).size;
    const answer = { root, files: count, commits: recorded.history.commits.length };
    return python === undefined ? answer : { ...answer, python };
  } catch (error) {
    if (existed) await removeNames(host, root, names);
    else await host.fs.remove(root);
    throw error;
  }
}

const LOCK = 'dvc.lock';

interface Plan {
  readonly recorded: Recorded;
  /** Command that the stages are run with. */
  readonly python: string;
}

/** All steps. The repository with its identity comes first: by it a half-made sample is known as one. */
async function fill(host: Host, root: string, plan: Plan, call: Call): Promise<void> {
  const { recorded } = plan;
  const { author } = recorded.history;
  await initRepository(root, author, call);
  await importHistory(root, await collectHistory(plan), call);
  await host.fs.writeAtomic(`${root}/.dvc/tmp/btime`, '');
  const repo = await openRepo({ root, cwd: '.', host, trusted: true, command: 'strata sample' });
  try {
    await writeObjects(repo, recorded, call);
    await writeRunCache(repo, plan);
    await writeWorkspace(repo, recorded, call);
  } finally {
    repo.git?.close();
    await repo.store.close();
  }
}

/** The recorded commits and tags with their files' texts. */
async function collectHistory({ recorded, python }: Plan): Promise<History> {
  const { author, commits, tags } = recorded.history;
  const made = [];
  for (const [i, commit] of commits.entries()) {
    const files = new Map<string, string>();
    for (const path of commit.files) files.set(path, withPython(path, await recorded.file(i + 1, path), python));
    made.push({ time: Date.parse(commit.date), message: commit.message, files });
  }
  return { person: author, commits: made, tags: tags.map((tag) => ({ ...tag, time: Date.parse(tag.date) })) };
}

/** The stage commands as this machine runs them; they are recorded with `python3`. */
function withPython(path: string, text: string, python: string): string {
  if (path !== 'dvc.yaml' && path !== LOCK) return text;
  return text.replace(/^( +cmd: )python3 /gm, `$1${python} `);
}

/** Puts every object into the cache, and those of the first commits on the remote. Each is verified by its hash. */
async function writeObjects(repo: Repo, recorded: Recorded, call: Call): Promise<void> {
  const { store, host, root } = repo;
  const pushed = pushedHashes(recorded);
  const total = recorded.hashes.length;
  for (const [done, hash] of recorded.hashes.entries()) {
    throwIfCancelled(call.signal);
    call.progress({ phase: 'progress.sample', done, total, unit: 'files' });
    const bytes = Buffer.from(recorded.object(hash));
    const stored = await store.addBytes(bytes, hash.endsWith('.dir') ? '.dir' : undefined);
    if (stored !== hash) throw new StrataError('sample.damaged', { path: hash });
    if (!pushed.has(hash)) continue;
    const key = store.pathOf(hash).slice(store.dir.length);
    await host.fs.writeAtomic(`${root}/remote${key}`, bytes, { mode: 0o444 });
  }
}

/** Keeps the results of the recorded runs, as the runs themselves did: going back to their parameters restores instead of running. */
async function writeRunCache(repo: Repo, { recorded, python }: Plan): Promise<void> {
  for (const [i, commit] of recorded.history.commits.entries()) {
    if (!commit.files.includes(LOCK)) continue;
    const lock = parseDvcLock(withPython(LOCK, await recorded.file(i + 1, LOCK), python), LOCK);
    for (const entry of lock.stages.values()) await saveResult(repo, entry);
  }
}

/** Puts the data of the last commit into the working tree. */
async function writeWorkspace(repo: Repo, recorded: Recorded, call: Call): Promise<void> {
  const files = [...trackedFiles(recorded, last(recorded))].map(([path, hash]) => ({
    path: `${repo.root}/${path}`,
    hash,
    hashName: 'md5' as const,
  }));
  for (const folder of new Set(files.map((file) => dirname(file.path)))) await repo.host.fs.mkdir(folder);
  const [failed] = await repo.store.restoreFiles(files, call);
  if (failed) throw failed.error;
}

/** Path and hash of every file that a commit's outputs hold. */
function trackedFiles(recorded: Recorded, commit: RecordedCommit): Map<string, string> {
  const files = new Map<string, string>();
  for (const [path, hash] of Object.entries(commit.outs)) {
    if (hash.endsWith('.dir')) for (const [name, md5] of members(recorded, hash)) files.set(`${path}/${name}`, md5);
    else files.set(path, hash);
  }
  return files;
}

function members(recorded: Recorded, hash: string): [string, string][] {
  const entries = JSON.parse(recorded.object(hash)) as { md5: string; relpath: string }[];
  return entries.map((entry) => [entry.relpath, entry.md5]);
}

/** What the remote holds: the data of the commits up to the model in production. */
function pushedHashes(recorded: Recorded): Set<string> {
  const commits = recorded.history.commits.slice(0, recorded.history.pushed);
  return new Set(commits.flatMap((one) => [...Object.values(one.outs), ...trackedFiles(recorded, one).values()]));
}

function last(recorded: Recorded): RecordedCommit {
  const commit = recorded.history.commits.at(-1);
  if (commit === undefined) throw new StrataError('sample.damaged', { path: 'history.json' });
  return commit;
}

/** Names directly in the sample's folder, all that it writes. */
function topNames(recorded: Recorded): string[] {
  const paths = recorded.history.commits.flatMap((commit) => [...commit.files, ...Object.keys(commit.outs)]);
  return [...new Set(['.git', 'remote', ...paths.map((path) => path.split('/', 1)[0] ?? path)])];
}

/** Refuses a folder that the sample may not be made in; removes an earlier sample when forced. */
async function clearPlace(host: Host, root: string, names: readonly string[], force: boolean): Promise<void> {
  const stat = await host.fs.stat(root);
  if (stat !== undefined && stat.kind !== 'folder') throw new StrataError('fs.notFolder', { path: root });
  const present = ((await host.fs.readdir(root)) ?? []).map((entry) => entry.name);
  if (present.length === 0) return;
  if (!force) throw new StrataError('sample.notEmpty', { path: root });
  if (await isSample(host, root)) return removeNames(host, root, names);
  const taken = present.filter((name) => names.includes(name)).sort();
  if (taken.length > 0) throw new StrataError('sample.occupied', { path: root, names: taken.join(', ') });
}

/** An earlier sample is known by its repository-local identity. */
async function isSample(host: Host, root: string): Promise<boolean> {
  return ((await host.fs.readText(`${root}/.git/config`)) ?? '').includes('sample@strata.invalid');
}

async function removeNames(host: Host, root: string, names: readonly string[]): Promise<void> {
  for (const name of names) await host.fs.remove(`${root}/${name}`);
}

/** `target` as seen from the folder of the call; on Windows a path with a drive letter is absolute too. */
function absolutePath({ dir, host }: SampleOptions, target: string): string {
  if (host.platform !== 'win32') return join(dir, target);
  const path = target.replaceAll('\\', '/');
  return /^[a-zA-Z]:\//.test(path) ? path : join(dir, path);
}
