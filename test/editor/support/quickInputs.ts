/** Stand-ins for the boxes that stay open over several questions: they are answered as the user would, by accepting, going back or closing. */

import * as vscode from 'vscode';

/** The answer that means the button Back. */
export const BACK = '«back»';

/** Asks for an answer to a box: what is asked, what there is to choose from, what is wrong with what was answered before. */
export type AnswerBox = (
  kind: 'inputBox' | 'quickPick',
  text: string,
  choices: readonly string[],
  problem: string,
) => string | undefined;

class Listeners<T> {
  private readonly all = new Set<(value: T) => unknown>();

  readonly event = (listener: (value: T) => unknown): vscode.Disposable => {
    this.all.add(listener);
    return { dispose: () => this.all.delete(listener) };
  };

  fire(value: T): void {
    for (const listener of [...this.all]) listener(value);
  }
}

/** What both kinds of box have. */
class Box {
  title: string | undefined;
  step: number | undefined;
  totalSteps: number | undefined;
  value = '';
  placeholder: string | undefined;
  enabled = true;
  busy = false;
  ignoreFocusOut = false;
  buttons: readonly vscode.QuickInputButton[] = [];
  protected readonly accepts = new Listeners<void>();
  protected readonly hides = new Listeners<void>();
  protected readonly changes = new Listeners<string>();
  private readonly triggers = new Listeners<vscode.QuickInputButton>();
  protected gone = false;

  readonly onDidAccept = this.accepts.event;
  readonly onDidHide = this.hides.event;
  readonly onDidChangeValue = this.changes.event;
  readonly onDidTriggerButton = this.triggers.event;

  constructor(protected readonly answer: AnswerBox) {}

  /** Title and step as the box shows them. */
  protected get head(): string {
    return `${this.title ?? ''} (${this.step ?? 0}/${this.totalSteps ?? 0})`;
  }

  protected back(): void {
    if (!this.buttons.includes(vscode.QuickInputButtons.Back)) throw new Error(`${this.head} has no way back`);
    this.triggers.fire(vscode.QuickInputButtons.Back);
  }

  hide(): void {
    if (!this.gone) this.hides.fire();
  }

  dispose(): void {
    this.gone = true;
  }
}

/** A box to type in. */
class StandInInput extends Box {
  prompt: string | undefined;
  password = false;
  validationMessage: string | vscode.InputBoxValidationMessage | undefined;
  valueSelection: readonly [number, number] | undefined;

  show(): void {
    setTimeout(() => this.ask(0));
  }

  private ask(refusals: number): void {
    if (this.gone) return;
    const problem = typeof this.validationMessage === 'string' ? this.validationMessage : '';
    const answer = this.answer('inputBox', `${this.head} ${this.prompt ?? ''}`, [this.value], problem);
    if (answer === undefined || refusals > 2) return this.hide();
    if (answer === BACK) return this.back();
    this.value = answer;
    this.changes.fire(answer);
    this.accepts.fire();
    // Still there: the answer was refused.
    setTimeout(() => this.ask(refusals + 1));
  }
}

/** A box to choose from. */
class StandInPick extends Box {
  items: readonly vscode.QuickPickItem[] = [];
  activeItems: readonly vscode.QuickPickItem[] = [];
  selectedItems: readonly vscode.QuickPickItem[] = [];
  matchOnDescription = false;
  matchOnDetail = false;
  canSelectMany = false;

  show(): void {
    const wait = (): void => {
      if (this.gone) return;
      if (this.busy) setTimeout(wait, 10);
      else this.ask();
    };
    setTimeout(wait);
  }

  private ask(): void {
    const choices = this.items.map(({ label }) => label);
    const answer = this.answer('quickPick', `${this.head} ${this.placeholder ?? ''}`, choices, '');
    if (answer === undefined) return this.hide();
    if (answer === BACK) return this.back();
    if (!choices.includes(answer)) {
      this.value = answer;
      this.changes.fire(answer);
    }
    const picked = this.items.find(({ label }) => label === answer) ?? this.items.at(-1);
    this.selectedItems = picked ? [picked] : [];
    this.accepts.fire();
  }
}

/** An input box that answers itself. */
export function standInInput(answer: AnswerBox): vscode.InputBox {
  return new StandInInput(answer);
}

/** A quick pick that answers itself. */
export function standInPick(answer: AnswerBox): vscode.QuickPick<vscode.QuickPickItem> {
  return new StandInPick(answer) as unknown as vscode.QuickPick<vscode.QuickPickItem>;
}
