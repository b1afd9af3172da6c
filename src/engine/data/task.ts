/** What every act on outputs carries: the project, the call it belongs to, and the ignore rules read so far. */

import { type Call } from '../../base/cancel';
import { type Repo } from './repo';
import { openIgnores, type Ignores } from './ignore';

/** One piece of work on a project. Made for one verb and forgotten with it. */
export interface Task {
  readonly repo: Repo;
  readonly call: Call;
  /** What `.dvcignore` files say. */
  readonly ignores: Ignores;
}

/** Begins a piece of work. */
export function startTask(repo: Repo, call: Call): Task {
  return { repo, call, ignores: openIgnores(repo.host.fs, repo.root, '.dvcignore') };
}
