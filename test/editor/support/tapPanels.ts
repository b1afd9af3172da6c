/** Listens in on the panels that the extension opens: what it sends to a page, and a way to send it what a page might. */

import * as vscode from 'vscode';
import { until } from './editorParts';

type Message = Record<string, unknown>;

/** An open panel, from the page's side. */
export interface Tapped {
  readonly type: string;
  readonly panel: vscode.WebviewPanel;
  /** What the host sent, oldest first. */
  readonly sent: Message[];
  /** Sends anything. */
  send(message: unknown): void;
  /** Calls a method and gives the answer or error. */
  call(method: unknown, args: unknown): Promise<Message>;
}

/** Every panel opened until `dispose`; the pages themselves are the real ones. */
export interface Tap extends vscode.Disposable {
  readonly panels: Tapped[];
}

/** Wraps `object` so that these properties are ours and all others its own. */
function wrapped<T extends object>(object: T, own: Record<string, unknown>): T {
  return new Proxy(object, {
    get: (target, key) => {
      if (typeof key === 'string' && Object.hasOwn(own, key)) return own[key];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  });
}

function tap(type: string, panel: vscode.WebviewPanel): Tapped {
  const listeners: ((message: unknown) => void)[] = [];
  const sent: Message[] = [];
  let next = 1_000_000;
  const webview = wrapped(panel.webview, {
    onDidReceiveMessage: (listener: (message: unknown) => void) => {
      listeners.push(listener);
      return panel.webview.onDidReceiveMessage(listener);
    },
    postMessage: (message: Message) => {
      sent.push(message);
      return panel.webview.postMessage(message);
    },
  });
  const send = (message: unknown): void => listeners.forEach((listener) => listener(message));
  return {
    type,
    panel: wrapped(panel, { webview }),
    sent,
    send,
    call: (method, args) => {
      const id = next++;
      send({ v: 1, k: 'call', id, method, args });
      return until(`an answer to ${String(method)}`, () =>
        sent.find((message) => message['id'] === id && (message['k'] === 'done' || message['k'] === 'fail')),
      );
    },
  };
}

/** Starts listening. */
export function tapPanels(): Tap {
  const panels: Tapped[] = [];
  const create = vscode.window.createWebviewPanel;
  vscode.window.createWebviewPanel = (type, ...rest) => {
    const tapped = tap(type, create(type, ...rest));
    panels.push(tapped);
    return tapped.panel;
  };
  return { panels, dispose: () => (vscode.window.createWebviewPanel = create) };
}
