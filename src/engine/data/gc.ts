/**
 * `gc`: deletes objects that the chosen revisions, the workspace and recent undos do not need (dvc.md §18). Safer than DVC where it matters: what
 * a list that cannot be read may name is kept, pointers are read again right before each step of deleting, and objects that appear meanwhile
 * stay. Nothing is deleted before number and size were shown and agreed to, or `force` was given.
 */

import { Cancelled, isCancelled, type Call } from '../../base/cancel';
import { dirname, isInside, join } from '../../base/paths';
import { removeUnused, surveyCache, type CacheSurvey, type Unused } from '../cache/collect';
import { type HashName } from '../cache/cache';
import { objectKey } from '../cache/layout';
import { findLeftovers, removeLeftovers } from '../cache/leftovers';
import { StrataError } from '../errors';
import { type Remote } from '../remotes/remotes';
import { type GcAnswer, type GcArgs } from '../verbs/upkeep';
import { collectProject } from './collect';
import { failureText } from './failures';
import { openRemotes, removeFromRemote, surveyRemote, type RemoteSurvey } from './gcRemote';
import { findRoot, openRepo } from './openRepo';
import { fromArgument } from './paths';
import { absolute, type Repo } from './repo';
import { dropOldUndos } from './restore';
import { commitsOf, wantsCommits } from './revisions';
import { startTask, type Task } from './task';
import { UsedObjects } from './usedObjects';
import { CommitUses, workspaceUses, type Skipped } from './uses';
import { requireGit } from './versions';
import { whileLocked } from './writing';

/**
 * Deletes what is not needed. Fails with `gc.noScope`, `gc.needsCloud`, `gc.exclusive`, `gc.numAlone`, `gc.notConfirmed` {n}, `gc.noProject`
 * {path}, `remotes.cannotList` {name}, and with the error of a file that cannot be loaded.
 */
export async function gc(repo: Repo, args: GcArgs, call: Call): Promise<GcAnswer> {
  checkArgs(args);
  const collection = await Collection.open(startTask(repo, call), args);
  try {
    if (args.dry) return answerOf(await collection.plan(), { dry: true });
    const agreed = args.force ? undefined : await agree(collection, call);
    return await collection.locked(() => sweep(collection, agreed));
  } finally {
    await collection.close();
  }
}

function checkArgs(args: GcArgs): void {
  if (!args.workspace && args.num === undefined && !wantsCommits(args)) throw new StrataError('gc.noScope', {});
  if (args.remote !== undefined && !args.cloud && !args.notInRemote) throw new StrataError('gc.needsCloud', {});
  if (args.cloud && args.notInRemote) throw new StrataError('gc.exclusive', {});
  if (args.num !== undefined && args.rev === undefined && !args.allBranches) throw new StrataError('gc.numAlone', {});
}

/** What would go, and what was met on the way. */
interface Plan {
  readonly cache: CacheSurvey;
  readonly remotes: readonly RemoteSurvey[];
  readonly unreadable: GcAnswer['unreadable'];
  readonly keptForUnreadable: number;
  readonly skipped: readonly Skipped[];
}

/** One project whose needs count. */
interface Needing {
  readonly task: Task;
  readonly commits: CommitUses | undefined;
  /** Where its refs stood when its commits were last looked through. */
  refs?: string;
}

/** One run of `gc`: the projects whose needs count, the remotes it reaches, and what is known to be needed. */
class Collection {
  private used: UsedObjects;
  private readonly skipped: Skipped[] = [];

  private constructor(
    readonly task: Task,
    private readonly args: GcArgs,
    private readonly projects: readonly Needing[],
    /** Open remotes by name, `''` for the default one. */
    private readonly remotes: Map<string, Remote>,
  ) {
    this.used = new UsedObjects(task, [...remotes.values()], args.skipFailed === true);
  }

  static async open(task: Task, args: GcArgs): Promise<Collection> {
    const repos = new Map([[task.repo.root, task.repo]]);
    for (const path of [...(args.projects ?? []), ...args.targets]) await openOther(task.repo, path, repos);
    const projects = [...repos.values()].map((repo): Needing => {
      const own = repo === task.repo ? task : startTask(repo, task.call);
      const commits = wantsCommits(args) ? new CommitUses(own, requireGit(own), args.skipFailed === true) : undefined;
      return { task: own, commits };
    });
    const remotes = new Map<string, Remote>();
    const collection = new Collection(task, args, projects, remotes);
    if (args.cloud || args.notInRemote) await openRemotes(task, args, remotes, ['']);
    collection.used = new UsedObjects(task, [...remotes.values()], args.skipFailed === true);
    return collection;
  }

