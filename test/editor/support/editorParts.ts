/**
 * What the suites inside the editor share: the extension's parts, prompts that answer by themselves and remember what was asked,
 * waiting, and a record of what nobody caught. Only the prompts are replaced; everything behind them is real.
 */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { type Parts } from '../../../src/extension/extension';
import { type Session } from '../../../src/extension/session';
import { type Node, type ProjectTree } from '../../../src/extension/views/tree';
import { standInInput, standInPick, type AnswerBox } from './quickInputs';

/** The extension under test. */
export function extension(): vscode.Extension<Parts> {
  const found = vscode.extensions.getExtension<Parts>('strata-mlops.strata-mlops');
  if (!found) throw new Error('the extension is not installed');
  return found;
}

/** Its parts; wakes it. */
export async function parts(): Promise<Parts> {
  return extension().activate();
}

/** The one project of the window. */
export async function onlySession(): Promise<Session> {
  const [session] = await (await parts()).app.sessions.all();
  if (!session) throw new Error('there is no project');
  return session;
}

/** Something the user was asked or told. */
export interface Asked {
  readonly kind:
    'information' | 'warning' | 'error' | 'quickPick' | 'inputBox' | 'openDialog' | 'folderPick' | 'status';
  readonly text: string;
  readonly modal: boolean;
  readonly detail: string;
  readonly choices: readonly string[];
}

type Answer = (asked: Asked) => string | undefined;
type Shown = string | { label?: string; title?: string };
type Window = Record<string, (...args: unknown[]) => unknown>;

const labelOf = (item: Shown): string => (typeof item === 'string' ? item : (item.title ?? item.label ?? ''));

/** Stands where the user would sit. Without an answer everything is met with Escape. */
export class Prompts implements vscode.Disposable {
  readonly asked: Asked[] = [];
  answer: Answer = () => undefined;
  private readonly before: Window = {};

  constructor() {
    this.message('showInformationMessage', 'information');
    this.message('showWarningMessage', 'warning');
    this.message('showErrorMessage', 'error');
    this.replace('showQuickPick', async (items, options) => {
      const all = (await (items as Promise<Shown[]>)) ?? [];
      const { placeHolder, canPickMany } = (options as vscode.QuickPickOptions | undefined) ?? {};
      const picked = this.ask('quickPick', placeHolder, all);
      const found = all.find((item) => labelOf(item) === picked);
      return canPickMany && found ? [found] : found;
    });
    const box: AnswerBox = (kind, text, choices, problem) => this.ask(kind, text, choices, { detail: problem });
    this.replace('createInputBox', () => standInInput(box));
    this.replace('createQuickPick', () => standInPick(box));
    this.replace('showInputBox', async (options) => this.input(options as vscode.InputBoxOptions | undefined));
    this.replace('showOpenDialog', (options) => {
      const path = this.ask('openDialog', (options as vscode.OpenDialogOptions | undefined)?.openLabel, []);
      return Promise.resolve(path === undefined ? undefined : [vscode.Uri.file(path)]);
    });
    this.replace('showWorkspaceFolderPick', () => {
      const folders = vscode.workspace.workspaceFolders ?? [];
      const picked = this.ask(
        'folderPick',
        '',
        folders.map((folder) => folder.name),
      );
      return Promise.resolve(folders.find((folder) => folder.name === picked));
    });
    this.replace('setStatusBarMessage', (text) => {
      this.ask('status', text, []);
      return new vscode.Disposable(() => undefined);
    });
  }

  /** Texts of one kind, in the order in which they came. */
  texts(...kinds: Asked['kind'][]): string[] {
    return this.asked.filter(({ kind }) => kinds.includes(kind)).map(({ text }) => text);
  }

  /** Forgets what was asked and answers with Escape again. */
  reset(answer: Answer = () => undefined): void {
    this.asked.length = 0;
    this.answer = answer;
  }

  private async input(options: vscode.InputBoxOptions | undefined): Promise<string | undefined> {
    const value = this.ask('inputBox', options?.title ?? options?.prompt, [options?.value ?? '']);
    if (value === undefined) return undefined;
    const problem = await options?.validateInput?.(value);
    if (problem)
      throw new Error(`the box refuses “${value}”: ${typeof problem === 'string' ? problem : problem.message}`);
    return value;
  }

  private message(name: string, kind: Asked['kind']): void {
    this.replace(name, (text, ...rest) => {
      const [first] = rest as [{ modal?: boolean; detail?: string } | undefined];
      const options = typeof first === 'object' && ('modal' in first || 'detail' in first) ? first : undefined;
      const items = (options ? rest.slice(1) : rest) as Shown[];
      const picked = this.ask(kind, text, items, options);
      return Promise.resolve(items.find((item) => labelOf(item) === picked));
    });
  }

  private ask(
    kind: Asked['kind'],
    text: unknown,
    items: readonly Shown[],
    options: { modal?: boolean; detail?: string } = {},
  ): string | undefined {
    const { modal = false, detail = '' } = options;
    const asked = { kind, text: typeof text === 'string' ? text : '', modal, detail, choices: items.map(labelOf) };
    this.asked.push(asked);
    return this.answer(asked);
  }

  private replace(name: string, act: (...args: unknown[]) => unknown): void {
    const window = vscode.window as unknown as Window;
    this.before[name] = window[name] as Window[string];
    window[name] = act;
  }

  dispose(): void {
    Object.assign(vscode.window, this.before);
  }
}

/** Waits until `check` gives something, and gives it; what it throws meanwhile is thrown when time is over. */
export async function until<T>(
  what: string,
  check: () => T | Promise<T>,
  patienceMs = 10_000,
): Promise<NonNullable<T>> {
  const end = Date.now() + patienceMs;
  let problem: unknown;
  for (;;) {
    try {
      const value = await check();
      if (value !== undefined && value !== null && value !== false) return value;
      problem = undefined;
    } catch (error) {
      problem = error;
    }
    if (Date.now() > end) throw new Error(`waited in vain for: ${what}`, { cause: problem });
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

/** Rows of a view as text: label, description. */
export async function rowTexts(tree: ProjectTree<Node>, below?: Node): Promise<string[]> {
  return (await tree.getChildren(below)).map(({ item }) => {
    const label = typeof item.label === 'string' ? item.label : (item.label?.label ?? '');
    return [label, typeof item.description === 'string' ? item.description : '']
      .filter((part) => part !== '')
      .join(' | ');
  });
}

/** The row of a view with that label. */
export async function rowOf(tree: ProjectTree<Node>, label: string, below?: Node): Promise<Node> {
  const found = (await tree.getChildren(below)).find(({ item }) => item.label === label);
  if (!found) throw new Error(`no row ${label}`);
  return found;
}

/** Calls one of our commands. */
export function command(id: string, ...args: unknown[]): Promise<unknown> {
  return Promise.resolve(vscode.commands.executeCommand(`strata.${id}`, ...args));
}

/** Runs Git in a folder and gives its output. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)('git', args, { cwd })).stdout.trim();
}

/** Ids of all commands of the manifest, without `strata.`. */
export function allCommands(): string[] {
  const { contributes } = extension().packageJSON as { contributes: { commands: { command: string }[] } };
  return contributes.commands.map((one) => one.command.replace(/^strata\./, ''));
}

/** No task of ours goes on. */
export async function tasksOver(): Promise<void> {
  await until(
    'the end of all tasks',
    () => vscode.tasks.taskExecutions.every(({ task }) => task.source !== 'strata'),
    20_000,
  );
}
