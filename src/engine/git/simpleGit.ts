/**
 * Every Git process but the reader: refs, status, staging, commits, tags, pushes. The only file that imports simple-git. Its unsafe
 * plugins stay off, but for those that let the program lie anywhere and settings be switched off by the environment; arguments are constant but
 * for validated refs and for paths behind `--`, which Git takes literally.
 */

import { type SimpleGit } from 'simple-git';
import { is, StrataError } from '../errors';
import { type GitChange, type NewTag, type Person, type Ref } from './git';
import { stamp, unquote } from './objects';
import { GIT_VARIABLES, gitEnvironment, gitProgram } from './program';
import { checkRefName, checkRemote, checkRevision } from './revision';

/** Runs Git commands at the top of one repository. */
export class GitCommands {
  private usual: Promise<SimpleGit> | undefined;

  constructor(private readonly top: string) {}

  /**
   * A runner with the given environment; it belongs to the runner, so calls beside each other cannot mix theirs. The library is
   * loaded here: most verbs read Git through the reader alone.
   */
  private async open(env: Readonly<Record<string, string>>): Promise<SimpleGit> {
    const { simpleGit } = await import('simple-git');
    const options = { baseDir: this.top, binary: gitProgram(this.top), allowEnvironment: [...GIT_VARIABLES] };
    // The library takes no program whose path has a blank, such as `C:\Program Files\Git`. This one is absolute and found by us. The
    // environment is made by us as well, and its settings take power away from the repository's own.
    const unsafe = { allowUnsafeCustomBinary: true, allowUnsafeConfigEnvCount: true, allowUnsafeFsMonitor: true };
    return simpleGit({ ...options, unsafe, maxConcurrentProcesses: 2 }).env(gitEnvironment(env));
  }

