/**
 * Other repositories: what a URL's branches and tags stand at, and a copy of one without its working tree. Arguments are constant but for
 * the URL and the revision, which are checked first and stand behind `--`. Git may ask nobody anything: no terminal, no prompt, and only
 * the usual ways of transport (`ext::` and the like would run programs).
 */

import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Cancelled, throwIfCancelled, type Call } from '../../base/cancel';
import { StrataError } from '../errors';
import { gitEnvironment, gitProgram } from './program';
import { checkRefName } from './revision';

const SCHEMES = new Set(['https', 'http', 'ssh', 'git', 'file']);
/** Variables that a network may need beside those of every Git process. */
const NETWORK = [
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO'],
];

/** A repository to ask or to copy. */
export interface Origin {
  /** A URL of a known scheme, `user@host:path`, or an absolute path. */
  readonly url: string;
  /** A branch, tag or commit; absent: the default branch. */
  readonly rev?: string;
  /** Absolute folder that no program is started from: what lies there may be anybody's. */
  readonly workspace: string;
}

/** Refuses what is no address of a repository, with `git.badUrl`; passes URLs of known schemes, `user@host:path`, and paths. */
export function checkRepoUrl(url: string): string {
  const scheme = /^([a-zA-Z][\w+.-]*):\/\//.exec(url)?.[1]?.toLowerCase();
  const bad =
    url === '' ||
    url.startsWith('-') ||
    /[\u0000-\u001f\u007f]/u.test(url) ||
    /^[\w+.-]*::/.test(url) ||
    (scheme !== undefined && (!SCHEMES.has(scheme) || /^[^/]*\/\/([^/]*@)?-/.test(url)));
  if (bad) throw new StrataError('git.badUrl', { url: withoutSecrets(url) });
  return url;
}

/** A URL without name and password, for messages. */
export function withoutSecrets(url: string): string {
  return url.replace(/(:\/\/)[^/@]*@/g, '$1');
}

/**
 * The commit that a branch or tag of a repository stands at, without copying it; `rev` absent: its default branch. Undefined when `rev` names
 * neither, a commit's id for instance. Fails with `git.unreachable` {url, reason}.
 */
export async function remoteCommit(origin: Origin, call: Call): Promise<string | undefined> {
  const { rev } = origin;
  const url = checkRepoUrl(origin.url);
  const wanted = rev === undefined ? ['HEAD'] : [`refs/heads/${checkRefName(rev)}`, `refs/tags/${rev}`];
  const patterns = rev === undefined ? wanted : [...wanted, `refs/tags/${rev}^{}`];
  const text = await git(origin, ['ls-remote', '--quiet', '--', url, ...patterns], call);
  const found = new Map(text.split('\n').map((line) => line.split('\t').reverse() as [string, string]));
  // An annotated tag is an object of its own; `^{}` is what it leads to.
  return [...wanted.toReversed().flatMap((name) => [`${name}^{}`, name])].map((name) => found.get(name)).find(Boolean);
}

/**
 * Copies a repository to the folder `into` (absolute, not there yet), without a working tree. With `rev` naming a branch or tag, or absent, only
 * that commit comes along; everything when `rev` is neither. Fails with `git.unreachable`; a cancel ends Git and leaves no folder.
 */
export async function cloneRepository(origin: Origin, into: string, call: Call): Promise<void> {
  const { rev } = origin;
  const url = checkRepoUrl(origin.url);
  const args = ['clone', '--quiet', '--no-checkout', '--no-hardlinks', '--template='];
  const shallow = [...args, '--depth=1', '--single-branch'];
  call.progress({ phase: 'progress.cloning', done: 0, unit: 'files', item: withoutSecrets(url) });
  try {
    if (rev === undefined) return void (await git(origin, [...shallow, '--', url, into], call));
    if (isName(rev) && (await tryShallow(origin, [...shallow, `--branch=${rev}`, '--', url, into], call))) return;
    fs.rmSync(into, { recursive: true, force: true });
    await git(origin, [...args, '--', url, into], call);
  } catch (error) {
    fs.rmSync(into, { recursive: true, force: true });
    throw error;
  }
}

function isName(rev: string): boolean {
  try {
    return checkRefName(rev) === rev && !/^[0-9a-f]{40,64}$/.test(rev);
  } catch {
    return false;
  }
}

/** False when the repository has no such branch or tag: it may be the beginning of a commit's id, or `v1~2`. */
async function tryShallow(origin: Origin, args: readonly string[], call: Call): Promise<boolean> {
  try {
    await git(origin, args, call);
    return true;
  } catch (error) {
    const reason = error instanceof StrataError ? String(error.data['reason']) : '';
    if (reason.split('\n').some(isUnknownBranch)) return false;
    throw error;
  }
}

/** `fatal: Remote branch x not found in upstream origin` */
function isUnknownBranch(line: string): boolean {
  const at = line.search(/remote branch /i);
  return at >= 0 && line.toLowerCase().includes(' not found', at);
}

/** Runs Git outside any repository and gives what it printed. A cancel ends it with all it has started. */
function git({ url, workspace }: Origin, args: readonly string[], call: Call): Promise<string> {
  throwIfCancelled(call.signal);
  const network = Object.fromEntries(
    NETWORK.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] ?? '']])),
  );
  const env = { ...gitEnvironment(network), GIT_ALLOW_PROTOCOL: [...SCHEMES].join(':') };
  return new Promise((resolve, reject) => {
    // In a group of its own it has no terminal to ask on, and ends with its helpers.
    const child = spawn(gitProgram(workspace), ['-c', 'core.fsmonitor=false', ...args], {
      cwd: path.parse(workspace).root,
      env,
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const stop = (): void => {
      try {
        if (process.platform === 'win32' || child.pid === undefined) child.kill('SIGKILL');
        else process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself meanwhile.
      }
    };
    call.signal.addEventListener('abort', stop, { once: true });
    let [out, said] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
    child.on('error', reject);
    child.on('close', (code) => {
      call.signal.removeEventListener('abort', stop);
      if (call.signal.aborted) reject(new Cancelled());
      else if (code === 0) resolve(out);
      else {
        const reason = withoutSecrets(said.replaceAll(/^(fatal|error): /gm, '').trim());
        reject(new StrataError('git.unreachable', { url: withoutSecrets(url), reason: reason.split('\n')[0] ?? '' }));
      }
    });
  });
}
