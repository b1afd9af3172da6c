/**
 * The engine's door for programs: command line, worker and whoever imports `strata-mlops/engine`. A repository is the project with a
 * method for each verb of data and settings, typed and documented here, acting as the verbs table says; nothing is implemented twice.
 */

import { type Call, type Progress, type Question } from '../base/cancel';
import { nodeHost } from './host/node';
import { callOutside, openProject, type OpenOptions, type Project } from './project';
import { type AnswerOf, type ArgsOf, type VerbId } from './verbs/verbs';

/** Where a program stands, and what it may do. */
export interface RepositoryOptions {
  /** Absolute path of a folder in the repository; its root, the folder with `.dvc`, is looked for upwards. */
  readonly dir: string;
  /** False reads only: no process is started, Git is not asked, nothing of the user's is written. True unless given. */
  readonly trusted?: boolean;
  /** Opens with settings that DVC would refuse, as if there were none, so that `config` and `remote…` can correct them. */
  readonly repair?: boolean;
}

/** How one call is watched. */
export interface CallOptions {
  /** Ends the call with an error named `Cancelled`; what is on disk then is whole, and the same call again finishes. */
  readonly signal?: AbortSignal;
  /** Told of figures that move, often: draw them at your own pace. */
  readonly progress?: (value: Progress) => void;
  /** Answers questions: a confirmation, a password, an unknown host key. Without it, what has to be asked is refused. */
  readonly ask?: (question: Question) => Promise<string>;
  /** Folder below the root that paths in arguments and answers are relative to; the root unless given. */
  readonly cwd?: string;
}

/** Arguments of a verb; without `targets` it means everything, where that has a meaning. */
export type Args<V extends VerbId> = Omit<ArgsOf<V>, 'targets'> & { readonly targets?: readonly string[] };

/** Does a verb. Rejects with an error that has a `code` and `data`: facts such as the path. Calls that write come one after another. */
export type Act<V extends VerbId> = (args?: Args<V>, options?: CallOptions) => Promise<AnswerOf<V>>;

/** The methods of a repository and the verbs they do; their answers are those of the command line's `--json`. */
interface Methods {
  /** Tracks files and folders (`targets`): contents go into the cache, then a `.dvc` file names them. */
  add: 'add';
  /** What changed, by stage or `.dvc` file; with `cloud` what cache and remote do not have in common. `{}` when nothing. */
  status: 'status';
  /** HEAD against the records of the workspace (`committed`), those against its files (`uncommitted`). Paths from the root. */
  dataStatus: 'data.status';
  /** Records the present data of targets. Changed data needs `force`, or a yes from `ask`. */
  commit: 'commit';
  /** Makes the workspace match what is recorded. Data that no cache holds is replaced only with `force`. */
  checkout: 'checkout';
  /** Copies objects to the remote; what failed is in `failed`. */
  push: 'push';
  /** Brings objects into the cache; what failed is in `failed`. */
  fetch: 'fetch';
  /** `fetch`, then `checkout`. */
  pull: 'pull';
  /** Data that differs between two commits (`targets: [A, B]`), or HEAD and the workspace. Paths from the root. */
  diff: 'diff';
  /** How a file or folder differs in content: rows of a table, files of a folder. */
  diffContent: 'diff.content';
  /** The versions of a path, newest first. */
  history: 'history';
  /** Puts an earlier version of a path into the workspace; `undo` takes that back. */
  restore: 'restore';
  /** Hashes every object that targets use, and looks where good copies of bad ones are. */
  verify: 'verify';
  /** Deletes objects that nothing in the given scope needs. `dry` only counts. */
  gc: 'gc';
  /** Moves tracked data and what tracks it. */
  move: 'move';
  /** Tracks no longer: a `.dvc` file or a stage; with `outs` its data goes too. */
  remove: 'remove';
  /** Turns links into files of their own. */
  unprotect: 'unprotect';
  /** Brings data of another repository (`targets: [URL, PATH]`) and remembers where it came from. */
  import: 'import';
  /** Brings data from a URL (`targets: [URL]`) and remembers where it came from. */
  importUrl: 'import-url';
  /** Brings imports up to date with where they came from. */
  update: 'update';
  /** Which paths `.dvcignore` hides. */
  checkIgnore: 'check-ignore';
  /** Reads or writes DVC's configuration. */
  config: 'config';
  /** `targets: [NAME, URL]`. */
  remoteAdd: 'remote.add';
  /** Names and URLs, one a line. */
  remoteList: 'remote.list';
  /** `targets: [NAME, OPTION, VALUE]`. */
  remoteModify: 'remote.modify';
  /** Reads or sets the remote that is used unless another is named. */
  remoteDefault: 'remote.default';
  /** `targets: [NAME]`. */
  remoteRemove: 'remote.remove';
  /** `targets: [NAME, NEW]`. */
  remoteRename: 'remote.rename';
}

