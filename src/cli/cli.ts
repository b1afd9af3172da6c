/**
 * The `strata` command: words → verb → answer → stdout and exit code. Holds the engine in its own thread.
 *
 * Exit: 0 done · 1 failed · 2 wrong use · 3 judged and refused · 4 nothing to judge · 130 interrupted.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { Cancelled, isCancelled, type Call } from '../base/cancel';
import { type Text } from '../base/text';
import { is, StrataError } from '../engine/errors';
import { callAnywhere, openRepository, type Repository, type RepositoryOptions } from '../engine/library';
import { type Project } from '../engine/project';
import { VERBS, type AnswerOf, type ArgsOf, type VerbId } from '../engine/verbs/verbs';
import { parseArgs, usageLine, UsageError, type ParsedArgs } from './args';
import { askOnTerminal, codeSentence, errorSentence, ignoreClosedPipes, processOutput, type Output } from './output';
import { loadText } from './text';
import { type Printer } from './verbs/printer';
import { PRINTERS } from './verbs/printers';
import { inWords } from './words';

declare const STRATA_VERSION: string;

async function main(argv: readonly string[]): Promise<number> {
  const text = loadText(process.env, __dirname);
  ignoreClosedPipes();
  let parsed: ParsedArgs;
  try {
    parsed = parseArgs(argv);
  } catch (error) {
    return wrongUse(error, text);
  }
  if (parsed.verb && !parsed.help && !parsed.version) return run(parsed, parsed.verb, text);
  const asked = parsed.help || parsed.version;
  const shown = parsed.version ? STRATA_VERSION : helpText(parsed, text);
  (asked ? process.stdout : process.stderr).write(`${shown}\n`);
  return asked ? 0 : 2;
}

function wrongUse(error: unknown, text: Text): number {
  if (!(error instanceof UsageError)) throw error;
  const usage = error.spec ? usageLine(error.spec) : 'strata [-C DIR] VERB [targets] [options]';
  process.stderr.write(`${codeSentence(`cli.${error.code}`, error.data, text)}\n${text.t('cli.usage', { usage })}\n`);
  return 2;
}

function helpText(parsed: ParsedArgs, text: Text): string {
  if (parsed.spec) return text.t('cli.usage', { usage: usageLine(parsed.spec) });
  const groups = (['project', 'data', 'pipeline', 'runs', 'compare', 'registry'] as const).map((group) => {
    const verbs = VERBS.filter((row) => row.group === group && row.words.length > 0);
    return [text.t(`cli.group.${group}`), ...verbs.map((verb) => `  ${usageLine(verb)}`)].join('\n');
  });
  const usage = text.t('cli.usage', { usage: 'strata [-C DIR] VERB [targets] [options]' });
  return [text.t('cli.help.title'), usage, ...groups, text.t('cli.help.global')].join('\n\n');
}

async function run(parsed: ParsedArgs, verb: VerbId, text: Text): Promise<number> {
  const output = processOutput(text, parsed);
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const call: Call = {
    signal: controller.signal,
    progress: (value) => output.progress(value),
    ask: (question) => {
      output.endProgress();
      return askOnTerminal(question, text);
    },
  };
  try {
    return await perform(parsed, verb, { output, text, call });
  } catch (error) {
    if (error instanceof UsageError) return wrongUse(error, text);
    const stopped = isCancelled(error) || controller.signal.aborted;
    output.problem(errorSentence(stopped ? new Cancelled() : error, text));
    if (parsed.verbose && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
    return stopped ? 130 : 1;
  } finally {
    output.endProgress();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

interface Doing {
  readonly output: Output;
  readonly text: Text;
  readonly call: Call;
}

/** Problems that are told one by one; of more only the number. */
const MOST_PROBLEMS = 10;

async function perform(parsed: ParsedArgs, verb: VerbId, { output, text, call }: Doing): Promise<number> {
  const dir = startFolder(parsed.cwd);
  const printer = (PRINTERS[verb] ?? {}) as Printer<VerbId>;
  const given = parsed.args as unknown as ArgsOf<VerbId>;
  const args = printer.prepare ? await printer.prepare(given, parsed) : given;
  const answer = await answerOf({ dir }, verb, args, call, printer.follow?.({ output, text, parsed, args, call }));
  const view = { output, text, parsed, args };
  output.endProgress();
  const english = text.language === 'en' ? text : loadText({}, __dirname);
  if (parsed.json) output.json(inWords(answer, english));
  const told = inWords(answer, text);
  if (!parsed.json) printer.print?.(told, view);
  const problems = printer.problems?.(told, view) ?? [];
  for (const problem of problems.slice(0, MOST_PROBLEMS)) output.problem(problem);
  if (problems.length > MOST_PROBLEMS) output.problem(text.t('cli.more', { n: problems.length - MOST_PROBLEMS }));
  return printer.exit?.(answer, view) ?? 0;
}

async function answerOf(
  options: RepositoryOptions,
  verb: VerbId,
  args: ArgsOf<VerbId>,
  call: Call,
  watch: ((project: Project, cwd: string) => Promise<AnswerOf<VerbId>>) | undefined,
): Promise<AnswerOf<VerbId>> {
  const spec = VERBS.find((row) => row.id === verb);
  if (spec && !spec.needs.project) return callAnywhere(options, verb, args, call);
  const project = await openFor(options, verb);
  // Settings of this user are there without a project; what means nothing outside of one says so.
  if (!project) return callAnywhere(options, verb, args, call);
  const cwd = path.relative(project.root, options.dir).split(path.sep).join('/') || '.';
  try {
    return watch ? await watch(project, cwd) : await project.call(verb, args, call, cwd);
  } finally {
    await project.close();
  }
}

/** The project; verbs of settings open one that holds settings to correct, and go without one. */
async function openFor(options: RepositoryOptions, verb: VerbId): Promise<Repository | undefined> {
  if (verb !== 'config' && !verb.startsWith('remote.')) return openRepository(options);
  try {
    return await openRepository({ ...options, repair: true });
  } catch (error) {
    if (is(error, 'project.none')) return undefined;
    throw error;
  }
}

function startFolder(cwd: string | undefined): string {
  const dir = path.resolve(cwd ?? '.');
  const stat = fs.statSync(dir, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) throw new StrataError('cli.notFolder', { path: cwd ?? dir });
  return fs.realpathSync(dir);
}

void main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
