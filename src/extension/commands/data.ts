/** Commands on data: track, record, restore, history, changes, verify. */

import * as vscode from 'vscode';
import { type App } from '../app';
import { type DiffPanel, openTextDiff } from '../panels/diff';
import { listText, withProgress } from '../prompts/progress';
import { type Session } from '../session';
import { byProject, placesOf, placesOrPick, registerCommand, tell, type Place } from './command';

const TABLES = /\.(csv|tsv)$/i;

/** Registers them. */
export function registerDataCommands(app: App, diff: DiffPanel): void {
  registerCommand(app, 'add', (...args) => track(app, args));
  registerCommand(app, 'commit', (...args) => record(app, args));
  registerCommand(app, 'checkout', (...args) => restoreRecorded(app, args));
  registerCommand(app, 'restore', (uri, version) => restoreVersion(app, [uri], version));
  registerCommand(app, 'restoreUndo', (row) => undo(app, [row]));
  registerCommand(app, 'history', (...args) => history(app, args, diff));
  registerCommand(app, 'diff.content', (...args) => changes(app, args, diff));
  registerCommand(app, 'verify', (...args) => verify(app, args));
}

async function track(app: App, args: unknown[]): Promise<void> {
  let places = await placesOf(app, args);
  if (places.length === 0) places = await pickFiles(app);
  for (const [session, targets] of byProject(places)) {
    const title = app.text.t('progress.track', { n: targets.length, path: targets[0] ?? '' });
    const answer = await withProgress(app, title, (call) => session.call('add', { targets }, call));
    tell(app.text.t('done.track', { n: answer.added.length, path: answer.added[0]?.path ?? '' }));
  }
}

async function pickFiles(app: App): Promise<Place[]> {
  const session = await app.sessions.pick();
  if (!session) return [];
  const uris = await vscode.window.showOpenDialog({
    canSelectFiles: true,
    canSelectFolders: true,
    canSelectMany: true,
    defaultUri: session.uri('.'),
    openLabel: app.text.t('pick.track'),
  });
  return placesOf(app, [uris?.[0], uris ?? []]);
}

async function record(app: App, args: unknown[]): Promise<void> {
  const places = await placesOf(app, args);
  const groups = places.length > 0 ? byProject(places) : new Map([[await app.sessions.pick(), [] as string[]]]);
  for (const [session, targets] of groups) {
    if (!session) continue;
    const answer = await withProgress(app, app.text.t('progress.record'), (call) =>
      session.call('commit', { targets: [...targets], force: true }, call),
    );
    const n = answer.committed.filter((item) => item.changed).length;
    tell(app.text.t(n > 0 ? 'done.record' : 'done.nothingToRecord', { n }));
  }
}

/** Puts the recorded version back (DVC's checkout), after naming what would be lost. */
async function restoreRecorded(app: App, args: unknown[]): Promise<void> {
  const places = await placesOrPick(app, args, app.text.t('pick.checkout'));
  for (const [session, targets] of byProject(places)) {
    const plan = await session.call('checkout', { targets, dry: true });
    const touched = [...plan.modified, ...plan.deleted, ...plan.added];
    if (touched.length === 0 && plan.failed.length === 0) {
      tell(app.text.t('done.nothingToRestore'));
      continue;
    }
    const unsaved = plan.unsaved ?? [];
    const question = app.text.t(unsaved.length > 0 ? 'confirm.checkoutUnsaved' : 'confirm.checkout', {
      n: touched.length,
      lost: unsaved.length,
    });
    const restore = app.text.t('action.restore');
    const detail = listText(unsaved.length > 0 ? unsaved : touched, app.text);
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, restore)) !== restore) continue;
    const answer = await withProgress(app, app.text.t('progress.restore'), (call) =>
      session.call('checkout', { targets, force: unsaved.length > 0 }, call),
    );
    reportFailed(app, answer.failed);
    tell(app.text.t('done.restore', { n: answer.added.length + answer.modified.length + answer.deleted.length }));
  }
}

/** Puts an earlier version into the workspace; what is there now is kept and can be taken back. */
async function restoreVersion(app: App, args: unknown[], version: unknown): Promise<boolean> {
  const [place] = await placesOrPick(app, args, app.text.t('pick.restore'));
  if (!place) return false;
  const { session, path } = place;
  const from = typeof version === 'string' ? version : await pickVersion(app, place);
  if (from === undefined) return false;
  const plan = await session.call('restore', { targets: [path], from, dry: true });
  const touched = [...plan.modified, ...plan.added, ...plan.deleted];
  if (touched.length === 0) {
    tell(app.text.t('done.nothingToRestore'));
    return false;
  }
  const restore = app.text.t('action.restore');
  const question = app.text.t('confirm.restore', { path, version: from.slice(0, 7), n: touched.length });
  const detail = `${listText(touched, app.text)}\n\n${app.text.t('confirm.restoreKept')}`;
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, restore)) !== restore) return false;
  const answer = await withProgress(app, app.text.t('progress.restore'), (call) =>
    session.call('restore', { targets: [path], from }, call),
  );
  void offerUndo(app, session, { path, version: from.slice(0, 7), kept: answer.kept });
  return true;
}