const METHODS: { readonly [M in keyof Methods]: Methods[M] } = {
  add: 'add',
  status: 'status',
  dataStatus: 'data.status',
  commit: 'commit',
  checkout: 'checkout',
  push: 'push',
  fetch: 'fetch',
  pull: 'pull',
  diff: 'diff',
  diffContent: 'diff.content',
  history: 'history',
  restore: 'restore',
  verify: 'verify',
  gc: 'gc',
  move: 'move',
  remove: 'remove',
  unprotect: 'unprotect',
  import: 'import',
  importUrl: 'import-url',
  update: 'update',
  checkIgnore: 'check-ignore',
  config: 'config',
  remoteAdd: 'remote.add',
  remoteList: 'remote.list',
  remoteModify: 'remote.modify',
  remoteDefault: 'remote.default',
  remoteRemove: 'remote.remove',
  remoteRename: 'remote.rename',
};

/** An opened repository. `call` does any verb of the table by its id; `close` when done, so that helper processes and threads end. */
export type Repository = Project & { readonly [M in keyof Methods]: Act<Methods[M]> };

/** Opens the repository that a folder lies in. Rejects with `project.none` when there is none. */
export async function openRepository(options: RepositoryOptions): Promise<Repository> {
  const project = await openProject(fullOptions(options));
  const methods = Object.entries(METHODS).map(([name, verb]) => [name, act(project, verb)]);
  return { ...project, ...Object.fromEntries(methods) } as Repository;
}

/** Makes a repository in a folder (`init`), for `openRepository` to open; gives its root and the files that Git should have. */
export function initRepository(
  options: RepositoryOptions,
  args: Args<'init'> = {},
  how: CallOptions = {},
): Promise<AnswerOf<'init'>> {
  return callAnywhere(options, 'init', args, toCall(how));
}

/** Does a verb that needs no repository: `init`, `sample`, `stats`, `series`. Rejects with `project.none` for any other. */
export function callAnywhere<V extends VerbId>(
  options: RepositoryOptions,
  verb: V,
  args: ArgsOf<V>,
  call: Call,
): Promise<AnswerOf<V>> {
  return callOutside(fullOptions(options), verb, args, call);
}

function act<V extends VerbId>(project: Project, verb: V): Act<V> {
  return (args, options = {}) => {
    const targets = [...(args?.targets ?? [])];
    return project.call(verb, { ...args, targets }, toCall(options), options.cwd);
  };
}

function toCall({ signal, progress, ask }: CallOptions): Call {
  return {
    signal: signal ?? new AbortController().signal,
    progress: progress ?? (() => undefined),
    ask: ask ?? (() => Promise.reject(new Error('nobody can be asked'))),
  };
}

/** What lies beside the running program: `media` one folder up. */
function fullOptions({ dir, trusted = true, repair = false }: RepositoryOptions): OpenOptions {
  return { dir, trusted, repair, host: nodeHost(), media: `${__dirname}/../media` };
}
