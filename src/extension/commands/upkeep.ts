/** Commands that keep a project in order: free space, move or rename, stop tracking, make editable, freeze. Each says first what it will do. */

import * as vscode from 'vscode';
import { type Call } from '../../base/cancel';
import { is } from '../../engine/errors';
import { type GcAnswer, type GcArgs } from '../../engine/verbs/upkeep';
import { type AnswerOf } from '../../engine/verbs/verbs';
import { type App } from '../app';
import { listText, withProgress } from '../prompts/progress';
import { type Session } from '../session';
import { type PipelineRow } from '../views/pipeline';
import { byProject, placesOrPick, registerCommand, sessionOf, tell, type Place } from './command';
import { reportFailed } from './data';

/** Registers them. */
export function registerUpkeepCommands(app: App): void {
  registerCommand(app, 'gc', (row) => freeSpace(app, row));
  registerCommand(app, 'move', (...args) => move(app, args));
  registerCommand(app, 'remove', (...args) => stopTracking(app, args));
  registerCommand(app, 'unprotect', (...args) => makeEditable(app, args));
  registerCommand(app, 'freeze', (row) => setFrozen(app, row, 'freeze'));
  registerCommand(app, 'unfreeze', (row) => setFrozen(app, row, 'unfreeze'));
}

/** What may be kept, the most first: the safe choice is at the top. */
const SCOPES: readonly { readonly name: string; readonly scope: Partial<GcArgs> }[] = [
  { name: 'commits', scope: { allCommits: true, allExperiments: true } },
  { name: 'branches', scope: { allBranches: true, allTags: true } },
  { name: 'workspace', scope: { workspace: true } },
];

/** Of so many outputs at most the versions are looked for. */
const MOST_PATHS = 100;

async function freeSpace(app: App, row: unknown): Promise<void> {
  const session = await sessionOf(app, row);
  if (!session) return;
  const items = SCOPES.map(({ name, scope }) => ({
    label: app.text.t(`gc.scope.${name}`),
    detail: app.text.t(`gc.scope.${name}.detail`),
    scope,
  }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: app.text.t('pick.gcScope') });
  if (!picked) return;
  const args = { targets: [], ...picked.scope };
  const { plan, versions } = await withProgress(app, app.text.t('progress.gc'), async (call) => {
    const found = await session.call('gc', { ...args, dry: true }, call);
    return { plan: found, versions: await versionsLost(app, session, new Set(found.objects ?? []), call) };
  });
  if (plan.removed === 0 && plan.temporaries === undefined) return tell(app.text.t('done.gcNothing'));
  const free = app.text.t('action.free');
  const question = app.text.t('confirm.gc', { n: plan.removed, size: plan.bytes });
  // Names say more than hashes; what no commit names has only those.
  const what =
    versions.length > 0
      ? `${app.text.t('confirm.gcVersions', { n: versions.length })}\n${listText(versions, app.text)}`
      : listText(plan.objects ?? [], app.text);
  const detail = [what, ...doubts(app, plan), app.text.t('confirm.gcDetail')]
    .filter((part) => part !== '')
    .join('\n\n');
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, free)) !== free) return;
  const done = await withProgress(app, app.text.t('progress.gc'), (call) =>
    session.call('gc', { ...args, force: true }, call),
  );
  reportFailed(app, done.failed ?? []);
  tell(app.text.t('done.gc', { n: done.removed, size: done.bytes }));
}

/** Versions of tracked data, newest first by path, whose objects are among those that go. None where there is no history. */
async function versionsLost(app: App, session: Session, objects: ReadonlySet<string>, call: Call): Promise<string[]> {
  if (objects.size === 0) return [];
  const lines: string[] = [];
  const { nodes } = await session.call('dataTree', {}, call);
  for (const { path } of nodes.slice(0, MOST_PATHS)) {
    const versions = await historyOf(session, path, call);
    for (const { commit, message } of versions.filter(({ hash }) => objects.has(hash))) {
      const facts = { path, commit: commit.slice(0, 7), message: message.split('\n')[0] ?? '' };
      lines.push(app.text.t('confirm.gcVersion', facts));
    }
  }
  return lines;
}

