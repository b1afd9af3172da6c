/**
 * The face of the engine: opens a folder and binds each verb of the table to the function that does it. Programs come in through
 * `library.ts`. Takes and gives only clonable values; progress, questions and cancel go through `Call`.
 */

import { type Call } from '../base/cancel';
import { KeyedQueue } from '../base/queue';
import { bindingOf, FREE_BINDINGS, outsideBindingOf } from './bindings';
import { OpenedRepo } from './data/openedRepo';
import { configFiles, findRoot, openRepo } from './data/openRepo';
import { type Repo } from './data/repo';
import { StrataError } from './errors';
import { type Host } from './host/host';
import { verbSpec, type AnswerOf, type ArgsOf, type VerbId } from './verbs/verbs';

/** How a project is opened. */
export interface OpenOptions {
  /** Absolute path of a folder in the project; its root is looked for upwards. */
  readonly dir: string;
  readonly host: Host;
  /** False in untrusted workspaces: no process is started, nothing of the user's is written, Git is not read. */
  readonly trusted: boolean;
  /** Absolute path of the folder with the shipped files (`media`), for `sample`. */
  readonly media: string;
  /** Opens with settings that DVC would refuse, so that `config` can correct them; no other verb should be called then. */
  readonly repair?: boolean;
}

/** An opened project. */
export interface Project {
  /** Absolute path of the folder that holds `.dvc`. */
  readonly root: string;
  /** Does a verb. `cwd` is the folder below the root that paths are relative to, `.` unless given. */
  call<V extends VerbId>(verb: V, args: ArgsOf<V>, call: Call, cwd?: string): Promise<AnswerOf<V>>;
  /** Opens anew with the configuration as it is now. Not needed where one of its files changed: that is noticed before each act. */
  reload(): Promise<void>;
  /** Saves the state index and ends helper processes. */
  close(): Promise<void>;
}

/** Opens the project that `dir` lies in. Fails with `project.none`. */
export async function openProject(options: OpenOptions): Promise<Project> {
  const { root, alias } = await locate(options);
  const queue = new KeyedQueue();
  const open = async (): Promise<Repo> => {
    const { host, trusted, repair = false } = options;
    const opened = await openRepo({ root, cwd: '.', host, trusted, repair, command: 'strata' });
    return alias === undefined ? opened : { ...opened, alias };
  };
  const opened = new OpenedRepo({ fs: options.host.fs, files: Object.values(configFiles(options.host, root)), open });
  const look = (): Promise<void> => opened.use(() => Promise.resolve());
  await look();
  return {
    root,
    reload: async () => {
      await opened.forget();
      await look();
    },
    close: () => opened.close(),
    call: async (verb, args, call, cwd = '.') => {
      const { needs } = verbSpec(verb);
      if (needs.trust && !options.trusted) throw new StrataError('trust.required', { verb });
      const free = FREE_BINDINGS[verb];
      if (free) return free({ ...options, dir: `${root}/${cwd}` }, args, call);
      const bound = await bindingOf(verb);
      if (!bound) throw new StrataError('project.noVerb', { verb });
      const act = (): Promise<AnswerOf<typeof verb>> =>
        opened.use((repo) => bound({ ...repo, cwd, command: `strata ${verb}` }, args, call));
      return needs.write ? queue.run(root, act) : act();
    },
  };
}

/**
 * Where the project really lies, and what it was called where links led to it. Through a link all that is beside the project, Git's folder and
 * remotes with relative paths, would be looked for elsewhere, and other programs would not see what a run claims.
 */
async function locate({ host, dir }: OpenOptions): Promise<{ readonly root: string; readonly alias?: string }> {
  const real = (await host.fs.stat(dir)) ? await host.fs.realpath(dir) : dir;
  const root = await findRoot(host, real);
  if (root === undefined) throw new StrataError('project.none', { path: dir });
  const below = real.slice(root.length);
  return dir !== real && dir.endsWith(below) ? { root, alias: dir.slice(0, dir.length - below.length) } : { root };
}

/**
 * Does a verb outside of any project: `init`, `sample`, `stats`, `series` …, and `config` and `remote …` for the settings of this user. Fails
 * with `project.none` for any other.
 */
export async function callOutside<V extends VerbId>(
  options: OpenOptions,
  verb: V,
  args: ArgsOf<V>,
  call: Call,
): Promise<AnswerOf<V>> {
  const free = FREE_BINDINGS[verb] ?? (await outsideBindingOf(verb));
  if (!free) throw new StrataError('project.none', { path: options.dir });
  if (verbSpec(verb).needs.trust && !options.trusted) throw new StrataError('trust.required', { verb });
  return free(options, args, call);
}
