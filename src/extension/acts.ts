/** Acts under way: their figures stand in the view they belong to and in the status bar, and one command cancels them. */

import * as vscode from 'vscode';
import { type Disposable } from '../base/lifecycle';

/** A view that can show a line of text above its rows. */
export interface MessageView {
  message?: string | undefined;
}

/** Knows what is under way. */
export class Acts implements Disposable {
  private readonly running = new Map<AbortController, string>();
  private readonly views = new Map<string, MessageView>();

  /** Makes a view known by its id. */
  addView(id: string, view: MessageView): void {
    this.views.set(id, view);
  }

  /** Notes an act of a view; its signal fires when the user cancels. */
  begin(viewId: string): AbortController {
    const controller = new AbortController();
    this.running.set(controller, viewId);
    this.tell();
    return controller;
  }

  /** Shows the figures of an act above the rows of its view. */
  show(controller: AbortController, text: string): void {
    const view = this.views.get(this.running.get(controller) ?? '');
    if (view) view.message = text;
  }

  /** The act is over, however it ended. */
  end(controller: AbortController): void {
    const view = this.views.get(this.running.get(controller) ?? '');
    this.running.delete(controller);
    if (view) view.message = undefined;
    this.tell();
  }

  /** Cancels all that is under way. */
  cancel(): void {
    for (const controller of this.running.keys()) controller.abort();
  }

  private tell(): void {
    void vscode.commands.executeCommand('setContext', 'strata.busy', this.running.size > 0);
  }

  dispose(): void {
    this.cancel();
  }
}
