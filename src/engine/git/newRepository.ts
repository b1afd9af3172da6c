/**
 * Makes a repository with a whole history at once, for the sample project: `git init`, its settings, one `git fast-import`, checkout.
 * The history is exact (authors, times, messages), so its ids are the same on every machine; hooks, templates, signing and line-ending
 * settings of the user have no part in it.
 */

import { spawn } from 'node:child_process';
import { type Call } from '../../base/cancel';
import { StrataError } from '../errors';
import { type Person } from './git';
import { gitEnvironment, gitProgram } from './program';

/** A commit to make on top of the one before. */
export interface NewCommit {
  /** Milliseconds since 1970, as author's and committer's time; whole seconds are kept. */
  readonly time: number;
  readonly message: string;
  /** Contents by path from the top; what is not named stays as it was. */
  readonly files: ReadonlyMap<string, string>;
}

/** An annotated tag on the commit of that number, counted from 1. */
export interface HistoryTag {
  readonly name: string;
  readonly commit: number;
  readonly time: number;
  readonly message: string;
}

/** A history on the branch `main`. */
export interface History {
  readonly person: Person;
  readonly commits: readonly NewCommit[];
  readonly tags: readonly HistoryTag[];
}

/**
 * Turns the folder `top` into a repository with that person as its identity (repository-local), and nothing in it yet. Fails with
 * `git.missing` when there is no Git, `git.failed` with Git's own words when it refuses.
 */
export async function initRepository(top: string, person: Person, call: Call): Promise<void> {
  await git(top, ['init', '--quiet', '--template='], call);
  await git(top, ['symbolic-ref', 'HEAD', 'refs/heads/main'], call);
  const settings = {
    'user.name': person.name,
    'user.email': person.email,
    'commit.gpgSign': 'false',
    'tag.gpgSign': 'false',
    'core.autocrlf': 'false',
  };
  for (const [key, value] of Object.entries(settings)) await git(top, ['config', key, value], call);
}

/** Writes the history into a repository fresh from `initRepository`, and its last state into the working tree. */
export async function importHistory(top: string, history: History, call: Call): Promise<void> {
  await git(top, ['fast-import', '--quiet'], call, renderStream(history));
  await git(top, ['reset', '--quiet', '--hard', 'refs/heads/main'], call);
}

/** The history in the language of `git fast-import`. */
export function renderStream(history: History): string {
  const { name, email } = history.person;
  const who = (time: number): string => `${name} <${email}> ${Math.floor(time / 1000)} +0000\n`;
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const parts: string[] = [];
  history.commits.forEach((commit, i) => {
    parts.push(`commit refs/heads/main\nmark :${i + 1}\nauthor ${who(commit.time)}committer ${who(commit.time)}`);
    parts.push(data(`${commit.message}\n`));
    if (i > 0) parts.push(`from :${i}\n`);
    for (const [path, text] of commit.files) parts.push(`M 100644 inline ${path}\n${data(text)}`);
  });
  for (const tag of history.tags) {
    parts.push(`tag ${tag.name}\nfrom :${tag.commit}\ntagger ${who(tag.time)}${data(`${tag.message}\n`)}`);
  }
  return `${parts.join('')}done\n`;
}

/** Runs Git in `top`. Fails with `git.missing`, or `git.failed` {command, reason}. */
function git(top: string, args: readonly string[], call: Call, input = ''): Promise<void> {
  const program = gitProgram(top);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: top,
      env: gitEnvironment(),
      signal: call.signal,
      stdio: ['pipe', 'ignore', 'pipe'],
      windowsHide: true,
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new StrataError('git.failed', { command: args[0] ?? '', reason: said.trim() }));
    });
    // A refusal closes the pipe early; what Git says on stderr tells it better than EPIPE.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
