/**
 * One project in the editor: its engine, its watcher, its snapshots, its runs. Everything that writes goes through the engine's own
 * queue; here are only copies of what it answered. Watches only while something of ours is on the screen.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { quietCall, type Call } from '../base/cancel';
import { Emitter } from '../base/event';
import { DisposableStore, toDisposable, type Disposable } from '../base/lifecycle';
import { type AnswerOf, type ArgsOf, type VerbId } from '../engine/verbs/verbs';
import { verbSpec } from '../engine/verbs/verbs';
import { EngineClient } from './engineClient';
import { type Log } from './log';
import { type UnsavedGuard } from './unsaved';

/** What may have changed. */
export interface Change {
  readonly data: boolean;
  readonly pipeline: boolean;
  readonly runs: boolean;
  readonly models: boolean;
}

/** Everything may have changed. */
export const ALL: Change = { data: true, pipeline: true, runs: true, models: true };

/** How long changes are gathered before they are announced, in milliseconds. */
const GATHER_MS = 150;

/** A project and its engine. */
export class Session implements Disposable {
  private readonly owned = new DisposableStore();
  private readonly changes = this.owned.add(new Emitter<Change>());
  private readonly engine: EngineClient;
  private watcher: Disposable | undefined;
  private watchers = 0;
  private disposed = false;
  private pending: { change: Change; timer: NodeJS.Timeout } | undefined;

  readonly onDidChange = this.changes.event;
  readonly name: string;

  constructor(
    /** Absolute path of the folder that holds `.dvc`. */
    readonly root: string,
    private readonly extensionPath: string,
    private readonly log: Log,
    private readonly guard: UnsavedGuard,
  ) {
    this.name = path.basename(root);
    this.engine = this.owned.add(
      new EngineClient({ dir: root, trusted: vscode.workspace.isTrusted, extensionPath, log }),
    );
  }

  /** Uri of a path below the root. */
  uri(relative: string): vscode.Uri {
    return relative === '.' ? vscode.Uri.file(this.root) : vscode.Uri.joinPath(vscode.Uri.file(this.root), relative);
  }

  /** Path below the root with `/`, or undefined when the uri lies elsewhere. */
  relative(uri: vscode.Uri): string | undefined {
    const relative = path.relative(this.root, uri.fsPath);
    if (relative === '') return '.';
    return relative.startsWith('..') || path.isAbsolute(relative) ? undefined : relative.split(path.sep).join('/');
  }

  /**
   * Does a verb of the engine; one that writes announces a change afterwards, whether it succeeded or not. What stands unsaved in the editor and
   * concerns it is saved before, or it is not done.
   */
  async call<V extends VerbId>(verb: V, args: ArgsOf<V>, call: Call = quietCall()): Promise<AnswerOf<V>> {
    const { needs } = verbSpec(verb);
    const { dry, targets = [] } = args as { readonly dry?: boolean; readonly targets?: readonly string[] };
    if (needs.write && dry !== true && vscode.workspace.isTrusted) await this.guard(this, verb, targets);
    const started = Date.now();
    try {
      return await this.engine.call(verb, args, call);
    } finally {
      const took = Date.now() - started;
      if (took > 500) this.log.info(`${this.name}: ${verb} took ${took} ms`);
      if (needs.write) this.announce(ALL);
    }
  }

  /** Keeps the watcher running until the answer is disposed; views call it while they are visible. */
  watch(): Disposable {
    this.watchers += 1;
    if (!this.disposed) this.watcher ??= this.startWatcher();
    return toDisposable(() => {
      this.watchers -= 1;
      if (this.watchers > 0) return;
      this.watcher?.dispose();
      this.watcher = undefined;
    });
  }

  /** Gathers changes for a moment, then tells everybody once. */
  announce(change: Change): void {
    if (this.disposed) return;
    if (this.pending) clearTimeout(this.pending.timer);
    const before = this.pending?.change;
    const all: Change = before
      ? {
          data: before.data || change.data,
          pipeline: before.pipeline || change.pipeline,
          runs: before.runs || change.runs,
          models: before.models || change.models,
        }
      : change;
    const timer = setTimeout(() => {
      this.pending = undefined;
      this.changes.fire(all);
    }, GATHER_MS);
    this.pending = { change: all, timer };
  }

  private startWatcher(): Disposable {
    const store = new DisposableStore();
    this.follow(store, new vscode.RelativePattern(vscode.Uri.file(this.root), '**'), (uri) => this.seen(uri));
    // A project may lie inside a larger repository: its commits are announced above the root.
    const git = gitFolderAbove(this.root);
    if (git !== undefined) {
      const pattern = new vscode.RelativePattern(vscode.Uri.file(git), '{HEAD,packed-refs,refs/**}');
      this.follow(store, pattern, () => this.announce(ALL));
    }
    return store;
  }

  private follow(store: DisposableStore, pattern: vscode.RelativePattern, seen: (uri: vscode.Uri) => void): void {
    const watcher = store.add(vscode.workspace.createFileSystemWatcher(pattern));
    store.add(watcher.onDidChange(seen));
    store.add(watcher.onDidCreate(seen));
    store.add(watcher.onDidDelete(seen));
  }

  private seen(uri: vscode.Uri): void {
    const relative = this.relative(uri);
    if (relative === undefined) return;
    const change = changeOf(relative);
    if (!change) return;
    this.announce(change);
  }

  /** Drops what the engine holds in memory, typed passwords among it: the next call opens the project anew. */
  reopen(): void {
    this.engine.reload();
  }

  /** What this session holds; the leak checks of the tests read it. */
  get held(): { engine: boolean; watchers: number } {
    return { engine: this.engine.alive, watchers: this.watcher ? this.watchers : 0 };
  }

  dispose(): void {
    this.disposed = true;
    if (this.pending) clearTimeout(this.pending.timer);
    this.watcher?.dispose();
    this.watcher = undefined;
    this.owned.dispose();
  }
}

/** The `.git` folder of the repository that a project lies inside, when that is not the project's own. */
function gitFolderAbove(root: string): string | undefined {
  if (fs.existsSync(path.join(root, '.git'))) return undefined;
  for (let dir = path.dirname(root); dir !== path.dirname(dir); dir = path.dirname(dir)) {
    const git = path.join(dir, '.git');
    if (fs.existsSync(git)) return git;
  }
  return undefined;
}

/** What a changed path means; undefined for our own state and for Git's and DVC's insides. */
export function changeOf(relative: string): Change | undefined {
  if (relative === '.git/HEAD' || relative.startsWith('.git/refs/') || relative === '.git/packed-refs') return ALL;
  if (relative === '.git' || relative.startsWith('.git/')) return undefined;
  if (relative === '.dvc/config' || relative === '.dvc/config.local') return ALL;
  if (relative === '.dvc' || relative.startsWith('.dvc/')) return undefined;
  return { data: true, pipeline: true, runs: true, models: relative.endsWith('.yaml') };
}
