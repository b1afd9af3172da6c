/**
 * Questions in a row, in one box: each step says where it stands, Back leads to the one before with what was typed there, Escape ends all of
 * it. A step may read its choices from elsewhere; what fails then is told under the step that it rests on.
 */

import * as vscode from 'vscode';
import { isCancelled } from '../../base/cancel';
import { DisposableStore } from '../../base/lifecycle';
import { type Texts } from '../texts';
import { sentence } from './errors';

/** Answers so far, in the order of the steps. */
export type Answers = readonly string[];

/** Text to type. */
export interface TypeStep {
  readonly kind: 'type';
  readonly prompt: string;
  readonly placeholder?: string;
  /** What stands there at first. */
  value?(before: Answers): string;
  /** What is wrong with a text, as a sentence. */
  check?(value: string): string | undefined;
}

/** Something to choose, or where `typed` is there, to type when it is not among the choices. */
export interface ChooseStep {
  readonly kind: 'choose';
  readonly placeholder: string;
  /** Reads the choices. What it fails with is shown at the first step. */
  items(before: Answers, signal: AbortSignal): Promise<readonly vscode.QuickPickItem[]>;
  /** The label of the choice that stands for what was typed. */
  typed?(value: string): string;
}

export type Step = TypeStep | ChooseStep;

/** How a step ended. */
type Outcome =
  | { readonly kind: 'answer'; readonly value: string }
  | { readonly kind: 'back' }
  | { readonly kind: 'escape' }
  | { readonly kind: 'failed'; readonly error: unknown };

interface Frame {
  readonly title: string;
  readonly step: number;
  readonly total: number;
  readonly before: Answers;
  /** What was answered here before Back. */
  readonly value: string | undefined;
  readonly problem: string | undefined;
}

/** The answers to all steps; undefined after Escape. */
export async function askInSteps(title: string, steps: readonly Step[], text: Texts): Promise<string[] | undefined> {
  const answers: string[] = [];
  const typed: string[] = [];
  let problem: string | undefined;
  for (let at = 0; at < steps.length;) {
    const step = steps[at];
    if (!step) break;
    const before = answers.slice(0, at);
    const frame = { title, step: at + 1, total: steps.length, before, value: typed[at], problem };
    const outcome = step.kind === 'type' ? await type(step, frame) : await choose(step, frame);
    problem = undefined;
    if (outcome.kind === 'escape') return undefined;
    if (outcome.kind === 'answer') {
      answers[at] = typed[at] = outcome.value;
      // What comes after rests on another answer now.
      if (outcome.value !== frame.value) typed.length = at + 1;
      at += 1;
    } else if (outcome.kind === 'back') at = Math.max(0, at - 1);
    else {
      problem = sentence(outcome.error, text);
      at = 0;
    }
  }
  return answers;
}

/** Shows a box until it is answered, left or closed. */
function until(
  box: vscode.InputBox | vscode.QuickPick<vscode.QuickPickItem>,
  { title, step, total }: Frame,
  wire: (owned: DisposableStore, end: (outcome: Outcome) => void) => void,
): Promise<Outcome> {
  box.title = title;
  box.step = step;
  box.totalSteps = total;
  box.ignoreFocusOut = true;
  box.buttons = step > 1 ? [vscode.QuickInputButtons.Back] : [];
  const owned = new DisposableStore();
  return new Promise<Outcome>((resolve) => {
    const end = (outcome: Outcome): void => {
      resolve(outcome);
      owned.dispose();
    };
    owned.add(box.onDidTriggerButton(() => end({ kind: 'back' })));
    owned.add(box.onDidHide(() => end({ kind: 'escape' })));
    wire(owned, end);
    owned.add(box);
    box.show();
  });
}

function type(step: TypeStep, frame: Frame): Promise<Outcome> {
  const box = vscode.window.createInputBox();
  box.prompt = step.prompt;
  box.placeholder = step.placeholder;
  box.value = frame.value ?? step.value?.(frame.before) ?? '';
  box.validationMessage = frame.problem;
  return until(box, frame, (owned, end) => {
    owned.add(box.onDidChangeValue(() => (box.validationMessage = undefined)));
    owned.add(
      box.onDidAccept(() => {
        const value = box.value.trim();
        const wrong = step.check?.(value);
        if (wrong === undefined) end({ kind: 'answer', value });
        else box.validationMessage = wrong;
      }),
    );
  });
}

function choose(step: ChooseStep, frame: Frame): Promise<Outcome> {
  const box = vscode.window.createQuickPick();
  box.placeholder = step.placeholder;
  box.matchOnDescription = true;
  box.busy = true;
  const controller = new AbortController();
  return until(box, frame, (owned, end) => {
    owned.add({ dispose: () => controller.abort() });
    let items: readonly vscode.QuickPickItem[] = [];
    const show = (): void => {
      const value = box.value.trim();
      const known = value === '' || items.some(({ label }) => label === value);
      box.items = known || !step.typed ? items : [...items, { label: step.typed(value), alwaysShow: true }];
    };
    owned.add(box.onDidChangeValue(show));
    owned.add(
      box.onDidAccept(() => {
        const [picked] = box.selectedItems;
        const typed = step.typed ? box.value.trim() : '';
        const value = picked && items.includes(picked) ? picked.label : typed;
        if (value !== '') end({ kind: 'answer', value });
      }),
    );
    step.items(frame.before, controller.signal).then(
      (found) => {
        items = found;
        box.busy = false;
        show();
        const again = found.find(({ label }) => label === frame.value);
        if (again) box.activeItems = [again];
      },
      (error: unknown) => end(isCancelled(error) ? { kind: 'escape' } : { kind: 'failed', error }),
    );
  });
}
