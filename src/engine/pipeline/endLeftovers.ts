/**
 * Ends commands whose supervisor was killed. Their results can never be recorded, and a new run of the same stage would write the same files
 * at the same time. Only processes that are known to be such a command are ended: ids are given again to others.
 */

import { type Host } from '../host/host';
import { isLeftover } from '../runners/processes';
import { type Handle, type Runner } from '../runners/runners';
import { listRuns, readStatus, runDir } from './runDir';

/** Ends what lost runs of the project left going; `root` is absolute. */
export async function endLeftovers(host: Host, root: string, runner: Runner): Promise<void> {
  for (const token of await listRuns(host, root)) {
    const dir = runDir(root, token);
    const status = await readStatus(host, dir);
    if (status?.state !== 'lost') continue;
    for (const stage of status.stages) {
      const handle = stage.dir === undefined ? undefined : await readHandle(host, `${dir}/${stage.dir}`);
      if (handle && isLeftover(Number(handle.id), root)) await runner.cancel([handle]);
    }
  }
}

/** The handle that a runner keeps beside the log; undefined when it was never written whole. */
async function readHandle(host: Host, dir: string): Promise<Handle | undefined> {
  const text = await host.fs.readText(`${dir}/job.json`);
  try {
    const handle = JSON.parse(text ?? '') as Handle;
    return { ...handle, dir };
  } catch {
    return undefined;
  }
}
