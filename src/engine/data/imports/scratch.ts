/**
 * A store for acts outside any project, `get` and `list`: a folder of its own that goes with the act. It lies beside what is got, so that data
 * gets to its place without another copy.
 */

import { quietCall, type Call } from '../../../base/cancel';
import { join } from '../../../base/paths';
import { openStore } from '../../cache/openStore';
import { type DvcConfig } from '../../formats/dvcConfig';
import { type Host } from '../../host/host';
import { findRoot, readConfig } from '../openRepo';
import { startTask, type Task } from '../task';

/** Where a verb without a project is called. */
export interface Place {
  readonly host: Host;
  /** Absolute. */
  readonly dir: string;
}

/** A task whose root is an absolute folder, and what it uses meanwhile. */
export interface Scratch {
  readonly task: Task;
  /** Absolute folder for copies of repositories. */
  readonly folder: string;
  /** Removes the objects, so that files in place are no longer one with them. */
  dropObjects(): Promise<void>;
}

/** Does something with a store in `folder` (absolute); both are gone afterwards. */
export async function withScratch<T>(
  host: Host,
  root: string,
  { config, call }: { readonly config: DvcConfig; readonly call: Call },
  act: (scratch: Scratch) => Promise<T>,
): Promise<T> {
  const folder = join(root, `.strata-${host.randomHex(6)}`);
  const cache = join(folder, 'cache');
  const store = openStore({
    host,
    dir: cache,
    tmpDir: join(folder, 'tmp'),
    indexDir: join(folder, 'index'),
    linkTypes: ['hardlink', 'copy'],
    shared: false,
  });
  const repo = { root, host, config, store, cwd: '.', git: undefined, trusted: true, command: 'strata' };
  try {
    const dropObjects = (): Promise<void> => host.fs.remove(cache);
    return await act({ task: startTask(repo, call), folder, dropObjects });
  } finally {
    await store.close();
    await host.fs.remove(folder);
  }
}

/** Settings that hold in a folder: of the project around it, or those of the user and the machine. */
export async function configAt({ host, dir }: Place): Promise<DvcConfig> {
  return readConfig(host, (await findRoot(host, dir)) ?? dir);
}

/** The folder of the machine for what is needed for a moment. */
export function temporaryFolder({ env, platform }: Host): string {
  return (platform === 'win32' ? env['TEMP'] : env['TMPDIR']) ?? '/tmp';
}

/** Makes files (absolute) that came out of a store their user's own. */
export async function ownAll(scratch: Scratch, paths: readonly string[]): Promise<void> {
  const { repo, call } = scratch.task;
  await scratch.dropObjects();
  await repo.store.ownFiles(paths, quietCall(call.signal));
}
