/** Commands that move data: push, pull, fetch. What will move is said first, what moved afterwards. */

import * as vscode from 'vscode';
import { type App } from '../app';
import { askToOverwrite } from '../prompts/overwrite';
import { withProgress } from '../prompts/progress';
import { type Session } from '../session';
import { reportFailed } from './data';
import { byProject, placesOf, registerCommand, tell } from './command';

/** Registers them. */
export function registerShareCommands(app: App): void {
  registerCommand(app, 'push', (...args) => each(app, args, (session, targets) => push(app, session, targets)));
  registerCommand(app, 'pull', (...args) => each(app, args, (session, targets) => pull(app, session, targets)));
  registerCommand(app, 'fetch', (...args) => each(app, args, (session, targets) => fetch(app, session, targets)));
}

async function each(
  app: App,
  args: unknown[],
  act: (session: Session, targets: string[]) => Promise<void>,
): Promise<void> {
  const places = await placesOf(app, args);
  if (places.length > 0) {
    for (const [session, targets] of byProject(places)) await act(session, targets);
    return;
  }
  const session = await app.sessions.pick();
  if (session) await act(session, []);
}

async function push(app: App, session: Session, targets: string[]): Promise<void> {
  // Already looking at the remote may ask for a secret.
  const plan = await withProgress(app, app.text.t('progress.push'), (call) =>
    session.call('push', { targets, dry: true }, call),
  );
  if (plan.pushed === 0 && plan.failed.length === 0) return tell(app.text.t('done.nothingToPush'));
  const what = { n: plan.pushed, size: app.text.size(plan.bytes), remote: plan.remote ?? '' };
  const go = app.text.t('action.push');
  if ((await vscode.window.showInformationMessage(app.text.t('confirm.push', what), { modal: true }, go)) !== go)
    return;
  const answer = await withProgress(app, app.text.t('progress.push'), (call) =>
    session.call('push', { targets }, call),
  );
  reportFailed(app, answer.failed);
  tell(app.text.t('done.push', { n: answer.pushed, size: app.text.size(answer.bytes) }));
}

async function pull(app: App, session: Session, targets: string[]): Promise<void> {
  const answer = await askToOverwrite(app, 'confirm.pullUnsaved', (force) =>
    withProgress(app, app.text.t('progress.pull'), (call) => session.call('pull', { targets, force }, call)),
  );
  if (!answer) return;
  reportFailed(app, answer.failed);
  const n = answer.added.length + answer.modified.length + answer.deleted.length;
  tell(app.text.t('done.pull', { n: answer.fetched, size: app.text.size(answer.bytes), files: n }));
}

async function fetch(app: App, session: Session, targets: string[]): Promise<void> {
  const answer = await withProgress(app, app.text.t('progress.fetch'), (call) =>
    session.call('fetch', { targets }, call),
  );
  reportFailed(app, answer.failed);
  tell(app.text.t('done.fetch', { n: answer.fetched, size: app.text.size(answer.bytes) }));
}
