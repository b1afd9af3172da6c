/** Explorer letters: one on what is tracked and on what changed inside it, from one snapshot a project. */

import * as vscode from 'vscode';
import { DisposableStore, toDisposable, type Disposable } from '../base/lifecycle';
import { type DataState } from '../engine/verbs/dataViews';
import { type App } from './app';
import { type Session } from './session';
import { COLORS, LETTERS, ROW_SCHEME, rowUri } from './views/data';

/** What is known of a project, and the watch that keeps it fresh. */
interface Entry {
  read: Promise<Map<string, Known>>;
  readonly watch: Disposable;
}

interface Known {
  readonly state: DataState;
  readonly size?: number;
  readonly root: boolean;
}

/** Decorates tracked paths. Reads nothing until the Explorer asks for a file of a project. */
export class Decorations implements vscode.FileDecorationProvider, Disposable {
  private readonly owned = new DisposableStore();
  private readonly changed = new vscode.EventEmitter<vscode.Uri[]>();
  private readonly known = new Map<Session, Entry>();
  private readonly stale = new Set<Session>();

  readonly onDidChangeFileDecorations = this.changed.event;

  constructor(private readonly app: App) {
    this.owned.add(this.changed);
    this.owned.add(vscode.window.registerFileDecorationProvider(this));
    this.owned.add(
      app.sessions.onDidChange(({ session, change }) => {
        if (change.data && this.known.has(session)) void this.refresh(session);
      }),
    );
    this.owned.add(app.sessions.onDidChangeList(() => this.forgetGone()));
    this.owned.add(toDisposable(() => [...this.known.keys()].forEach((session) => this.forget(session))));
  }

  async provideFileDecoration(uri: vscode.Uri): Promise<vscode.FileDecoration | undefined> {
    const place = await this.placeOf(uri);
    if (!place) return undefined;
    const { session, path } = place;
    if (!this.known.has(session)) this.known.set(session, { read: this.read(session), watch: session.watch() });
    const found = (await this.known.get(session)?.read)?.get(path);
    // The view shows nothing but tracked data: only what changed needs a letter there.
    if (found?.state === 'unchanged' && uri.scheme === ROW_SCHEME) return undefined;
    return found ? this.decoration(found) : undefined;
  }

  /** The project and path that a file of the Explorer or a row of the Data view stands for. */
  private async placeOf(uri: vscode.Uri): Promise<{ session: Session; path: string } | undefined> {
    if (uri.scheme === ROW_SCHEME) {
      const session = this.app.sessions.known.find((one) => one.root === uri.query);
      return session && { session, path: uri.path.slice(1) };
    }
    if (uri.scheme !== 'file') return undefined;
    const session = await this.app.sessions.of(uri);
    const path = session?.relative(uri);
    return session && path !== undefined && path !== '.' ? { session, path } : undefined;
  }

  private decoration(found: Known): vscode.FileDecoration {
    const { text } = this.app;
    const letter = LETTERS[found.state] || text.t('data.letter.tracked');
    const size = found.size === undefined ? '' : ` · ${text.size(found.size)}`;
    const color = COLORS[found.state];
    const decoration = new vscode.FileDecoration(letter, `Strata: ${text.t(`data.state.${found.state}.long`)}${size}`);
    if (color !== undefined) decoration.color = new vscode.ThemeColor(color);
    decoration.propagate = found.state === 'modified' || found.state === 'deleted';
    return decoration;
  }

  private async read(session: Session): Promise<Map<string, Known>> {
    const known = new Map<string, Known>();
    try {
      const { nodes } = await session.call('dataTree', {});
      for (const { path, state, size } of nodes)
        known.set(path, { state, root: true, ...(size === undefined ? {} : { size }) });
      const { uncommitted } = await session.call('data.status', { targets: [], granular: true });
      for (const state of ['added', 'modified', 'deleted'] as const) {
        for (const path of uncommitted?.[state] ?? []) {
          if (!path.endsWith('/') && !known.has(path)) known.set(path, { state, root: false });
        }
      }
    } catch (error) {
      this.app.log.warn(`${session.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    return known;
  }

  private async refresh(session: Session): Promise<void> {
    if (this.stale.has(session)) return;
    this.stale.add(session);
    const before = await this.known.get(session)?.read;
    this.stale.delete(session);
    const entry = this.known.get(session);
    if (!entry) return;
    entry.read = this.read(session);
    const now = await entry.read;
    const paths = [...new Set([...(before?.keys() ?? []), ...now.keys()])];
    const moved = paths.filter((path) => before?.get(path)?.state !== now.get(path)?.state);
    if (moved.length > 0) this.changed.fire(moved.flatMap((path) => [session.uri(path), rowUri(session, path)]));
  }

  private forgetGone(): void {
    for (const session of [...this.known.keys()]) {
      if (!this.app.sessions.known.includes(session)) this.forget(session);
    }
  }

  private forget(session: Session): void {
    this.known.get(session)?.watch.dispose();
    this.known.delete(session);
  }

  dispose(): void {
    this.owned.dispose();
  }
}
