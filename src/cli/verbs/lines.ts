/** Verbs whose answer is lines of text: `remote …`, `config`, `check-ignore`. */

import * as fs from 'node:fs';
import { type RemoteArgs } from '../../engine/verbs/settings';
import { UsageError, type ParsedArgs } from '../args';
import { type Printer } from './printer';

type RemoteVerb =
  'remote.add' | 'remote.list' | 'remote.modify' | 'remote.default' | 'remote.remove' | 'remote.rename' | 'config';

const LEVELS = ['local', 'project', 'global', 'system'] as const;

/** Fails with a {@link UsageError} when two options are given that exclude each other. */
function refuseBoth(spec: ParsedArgs['spec'], given: Readonly<Record<string, unknown>>): void {
  const [one, other] = Object.keys(given).filter((name) => given[name] !== undefined && given[name] !== false);
  if (one !== undefined && other !== undefined) throw new UsageError('notTogether', { one, other }, spec);
}

function refuseTwoLevels(args: RemoteArgs, spec: ParsedArgs['spec']): void {
  refuseBoth(spec, Object.fromEntries(LEVELS.map((level) => [`--${level}`, args[level]])));
}

export const remotes: Printer<RemoteVerb> = {
  prepare: (args, { spec }) => {
    refuseTwoLevels(args, spec);
    return Promise.resolve(args);
  },
  print: (answer, { output }) => answer.lines.forEach((line) => output.line(line)),
};

export const config: Printer<'config'> = {
  prepare: (args, { spec }) => {
    refuseTwoLevels(args, spec);
    const [name, value] = args.targets;
    if (name === undefined && !args.list) throw new UsageError('missingTarget', { target: 'NAME' }, spec);
    for (const other of [{ NAME: name }, { '--unset': args.unset }])
      refuseBoth(spec, { '--list': args.list, ...other });
    for (const other of [{ VALUE: value }, { '--unset': args.unset }])
      refuseBoth(spec, { '--show-origin': args.showOrigin, ...other });
    return Promise.resolve(args);
  },
  print: (answer, { output, args, text }) => {
    answer.lines.forEach((line) => output.line(line));
    const isQuestion = !args.list && !args.unset && args.targets.length === 1;
    if (isQuestion && answer.lines.length === 0) output.note(text.t('error.config.notSet', { name: args.targets[0] }));
  },
};

export const checkIgnore: Printer<'check-ignore'> = {
  prepare: (args, { spec, quiet }) => {
    const { targets, stdin, details } = args;
    if (targets.length === 0 && !stdin) throw new UsageError('missingTarget', { target: 'PATH' }, spec);
    refuseBoth(spec, { '--stdin': stdin, PATH: targets[0] });
    refuseBoth(spec, { '--details': details, '--quiet': quiet });
    for (const [option, given] of Object.entries({ '--non-matching': args.nonMatching, '--all': args.all }))
      if (given && !details) throw new UsageError('onlyWith', { option, other: '--details' }, spec);
    return Promise.resolve(stdin ? { ...args, targets: stdinLines() } : args);
  },
  print: (answer, { output }) => answer.lines.forEach((line) => output.line(line)),
  // Paths that nothing speaks about are told with --non-matching, and are no match.
  exit: (answer) => (answer.lines.some((line) => !line.startsWith('::\t')) ? 0 : 1),
};

/** Lines of standard input up to the first empty one. */
function stdinLines(): string[] {
  const lines = fs.readFileSync(0, 'utf8').split(/\r?\n/);
  const end = lines.indexOf('');
  return end < 0 ? lines : lines.slice(0, end);
}
