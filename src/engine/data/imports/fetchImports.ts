/**
 * Data of imports comes from where it was imported from, never from a remote of this project (formats §19, §20): for `fetch` and `pull`. Of an
 * import that was made without data, what its source held then is brought and told, so that `pull` can put it into the workspace.
 */

import { isCancelled } from '../../../base/cancel';
import { dirname, join } from '../../../base/paths';
import { StrataError } from '../../errors';
import { type DvcFile } from '../../formats/dvcFile';
import { type Measured, type Output, type ProjectFiles, type Selection } from '../model';
import { isCached } from '../outState';
import { shown } from '../paths';
import { type Failure } from '../failures';
import { type Task } from '../task';
import { putThere } from './goal';
import { bringFrom, nearProject } from './importRepo';
import { currentCommit } from './otherRepo';
import { openSource } from './sources';

/** What was brought. */
export interface FetchedImports {
  files: number;
  bytes: number;
  readonly failed: Failure[];
  /** Data of imports whose files record none, by path from the root. */
  readonly unrecorded: Map<string, Measured>;
}

/** True for an output whose data does not come from a remote: of another repository, or of an import that records no data. */
export function comesFromSource(files: ProjectFiles, output: Output): boolean {
  return output.repoImport || (!output.recorded && importOf(files, output) !== undefined);
}

function importOf(files: ProjectFiles, output: Output): DvcFile | undefined {
  const entry = files.dvcFiles.find((one) => one.path === output.file);
  return entry && entry.file.deps.length > 0 ? entry.file : undefined;
}

/** Brings what is not in the cache. What fails is in the answer; rejects only when cancelled. */
export async function fetchImports(
  task: Task,
  sources: readonly { readonly files: ProjectFiles; readonly selected: readonly Selection[] }[],
): Promise<FetchedImports> {
  const sum: FetchedImports = { files: 0, bytes: 0, failed: [], unrecorded: new Map() };
  for (const [n, { files, selected }] of sources.entries()) {
    const before = new Map(sum.unrecorded);
    await fetchOf(task, files, selected, sum);
    // What older commits say about such an import is not what the workspace is to hold.
    if (n > 0) for (const path of sum.unrecorded.keys()) if (!before.has(path)) sum.unrecorded.delete(path);
  }
  return sum;
}

async function fetchOf(
  task: Task,
  files: ProjectFiles,
  selected: readonly Selection[],
  sum: FetchedImports,
): Promise<void> {
  const outputs = new Set(selected.map((one) => one.output).filter((one) => comesFromSource(files, one)));
  for (const output of outputs) {
    const file = importOf(files, output);
    if (!file || (output.recorded && (await isCached(task, output.recorded)))) continue;
    try {
      const content = await bringAgain(task, output, file);
      const { recorded } = output;
      if (recorded && recorded.hash !== content.hash)
        throw new StrataError('import.differs', { path: shown(task.repo, output.path), file: output.file });
      sum.files += content.nfiles ?? 1;
      sum.bytes += content.size;
      if (!recorded) sum.unrecorded.set(output.path, content);
    } catch (error) {
      if (isCancelled(error)) throw error;
      sum.failed.push({ path: output.path, ...(output.recorded ? { hash: output.recorded.hash } : {}), error });
    }
  }
}

/** Puts data of imports into the workspace whose files record none. Answers the paths, as shown. */
export async function putUnrecorded(
  task: Task,
  { unrecorded }: FetchedImports,
  force: boolean,
): Promise<{ readonly added: string[]; readonly modified: string[] }> {
  const put = { added: [] as string[], modified: [] as string[] };
  for (const [path, content] of unrecorded) {
    const change = await putThere(task, path, content, force ? 'force' : 'careful');
    if (change === 'added' || change === 'modified')
      put[change].push(shown(task.repo, path) + (content.entries ? '/' : ''));
  }
  return put;
}

async function bringAgain(task: Task, output: Output, file: DvcFile): Promise<Measured> {
  const [dep] = file.deps;
  if (!dep) throw new StrataError('import.notImport', { path: shown(task.repo, output.path) });
  if (dep.repo) {
    const near = nearProject(task, dirname(output.file));
    const { content } = await bringFrom(task, near, dep, true, dep.repo.revLock ?? dep.repo.rev);
    if (content) return content;
    throw new StrataError('import.noData', { path: dep.path, url: dep.repo.url });
  }
  const source = await openSource(task, dep.path, join(dirname(output.file), file.wdir), dep.extra.get('fs_config'));
  try {
    return (await source.bring()).content;
  } finally {
    await source.close();
  }
}

/** The dependency of an import as `status` names it, when its source has moved on since; undefined when it has not. */
export async function updateAvailable(task: Task, path: string, file: DvcFile): Promise<string | undefined> {
  const dep = file.deps.find((one) => one.repo);
  if (!dep?.repo) return undefined;
  const now = await currentCommit(nearProject(task, dirname(path)), dep.repo);
  return now === undefined || now === dep.repo.revLock ? undefined : `${dep.path} (${dep.repo.url})`;
}
