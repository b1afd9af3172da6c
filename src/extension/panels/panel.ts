/**
 * What the panels share: one webview a kind, revealed instead of opened twice, the contract served and checked, the page's state
 * restored after a reload, everything released when it closes.
 */

import * as path from 'node:path';
import * as vscode from 'vscode';
import type * as z from 'zod/mini';
import { isCancelled } from '../../base/cancel';
import { DisposableStore, toDisposable } from '../../base/lifecycle';
import { serveRpc, type ErrorCodec, type Port, type RpcServer } from '../../base/rpc';
import { errorCodec } from '../../engine/errors';
import { handle, ProtocolError, type Contract, type Handlers } from '../../protocol/contract';
import { type App } from '../app';
import { sentence } from '../prompts/errors';
import { type Session } from '../session';
import { pageHtml } from './html';

/** An open panel. */
export interface PanelView {
  readonly session: Session;
  readonly webview: vscode.WebviewPanel;
  /** What is released with the panel. */
  readonly owned: DisposableStore;
  emit(event: string, value: unknown): void;
}

/** What makes a panel one of ours. */
export interface PanelSpec<C extends Contract> {
  readonly contract: C;
  readonly icon: string;
  title(session: Session): string;
  /** The state of a page that is opened afresh; after a reload the page has its own. */
  state(session: Session): z.infer<C['state']>;
  handlers(view: PanelView): Handlers<C>;
  /** Called once the page is there: listeners and timers go to `view.owned`. */
  opened?(view: PanelView): void;
}

/** Errors cross to the page with a finished sentence. */
function codecFor(app: App): ErrorCodec {
  return {
    fromWire: (error) => errorCodec.fromWire(error),
    toWire: (error) => {
      if (isCancelled(error)) return errorCodec.toWire(error);
      if (error instanceof ProtocolError) return { code: error.code, data: error.data, message: error.message };
      app.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return { ...errorCodec.toWire(error), message: sentence(error, app.text) };
    },
  };
}

/** One kind of panel: opens, reveals and restores it. */
export class PanelKind<C extends Contract> {
  private readonly open = new Map<string, PanelView>();

  constructor(
    private readonly app: App,
    private readonly spec: PanelSpec<C>,
  ) {
    app.context.subscriptions.push(
      vscode.window.registerWebviewPanelSerializer(this.type, {
        deserializeWebviewPanel: (panel, state) => this.restore(panel, state),
      }),
      app.sessions.onDidChangeList(() => this.closeGone()),
      toDisposable(() => this.closeAll()),
    );
  }

  private get type(): string {
    return `strata.${this.spec.contract.panel}`;
  }

  /** Shows the panel of a project; an open one comes to the front. */
  show(session: Session): PanelView {
    const known = this.open.get(session.root);
    if (known) {
      known.webview.reveal();
      return known;
    }
    const webview = vscode.window.createWebviewPanel(
      this.type,
      this.spec.title(session),
      vscode.ViewColumn.Active,
      this.options(),
    );
    return this.attach(webview, session, this.spec.state(session));
  }

  /** The open panel of a project. */
  of(session: Session): PanelView | undefined {
    return this.open.get(session.root);
  }

  private async restore(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const sessions = await this.app.sessions.all();
    const root = (state as { project?: unknown } | null)?.project;
    const session = sessions.find((one) => one.root === root) ?? sessions[0];
    if (!session || this.open.has(session.root)) panel.dispose();
    else {
      panel.webview.options = this.options();
      this.attach(panel, session, undefined);
    }
  }

  private options(): vscode.WebviewOptions {
    return { enableScripts: true, enableForms: false, localResourceRoots: [this.dist()] };
  }

  private dist(): vscode.Uri {
    return vscode.Uri.file(path.join(this.app.context.extensionPath, 'dist', 'webview'));
  }

  private attach(webview: vscode.WebviewPanel, session: Session, state: unknown): PanelView {
    const owned = new DisposableStore();
    const { contract } = this.spec;
    const port: Port = {
      post: (message) => void webview.webview.postMessage(message),
      onMessage: (listener) => webview.webview.onDidReceiveMessage(listener),
    };
    const served: { rpc?: RpcServer } = {};
    const view: PanelView = { session, webview, owned, emit: (event, value) => served.rpc?.emit(event, value) };
    served.rpc = owned.add(serveRpc(port, codecFor(this.app), handle(contract, this.spec.handlers(view))));
    this.open.set(session.root, view);
    webview.onDidDispose(() => {
      this.open.delete(session.root);
      owned.dispose();
    });
    this.watchWhileVisible(view);
    webview.iconPath = new vscode.ThemeIcon(this.spec.icon) as unknown as vscode.Uri;
    const file = (name: string): string =>
      webview.webview.asWebviewUri(vscode.Uri.joinPath(this.dist(), name)).toString();
    webview.webview.html = pageHtml(
      this.spec.title(session),
      {
        panel: contract.panel,
        version: contract.version,
        language: this.app.text.language,
        bundle: this.app.text.bundle,
        project: session.root,
        state: state ?? null,
      },
      {
        cspSource: webview.webview.cspSource,
        script: file(`${contract.panel}.js`),
        style: file(`${contract.panel}.css`),
        bootError: this.app.text.t('panel.bootError'),
      },
    );
    this.spec.opened?.(view);
    return view;
  }

  private watchWhileVisible(view: PanelView): void {
    let watch = view.session.watch();
    let visible = true;
    view.owned.add(toDisposable(() => visible && watch.dispose()));
    view.owned.add(
      view.webview.onDidChangeViewState(() => {
        if (view.webview.visible === visible) return;
        visible = view.webview.visible;
        if (visible) watch = view.session.watch();
        else watch.dispose();
      }),
    );
  }

  /** A project that left the window takes its panel along. */
  private closeGone(): void {
    for (const view of [...this.open.values()]) {
      if (!this.app.sessions.known.includes(view.session)) view.webview.dispose();
    }
  }

  private closeAll(): void {
    for (const view of [...this.open.values()]) view.owned.dispose();
  }
}
