/**
 * What the user's OpenSSH configuration says about a host: `~/.ssh/config`, then the machine's (ssh_config(5)). Patterns and precedence are
 * those of the `ssh-config` library; `Include` is put in place before, and what an included file opens ends with it. `Match exec` never
 * matches: reading a configuration starts no program.
 */

import * as path from 'node:path';
import SSHConfig from 'ssh-config';
import { wildcards } from '../formats/globMatch';
import { type Host } from '../host/host';
import { StrataError } from '../errors';

/** Settings of one host by keyword in lower case, each with its values in the order of the files. */
export type SshSettings = ReadonlyMap<string, readonly string[]>;

/** Includes may nest so deep, and bring so many files. */
const DEPTH = 8;
const MOST_FILES = 256;

/** The user's home folder; the folder of the process when the machine names none. */
export function homeOf(host: Host): string {
  return host.env['HOME'] ?? host.env['USERPROFILE'] ?? '.';
}

/**
 * Settings for the name that the user gave. Keywords that may come more than once keep all their values. Fails with `remoteSsh.badConfig` {path} on a
 * file with a quote that is never closed, a line that is none, or includes without end.
 */
export async function readSshSettings(host: Host, alias: string, user: string | undefined): Promise<SshSettings> {
  const files = [path.join(homeOf(host), '.ssh', 'config')];
  if (host.platform !== 'win32') files.push('/etc/ssh/ssh_config');
  const settings = new Map<string, string[]>();
  for (const file of files) {
    const text = await expandIncludes(host, file, { alias, above: [], budget: { left: MOST_FILES } });
    for (const [key, value] of computed(text, { file, alias, user })) {
      const values = Array.isArray(value) ? value : [value];
      const known = settings.get(key);
      if (!known) settings.set(key, [...values]);
      else if (key === 'identityfile') known.push(...values);
    }
  }
  return settings;
}

interface Query {
  readonly file: string;
  readonly alias: string;
  readonly user: string | undefined;
}

function computed(text: string, { file, alias, user }: Query): [string, string | string[]][] {
  const query = { Host: alias, ...(user === undefined ? {} : { User: user }) };
  const found = parsed(text, file).compute(query, { ignoreCase: true, matchExec: false });
  return Object.entries(found).filter(([key]) => key !== 'host' && key !== 'match');
}

function parsed(text: string, file: string): SSHConfig {
  try {
    return SSHConfig.parse(text);
  } catch (error) {
    throw new StrataError('remoteSsh.badConfig', { path: file }, { cause: error });
  }
}

/** The host that is asked for, the files around an `Include`, and how many more there may be. */
interface Including {
  readonly alias: string;
  readonly above: readonly string[];
  readonly budget: { left: number };
}

/** The text of a file with the files that it includes in their places; one that includes itself is not read again. */
async function expandIncludes(host: Host, file: string, { alias, above, budget }: Including): Promise<string> {
  if (above.includes(file) || above.length > DEPTH) return '';
  budget.left -= 1;
  if (budget.left < 0) throw new StrataError('remoteSsh.badConfig', { path: file });
  const text = (await host.fs.readText(file)) ?? '';
  const lines: string[] = [];
  let section = 'Host *';
  for (const written of text.split(/\r?\n/)) {
    const [, word = '', rest = ''] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)$/.exec(written) ?? [];
    const opens = /^(host|match)$/i.test(word);
    const line = opens ? withFewStars(written, alias) : written;
    if (opens) section = line;
    if (!/^include$/i.test(word)) lines.push(line);
    else {
      for (const pattern of rest.match(/"[^"]*"|\S+/g) ?? [])
        for (const found of await includedFiles(host, file, pattern.replaceAll('"', '')))
          lines.push(await expandIncludes(host, found, { alias, above: [...above, file], budget }));
      lines.push(section);
    }
  }
  return lines.join('\n');
}

/** The library tries every way of sharing a name among the stars of a pattern: those with more than these are decided here. */
const FEW_STARS = 3;

/** A line of `Host` or `Match` whose patterns have few stars; one with many stands as what it means for this host. */
function withFewStars(line: string, alias: string): string {
  return line.replace(/[^\s,"]+/g, (word) => {
    const few = word.replace(/\*+/g, '*');
    if (few.split('*').length - 1 <= FEW_STARS) return few;
    const not = few.startsWith('!') ? '!' : '';
    return not + (wildcards(few.slice(not.length))(alias) ? '*' : 'nobody.invalid');
  });
}

/** The files that an `Include` names: relative to the folder of the configuration, with `*` and `?` in the last part. */
async function includedFiles(host: Host, from: string, pattern: string): Promise<string[]> {
  const full = path.resolve(path.dirname(from), pattern.replace(/^~(?=\/)/, homeOf(host)));
  const [folder, name] = [path.dirname(full), path.basename(full)];
  if (!/[*?]/.test(name)) return [full];
  const entries = (await host.fs.readdir(folder)) ?? [];
  return entries
    .map((entry) => entry.name)
    .filter((other) => matchesPattern(name, other))
    .sort()
    .map((other) => path.join(folder, other));
}

/** Whether a name fits a pattern of `*` and `?` (ssh_config(5), PATTERNS). */
export function matchesPattern(pattern: string, name: string): boolean {
  return wildcards(pattern)(name);
}
