/** Calls every command of the manifest with what anyone might pass, answers every prompt with Escape, and says what went wrong. */

import { isCancelled } from '../../../src/base/cancel';
import { allCommands, command, parts, Prompts, tasksOver } from './editorParts';

/** Commands that do all their work without a question: they get no arguments that would make them act. */
const ACTING = new Set(['commit', 'fetch', 'pull', 'restoreUndo', 'unprotect', 'freeze', 'unfreeze']);

/** What nobody caught, from our own code. */
export class Uncaught {
  readonly found: string[] = [];
  private readonly listener = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (/[\\/]dist[\\/](extension|engine)\.js|StrataError|test[\\/]editor/.test(text) && !isCancelled(error))
      this.found.push(text);
  };

  constructor() {
    process.on('unhandledRejection', this.listener);
  }

  dispose(): void {
    process.off('unhandledRejection', this.listener);
  }
}

/** What one call of a command asked and said; empty when it was silent. */
export async function callWithEscape(id: string, args: readonly unknown[]): Promise<string[]> {
  const prompts = new Prompts();
  try {
    await command(id, ...args);
    await tasksOver();
    return prompts.asked.map(({ kind, text }) => `${kind}: ${text}`);
  } finally {
    prompts.dispose();
  }
}

/**
 * Calls every command with each row of arguments; answers with one line a failure: thrown, an unexpected error shown, something
 * logged as unexpected, or a rejection that nobody caught.
 */
export async function everyCommand(
  rows: Readonly<Record<string, readonly unknown[]>>,
  leaveOut: readonly string[] = [],
): Promise<string[]> {
  const { text } = (await parts()).app;
  const unexpected = text.t('webview.error.unexpected', { message: '' }).split(':')[0] ?? '';
  const uncaught = new Uncaught();
  const problems: string[] = [];
  for (const id of allCommands().filter((one) => !leaveOut.includes(one))) {
    for (const [name, args] of Object.entries(rows)) {
      if (ACTING.has(id) && args.length > 0) continue;
      try {
        const said = await callWithEscape(id, args);
        const bad = said.filter((line) => line.includes(unexpected) || /\{\w+\}|undefined|\[object/.test(line));
        problems.push(...bad.map((line) => `${id} (${name}): ${line}`));
      } catch (error) {
        problems.push(`${id} (${name}) threw ${String(error)}`);
      }
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  uncaught.dispose();
  return [...problems, ...uncaught.found.map((one) => `nobody caught: ${one}`)];
}

/** Arguments that no menu passes, but anyone may. */
export const NONSENSE: Readonly<Record<string, readonly unknown[]>> = {
  'null and a list of nulls': [null, [null, undefined]],
  'a number': [42, 'x'],
  'an empty object': [{}, {}],
  'a row of no project': [{ session: {}, data: { path: 'x' }, item: {} }, 7],
};
