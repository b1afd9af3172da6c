/** Commands on models: register, promote behind a gate, roll back. Each act is one annotated Git tag; nothing is pushed unasked. */

import * as vscode from 'vscode';
import { type GateAnswer } from '../../engine/verbs/registry';
import { is } from '../../engine/errors';
import { type App } from '../app';
import { type Selection } from '../selection';
import { withProgress } from '../prompts/progress';
import { type Session } from '../session';
import { type ModelRow } from '../views/models';
import { registerCommand, sessionOf, tell } from './command';

const STAGES = ['prod', 'staging'];
const VERSION = /^v\d+\.\d+\.\d+([-+][\w.+-]+)?$/;

/** Registers them. */
export function registerModelCommands(app: App, selection: Selection): void {
  registerCommand(app, 'registry.register', (row) => register(app, row as ModelRow | undefined));
  registerCommand(app, 'promote', (row) => promote(app, row as ModelRow | undefined));
  registerCommand(app, 'rollback', (row) => rollback(app, row as ModelRow | undefined));
  registerCommand(app, 'compareWithProd', (row) => compareWithProd(app, row as ModelRow | undefined, selection));
}

async function register(app: App, row: ModelRow | undefined): Promise<void> {
  const session = await sessionOf(app, row);
  if (!session) return;
  const model = row?.model ?? (await pickModel(app, session, true));
  if (model === undefined || !(await ensureIdentity(app, session))) return;
  const known = (await session.call('models', {})).models.find((one) => one.name === model);
  const latest = known?.versions[0]?.version;
  const version = await vscode.window.showInputBox({
    title: app.text.t('register.title', { model }),
    prompt: app.text.t('register.prompt'),
    value: nextVersion(latest),
    validateInput: (value) => (VERSION.test(value) ? undefined : app.text.t('register.invalid')),
  });
  if (version === undefined) return;
  await session.call('registry.register', { targets: [model, 'HEAD'], version });
  tell(app.text.t('done.register', { model, version }));
}

/** The minor version after `latest`: models that are better are minor steps. */
function nextVersion(latest: string | undefined): string {
  const found = /^v(\d+)\.(\d+)\./.exec(latest ?? '');
  return found ? `v${found[1]}.${Number(found[2]) + 1}.0` : 'v0.1.0';
}

