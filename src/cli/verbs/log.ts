/** `strata log`. */

import { noteForGit, type Printer } from './printer';

export const log: Printer<'log'> = {
  print: (answer, { output, text }) => {
    const { dir, step } = answer;
    output.line(step === undefined ? text.t('cli.log.noStep', { dir }) : text.t('cli.log.done', { dir, step }));
    noteForGit(
      answer.files.filter((file) => file.endsWith('dvc.yaml')),
      { output, text },
    );
  },
};
