/**
 * What the command line prints. Results go to stdout, everything else to stderr; no colours and no cursor codes when a stream is
 * not a terminal. An answer that nobody reads to the end (closed pipe) is no error.
 */

import { isCancelled, type Progress, type Question } from '../base/cancel';
import { visible, type Text } from '../base/text';
import { toJsonText } from '../engine/formats/json';
import { StrataError, is, type ErrorData } from '../engine/errors';

/** Streams and manners of one call. */
export interface Output {
  /** A line of the result. */
  line(text: string): void;
  /** The one JSON document. */
  json(value: unknown): void;
  /** A line for people, on stderr. */
  note(text: string): void;
  /** Raw output of a stage's command. */
  raw(text: string): void;
  progress(value: Progress): void;
  /** Clears a progress line before something else is printed. */
  endProgress(): void;
}

/** Writes to this process's streams; `json` sends the output of stages to stderr. */
export function processOutput(text: Text, options: { json: boolean; quiet: boolean }): Output {
  process.stdout.on('error', ignoreClosedPipe);
  const live = process.stderr.isTTY && !options.quiet;
  let shown = false;
  let last = 0;
  const endProgress = (): void => {
    if (shown) process.stderr.write('\r\u001b[K');
    shown = false;
  };
  const toOut = (chunk: string): void => {
    endProgress();
    process.stdout.write(chunk);
  };
  return {
    line: (t) => (options.quiet ? undefined : toOut(`${t}\n`)),
    json: (value) => toOut(`${toJsonText(value)}\n`),
    note: (t) => {
      endProgress();
      if (!options.quiet) process.stderr.write(`${t}\n`);
    },
    raw: (t) => (options.json ? process.stderr.write(t) : toOut(t)),
    progress: (value) => {
      if (!live || Date.now() - last < 100) return;
      last = Date.now();
      shown = true;
      process.stderr.write(`\r\u001b[K${progressLine(value, text).slice(0, (process.stderr.columns ?? 80) - 1)}`);
    },
    endProgress,
  };
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}

function progressLine(value: Progress, text: Text): string {
  const amount = (n: number): string => (value.unit === 'bytes' ? text.size(n) : text.number(n, 0));
  const of = value.total === undefined ? '' : ` / ${amount(value.total)}`;
  const bytes = value.bytes === undefined ? '' : ` · ${text.size(value.bytes)}`;
  return `${text.t(value.phase)} ${amount(value.done)}${of}${bytes}${value.item ? ` · ${visible(value.item)}` : ''}`;
}

/** The sentence of an error: what happened, where, what to do. */
export function errorSentence(error: unknown, text: Text): string {
  if (isCancelled(error)) return text.t('error.cancelled');
  if (!is(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return text.t('error.unexpected', { message: visible(message) });
  }
  return visible(text.t(`error.${error.code}`, textData(error.data)));
}

function textData(data: ErrorData): Record<string, string | number | boolean | undefined> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, typeof value === 'object' ? value.join(', ') : value]),
  );
}

/** Asks on the terminal; without one, fails and names the option that would have allowed the act. */
export async function askOnTerminal(question: Question, text: Text): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new StrataError('cli.cannotAsk', { option: '--force' });
  const readline = await import('node:readline/promises');
  const rl = readline.createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (const item of question.items ?? []) process.stderr.write(`  ${visible(item)}\n`);
    const choices = question.choices.map((choice, i) => `${i + 1} ${text.t(`choice.${choice}`)}`).join(' · ');
    const answer = (await rl.question(`${text.t(`ask.${question.code}`, question.data)}\n${choices}: `)).trim();
    const picked = question.choices[Number(answer) - 1] ?? question.choices.find((choice) => choice === answer);
    return picked ?? question.choices[0] ?? '';
  } finally {
    rl.close();
  }
}
