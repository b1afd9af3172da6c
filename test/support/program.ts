/** A TypeScript program of the tests, made into one file that plain Node runs. */

import { buildSync } from 'esbuild';
import * as path from 'node:path';

/** Builds `entry` into `folder` and gives the path of what can be run. */
export function buildProgram(entry: string, folder: string): string {
  const outfile = path.join(folder, `${path.basename(entry, '.ts')}.js`);
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  return outfile;
}
