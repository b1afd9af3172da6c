/** Removes what was fetched and built: `.cache`, `dist` and `out`. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, outFolder, root } from './lib/root.mjs';

for (const folder of [cacheFolder, outFolder, join(root, 'dist')]) {
  await rm(folder, { recursive: true, force: true });
  console.log(`removed ${folder}`);
}
