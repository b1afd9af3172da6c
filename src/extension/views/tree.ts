/**
 * What the four views share: one top row a project where there are several, children on demand, a loading bar, one sentence when
 * something failed, the welcome text when there is nothing. Only what changed is asked again.
 */

import * as vscode from 'vscode';
import { isCancelled } from '../../base/cancel';
import { DisposableStore, toDisposable, type Disposable } from '../../base/lifecycle';
import { type App } from '../app';
import { sentence } from '../prompts/errors';
import { type Change, type Session } from '../session';

/** A row. `id` is stable over refreshes, so that selection and expansion survive. */
export interface Node {
  readonly id: string;
  readonly session: Session;
  readonly item: vscode.TreeItem;
  /** Rows below; absent for leaves. */
  children?(): Promise<readonly Node[]>;
}

/** What makes a view one of ours. */
export interface TreeSpec<N extends Node> {
  /** `strata.data`; also the prefix of its context keys. */
  readonly id: string;
  roots(session: Session): Promise<readonly N[]>;
  /** Whether a change concerns this view. */
  concerns(change: Change): boolean;
  /** Called when the view was read again, with the number for its badge. */
  badge?(roots: readonly N[]): { value: number; tooltip: string } | undefined;
}

/** A view over the projects. */
export class ProjectTree<N extends Node> implements vscode.TreeDataProvider<Node>, Disposable {
  private readonly owned = new DisposableStore();
  private readonly changed = new vscode.EventEmitter<Node | undefined>();
  private readonly badges = new Map<Session, { value: number; tooltip: string } | undefined>();
  private watching: Disposable[] = [];
  private stale = false;

  readonly onDidChangeTreeData = this.changed.event;
  readonly view: vscode.TreeView<Node>;

  constructor(
    private readonly app: App,
    private readonly spec: TreeSpec<N>,
    options: Partial<vscode.TreeViewOptions<Node>> = {},
  ) {
    this.owned.add(this.changed);
    this.view = this.owned.add(
      vscode.window.createTreeView(spec.id, { treeDataProvider: this, showCollapseAll: true, ...options }),
    );
    app.acts.addView(spec.id, this.view);
    this.owned.add(this.view.onDidChangeVisibility(() => void this.visibility()));
    this.owned.add(app.sessions.onDidChangeList(() => this.projectsChanged()));
    this.owned.add(app.sessions.onDidChange(({ change }) => spec.concerns(change) && this.refresh()));
    this.owned.add(toDisposable(() => this.stopWatching()));
    if (this.view.visible) void this.visibility();
  }

  /** Reads again, now or when the view is next seen. */
  refresh(): void {
    if (this.view.visible) this.changed.fire(undefined);
    else this.stale = true;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return node.item;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    return vscode.window.withProgress({ location: { viewId: this.spec.id } }, async () => {
      try {
        const rows = node ? ((await node.children?.()) ?? []) : await this.top();
        if (!node) this.state(rows.length === 0 ? 'empty' : 'full');
        return [...rows];
      } catch (error) {
        return this.failed(error, node);
      }
    });
  }

  /** One sentence above the view, or in the place of the rows below `node`. A cancelled reading is followed by another. */
  private failed(error: unknown, node: Node | undefined): Node[] {
    if (isCancelled(error)) return [];
    this.app.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const message = sentence(error, this.app.text);
    if (node) return [errorNode(node, message)];
    this.state('error', message);
    return [];
  }

  private projectsChanged(): void {
    for (const session of [...this.badges.keys()]) {
      if (!this.app.sessions.known.includes(session)) this.badges.delete(session);
    }
    this.showBadge();
    this.refresh();
    if (this.view.visible) void this.visibility();
  }

  /** Parents are never asked for: rows are revealed by their position only. */
  getParent(): undefined {
    return undefined;
  }

  private async top(): Promise<readonly Node[]> {
    const sessions = await this.app.sessions.all();
    const [only] = sessions;
    if (!only) return [];
    if (sessions.length === 1) return this.rootsOf(only);
    return sessions.map((session) => ({
      id: session.root,
      session,
      item: projectItem(session),
      children: () => this.rootsOf(session),
    }));
  }

  private async rootsOf(session: Session): Promise<readonly N[]> {
    const rows = await this.spec.roots(session);
    if (this.spec.badge) {
      this.badges.set(session, this.spec.badge(rows));
      this.showBadge();
    }
    return rows;
  }

  /** The sum over the projects. */
  private showBadge(): void {
    if (!this.spec.badge) return;
    const badges = [...this.badges.values()].filter((badge) => badge !== undefined && badge.value > 0);
    const value = badges.reduce((sum, badge) => sum + (badge?.value ?? 0), 0);
    const tooltip = badges.map((badge) => badge?.tooltip ?? '').join('\n');
    this.view.badge = value > 0 ? { value, tooltip } : undefined;
  }

  private state(state: 'empty' | 'full' | 'error', message?: string): void {
    if (message === undefined) delete this.view.message;
    else this.view.message = message;
    void vscode.commands.executeCommand('setContext', `${this.spec.id}.state`, state);
  }

  private async visibility(): Promise<void> {
    if (!this.view.visible) return this.stopWatching();
    const sessions = await this.app.sessions.all();
    this.stopWatching();
    if (this.view.visible) this.watching = sessions.map((session) => session.watch());
    if (this.stale) {
      this.stale = false;
      this.changed.fire(undefined);
    }
  }

  private stopWatching(): void {
    for (const watch of this.watching) watch.dispose();
    this.watching = [];
  }

  dispose(): void {
    this.owned.dispose();
  }
}

function errorNode(parent: Node, message: string): Node {
  const item = new vscode.TreeItem(message);
  item.id = `${parent.id}:error`;
  item.tooltip = message;
  item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  item.contextValue = 'error';
  return { id: item.id, session: parent.session, item };
}

function projectItem(session: Session): vscode.TreeItem {
  const item = new vscode.TreeItem(session.name, vscode.TreeItemCollapsibleState.Expanded);
  item.id = session.root;
  item.description = session.root;
  item.iconPath = new vscode.ThemeIcon('repo');
  item.contextValue = 'project';
  return item;
}
