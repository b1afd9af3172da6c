/** The sample project in a temporary folder of its own, made by the command line as a user would make it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../scripts/lib/root.mjs';

/** A folder that is there until `remove`. */
export interface SampleFolder {
  /** Absolute path of the project. */
  path: string;
  remove(): Promise<void>;
}

/** Makes the sample project; needs `dist/cli.js`. */
export async function makeSample(): Promise<SampleFolder> {
  const above = await mkdtemp(join(tmpdir(), 'strata-sample-'));
  const path = join(above, 'digits');
  await promisify(execFile)(process.execPath, [join(root, 'dist', 'cli.js'), 'sample', path]);
  return { path, remove: () => rm(above, { recursive: true, force: true }) };
}