  /** Runs one command. Fails with `git.missing` or `git.failed` {command, reason}. */
  private async run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string> {
    const git = await (env === undefined ? (this.usual ??= this.open({})) : this.open(env));
    try {
      return await git.raw([...args]);
    } catch (error) {
      const reason = error instanceof Error ? error.message.trim() : String(error);
      const locked = /'([^'\n]+\.lock)': File exists/.exec(reason)?.[1];
      if (locked !== undefined) throw new StrataError('git.locked', { path: locked }, { cause: error });
      throw new StrataError('git.failed', { command: args[0] ?? '', reason }, { cause: error });
    }
  }

  async refs(): Promise<Ref[]> {
    const fields = ['refname', 'objecttype', 'objectname', '*objectname', '*objecttype', 'taggername', 'taggeremail'];
    const format = [...fields, 'taggerdate:unix', 'contents'].map((field) => `%(${field})`).join('%00');
    const text = await this.run(['for-each-ref', `--format=${format}%00`]);
    return text
      .split('\0\n')
      .filter(Boolean)
      .map(toRef)
      .filter((ref) => ref !== undefined);
  }

  /** The branch that HEAD names, also before its first commit; undefined when detached. */
  async branch(): Promise<string | undefined> {
    const ref = (await this.run(['symbolic-ref', '--quiet', 'HEAD'])).trim();
    return ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
  }

  /** Asked so that Git says something either way: simple-git waits 50 ms for more after a command that printed nothing. */
  async isTracked(path: string): Promise<boolean> {
    try {
      return (await this.run(['ls-files', '-z', '--error-unmatch', '--', path])) !== '';
    } catch (error) {
      if (is(error, 'git.failed') && String(error.data['reason']).includes('did not match any file')) return false;
      throw error;
    }
  }

  async ignored(paths: readonly string[]): Promise<Set<string>> {
    const found = new Set<string>();
    for (let at = 0; at < paths.length; at += 500) {
      // This command knows no literal paths; behind `./` nothing is special.
      const some = paths.slice(at, at + 500).map((path) => `./${path}`);
      const args = ['check-ignore', '--verbose', '--non-matching', '--', ...some];
      const text = await this.run(args, { GIT_LITERAL_PATHSPECS: '0' });
      // `FILE:LINE:PATTERN<tab>PATH`; for what no pattern matches just `::`, and a pattern with `!` takes it back.
      for (const line of text.split('\n')) {
        const [source = '', name = ''] = splitOnce(line);
        if (name !== '' && source !== '::' && !/^[^:]*:\d+:!/.test(source)) found.add(unquote(name).slice(2));
      }
    }
    return found;
  }

  async changes(): Promise<GitChange[]> {
    const args = ['status', '--porcelain=v1', '--branch', '-z', '--no-renames', '--untracked-files=all'];
    const lines = (await this.run(args)).split('\0').filter((line) => line.length > 3 && !line.startsWith('## '));
    return lines.map((line) => ({ index: line[0] ?? ' ', worktree: line[1] ?? ' ', path: line.slice(3) }));
  }

  async diff(a: string, b: string | undefined, paths: readonly string[]): Promise<string> {
    const revisions = [checkRevision(a), ...(b === undefined ? [] : [checkRevision(b)])];
    return this.run(['diff', '--no-color', '--no-ext-diff', '--no-textconv', ...revisions, '--', ...paths]);
  }

  async stage(paths: readonly string[]): Promise<void> {
    for (let at = 0; at < paths.length; at += 500) await this.run(['add', '--', ...paths.slice(at, at + 500)]);
  }

  /** Commits what is staged; with `only`, just those paths. */
  async commit(message: string, only: readonly string[]): Promise<void> {
    const some = only.length > 0 ? ['--only'] : [];
    await this.run(['commit', '--quiet', '--cleanup=whitespace', ...some, `--message=${message}`, '--', ...only]);
  }

  async tag(tag: NewTag): Promise<void> {
    const seconds = Math.floor((tag.time ?? Date.now()) / 1000);
    const args = ['tag', '--annotate', '--cleanup=whitespace', `--message=${tag.message}`];
    const target = ['--', checkRefName(tag.name), checkRevision(tag.commit)];
    await this.run([...args, ...target], { GIT_COMMITTER_DATE: `@${seconds} +0000` });
  }

  async deleteTag(name: string): Promise<void> {
    await this.run(['tag', '--delete', '--', checkRefName(name)]);
  }

  async push(remote: string, refs: readonly string[]): Promise<void> {
    await this.run(['push', '--porcelain', '--', checkRemote(remote), ...refs.map(checkRefName)]);
  }

  /** Who commits: the environment's committer first, as Git has it, then the configuration. */
  async identity(): Promise<Person | undefined> {
    const found = new Map<string, string>();
    for (const key of ['name', 'email']) {
      const value = process.env[`GIT_COMMITTER_${key.toUpperCase()}`];
      if (value !== undefined) found.set(`user.${key}`, value);
    }
    if (found.size < 2) {
      const text = await this.run(['config', '--null', '--get-regexp', '^user\\.(name|email)$']);
      for (const record of text.split('\0')) {
        const [key = '', value = ''] = record.split('\n');
        // The last one counts, but the environment goes before all.
        if (key !== '' && process.env[`GIT_COMMITTER_${key.slice(5).toUpperCase()}`] === undefined)
          found.set(key, value);
      }
    }
    const name = found.get('user.name') ?? '';
    const email = found.get('user.email') ?? '';
    return name === '' || email === '' ? undefined : { name, email };
  }

  async setIdentity(person: Person): Promise<void> {
    for (const value of [person.name, person.email]) {
      if (value.trim() === '' || /^-|[\u0000-\u001f<>]/u.test(value))
        throw new StrataError('git.badIdentity', { value });
    }
    await this.run(['config', '--local', 'user.name', person.name]);
    await this.run(['config', '--local', 'user.email', person.email]);
  }
}

/** The path is the last field; a pattern may hold tabs, a printed path never. */
function splitOnce(line: string): [string, string] {
  const cut = line.lastIndexOf('\t');
  return cut < 0 ? ['', ''] : [line.slice(0, cut), line.slice(cut + 1)];
}

const KINDS: readonly (readonly [string, Ref['kind']])[] = [
  ['refs/heads/', 'branch'],
  ['refs/tags/', 'tag'],
  ['refs/remotes/', 'remote'],
  ['refs/', 'other'],
];

/** Refs that lead to no commit (tags of trees, of blobs) are left out. */
function toRef(record: string): Ref | undefined {
  const [name = '', type, oid = '', inner = '', innerType, tagger = '', email = '', date = '', message = ''] =
    record.split('\0');
  const [start, kind] = KINDS.find(([prefix]) => name.startsWith(prefix)) ?? ['', 'other'];
  const base = { name, short: name.slice(start.length), kind };
  if (type === 'commit') return { ...base, commit: oid };
  if (type !== 'tag' || innerType !== 'commit') return undefined;
  const { person } = stamp(`${tagger} ${email}`);
  return { ...base, commit: inner, tag: { tagger: person, time: Number(date) * 1000, message } };
}
