/** Folders on the other side: made once each, listed in few requests, asked about many keys in the cheaper of two ways. */

import { type FileEntryWithStats } from 'ssh2';
import { StrataError } from '../errors';
import { inLanes } from './lanes';
import { SFTP_STATUS, SftpRefusal, type SshLine } from './sshLine';

/** Up to so many keys are asked for one by one: three round trips for a folder are not fewer. */
const FEW_KEYS = 40;
/** A server lists about so many names in the time of one question. */
const LISTED = 8;
/** Questions under way. */
const LANES = 64;

/** True for the server's "no such file". */
export function isNoFile(error: unknown): boolean {
  return error instanceof SftpRefusal && error.status === SFTP_STATUS.noFile;
}

/** Makes folders with their parents, each once. */
export class SshFolders {
  private readonly made = new Map<string, Promise<void>>();

  /** Several callers of one folder share one request. */
  make(line: SshLine, folder: string): Promise<void> {
    const known = this.made.get(folder);
    if (known) return known;
    const making = this.makeWith(line, folder);
    this.made.set(folder, making);
    making.catch(() => this.made.delete(folder));
    return making;
  }

  /** Somebody else removed it. */
  forget(folder: string): void {
    for (const known of this.made.keys())
      if (folder === known || folder.startsWith(`${known}/`)) this.made.delete(known);
  }

  private async makeWith(line: SshLine, folder: string): Promise<void> {
    try {
      await line.mkdir(folder);
    } catch (error) {
      if (!(error instanceof SftpRefusal)) throw error;
      const parent = folder.slice(0, folder.lastIndexOf('/'));
      if (isNoFile(error) && parent !== '') {
        await this.make(line, parent);
        await line.mkdir(folder).catch(async (again: unknown) => this.needFolder(line, folder, again));
      } else await this.needFolder(line, folder, error);
    }
  }

  /** A folder that was there, or that somebody else made in between, is fine. */
  private async needFolder(line: SshLine, folder: string, refused: unknown): Promise<void> {
    const facts = await line.stat(folder).catch((error: unknown) => {
      throw isNoFile(error) ? refused : error;
    });
    if (!facts.isDirectory()) throw new StrataError('remoteSsh.notFolder', { path: folder });
  }
}

/** Entries of a folder; none when it is absent. */
export async function listFolder(line: SshLine, folder: string): Promise<FileEntryWithStats[]> {
  try {
    const entries = await line.readdir(folder === '' ? '.' : folder);
    return entries.filter(({ filename }) => filename !== '.' && filename !== '..');
  } catch (error) {
    if (isNoFile(error)) return [];
    throw error;
  }
}

/**
 * Which of the paths below `folder` are files. Few are asked for one by one. Of many, first the shelves that exist at all are found out, then
 * one shelf is listed: shelves of hashes are filled evenly, so its length says whether the others are better listed or asked.
 */
export async function findFiles(
  line: SshLine,
  join: (key: string) => string,
  keys: readonly string[],
): Promise<Set<string>> {
  const found = new Set<string>();
  const ask = async (key: string): Promise<void> => {
    try {
      if ((await line.stat(join(key))).isFile()) found.add(key);
    } catch (error) {
      if (!(error instanceof SftpRefusal) || error.status === SFTP_STATUS.denied) throw error;
    }
  };
  if (keys.length <= FEW_KEYS) {
    await inLanes(keys, LANES, ask);
    return found;
  }
  const shelves = await present(line, join, byShelf(keys));
  const [largest, ...others] = [...shelves].sort((a, b) => b[1].length - a[1].length);
  if (!largest) return found;
  const look = async ([shelf, wanted]: [string, string[]]): Promise<number> => {
    const entries = await listFolder(line, join(shelf));
    const files = new Map(entries.map((entry) => [entry.filename, entry.attrs]));
    for (const key of wanted) {
      const attrs = files.get(key.slice(shelf.length + 1));
      if (attrs?.isFile()) found.add(key);
      else if (attrs?.isSymbolicLink()) await ask(key);
    }
    return entries.length;
  };
  const length = await look(largest);
  const listed = others.filter(([, wanted]) => wanted.length * LISTED >= length);
  await inLanes(listed, LANES / 4, async (shelf) => void (await look(shelf)));
  const asked = others.filter((shelf) => !listed.includes(shelf)).flatMap(([, wanted]) => wanted);
  await inLanes(asked, LANES, ask);
  return found;
}

function byShelf(keys: readonly string[]): Map<string, string[]> {
  const shelves = new Map<string, string[]>();
  for (const key of keys) {
    const shelf = key.slice(0, Math.max(0, key.lastIndexOf('/')));
    const wanted = shelves.get(shelf);
    if (wanted) wanted.push(key);
    else shelves.set(shelf, [key]);
  }
  return shelves;
}

/** Shelves that exist: their folder is listed where it has several of them. */
async function present(
  line: SshLine,
  join: (key: string) => string,
  shelves: ReadonlyMap<string, string[]>,
): Promise<Map<string, string[]>> {
  const left = new Map(shelves);
  const parents = byShelf([...shelves.keys()].filter((shelf) => shelf.includes('/')));
  await inLanes([...parents], LANES / 4, async ([parent, children]) => {
    if (children.length < 3) return;
    const names = new Set((await listFolder(line, join(parent))).map((entry) => entry.filename));
    for (const child of children) if (!names.has(child.slice(parent.length + 1))) left.delete(child);
  });
  return left;
}
