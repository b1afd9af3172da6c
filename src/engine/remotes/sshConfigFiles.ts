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

/** Includes may nest so deep. */
const DEPTH = 8;

/** The user's home folder; the folder of the process when the machine names none. */
export function homeOf(host: Host): string {
  return host.env['HOME'] ?? host.env['USERPROFILE'] ?? '.';
}

/**
 * Settings for the name that the user gave. Keywords that may come more than once keep all their values. Fails with `remoteSsh.badConfig` {path} on a
 * file with a quote that is never closed or a line that is none.
 */
export async function readSshSettings(host: Host, alias: string, user: string | undefined): Promise<SshSettings> {
  const files = [path.join(homeOf(host), '.ssh', 'config')];
  if (host.platform !== 'win32') files.push('/etc/ssh/ssh_config');
  const settings = new Map<string, string[]>();
  for (const file of files) {
    const text = await expandIncludes(host, file, DEPTH);
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

/** The text of a file with the files that it includes in their places. */
async function expandIncludes(host: Host, file: string, depth: number): Promise<string> {
  const text = (await host.fs.readText(file)) ?? '';
  const lines: string[] = [];
  let section = 'Host *';
  for (const line of text.split(/\r?\n/)) {
    const [, word = '', rest = ''] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)$/.exec(line) ?? [];
    if (/^(host|match)$/i.test(word)) section = line;
    if (!/^include$/i.test(word)) lines.push(line);
    else if (depth > 0) {
      for (const pattern of rest.match(/"[^"]*"|\S+/g) ?? [])
        for (const found of await includedFiles(host, file, pattern.replaceAll('"', '')))
          lines.push(await expandIncludes(host, found, depth - 1));
      lines.push(section);
    }
  }
  return lines.join('\n');
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
