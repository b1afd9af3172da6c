/** `strata gc`: what was deleted, what would be, and what was kept because nobody can tell whether it is needed. */

import { UsageError, type ParsedArgs } from '../args';
import { type GcAnswer, type GcArgs } from '../../engine/verbs/upkeep';
import { failedSentences, type Printer, type View } from './printer';

const SCOPES = ['workspace', 'rev', 'allBranches', 'allTags', 'allCommits', 'date', 'allExperiments', 'num'] as const;

export const gc: Printer<'gc'> = {
  prepare: (args, { spec }) => Promise.resolve(checked(args, spec)),
  print: (answer, view) => {
    if (answer.dry) for (const hash of answer.objects ?? []) view.output.line(hash);
    for (const line of summary(answer, view)) view.output.line(line);
  },
  problems: (answer, view) => [...doubts(answer, view), ...failedSentences(answer.failed ?? [], view)],
  exit: (answer) => ((answer.failed?.length ?? 0) > 0 ? 1 : 0),
};

/** Words after `--projects` are further projects; anywhere else they are too many. */
function checked(args: GcArgs, spec: ParsedArgs['spec']): GcArgs {
  const [extra] = args.targets;
  if (extra !== undefined && args.projects === undefined) throw new UsageError('extraTarget', { target: extra }, spec);
  if (!SCOPES.some((scope) => args[scope] !== undefined)) throw new UsageError('gcScope', {}, spec);
  return args;
}

function summary(answer: GcAnswer, { text }: Pick<View<'gc'>, 'text'>): string[] {
  const would = answer.dry ? 'would' : 'did';
  const lines = [line('cache', answer)];
  if (answer.remote) lines.push(line('remote', answer.remote));
  if (answer.temporaries !== undefined) lines.push(text.t(`cli.gc.temporaries.${would}`, { n: answer.temporaries }));
  return lines;

  function line(where: 'cache' | 'remote', part: { readonly removed: number; readonly bytes: number }): string {
    if (part.removed === 0) return text.t(`cli.gc.${where}.nothing`);
    return text.t(`cli.gc.${where}.${would}`, { n: part.removed, size: part.bytes });
  }
}

function doubts(answer: GcAnswer, { text }: Pick<View<'gc'>, 'text'>): string[] {
  const { unreadable = [], skipped = [], keptForUnreadable = 0 } = answer;
  const lines = skipped.map((one) => text.t('cli.gc.skipped', { ...one, rev: one.rev.slice(0, 7) }));
  const [first] = unreadable;
  if (first) {
    const facts = { ...first, n: unreadable.length, kept: keptForUnreadable };
    lines.push(text.t(keptForUnreadable > 0 ? 'cli.gc.unreadable' : 'cli.gc.unreadableOnly', facts));
  }
  return lines;
}