  /** Runs `act` while no other program changes the projects whose needs count. */
  async locked<T>(act: () => Promise<T>): Promise<T> {
    const nested = this.projects.reduceRight(
      (inner, { task }) =>
        () =>
          whileLocked(task, inner),
      act,
    );
    return nested();
  }

  /** Reads again what is needed; what was once needed stays needed. */
  async refresh(): Promise<void> {
    for (const project of this.projects) {
      await this.readCommits(project);
      await this.used.add(await workspaceUses(project.task));
    }
  }

  private async readCommits(project: Needing): Promise<void> {
    const { task, commits } = project;
    if (!commits) return;
    const git = requireGit(task);
    const refs = JSON.stringify([await git.resolve('HEAD'), await git.refs()]);
    if (refs === project.refs) return;
    const found = await commits.read(await commitsOf(git, this.args, task.call));
    await this.used.add(found.uses);
    this.skipped.push(...found.skipped);
    project.refs = refs;
  }

  /** What would go now. */
  async plan(): Promise<Plan> {
    const { repo, call } = this.task;
    const started = repo.host.now();
    await this.refresh();
    if (this.args.cloud || this.args.notInRemote)
      await openRemotes(this.task, this.args, this.remotes, this.used.remoteNames);
    if (this.args.notInRemote) for (const [name, remote] of this.remotes) await this.used.releaseShared(name, remote);
    let keptForUnreadable = 0;
    const keeps = (hash: string, hashName: HashName, size: () => number): boolean => {
      const kept = this.used.keeps(hash, hashName, size);
      if (kept === 'unknown') keptForUnreadable += 1;
      return kept !== undefined;
    };
    const remotes: RemoteSurvey[] = [];
    if (this.args.cloud)
      for (const [name, remote] of this.remotes)
        remotes.push(await surveyRemote(name, remote, { keeps, now: started }, call));
    keptForUnreadable = 0;
    const found = await surveyCache(repo.store.dir, { keeps, bornBefore: started, now: started }, call);
    const cache = { ...found, temporaries: [...found.temporaries, ...(await leftovers(this.task, started))] };
    const unreadable = this.used.unreadable.map(({ path, hash, rev }) => ({ path, hash, rev: shortRev(rev) }));
    return { cache, remotes, unreadable, keptForUnreadable, skipped: this.skipped };
  }

  /** Those of some objects that nobody needs at this moment. */
  async stillUnused(step: readonly Unused[]): Promise<readonly Unused[]> {
    await this.refresh();
    return step.filter(({ hash, hashName, size }) => this.used.keeps(hash, hashName, () => size) === undefined);
  }

  async stillUnusedKeys(survey: RemoteSurvey): Promise<RemoteSurvey> {
    const good = new Set((await this.stillUnused(survey.unused)).map((one) => objectKey(one.hash, one.hashName)));
    return { ...survey, unused: survey.unused.filter((one) => good.has(objectKey(one.hash, one.hashName))) };
  }

  async close(): Promise<void> {
    for (const remote of this.remotes.values()) await remote.close();
    for (const { task } of this.projects) {
      if (task === this.task) continue;
      task.repo.git?.close();
      await task.repo.store.close();
    }
  }
}

/** What interrupted commands left outside the folders of objects. */
async function leftovers({ repo, call }: Task, now: number): Promise<string[]> {
  const { dvcFiles, pipelines, outputs } = await collectProject(repo, call);
  const folders = new Set(['.', ...[...dvcFiles, ...pipelines, ...outputs].map((one) => dirname(one.path))]);
  const workspace: string[] = [];
  for (const folder of folders) if (await isOwn(repo, folder)) workspace.push(absolute(repo, folder));
  return findLeftovers({ dvc: absolute(repo, '.dvc'), cache: repo.store.dir, workspace }, now);
}

/** Outputs may be declared outside the project, and links may lead there: nothing is touched there. */
async function isOwn({ root, host }: Repo, folder: string): Promise<boolean> {
  const at = join(root, folder);
  if (!isInside(folder, '.') || (await host.fs.stat(at))?.kind !== 'folder') return false;
  return (await host.fs.realpath(at)) === join(await host.fs.realpath(root), folder);
}

function shortRev(rev: string): string {
  return /^[0-9a-f]{40,}$/.test(rev) ? rev.slice(0, 7) : rev;
}

/** Opens the project around a folder, once, whatever links lead there: its lock is taken once. */
async function openOther(repo: Repo, path: string, open: Map<string, Repo>): Promise<void> {
  const { host, trusted, command } = repo;
  const named = absolute(repo, fromArgument(repo, path));
  const root = await findRoot(host, (await host.fs.stat(named)) ? await host.fs.realpath(named) : named);
  if (root === undefined) throw new StrataError('gc.noProject', { path });
  if (!open.has(root)) open.set(root, await openRepo({ root, cwd: '.', host, trusted, command }));
}

