/** A folder for one test, without links in its path, removed afterwards. */

import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

/** Makes the folder. The caller removes it with {@link dropFolder}. */
export function newFolder(): string {
  return fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'strata test ')));
}

/** Removes it with all that is in it. */
export function dropFolder(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
}