async function historyOf(session: Session, path: string, call: Call): Promise<AnswerOf<'history'>['versions']> {
  try {
    return (await session.call('history', { targets: [path] }, call)).versions;
  } catch (error) {
    if (is(error)) return [];
    throw error;
  }
}

/** What was kept because nobody can tell whether it is needed. */
function doubts(app: App, { unreadable = [], keptForUnreadable = 0 }: GcAnswer): string[] {
  const [first] = unreadable;
  return first ? [app.text.t('confirm.gcUnreadable', { ...first, n: unreadable.length, kept: keptForUnreadable })] : [];
}

async function move(app: App, args: unknown[]): Promise<void> {
  const [place] = await placesOrPick(app, args, app.text.t('pick.move'));
  if (!place) return;
  const { session, path } = place;
  const to = await vscode.window.showInputBox({
    title: app.text.t('pick.moveTo', { path }),
    value: path,
    valueSelection: [path.lastIndexOf('/') + 1, path.length],
    validateInput: (value) => (value.trim() === '' ? app.text.t('pick.moveEmpty') : undefined),
  });
  if (to === undefined || to === path) return;
  const answer = await withProgress(app, app.text.t('progress.move'), (call) =>
    session.call('move', { targets: [path, to] }, call),
  );
  tell(app.text.t('done.move', { from: answer.from, to: answer.to }));
}

async function stopTracking(app: App, args: unknown[]): Promise<void> {
  const places = await placesOrPick(app, args, app.text.t('pick.remove'));
  for (const [session, paths] of byProject(places)) {
    const targets = await trackers(session, paths);
    const keep = app.text.t('action.stopTracking');
    const erase = app.text.t('action.stopAndDelete');
    const question = app.text.t('confirm.remove', { n: paths.length, path: paths[0] ?? '' });
    const detail = [listText(targets, app.text), app.text.t('confirm.removeDetail')].join('\n\n');
    const picked = await vscode.window.showWarningMessage(question, { modal: true, detail }, keep, erase);
    if (picked === undefined) continue;
    const answer = await withProgress(app, app.text.t('progress.remove'), (call) =>
      session.call('remove', { targets, outs: picked === erase }, call),
    );
    tell(app.text.t('done.remove', { n: answer.removed.length, path: paths[0] ?? '' }));
  }
}

/** The `.dvc` files that track paths; what they do not track is left for the engine to judge. */
async function trackers(session: Session, paths: readonly string[]): Promise<string[]> {
  const { nodes } = await session.call('dataTree', {});
  const files = new Map(nodes.filter((node) => node.stage === undefined).map((node) => [node.path, node.file]));
  return [...new Set(paths.map((path) => files.get(path) ?? path))];
}

async function makeEditable(app: App, args: unknown[]): Promise<void> {
  const places: Place[] = await placesOrPick(app, args, app.text.t('pick.unprotect'));
  for (const [session, targets] of byProject(places)) {
    const answer = await withProgress(app, app.text.t('progress.unprotect'), (call) =>
      session.call('unprotect', { targets }, call),
    );
    tell(app.text.t('done.unprotect', { n: answer.unprotected }));
  }
}

async function setFrozen(app: App, row: unknown, verb: 'freeze' | 'unfreeze'): Promise<void> {
  const session = await sessionOf(app, row);
  if (!session) return;
  const name = (row as Partial<PipelineRow> | undefined)?.stage?.stage ?? (await pickStage(app, session));
  if (name === undefined) return;
  await session.call(verb, { targets: [name] });
  tell(app.text.t(`done.${verb}`, { stage: name }));
}

async function pickStage(app: App, session: Session): Promise<string | undefined> {
  const { stages } = await session.call('pipelineView', {});
  return vscode.window.showQuickPick(
    stages.map((one) => one.stage),
    { placeHolder: app.text.t('pick.stage') },
  );
}
