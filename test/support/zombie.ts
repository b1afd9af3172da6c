/** A process that has ended and whose parent never asks about it: its id is still given to it. */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';

const PATIENCE_MS = 5000;

/** Makes one and gives its id; it is gone once its parent, which is added to `children`, has been killed. */
export function zombie(children: ChildProcess[]): number {
  // The shell becomes a program that does not know of its child.
  const parent = spawn('sh', ['-c', 'true & exec sleep 600'], { stdio: 'ignore' });
  children.push(parent);
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; spawnSync('sleep', ['0.02'])) {
    const ids = fs.readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8').trim().split(' ');
    const found = ids.find((id) => id !== '' && / Z /.test(fs.readFileSync(`/proc/${id}/stat`, 'utf8')));
    if (found !== undefined) return Number(found);
  }
  throw new Error('the child did not become a zombie');
}
