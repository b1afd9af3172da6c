/** Opens the repository that a project lies in. Nothing is started here: the reader and other processes begin on first need. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { StrataError } from '../errors';
import { type Commit, type Git, type TreeEntry } from './git';
import { parseCommit, parseTree } from './objects';
import { openReader, type ObjectReader } from './reader';
import { checkRefName, checkRevision } from './revision';
import { GitCommands } from './simpleGit';

/**
 * The Git repository around `root` (absolute), or undefined when there is none. Whether a git program exists shows with the first
 * use, as `git.missing`.
 */
export function openGit(root: string): Promise<Git | undefined> {
  const top = findTop(root);
  if (top === undefined) return Promise.resolve(undefined);
  const prefix = path.relative(top, root).split(path.sep).join('/');
  return Promise.resolve(new Repository(top, prefix));
}

function findTop(root: string): string | undefined {
  for (let at = root; ; at = path.dirname(at)) {
    if (fs.existsSync(path.join(at, '.git'))) return at;
    if (at === path.dirname(at)) return undefined;
  }
}

class Repository implements Git {
  private readonly reader: ObjectReader;
  private readonly commands: GitCommands;

  constructor(
    readonly top: string,
    readonly prefix: string,
  ) {
    this.reader = openReader(top);
    this.commands = new GitCommands(top);
  }

  async resolve(rev: string): Promise<string | undefined> {
    return (await this.reader.ask('info', `${checkRevision(rev)}^{commit}`))?.oid;
  }

  async commit(sha: string): Promise<Commit> {
    const object = await this.reader.ask('contents', `${checkRevision(sha)}^{commit}`);
    if (!object) throw new StrataError('git.unknownRevision', { rev: sha });
    return parseCommit(object.oid, object.bytes);
  }

  async log(rev: string, max: number): Promise<Commit[]> {
    const commits: Commit[] = [];
    let next: string | undefined = await this.need(rev);
    while (next !== undefined && commits.length < max) {
      const object: { oid: string; bytes: Uint8Array } | undefined = await this.reader.ask('contents', next);
      // A shallow clone ends where the parent was not fetched.
      if (!object) break;
      const commit = parseCommit(object.oid, object.bytes);
      commits.push(commit);
      next = commit.parents[0];
    }
    return commits;
  }

  async readFile(rev: string, at: string): Promise<Uint8Array | undefined> {
    if (at.includes('\n')) return this.readByTree(rev, at);
    const object = await this.reader.ask('contents', `${await this.need(rev)}:${at}`);
    return object?.type === 'blob' ? object.bytes : undefined;
  }

  async sizeOf(rev: string, at: string): Promise<number | undefined> {
    if (at.includes('\n')) return (await this.readByTree(rev, at))?.length;
    return (await this.reader.ask('info', `${await this.need(rev)}:${at}`))?.size;
  }

  /** For names that a line cannot carry. */
  private async readByTree(rev: string, at: string): Promise<Uint8Array | undefined> {
    const entry = (await this.listFiles(rev, '')).find((one) => one.path === at);
    return entry && (await this.reader.ask('contents', entry.oid))?.bytes;
  }

  async listFiles(rev: string, folder: string): Promise<TreeEntry[]> {
    const files: TreeEntry[] = [];
    await this.walk(`${await this.need(rev)}:${folder}`, folder, files);
    return files;
  }

  private async walk(name: string, folder: string, files: TreeEntry[]): Promise<void> {
    const object = await this.reader.ask('contents', name);
    if (object?.type !== 'tree') return;
    for (const entry of parseTree(object.bytes, object.oid.length / 2)) {
      const at = folder === '' ? entry.path : `${folder}/${entry.path}`;
      if (entry.kind === 'tree') await this.walk(entry.oid, at, files);
      else files.push({ ...entry, path: at });
    }
  }

  private async need(rev: string): Promise<string> {
    const sha = await this.resolve(rev);
    if (sha === undefined) throw new StrataError('git.unknownRevision', { rev });
    return sha;
  }

  async head(): Promise<{ readonly branch?: string; readonly commit?: string }> {
    const [branch, commit] = await Promise.all([this.commands.branch(), this.resolve('HEAD')]);
    return { ...(branch === undefined ? {} : { branch }), ...(commit === undefined ? {} : { commit }) };
  }

  refs: Git['refs'] = () => this.commands.refs();
  isTracked: Git['isTracked'] = (at) => this.commands.isTracked(at);
  ignored: Git['ignored'] = (paths) => this.commands.ignored(paths);
  changes: Git['changes'] = () => this.commands.changes();
  stage: Git['stage'] = (paths) => this.commands.stage(paths);
  deleteTag: Git['deleteTag'] = (name) => this.commands.deleteTag(name);
  push: Git['push'] = (remote, refs) => this.commands.push(remote, refs);
  identity: Git['identity'] = () => this.commands.identity();
  setIdentity: Git['setIdentity'] = (person) => this.commands.setIdentity(person);

  async diff(a: string, b: string | undefined, paths: readonly string[], maxBytes: number): Promise<string> {
    const text = await this.commands.diff(a, b, paths);
    return text.length <= maxBytes ? text : text.slice(0, text.lastIndexOf('\n', maxBytes) + 1);
  }

  async commitFiles(message: string, paths: readonly string[]): Promise<string> {
    await this.needIdentity();
    const wanted = new Set(paths);
    const others = (await this.changes()).some((one) => /[^ ?!]/.test(one.index) && !covers(wanted, one.path));
    await this.commands.commit(message, paths.length > 0 && others ? paths : []);
    return this.need('HEAD');
  }

  async tag(tag: Parameters<Git['tag']>[0]): Promise<void> {
    checkRefName(tag.name);
    await this.needIdentity();
    if ((await this.resolve(`refs/tags/${tag.name}`)) !== undefined)
      throw new StrataError('git.tagExists', { name: tag.name });
    await this.commands.tag(tag);
  }

  private async needIdentity(): Promise<void> {
    if ((await this.identity()) === undefined) throw new StrataError('git.noIdentity', {});
  }

  close(): void {
    this.reader.close();
  }
}

/** True when `at` is one of the paths or lies below one. */
function covers(paths: ReadonlySet<string>, at: string): boolean {
  for (let part = at; part !== ''; part = part.slice(0, Math.max(0, part.lastIndexOf('/'))))
    if (paths.has(part)) return true;
  return paths.has('.');
}
