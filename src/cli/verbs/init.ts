/** `strata init` and `strata sample`: what was made and what comes next. */

import { type Printer } from './printer';

export const init: Printer<'init'> = {
  print: (answer, { output, text }) => output.line(text.t('cli.init.done', { root: answer.root })),
};

export const sample: Printer<'sample'> = {
  print: (answer, { output, text }) => {
    output.line(text.t('cli.sample.done', { root: answer.root, n: answer.commits, files: answer.files }));
    if (answer.python === undefined) output.note(text.t('cli.sample.noPython'));
  },
};
