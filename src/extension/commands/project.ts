/** Commands about projects: start one, open the sample, refresh, show the log. */

import * as path from 'node:path';
import * as vscode from 'vscode';
import { is } from '../../engine/errors';
import { type App } from '../app';
import { EngineClient } from '../engineClient';
import { withProgress } from '../prompts/progress';
import { ALL } from '../session';
import { registerCommand, tell } from './command';

/** Registers them. */
export function registerProjectCommands(app: App): void {
  registerCommand(app, 'init', () => init(app));
  registerCommand(app, 'sample', () => sample(app));
  registerCommand(app, 'refresh', async () => {
    await app.sessions.refresh();
    for (const session of app.sessions.known) session.announce(ALL);
  });
  registerCommand(app, 'cancelAct', () => Promise.resolve(app.acts.cancel()));
  registerCommand(app, 'forgetSecrets', () => forgetSecrets(app));
  registerCommand(app, 'showLog', () => Promise.resolve(app.log.show()));
}

/** A short-lived engine for a folder that is no project. */
export async function withEngine<T>(app: App, dir: string, act: (engine: EngineClient) => Promise<T>): Promise<T> {
  const engine = new EngineClient({
    dir,
    trusted: vscode.workspace.isTrusted,
    extensionPath: app.context.extensionPath,
    log: app.log,
  });
  try {
    return await act(engine);
  } finally {
    engine.dispose();
  }
}

async function init(app: App): Promise<void> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  const folder = folders.length > 1 ? await vscode.window.showWorkspaceFolderPick() : folders[0];
  if (!folder) {
    if (folders.length === 0) void vscode.window.showInformationMessage(app.text.t('init.noFolder'));
    return;
  }
  if (!(await initIn(app, folder.uri.fsPath))) return;
  await app.sessions.refresh();
  tell(app.text.t('done.init'));
}

/** Starts a project in the folder that was opened, wherever in a repository it lies; without Git only when asked. False: rather not. */
async function initIn(app: App, dir: string): Promise<boolean> {
  const start = (noScm: boolean): Promise<unknown> =>
    withProgress(app, app.text.t('progress.init'), (call) =>
      withEngine(app, dir, (engine) => engine.call('init', { subdir: true, noScm }, call)),
    );
  try {
    await start(false);
  } catch (error) {
    if (!is(error, 'init.noGit')) throw error;
    const go = app.text.t('action.startWithoutGit');
    const question = app.text.t('init.withoutGit', { path: dir });
    const detail = app.text.t('init.withoutGitDetail');
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, go)) !== go) return false;
    await start(true);
  }
  return true;
}

async function sample(app: App): Promise<void> {
  const parents = await vscode.window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    openLabel: app.text.t('sample.pick'),
    title: app.text.t('sample.title'),
  });
  const parent = parents?.[0];
  if (!parent) return;
  const dir = path.join(parent.fsPath, 'strata-sample');
  const answer = await withProgress(app, app.text.t('progress.makeSample'), (call) =>
    withEngine(app, parent.fsPath, (engine) => engine.call('sample', { targets: [dir] }, call)),
  );
  if (answer.python === undefined) await vscode.window.showWarningMessage(app.text.t('sample.noPython'));
  await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(answer.root), { forceReuseWindow: false });
}

/** Removes passwords and keys of remotes from the editor's secret store, and from the engines' memory. */
async function forgetSecrets(app: App): Promise<void> {
  const { text, secrets } = app;
  const items = secrets.kept.map(({ id, label }) => ({ label, id, picked: true }));
  if (items.length === 0) return tell(text.t('done.forgetNothing'));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: text.t('pick.forget'), canPickMany: true });
  if (!picked || picked.length === 0) return;
  await secrets.forget(picked.map(({ id }) => id));
  for (const session of app.sessions.known) session.reopen();
  tell(text.t('done.forget', { n: picked.length }));
}
