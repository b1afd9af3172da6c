/** The projects of the workspace: found when first needed, one session each, never only the first. */

import * as path from 'node:path';
import * as vscode from 'vscode';
import { Emitter } from '../base/event';
import { DisposableStore, toDisposable, type Disposable } from '../base/lifecycle';
import { type Log } from './log';
import { Session, type Change } from './session';
import { type Texts } from './texts';
import { createUnsavedGuard, type UnsavedGuard } from './unsaved';

const NESTED = '**/.dvc/{config,.gitignore}';
/** The folder itself too: where it is moved as a whole, nothing is said of what is in it. */
const APPEARING = '**/{.dvc,.dvc/config,.dvc/.gitignore}';
const MOST = 20;
/** How long appearing and vanishing projects are gathered, in milliseconds. */
const GATHER_MS = 200;

/** All sessions of this window. */
export class Sessions implements Disposable {
  private readonly owned = new DisposableStore();
  private readonly listChanged = this.owned.add(new Emitter<void>());
  private readonly changed = this.owned.add(new Emitter<{ session: Session; change: Change }>());
  private readonly byRoot = new Map<string, { session: Session; listener: Disposable }>();
  private readonly guard: UnsavedGuard;
  private found: Promise<readonly Session[]> | undefined;
  private appearing: Disposable | undefined;

  /** Projects appeared or went. */
  readonly onDidChangeList = this.listChanged.event;
  /** Something in a project changed. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly extensionPath: string,
    private readonly log: Log,
    private readonly text: Texts,
  ) {
    this.guard = createUnsavedGuard(text);
    // Nobody has looked for projects yet: the first look will see the new folders.
    this.owned.add(vscode.workspace.onDidChangeWorkspaceFolders(() => void (this.found && this.refresh())));
    this.owned.add(vscode.workspace.onDidGrantWorkspaceTrust(() => void this.restart()));
  }

  /** The projects, found once and then remembered. */
  all(): Promise<readonly Session[]> {
    this.found ??= this.find();
    return this.found;
  }

  /** The projects known so far, without looking. */
  get known(): readonly Session[] {
    return [...this.byRoot.values()].map((entry) => entry.session);
  }

  /** The innermost project that a file lies in. */
  async of(uri: vscode.Uri): Promise<Session | undefined> {
    const sessions = (await this.all()).filter((session) => session.relative(uri) !== undefined);
    return [...sessions].sort((a, b) => b.root.length - a.root.length)[0];
  }

  /** The only project, the one of the active editor, or the one that the user picks; undefined when there is none or Escape. */
  async pick(): Promise<Session | undefined> {
    const sessions = await this.all();
    if (sessions.length <= 1) return sessions[0];
    const active = vscode.window.activeTextEditor?.document.uri;
    const own = active?.scheme === 'file' ? await this.of(active) : undefined;
    if (own) return own;
    const items = sessions.map((session) => ({ label: session.name, description: session.root, session }));
    const picked = await vscode.window.showQuickPick(items, { placeHolder: this.text.t('pick.project') });
    return picked?.session;
  }

  /** Looks again; sessions of projects that are still there stay. */
  async refresh(): Promise<void> {
    this.found = this.find();
    await this.found;
  }

  private async restart(): Promise<void> {
    for (const root of [...this.byRoot.keys()]) this.drop(root);
    await this.refresh();
  }

  private async find(): Promise<readonly Session[]> {
    this.appearing ??= this.owned.add(this.watchForProjects());
    const roots = await findRoots();
    for (const root of [...this.byRoot.keys()]) if (!roots.includes(root)) this.drop(root);
    for (const root of roots) if (!this.byRoot.has(root)) this.open(root);
    await vscode.commands.executeCommand('setContext', 'strata.projects', roots.length);
    this.listChanged.fire();
    return this.known;
  }

  /** A project may also be started or removed from a terminal. */
  private watchForProjects(): Disposable {
    const store = new DisposableStore();
    const watcher = store.add(vscode.workspace.createFileSystemWatcher(APPEARING));
    let timer: NodeJS.Timeout | undefined;
    const soon = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void this.refresh(), GATHER_MS);
    };
    store.add(watcher.onDidCreate(soon));
    // A folder that a file takes the place of at once is told as one change.
    store.add(watcher.onDidChange(soon));
    store.add(watcher.onDidDelete(soon));
    store.add(toDisposable(() => clearTimeout(timer)));
    return store;
  }

  private open(root: string): void {
    const session = new Session(root, this.extensionPath, this.log, this.guard);
    const listener = session.onDidChange((change) => this.changed.fire({ session, change }));
    this.byRoot.set(root, { session, listener });
  }

  private drop(root: string): void {
    const entry = this.byRoot.get(root);
    this.byRoot.delete(root);
    entry?.listener.dispose();
    entry?.session.dispose();
  }

  dispose(): void {
    for (const root of [...this.byRoot.keys()]) this.drop(root);
    this.owned.dispose();
  }
}

/** Roots of projects: each workspace folder or the nearest folder above it, and projects below. */
async function findRoots(): Promise<string[]> {
  const roots = new Set<string>();
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  for (const folder of folders) {
    const above = await upwards(folder.uri.fsPath);
    if (above !== undefined) roots.add(above);
  }
  if (folders.length > 0) {
    for (const uri of await vscode.workspace.findFiles(NESTED, '**/node_modules/**', MOST)) {
      if (uri.scheme === 'file') roots.add(path.dirname(path.dirname(uri.fsPath)));
    }
  }
  return [...roots].sort();
}

async function upwards(start: string): Promise<string | undefined> {
  for (let dir = start; ; dir = path.dirname(dir)) {
    if (await isFolder(path.join(dir, '.dvc'))) return dir;
    if (dir === path.dirname(dir)) return undefined;
  }
}

async function isFolder(dir: string): Promise<boolean> {
  try {
    return ((await vscode.workspace.fs.stat(vscode.Uri.file(dir))).type & vscode.FileType.Directory) !== 0;
  } catch {
    return false;
  }
}
