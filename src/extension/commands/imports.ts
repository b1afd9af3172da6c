/** Commands that bring data from elsewhere: another repository or a URL, followed from then on (import, update) or just fetched (get). */

import * as path from 'node:path';
import * as vscode from 'vscode';
import { type Call } from '../../base/cancel';
import { type GetAnswer, type ImportAnswer, type ListAnswer, type UpdateAnswer } from '../../engine/verbs/imports';
import { type AnswerOf, type ArgsOf, type VerbId } from '../../engine/verbs/verbs';
import { type App } from '../app';
import { askToOverwrite } from '../prompts/overwrite';
import { withProgress } from '../prompts/progress';
import { askInSteps, type Answers, type Step } from '../prompts/steps';
import { type Session } from '../session';
import { byProject, placesOf, registerCommand, tell, type Place } from './command';
import { withEngine } from './project';

/** Who does a verb: a project, or an engine where there is none. */
interface Caller {
  call<V extends VerbId>(verb: V, args: ArgsOf<V>, call: Call): Promise<AnswerOf<V>>;
}

/** Folders of another repository are listed so deep; what lies deeper can be typed. */
const LEVELS = 6;
const MOST_ENTRIES = 5000;

/** Registers them. */
export function registerImportCommands(app: App): void {
  registerCommand(app, 'import', () => inProject(app, (session) => importFrom(app, session)));
  registerCommand(app, 'import-url', () => inProject(app, (session) => importUrl(app, session)));
  registerCommand(app, 'update', (...args) => update(app, args));
  registerCommand(app, 'get', () => anywhere(app, (caller) => get(app, caller)));
  registerCommand(app, 'get-url', () => anywhere(app, (caller) => getUrl(app, caller)));
}

async function inProject(app: App, act: (session: Session) => Promise<void>): Promise<void> {
  const session = await app.sessions.pick();
  if (session) await act(session);
}

/** In the project, or in the first folder of a window that has none. */
async function anywhere(app: App, act: (caller: Caller) => Promise<void>): Promise<void> {
  if ((await app.sessions.all()).length > 0) return inProject(app, act);
  const folder = (vscode.workspace.workspaceFolders ?? []).find(({ uri }) => uri.scheme === 'file');
  if (folder) await withEngine(app, folder.uri.fsPath, act);
  else void vscode.window.showInformationMessage(app.text.t('get.noFolder'));
}

/** What is asked, and what is said while it is brought. */
interface Bringing {
  readonly title: string;
  readonly steps: readonly Step[];
  readonly progress: string;
}

/** Asks, then brings; what is in the way is replaced after a question. Undefined: not brought. */
async function bring<T>(
  app: App,
  { title, steps, progress }: Bringing,
  act: (answers: string[], force: boolean, call: Call) => Promise<T>,
): Promise<T | undefined> {
  const answers = await askInSteps(title, steps, app.text);
  if (!answers) return undefined;
  return askToOverwrite(app, 'confirm.importUnsaved', (force) =>
    withProgress(app, progress, (call) => act(answers, force, call)),
  );
}

/** Arguments of `import` and `get` from the answers of {@link repositorySteps}. */
function repositoryArgs([url = '', rev = '', from = '', out = '']: Answers): ArgsOf<'import'> {
  return { targets: [url, from], out, ...(rev === '' ? {} : { rev }) };
}

async function importFrom(app: App, session: Session): Promise<void> {
  const { text } = app;
  const asked = {
    title: text.t('import.title'),
    steps: repositorySteps(app, session),
    progress: text.t('progress.importing'),
  };
  tellImported(
    app,
    await bring(app, asked, (answers, force, call) =>
      session.call('import', { ...repositoryArgs(answers), force }, call),
    ),
  );
}

async function importUrl(app: App, session: Session): Promise<void> {
  const { text } = app;
  const asked = { title: text.t('importUrl.title'), steps: urlSteps(app), progress: text.t('progress.importing') };
  tellImported(
    app,
    await bring(app, asked, (targets, force, call) => session.call('import-url', { targets, force }, call)),
  );
}

function tellImported({ text }: App, answer: ImportAnswer | undefined): void {
  if (!answer) return;
  const { path: made, source, size = 0 } = answer;
  tell(text.t('done.import', { path: made, source, size: text.size(size) }));
}

async function get(app: App, caller: Caller): Promise<void> {
  const { text } = app;
  const asked = {
    title: text.t('get.title'),
    steps: repositorySteps(app, caller),
    progress: text.t('progress.downloading'),
  };
  tellGot(
    app,
    await bring(app, asked, (answers, force, call) => caller.call('get', { ...repositoryArgs(answers), force }, call)),
  );
}

async function getUrl(app: App, caller: Caller): Promise<void> {
  const { text } = app;
  const asked = { title: text.t('getUrl.title'), steps: urlSteps(app), progress: text.t('progress.downloading') };
  tellGot(app, await bring(app, asked, (targets, force, call) => caller.call('get-url', { targets, force }, call)));
}

function tellGot({ text }: App, answer: GetAnswer | undefined): void {
  if (answer) tell(text.t('done.get', { path: path.basename(answer.path), size: text.size(answer.size) }));
}

