/**
 * Git objects through one long-lived `git cat-file --batch-command`: started on first need with constant arguments, ended after 30 s
 * of idleness, never keeping the process alive. Being Git itself it reads packs, reftables and SHA-256 repositories alike.
 *
 * Answers come in the order of the questions: `<oid> <type> <size>\n`, for contents then the bytes and `\n`; or `<question> missing\n`.
 * Git before 2.36 knows only `--batch`, which sends the contents with every answer: there they are dropped when not asked for.
 */

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { type Readable, type Writable } from 'node:stream';
import { StrataError } from '../errors';
import { gitEnvironment, gitProgram } from './program';

/** An object. */
interface GitObject {
  readonly oid: string;
  readonly type: string;
  readonly size: number;
  /** Empty when only asked about. */
  readonly bytes: Uint8Array;
}

/** Reads objects by name. */
export interface ObjectReader {
  /** What `name` stands for, with or without its bytes; undefined when there is no such object. */
  ask(command: 'info' | 'contents', name: string): Promise<GitObject | undefined>;
  close(): void;
}

interface Waiting {
  readonly name: string;
  readonly contents: boolean;
  resolve(value: GitObject | undefined): void;
  reject(error: Error): void;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const IDLE_MS = 30_000;
/** Arguments of the reader: constant, so that nothing from a repository reaches them. */
const ARGUMENTS = ['-c', 'core.fsmonitor=false', 'cat-file'];
/** How Git ends when it does not know an option. */
const USAGE_ERROR = 129;

/** Opens a reader on the repository that holds `top`; no process is started before the first question. */
export function openReader(top: string): ObjectReader {
  return new Reader(top);
}

class Reader implements ObjectReader {
  private child: Child | undefined;
  private waiting: Waiting[] = [];
  private pieces: Buffer[] = [];
  private length = 0;
  private header: GitObject | undefined;
  private idle: NodeJS.Timeout | undefined;
  private mode: '--batch-command' | '--batch' = '--batch-command';

  constructor(private readonly top: string) {}

  ask(command: 'info' | 'contents', name: string): Promise<GitObject | undefined> {
    if (/[\n\0]/.test(name)) return Promise.reject(new StrataError('git.badRevision', { rev: name }));
    return new Promise((resolve, reject) => {
      const child = this.start();
      const one = { name, contents: command === 'contents', resolve, reject };
      this.waiting.push(one);
      this.send(child, one);
    });
  }

  private send(child: Child, { name, contents }: Waiting): void {
    const word = contents ? 'contents' : 'info';
    child.stdin.write(this.mode === '--batch' ? `${name}\n` : `${word} ${name}\n`);
  }

  close(): void {
    this.end(new StrataError('git.failed', { command: 'cat-file', reason: 'closed' }));
  }

  private start(): Child {
    clearTimeout(this.idle);
    if (this.child) {
      hold(this.child, true);
      return this.child;
    }
    const child: Child = spawn(gitProgram(this.top), [...ARGUMENTS, this.mode], {
      cwd: this.top,
      env: gitEnvironment(),
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.child = child;
    let words = '';
    child.on('error', (error) => this.lost(child, error.message));
    child.on('close', (code) => this.lost(child, words.trim() || `exit ${code ?? 'by signal'}`, code));
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (piece: Buffer) => (words = (words + piece.toString('utf8')).slice(-1000)));
    child.stdout.on('data', (piece: Buffer) => {
      if (this.child !== child) return;
      this.pieces.push(piece);
      this.length += piece.length;
      this.parse();
    });
    return child;
  }

  private lost(child: Child, reason: string, code?: number | null): void {
    if (this.child !== child) return;
    if (code !== USAGE_ERROR || this.mode === '--batch') {
      this.end(new StrataError('git.failed', { command: 'cat-file', reason }));
      return;
    }
    this.mode = '--batch';
    this.child = undefined;
    const next = this.start();
    for (const one of this.waiting) this.send(next, one);
  }

  private end(error: Error): void {
    clearTimeout(this.idle);
    const { child, waiting } = this;
    this.child = undefined;
    this.waiting = [];
    this.pieces = [];
    this.length = 0;
    this.header = undefined;
    child?.stdin.end();
    child?.kill();
    for (const one of waiting) one.reject(error);
  }

  /** Takes as many whole answers as have arrived. */
  private parse(): void {
    for (;;) {
      const [first] = this.waiting;
      if (!first) break;
      const answer = this.header ? this.body(this.header) : this.line(first);
      if (answer === 'more') return;
      if (answer === 'body') continue;
      this.waiting.shift();
      first.resolve(answer);
    }
    this.rest();
  }

  /** Nothing is asked: the process may be left alone, and ends after a while. */
  private rest(): void {
    if (this.child) hold(this.child, false);
    this.idle = setTimeout(() => this.close(), IDLE_MS);
    this.idle.unref();
  }

  private line(waiting: Waiting): GitObject | undefined | 'more' | 'body' {
    const bytes = this.joined();
    const end = bytes.indexOf(10);
    if (end < 0) return 'more';
    const match = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(bytes.toString('latin1', 0, end));
    this.consume(end + 1);
    if (!match) return undefined;
    const [, oid = '', type = '', size = ''] = match;
    const header: GitObject = { oid, type, size: Number(size), bytes: new Uint8Array() };
    if (!waiting.contents && this.mode !== '--batch') return header;
    this.header = header;
    return 'body';
  }

  private body(header: GitObject): GitObject | 'more' {
    if (this.length < header.size + 1) return 'more';
    const bytes = Buffer.from(this.joined().subarray(0, header.size));
    this.consume(header.size + 1);
    this.header = undefined;
    return this.waiting[0]?.contents ? { ...header, bytes } : header;
  }

  private joined(): Buffer {
    const [only] = this.pieces;
    if (only && this.pieces.length === 1) return only;
    const all = Buffer.concat(this.pieces);
    this.pieces = [all];
    return all;
  }

  private consume(n: number): void {
    this.pieces = [this.joined().subarray(n)];
    this.length -= n;
  }
}

/** Whether the child and its pipes keep our process alive. */
function hold(child: Child, alive: boolean): void {
  const word = alive ? 'ref' : 'unref';
  child[word]();
  for (const pipe of [child.stdin, child.stdout, child.stderr] as unknown as { ref?(): void; unref?(): void }[])
    pipe[word]?.();
}
