/**
 * What the command line prints. Results go to stdout, everything else to stderr; no colours and no cursor codes when a stream is
 * not a terminal. An answer that nobody reads to the end (closed pipe) is no error.
 */

import { isCancelled, type Progress, type Question } from '../base/cancel';
import { visible, type Text } from '../base/text';
import { toJsonText } from '../engine/formats/json';
import { StrataError, is, type ErrorData } from '../engine/errors';
import { readSecret } from './secret';

/** Streams and manners of one call. */
export interface Output {
  /** A line of the result; whatever names from files hold, it stays one line. */
  line(text: string): void;
  /** A part of the result that has several lines of its own. */
  block(text: string): void;
  /** The one JSON document. */
  json(value: unknown): void;
  /** A line for people, on stderr. */
  note(text: string): void;
  /** A sentence about what failed, on stderr, also when quiet. */
  problem(text: string): void;
  /** Raw output of a stage's command. */
  raw(bytes: Uint8Array): void;
  progress(value: Progress): void;
  /** Clears a progress line before something else is printed. */
  endProgress(): void;
}

/** Writes to this process's streams; `json` sends the output of stages to stderr. */
export function processOutput(text: Text, options: { json: boolean; quiet: boolean }): Output {
  ignoreClosedPipes();
  const live = process.stderr.isTTY && !options.quiet;
  let shown = false;
  let last = 0;
  const endProgress = (): void => {
    if (shown) process.stderr.write('\r\u001b[K');
    shown = false;
  };
  const to = (stream: NodeJS.WriteStream, chunk: string | Uint8Array): void => {
    endProgress();
    stream.write(chunk);
  };
  return {
    line: (t) => (options.quiet ? undefined : to(process.stdout, `${oneLine(t)}\n`)),
    block: (t) => (options.quiet ? undefined : to(process.stdout, `${visible(t)}\n`)),
    // Marks stand within strings only, and are shown as JSON escapes them: who reads the document gets them back.
    json: (value) => to(process.stdout, `${visible(toJsonText(value))}\n`),
    note: (t) => (options.quiet ? undefined : to(process.stderr, `${oneLine(t)}\n`)),
    problem: (t) => to(process.stderr, `${oneLine(t)}\n`),
    raw: (bytes) => to(options.json ? process.stderr : process.stdout, bytes),
    progress: (value) => {
      if (!live || Date.now() - last < 100) return;
      last = Date.now();
      shown = true;
      process.stderr.write(`\r\u001b[K${progressLine(value, text).slice(0, (process.stderr.columns ?? 80) - 1)}`);
    },
    endProgress,
  };
}

/** Text that cannot leave its line: line breaks and all that {@link visible} shows become `\uXXXX`. */
function oneLine(text: string): string {
  return visible(text).replace(/[\n\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A reader that has gone away (`| head -1`) is no error; the work goes on to its end and keeps its exit code. */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.listeners('error').includes(ignoreClosedPipe)) continue;
    stream.on('error', ignoreClosedPipe);
  }
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
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
  if (is(error)) return codeSentence(error.code, error.data, text);
  return codeSentence('unexpected', { message: error instanceof Error ? error.message : String(error) }, text);
}

/** The sentence of a code with its facts. Words of other programs may have several lines; here they have one. */
export function codeSentence(code: string, data: ErrorData, text: Text): string {
  const filled = Object.entries(data).map(([key, value]) => [
    key,
    typeof value === 'object' ? value.join(', ') : value,
  ]);
  const facts = Object.fromEntries(filled) as Record<string, string | number | boolean | undefined>;
  for (const key of ['reason', 'message', 'detail']) {
    const words = facts[key];
    if (typeof words === 'string') facts[key] = inOneLine(words);
  }
  return oneLine(text.t(`error.${code}`, facts));
}

/** Lines with a blank between them, empty ones left out. */
function inOneLine(words: string): string {
  const lines = words.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}

/** Questions that `--force` answers beforehand; the others know `--yes`. */
const FORCED = new Set(['commitChanged', 'gc', 'gcShared', 'gcCloud', 'removeUnsaved']);

/** Asks on the terminal; without one, fails and names the option that would have allowed the act. Ctrl+C and Ctrl+D cancel. */
export async function askOnTerminal(question: Question, text: Text): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new StrataError('cli.cannotAsk', { option: FORCED.has(question.code) ? '--force' : '--yes' });
  if (question.kind === 'secret') return typeSecret(question, text);
  const readline = await import('node:readline/promises');
  const rl = readline.createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  rl.once('SIGINT', () => closed.abort());
  rl.once('close', () => closed.abort());
  try {
    for (const item of question.items ?? []) process.stderr.write(`  ${oneLine(item)}\n`);
    const choices = question.choices.map((choice, i) => `${i + 1} ${text.t(`choice.${choice}`)}`).join(' · ');
    const sentence = oneLine(text.t(`ask.${question.code}`, question.data));
    const answer = (await rl.question(`${sentence}\n${choices}: `, { signal: closed.signal })).trim();
    const picked = question.choices[Number(answer) - 1] ?? question.choices.find((choice) => choice === answer);
    return picked ?? question.choices[0] ?? '';
  } finally {
    rl.close();
  }
}

/** The sentence, then a line that is not shown while it is typed. */
async function typeSecret(question: Question, text: Text): Promise<string> {
  process.stderr.write(`${oneLine(text.t(`ask.${question.code}`, question.data))}: `);
  try {
    return await readSecret(process.stdin);
  } finally {
    process.stderr.write('\n');
  }
}
