/** `strata checkout` and `strata restore`: what changed in the workspace. */

import { UsageError } from '../args';
import { failedSentences, printLetters, type Printer } from './printer';

export const checkout: Printer<'checkout'> = {
  print: (answer, view) => {
    printLetters(answer, view.output);
    if (view.args.relink && answer.failed.length === 0) view.output.line(view.text.t('cli.checkout.relinked'));
  },
  problems: (answer, view) => failedSentences(answer.failed, view),
  exit: (answer) => (answer.failed.length > 0 ? 1 : 0),
};

export const restore: Printer<'restore'> = {
  prepare: (args, { spec }) => {
    if (args.undo !== true && args.targets.length === 0)
      throw new UsageError('missingTarget', { target: 'PATH' }, spec);
    if (args.undo !== true && args.from === undefined)
      throw new UsageError('missingOption', { option: '--from' }, spec);
    return Promise.resolve(args);
  },
  print: (answer, { output, text }) => {
    printLetters(answer, output);
    if (answer.kept !== undefined) output.note(text.t('cli.restore.kept', { undo: answer.kept }));
  },
};
