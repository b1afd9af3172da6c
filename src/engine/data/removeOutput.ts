/** Removes an output from the workspace: before a stage runs, and when it is no longer tracked. */

import { guardPlace } from './placement';
import { absolute } from './repo';
import { type Task } from './task';

/** Deletes the file, link or folder at an output's path; one that is absent is fine. Fails with `data.outside`, `data.behindLink`. */
export async function removeOutput(task: Task, path: string): Promise<void> {
  const at = absolute(task.repo, path);
  const { fs } = task.repo.host;
  if ((await fs.lstat(at))?.kind === 'link') {
    await fs.unlink(at);
    return;
  }
  await guardPlace(task.repo, path);
  await fs.remove(at);
}
