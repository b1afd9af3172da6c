/** Commands on pipelines: run, run with downstream, cancel, go to a stage. A stage's command is shown before it runs the first time. */

import * as vscode from 'vscode';
import { visible } from '../../base/text';
import { type ReproArgs } from '../../engine/verbs/pipeline';
import { StrataError } from '../../engine/errors';
import { type App } from '../app';
import { type RunFollower } from '../runFollower';
import { RunTasks } from '../tasks';
import { type Session } from '../session';
import { type PipelineRow } from '../views/pipeline';
import { registerCommand, sessionOf } from './command';

const SEEN = 'strata.seenCommands';

/** Registers them. */
export function registerPipelineCommands(app: App, follower: RunFollower): void {
  const tasks = new RunTasks(app, follower, (session, args) => allowRun(app, session, args));
  const run = async (value: unknown, stage: unknown, more: Partial<ReproArgs>): Promise<void> => {
    const session = await sessionOf(app, value);
    if (!session) return;
    if (follower.running(session)) {
      void vscode.window.showInformationMessage(app.text.t('run.already', { project: session.name }));
      return;
    }
    const name = stageName(value, stage);
    await tasks.run(session, { targets: name === undefined ? [] : [name], ...more });
  };
  registerCommand(app, 'repro', (value, stage) => run(value, stage, {}));
  registerCommand(app, 'reproDownstream', (value, stage) => runDownstream(app, value, stage, run));
  registerCommand(app, 'cancelRun', () => cancel(app, follower));
  registerCommand(app, 'openStage', (uri, line) => openStage(app, uri, line));
}

function stageName(value: unknown, stage: unknown): string | undefined {
  if (typeof stage === 'string') return stage;
  return (value as Partial<PipelineRow> | undefined)?.stage?.stage;
}

async function runDownstream(
  app: App,
  value: unknown,
  stage: unknown,
  run: (value: unknown, stage: unknown, more: Partial<ReproArgs>) => Promise<void>,
): Promise<void> {
  const name = stageName(value, stage);
  if (name !== undefined) return run(value, stage, { downstream: true });
  const session = await sessionOf(app, value);
  if (!session) return;
  const { stages } = await session.call('pipelineView', {});
  const picked = await vscode.window.showQuickPick(
    stages.map((one) => one.stage),
    { placeHolder: app.text.t('pick.stage') },
  );
  if (picked !== undefined) await run({ session }, picked, { downstream: true });
}

async function cancel(app: App, follower: RunFollower): Promise<void> {
  const running = app.sessions.known.filter((session) => follower.running(session));
  if (running.length === 0) {
    void vscode.window.showInformationMessage(app.text.t('run.nothing'));
    return;
  }
  for (const session of running) await follower.cancel(session);
}

async function openStage(app: App, uri: unknown, line: unknown): Promise<void> {
  if (uri instanceof vscode.Uri) {
    const at = Math.max(0, (typeof line === 'number' ? line : 1) - 1);
    const document = await vscode.workspace.openTextDocument(uri).then(undefined, (error: unknown) => {
      throw new StrataError('fs.notFound', { path: uri.fsPath }, { cause: error });
    });
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, 0, at, 0) });
    return;
  }
  const session = await app.sessions.pick();
  if (!session) return;
  const { stages } = await session.call('pipelineView', {});
  const items = stages.map((stage) => ({ label: stage.stage, description: stage.file, stage }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: app.text.t('pick.stage') });
  if (picked) await openStage(app, session.uri(picked.stage.file), picked.stage.line);
}

/** True when the user has seen the commands that would run; new and changed ones are shown in full first. */
async function allowRun(app: App, session: Session, args: ReproArgs): Promise<boolean> {
  if (!vscode.workspace.isTrusted) {
    const granted = app.text.t('action.manageTrust');
    const picked = await vscode.window.showWarningMessage(app.text.t('run.untrusted'), granted);
    if (picked === granted) await vscode.commands.executeCommand('workbench.trust.manage');
    return false;
  }
  const plan = await session.call('repro', { ...args, dry: true });
  const names = new Set(plan.stages.filter((stage) => stage.state === 'would run').map((stage) => stage.name));
  const { stages } = await session.call('pipelineView', {});
  const commands = stages.filter((stage) => names.has(stage.stage)).flatMap((stage) => stage.cmd);
  const memory = app.context.workspaceState;
  const seen = new Set(memory.get<string[]>(SEEN, []));
  const fresh = commands.filter((command) => !seen.has(command));
  if (fresh.length === 0) return true;
  const go = app.text.t('action.run');
  const detail = fresh.map((command) => `> ${visible(command)}`).join('\n');
  const question = app.text.t('confirm.run', { n: fresh.length, project: session.name });
  if ((await vscode.window.showInformationMessage(question, { modal: true, detail }, go)) !== go) return false;
  await memory.update(SEEN, [...seen, ...fresh].slice(-2000));
  return true;
}
