/** How the command line shows the answer of a verb to a person, and which exit code it means. */

import { type Call } from '../../base/cancel';
import { type Text } from '../../base/text';
import { type Project } from '../../engine/project';
import { type AnswerOf, type ArgsOf, type VerbId } from '../../engine/verbs/verbs';
import { type ParsedArgs } from '../args';
import { type Failed } from '../../engine/verbs/data';
import { codeSentence, type Output } from '../output';

/** What a printer works with. */
export interface View<V extends VerbId> {
  readonly output: Output;
  readonly text: Text;
  readonly parsed: ParsedArgs;
  readonly args: ArgsOf<V>;
}

/** The command line's half of a verb; every part may be left out. */
export interface Printer<V extends VerbId> {
  /** Completes the arguments, from standard input for instance. */
  prepare?(args: ArgsOf<V>, parsed: ParsedArgs): Promise<ArgsOf<V>>;
  /** Does the verb in another way than one call, to show what happens on the way. */
  follow?(
    view: View<V> & { readonly call: Call },
  ): ((project: Project, cwd: string) => Promise<AnswerOf<V>>) | undefined;
  /** Sentences about what failed, for stderr, with `--json` as well. */
  problems?(answer: AnswerOf<V>, view: View<V>): string[];
  /** Prints the answer; not called with `--json`. */
  print?(answer: AnswerOf<V>, view: View<V>): void;
  /** The exit code that an answer means, 0 unless told. */
  exit?(answer: AnswerOf<V>, view: View<V>): number;
}

/** One letter and a path a line, as Git shows changes. */
export function printLetters(
  answer: { added: readonly string[]; modified: readonly string[]; deleted: readonly string[] },
  output: Output,
): void {
  for (const path of answer.modified) output.line(`M       ${path}`);
  for (const path of answer.added) output.line(`A       ${path}`);
  for (const path of answer.deleted) output.line(`D       ${path}`);
}

/** Sentences about paths that failed. */
export function failedSentences(failed: readonly Failed[], { text }: Pick<View<VerbId>, 'text'>): string[] {
  return failed.map(({ path, hash = '', msg, code = '', data }) =>
    text.has(`error.${code}`) ? codeSentence(code, { hash, ...data, path }, text) : `${path}: ${msg}`,
  );
}

/** A word as a shell takes it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Names the files that have changed and belong to Git. */
export function noteForGit(files: readonly string[], { output, text }: Pick<View<VerbId>, 'output' | 'text'>): void {
  if (files.length > 0) output.note(text.t('cli.add.git', { files: files.map(shellWord).join(' ') }));
}

/** A table of texts with columns aligned; the first row is the head. Numbers align right. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0)));
  const numeric = widths.map((_, c) => rows.slice(1).every((row) => /^[-+]?[\d.,]*$/.test(row[c] ?? '')));
  return rows.map((row) =>
    row
      .map((cell, c) => (numeric[c] ? cell.padStart(widths[c] ?? 0) : cell.padEnd(widths[c] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
