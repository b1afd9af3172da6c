/** How failures reach the user: one sentence, one action; the log has the rest. Cancelled is no failure. */

import * as vscode from 'vscode';
import { isCancelled } from '../../base/cancel';
import { visible } from '../../base/text';
import { is } from '../../engine/errors';
import { type App } from '../app';
import { type Texts } from '../texts';

/** The sentence of an error in the editor's language. */
export function sentence(error: unknown, text: Texts): string {
  if (is(error) && error.code !== 'unexpected') {
    const data = Object.entries(error.data).map(([key, value]) => [
      key,
      typeof value === 'object' ? value.join(', ') : value,
    ]);
    // Some sentences name commands to type; the editor has its own.
    const own = `editor.error.${error.code}`;
    const key = text.has(own) ? own : `error.${error.code}`;
    return visible(text.t(key, Object.fromEntries(data) as Record<string, string>));
  }
  // The CLI's sentence for this names options of the command line.
  return text.t('webview.error.unexpected', { message: visible(messageOf(error)) });
}

function messageOf(error: unknown): string {
  if (is(error) && typeof error.data['message'] === 'string') return error.data['message'];
  return error instanceof Error ? error.message : String(error);
}

/** Shows an error and writes it to the log; says nothing of a cancelled act. */
export async function showError(error: unknown, app: App): Promise<void> {
  if (isCancelled(error)) return;
  const message = sentence(error, app.text);
  app.log.error(error instanceof Error ? `${message}\n${error.stack ?? ''}` : message);
  const remedy = remedyFor(error, app);
  if ((await vscode.window.showErrorMessage(message, remedy.label)) === remedy.label) await remedy.act();
}

/** The one action beside a sentence. */
function remedyFor(error: unknown, { text, log }: App): { readonly label: string; act(): unknown } {
  const run = (command: string) => () => vscode.commands.executeCommand(command);
  if (is(error, 'trust.required')) return { label: text.t('action.manageTrust'), act: run('workbench.trust.manage') };
  if (is(error, 'remotes.none')) return { label: text.t('action.addRemote'), act: run('strata.remote.add') };
  return { label: text.t('action.showLog'), act: () => log.show() };
}
