/** Pushes one tag; the tag itself stays when that fails. */

import { StrataError } from '../errors';
import { type Git } from '../git/git';

/** Fails with `registry.pushFailed` {tag, reason}. */
export async function pushTag(git: Git, tag: string): Promise<void> {
  try {
    await git.push('origin', [`refs/tags/${tag}`]);
  } catch (error) {
    const reason = error instanceof StrataError ? String(error.data['reason'] ?? error.code) : String(error);
    throw new StrataError('registry.pushFailed', { tag, reason }, { cause: error });
  }
}