/** Address, revision, path in it, place here. */
function repositorySteps(app: App, caller: Caller): Step[] {
  const { text } = app;
  const needed = (value: string): string | undefined => (value === '' ? text.t('steps.empty') : undefined);
  return [
    {
      kind: 'type',
      prompt: text.t('steps.repository'),
      placeholder: text.t('steps.repositoryExample'),
      check: needed,
    },
    { kind: 'type', prompt: text.t('steps.revision'), placeholder: text.t('steps.revisionExample') },
    {
      kind: 'choose',
      placeholder: text.t('steps.path'),
      typed: (value) => text.t('steps.typedPath', { path: value }),
      items: (before, signal) => entriesOf(app, caller, before, signal),
    },
    outStep(app, ([, , from = '']) => from),
  ];
}

function urlSteps(app: App): Step[] {
  const { text } = app;
  return [
    {
      kind: 'type',
      prompt: text.t('steps.url'),
      placeholder: text.t('steps.urlExample'),
      check: (value) => (value === '' ? text.t('steps.empty') : undefined),
    },
    outStep(app, ([url = '']) => url.split(/[?#]/, 1)[0] ?? ''),
  ];
}

function outStep(app: App, source: (before: Answers) => string): Step {
  return {
    kind: 'type',
    prompt: app.text.t('steps.out'),
    value: (before) => nameOf(source(before)),
    check: (value) => (value === '' ? app.text.t('steps.empty') : undefined),
  };
}

/** The last part of a path or address. */
function nameOf(source: string): string {
  return source.split(/[/\\:]/).findLast((part) => part !== '') ?? '';
}

/** What the other repository holds: its data first, then Git's files. */
async function entriesOf(
  app: App,
  caller: Caller,
  [url = '', rev = '']: Answers,
  signal: AbortSignal,
): Promise<vscode.QuickPickItem[]> {
  const args = { targets: [url], tree: true, level: LEVELS, ...(rev === '' ? {} : { rev }) };
  const entries = await app.secrets.during((ask) =>
    caller.call('list', args, { signal, ask, progress: () => undefined }),
  );
  const known = entries.filter(({ path: name }) => !/(^|\/)\.(dvc|git)(\/|$)/.test(name));
  const data = known.filter(({ isout }) => isout);
  const others = known.filter(({ isout }) => !isout);
  return [...data, ...others].slice(0, MOST_ENTRIES).map((entry) => itemOf(app, entry));
}

function itemOf({ text }: App, { path: label, isdir, isout, size }: ListAnswer[number]): vscode.QuickPickItem {
  const facts = [isout ? text.t('steps.tracked') : '', size === null || isdir ? '' : text.size(size)];
  return {
    label,
    description: facts.filter((fact) => fact !== '').join(' · '),
    iconPath: isdir ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File,
  };
}

async function update(app: App, args: unknown[]): Promise<void> {
  const { text } = app;
  const given = await placesOf(app, args);
  const asked = given.length > 0 ? { places: given } : await pickImports(app);
  if (!asked) return;
  for (const [session, targets] of byProject(asked.places)) {
    const rev = asked.rev === undefined ? {} : { rev: asked.rev };
    const answer = await askToOverwrite(app, 'confirm.importUnsaved', (force) =>
      withProgress(app, text.t('progress.updatingImports'), (call) =>
        session.call('update', { targets, force, ...rev }, call),
      ),
    );
    if (answer) tellUpdated(app, answer);
  }
}

function tellUpdated(app: App, { updated }: UpdateAnswer): void {
  const { text } = app;
  const changed = updated.filter(({ state }) => state === 'updated');
  const [first = updated[0]] = changed;
  const facts = { path: first?.path ?? '', source: first?.source ?? '', n: changed.length };
  if (changed.length === 0) tell(text.t('done.updateNothing', { ...facts, n: updated.length }));
  else tell(text.t('done.update', facts));
}

/** One import, with the revision that it is to follow from now on, or all of them. Undefined after Escape. */
async function pickImports(app: App): Promise<{ readonly places: Place[]; readonly rev?: string } | undefined> {
  const { text } = app;
  const session = await app.sessions.pick();
  if (!session) return undefined;
  const imports = (await session.call('dataTree', {})).nodes.filter(({ imported }) => imported);
  if (imports.length === 0) {
    void vscode.window.showInformationMessage(text.t('import.none'));
    return undefined;
  }
  const items = imports.map((node) => ({ label: node.path, description: node.imported?.source ?? '', nodes: [node] }));
  const all = { label: text.t('import.all'), description: '', nodes: imports };
  const picked = await vscode.window.showQuickPick(imports.length > 1 ? [all, ...items] : items, {
    placeHolder: text.t('pick.update'),
    matchOnDescription: true,
  });
  if (!picked) return undefined;
  const places = picked.nodes.map((node): Place => ({ session, path: node.path }));
  const [only, other] = picked.nodes;
  if (other || only?.imported?.commit === undefined) return { places };
  const before = only.imported.rev ?? '';
  const rev = await vscode.window.showInputBox({
    title: text.t('pick.updateTo', { path: only.path }),
    prompt: text.t('steps.updateRevision'),
    placeHolder: text.t('steps.revisionExample'),
    value: before,
  });
  if (rev === undefined) return undefined;
  const wanted = rev.trim();
  return wanted === before || wanted === '' ? { places } : { places, rev: wanted };
}
