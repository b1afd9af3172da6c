/** Which Git program runs and in what surroundings: absolute, from outside the workspace, with an environment made here. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { StrataError } from '../errors';

/** Environment variables that Git needs to find its user, its agents and its network; everything else is left out. */
const KEPT = [
  'HOME',
  'PATH',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'TEMP',
  'TMP',
  'XDG_CONFIG_HOME',
  'XDG_RUNTIME_DIR',
  'SSH_AUTH_SOCK',
  'SYSTEMROOT',
  'USERPROFILE',
  'HOMEDRIVE',
  'HOMEPATH',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'GIT_AUTHOR_NAME',
  'GIT_AUTHOR_EMAIL',
  'GIT_COMMITTER_NAME',
  'GIT_COMMITTER_EMAIL',
];

const FIXED: Readonly<Record<string, string>> = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_LITERAL_PATHSPECS: '1',
  // A program that the repository's own configuration names would run with every look at the working tree.
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'core.fsmonitor',
  GIT_CONFIG_VALUE_0: 'false',
};

/** Variables beside the harmless ones that our Git calls may carry. */
export const GIT_VARIABLES: readonly string[] = [
  ...Object.keys(FIXED).filter((name) => name.startsWith('GIT_')),
  ...KEPT.filter((name) => name.startsWith('GIT_')),
  'GIT_COMMITTER_DATE',
];

/** The environment of every Git process. */
export function gitEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of KEPT) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { ...env, ...FIXED, ...extra };
}

/** The absolute path of `git`, looked for on PATH but never below `workspace`. Fails with `git.missing`. */
export function gitProgram(workspace: string): string {
  const names = process.platform === 'win32' ? ['git.exe'] : ['git'];
  const root = realpath(workspace);
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    for (const name of names) {
      const file = realpath(path.join(folder, name));
      if (isProgram(file) && file !== root && !file.startsWith(root + path.sep)) return path.join(folder, name);
    }
  }
  throw new StrataError('git.missing', {});
}

function realpath(at: string): string {
  try {
    return fs.realpathSync.native(at);
  } catch {
    return at;
  }
}

function isProgram(at: string): boolean {
  try {
    fs.accessSync(at, fs.constants.X_OK);
    return fs.statSync(at).isFile();
  } catch {
    return false;
  }
}
