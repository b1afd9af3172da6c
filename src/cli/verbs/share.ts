/** `strata push`, `fetch`, `pull`: how much went where, in the words that scripts know from DVC. */

import { failedSentences, printLetters, type Printer, type View } from './printer';

type Counted = 'pushed' | 'fetched' | 'modified' | 'added' | 'deleted';
type ShareVerb = 'push' | 'fetch' | 'pull';

export const push: Printer<'push'> = {
  print: (answer, view) => {
    printSummary({ pushed: answer.pushed }, answer.failed.length, view);
  },
  problems: (answer, view) => failedSentences(answer.failed, view),
  exit: (answer) => (answer.failed.length > 0 ? 1 : 0),
};

export const fetch: Printer<'fetch'> = {
  print: (answer, view) => {
    printSummary({ fetched: answer.fetched }, answer.failed.length, view);
  },
  problems: (answer, view) => failedSentences(answer.failed, view),
  exit: (answer) => (answer.failed.length > 0 ? 1 : 0),
};

export const pull: Printer<'pull'> = {
  print: (answer, view) => {
    printLetters(answer, view.output);
    const { modified = 0, added = 0, deleted = 0 } = answer.stats ?? {};
    printSummary({ fetched: answer.fetched, modified, added, deleted }, answer.failed.length, view);
  },
  problems: (answer, view) => failedSentences(answer.failed, view),
  exit: (answer) => (answer.failed.length > 0 ? 1 : 0),
};

/** `5 files fetched and 3 files added`; numbers without separators, so that scripts can read them. */
function printSummary(
  counts: Partial<Record<Counted, number>>,
  failed: number,
  { output, text }: Pick<View<ShareVerb>, 'output' | 'text'>,
): void {
  const parts = Object.entries(counts)
    .filter(([, n]) => n > 0)
    .map(([what, n]) => text.t(`cli.share.${what}`, { n, count: String(n) }));
  const last = parts.pop();
  if (last !== undefined) {
    const list = parts.join(', ');
    output.line(list === '' ? last : text.t('cli.share.and', { list, last }));
  } else if (failed === 0) output.line(text.t('cli.share.nothing'));
}