/** Shows what would go and asks; answers what was agreed to. Nothing to delete is nothing to ask. */
async function agree(collection: Collection, call: Call): Promise<ReadonlySet<string>> {
  const plan = await collection.plan();
  const far = plan.remotes.flatMap((survey) => survey.unused);
  const keys = [...plan.cache.unused, ...far].map((one) => objectKey(one.hash, one.hashName));
  if (keys.length === 0) return new Set();
  const n = plan.cache.unused.length;
  const { repo } = collection.task;
  const isShared = !repo.store.dir.startsWith(`${repo.root}/`);
  const question = {
    kind: 'confirm',
    code: far.length > 0 ? 'gcCloud' : isShared ? 'gcShared' : 'gc',
    data: { n, size: sizeOf(plan.cache.unused), path: repo.store.dir, far: far.length, farSize: sizeOf(far) },
    choices: ['cancel', 'yes'],
    items: plan.remotes.filter((survey) => survey.unused.length > 0).map((survey) => survey.remote.url),
  } as const;
  const answer = await call.ask(question).catch((error: unknown) => {
    if (isCancelled(error)) throw error;
    throw new StrataError('gc.notConfirmed', { n: keys.length }, { cause: error });
  });
  if (answer !== 'yes') throw new Cancelled();
  return new Set(keys);
}

function sizeOf(unused: readonly { readonly size: number }[]): number {
  return unused.reduce((sum, { size }) => sum + size, 0);
}

/** Deletes, under the locks. `agreed` limits it to what was shown. */
async function sweep(collection: Collection, agreed: ReadonlySet<string> | undefined): Promise<GcAnswer> {
  const { task } = collection;
  const { repo, call } = task;
  const plan = limited(await collection.plan(), agreed);
  const pathOf = (hash: string, hashName: HashName): string => repo.store.pathOf(hash, hashName);
  const far = { removed: 0, bytes: 0 };
  for (const survey of plan.remotes) {
    const done = await removeFromRemote(await collection.stillUnusedKeys(survey), call);
    far.removed += done.removed;
    far.bytes += done.bytes;
  }
  const done = await removeUnused(plan.cache.unused, pathOf, (step) => collection.stillUnused(step), call);
  const temporaries = removeLeftovers(plan.cache.temporaries);
  await dropOldUndos(repo);
  const failed = done.failed.map((one) => failureText(task, { ...one, path: pathOf(one.hash, 'md5') }));
  const { removed, bytes } = done;
  return answerOf(plan, { dry: false, removed, bytes, temporaries, far, failed });
}

function limited(plan: Plan, agreed: ReadonlySet<string> | undefined): Plan {
  if (!agreed) return plan;
  const some = (unused: readonly Unused[]): Unused[] =>
    unused.filter((one) => agreed.has(objectKey(one.hash, one.hashName)));
  return {
    ...plan,
    cache: { ...plan.cache, unused: some(plan.cache.unused) },
    remotes: plan.remotes.map((survey) => ({ ...survey, unused: some(survey.unused) })),
  };
}

/** What was done, or with `dry` would be. */
interface Done {
  readonly dry: boolean;
  readonly removed?: number;
  readonly bytes?: number;
  readonly temporaries?: number;
  readonly far?: { readonly removed: number; readonly bytes: number };
  readonly failed?: GcAnswer['failed'];
}

function answerOf(plan: Plan, done: Done): GcAnswer {
  const { unused, temporaries } = plan.cache;
  const far = plan.remotes.flatMap((survey) => survey.unused);
  const old = done.temporaries ?? temporaries.length;
  return {
    removed: done.removed ?? unused.length,
    bytes: done.bytes ?? sizeOf(unused),
    dry: done.dry,
    ...(plan.remotes.length === 0 ? {} : { remote: done.far ?? { removed: far.length, bytes: sizeOf(far) } }),
    ...(done.dry ? { objects: [...new Set([...unused, ...far].map(({ hash }) => hash))] } : {}),
    ...(old === 0 ? {} : { temporaries: old }),
    ...(plan.unreadable && plan.unreadable.length > 0
      ? { unreadable: plan.unreadable, keptForUnreadable: plan.keptForUnreadable }
      : {}),
    ...(plan.skipped.length === 0 ? {} : { skipped: [...plan.skipped] }),
    ...(done.failed && done.failed.length > 0 ? { failed: done.failed } : {}),
  };
}