async function pickVersion(app: App, { session, path }: Place): Promise<string | undefined> {
  const { versions } = await session.call('history', { targets: [path] });
  const items = versions.map((version) => ({
    label: version.message.split('\n')[0] ?? version.commit,
    description: [version.commit.slice(0, 7), version.size === undefined ? '' : app.text.size(version.size)].join(
      ' · ',
    ),
    detail: [app.text.date(Date.parse(version.date)), version.author, ...(version.registered ?? [])].join(' · '),
    commit: version.commit,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: app.text.t('pick.version', { path }),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.commit;
}

async function offerUndo(
  app: App,
  session: Session,
  done: { path: string; version: string; kept: string | undefined },
): Promise<void> {
  const undoLabel = app.text.t('action.undo');
  const { kept } = done;
  const message = app.text.t('done.restoreVersion', { path: done.path, version: done.version });
  const picked = await vscode.window.showInformationMessage(message, ...(kept === undefined ? [] : [undoLabel]));
  if (picked === undoLabel && kept !== undefined) await undo(app, [], { session, kept });
}

async function undo(app: App, args: unknown[], known?: { session: Session; kept: string }): Promise<void> {
  const session = known?.session ?? (await placesOf(app, args))[0]?.session ?? (await app.sessions.pick());
  if (!session) return;
  const targets = known ? [known.kept] : [];
  await withProgress(app, app.text.t('progress.restore'), (call) =>
    session.call('restore', { targets, undo: true }, call),
  );
  tell(app.text.t('done.undo'));
}

async function history(app: App, args: unknown[], diff: DiffPanel): Promise<void> {
  const [place] = await placesOrPick(app, args, app.text.t('pick.history'));
  if (!place) return;
  const { versions } = await place.session.call('history', { targets: [place.path], max: 2 });
  const [latest] = versions;
  if (latest) diff.show(place.session, { path: place.path, a: latest.commit, b: 'workspace' });
  else void vscode.window.showInformationMessage(app.text.t('data.noHistory', { path: place.path }));
}

/** What changed since the last commit: a row diff for tables and folders in our panel, the editor's own for texts. */
async function changes(app: App, args: unknown[], diff: DiffPanel): Promise<void> {
  const [place] = await placesOrPick(app, args, app.text.t('pick.changes'));
  if (!place) return;
  const { session, path } = place;
  const [latest] = (await session.call('history', { targets: [path], max: 1 })).versions;
  const target = { path, a: latest?.commit ?? 'HEAD', b: 'workspace' };
  if (TABLES.test(path)) return diff.show(session, target);
  const answer = await session.call('diff.content', { targets: [target.a, target.b, path], rows: 0 });
  if (answer.kind === 'text') await openTextDiff(session, target, app.text);
  else diff.show(session, target);
}

async function verify(app: App, args: unknown[]): Promise<void> {
  const places = await placesOf(app, args);
  const groups = places.length > 0 ? byProject(places) : new Map([[await app.sessions.pick(), [] as string[]]]);
  for (const [session, targets] of groups) {
    if (!session) continue;
    const answer = await withProgress(app, app.text.t('progress.verify'), (call) =>
      session.call('verify', { targets }, call),
    );
    if (answer.bad.length === 0)
      void vscode.window.showInformationMessage(app.text.t('done.verify', { n: answer.checked }));
    else {
      const detail = listText(
        answer.bad.map((item) => `${item.path} (${app.text.t(`verify.${item.reason}`)})`),
        app.text,
      );
      await vscode.window.showWarningMessage(app.text.t('done.verifyBad', { n: answer.bad.length }), {
        modal: true,
        detail,
      });
    }
  }
}

/** One message for all that failed. */
export function reportFailed(app: App, failed: readonly { path: string; msg: string; code?: string }[]): void {
  if (failed.length === 0) return;
  const lines = failed.map((item) => {
    const key = `error.${item.code ?? ''}`;
    return app.text.has(key) ? app.text.t(key, { path: item.path }) : `${item.path}: ${item.msg}`;
  });
  app.log.error(lines.join('\n'));
  const more = lines.length > 1 ? ` ${app.text.t('list.more', { n: lines.length - 1 })}` : '';
  void vscode.window.showErrorMessage(`${lines[0] ?? ''}${more}`);
}
