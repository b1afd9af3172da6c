/** Deletes a file of the project for good: when this resolves, its name is gone from the disk too. */

import { dirname } from '../../base/paths';
import { absolute, type Repo } from './repo';

/** Deletes a file (from the root); one that is absent is fine. */
export async function deleteFile(repo: Repo, path: string): Promise<void> {
  const { fs } = repo.host;
  await fs.unlink(absolute(repo, path));
  await fs.syncFolder(absolute(repo, dirname(path)));
}
