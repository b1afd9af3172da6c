/**
 * Where the project stands, and the folders that scripts and tests may fill.
 * `.cache` holds machinery that is dear to fetch, `out` holds what a test run leaves behind; both are ignored by Git.
 */
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root folder, absolute. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The machinery's folder, absolute; removed by `npm run clean`. */
export const cacheFolder = join(root, '.cache');

/** What test runs write: counts, logs, screenshots, bundled suites. Absolute. */
export const outFolder = join(root, 'out');

/** Whether the module at `url` (its `import.meta.url`) is the program that node was told to run. */
export function isMain(url) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
}