async function pickModel(app: App, session: Session, unregistered: boolean): Promise<string | undefined> {
  const { models } = await session.call('models', {});
  const items = models
    .filter((model) => unregistered || model.registered)
    .map((model) => ({
      label: model.name,
      description: model.versions[0]?.version ?? app.text.t('models.unregistered'),
    }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage(app.text.t('models.none'));
    return undefined;
  }
  if (items.length === 1) return items[0]?.label;
  return (await vscode.window.showQuickPick(items, { placeHolder: app.text.t('pick.model') }))?.label;
}

async function pickVersion(app: App, session: Session, model: string): Promise<string | undefined> {
  const versions = (await session.call('models', {})).models.find((one) => one.name === model)?.versions ?? [];
  const items = versions.map((one) => ({
    label: one.version,
    description: [...one.stages.map((stage) => `#${stage}`), one.commit.slice(0, 7)].join(' · '),
    detail: one.message,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder: app.text.t('pick.modelVersion', { model }) }))?.label;
}

async function pickStage(app: App, session: Session, model: string, assigned: boolean): Promise<string | undefined> {
  const known = (await session.call('models', {})).models.find((one) => one.name === model)?.stages ?? {};
  const names = assigned
    ? Object.keys(known).filter((stage) => known[stage])
    : [...new Set([...STAGES, ...Object.keys(known)])];
  const items = names.map((stage) => ({
    label: stage,
    description: known[stage] ? app.text.t('models.now', { version: known[stage] ?? '' }) : '',
  }));
  if (items.length === 1 && assigned) return items[0]?.label;
  return (await vscode.window.showQuickPick(items, { placeHolder: app.text.t('pick.modelStage', { model }) }))?.label;
}

async function promote(app: App, row: ModelRow | undefined): Promise<void> {
  const session = await sessionOf(app, row);
  if (!session) return;
  const model = row?.model ?? (await pickModel(app, session, false));
  const version = model === undefined ? undefined : (row?.version ?? (await pickVersion(app, session, model)));
  if (model === undefined || version === undefined) return;
  const stage = await pickStage(app, session, model, false);
  if (stage === undefined || !(await ensureIdentity(app, session))) return;
  const gate = await withProgress(
    app,
    app.text.t('progress.gate'),
    (call) => session.call('gate', { targets: [model], run: `${model}@${version}`, stage }, call),
    'strata.models',
  );
  const decision = await confirmGate(app, gate, { model, version, stage });
  if (!decision) return;
  const answer = await session.call('promote', { targets: [`${model}@${version}`], stage, yes: true, ...decision });
  if (answer.tag !== null) tell(app.text.t('done.promote', { tag: answer.tag }));
}

/** Shows the gate; a red one is passed only with a written reason. Undefined: not now. */
async function confirmGate(
  app: App,
  gate: GateAnswer,
  what: { model: string; version: string; stage: string },
): Promise<{ reason?: string; override?: boolean } | undefined> {
  const { text } = app;
  const signs = { pass: '✓', fail: '✗', unknown: '?' };
  const rules = gate.rules.map((rule) => `${signs[rule.result]} ${text.t(rule.evidence.code, rule.evidence.data)}`);
  const verdict = gate.verdict ? [text.t(gate.verdict.sentence.code, gate.verdict.sentence.data), ''] : [];
  const detail = [...verdict, ...(rules.length > 0 ? rules : [text.t('gate.noRules')])].join('\n');
  const green = gate.pass || gate.rules.length === 0;
  const go = text.t(green ? 'action.promote' : 'action.override');
  const question = text.t(green ? 'confirm.promote' : 'confirm.promoteRed', what);
  const show = green ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  if ((await show(question, { modal: true, detail }, go)) !== go) return undefined;
  if (green) return {};
  const reason = await vscode.window.showInputBox({
    title: text.t('gate.reasonTitle'),
    prompt: text.t('gate.reasonPrompt'),
    validateInput: (value) => (value.trim() === '' ? text.t('gate.reasonEmpty') : undefined),
  });
  return reason === undefined ? undefined : { reason, override: true };
}

async function rollback(app: App, row: ModelRow | undefined): Promise<void> {
  const session = await sessionOf(app, row);
  if (!session) return;
  const model = row?.model ?? (await pickModel(app, session, false));
  const stage = model === undefined ? undefined : await pickStage(app, session, model, true);
  if (model === undefined || stage === undefined || !(await ensureIdentity(app, session))) return;
  const plan = await session.call('rollback', { targets: [model], stage, dry: true });
  const go = app.text.t('action.rollback');
  const question = app.text.t('confirm.rollback', { model, stage, from: plan.from, to: plan.to });
  const detail = app.text.t(plan.restorable ? 'rollback.restorable' : 'rollback.notRestorable', { to: plan.to });
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, go)) !== go) return;
  const answer = await session.call('rollback', { targets: [model], stage, to: plan.to, yes: true });
  tell(app.text.t('done.rollback', { model, to: answer.to, tag: answer.tag }));
}

/** Ticks a version and the one on `prod`, and opens Compare. */
async function compareWithProd(app: App, row: ModelRow | undefined, selection: Selection): Promise<void> {
  const session = await sessionOf(app, row);
  if (!session || row?.model === undefined || row.commit === undefined) return;
  const model = (await session.call('models', {})).models.find((one) => one.name === row.model);
  const prod = model?.versions.find((one) => one.version === model.stages.prod);
  if (!prod || prod.commit === row.commit) {
    void vscode.window.showInformationMessage(app.text.t('models.nothingToCompare'));
    return;
  }
  selection.replace(session, [prod.commit, row.commit]);
  await vscode.commands.executeCommand('strata.compare', { session });
}

/** Asks once for the name and address that tags and commits are signed with; true when there is one. */
async function ensureIdentity(app: App, session: Session): Promise<boolean> {
  const { name, email } = await session.call('identity', {});
  if (name !== undefined && email !== undefined) return true;
  const ask = (key: string, value: string | undefined): Thenable<string | undefined> =>
    vscode.window.showInputBox({
      title: app.text.t('identity.title'),
      prompt: app.text.t(`identity.${key}`),
      ignoreFocusOut: true,
      ...(value === undefined ? {} : { value }),
    });
  const newName = await ask('name', name);
  const newEmail = newName ? await ask('email', email) : undefined;
  if (!newName || !newEmail) return false;
  try {
    await session.call('identity', { name: newName, email: newEmail });
    return true;
  } catch (error) {
    if (is(error, 'git.missing')) void vscode.window.showErrorMessage(app.text.t('error.git.missing'));
    else throw error;
    return false;
  }
}
