/** Which Python runs the sample's stages: the first of `python3`, `python`, `py` on PATH. Files are looked at, nothing is started. */

import { type FileStat, type Host } from '../host/host';

const NAMES = ['python3', 'python', 'py'];

/** The command to write into the sample's `dvc.yaml`, or undefined when no Python is on PATH. */
export async function findPython(host: Host): Promise<string | undefined> {
  const windows = host.platform === 'win32';
  const folders = (host.env['PATH'] ?? host.env['Path'] ?? '')
    .split(windows ? ';' : ':')
    .filter((folder) => folder !== '');
  for (const name of NAMES) {
    for (const folder of folders) {
      const stat = await look(host, `${folder}/${name}${windows ? '.exe' : ''}`);
      if (stat !== undefined && isProgram(stat, windows)) return name;
    }
  }
  return undefined;
}

/** A folder of PATH that may not be read counts as empty, as shells take it. */
async function look(host: Host, path: string): Promise<FileStat | undefined> {
  try {
    return await host.fs.stat(path);
  } catch {
    return undefined;
  }
}

/** Windows puts empty `python3.exe` files on PATH that only open its shop: those are no programs. */
function isProgram(stat: FileStat, windows: boolean): boolean {
  return stat.kind === 'file' && (windows ? stat.size > 0 : (stat.mode & 0o111) !== 0);
}
