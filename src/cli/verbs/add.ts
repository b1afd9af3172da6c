/** `strata add`: what is tracked now, and what to hand to Git. */

import { noteForGit, type Printer } from './printer';

export const add: Printer<'add'> = {
  print: (answer, { output, text }) => {
    for (const item of answer.added) {
      output.line(
        text.t(`cli.add.${item.state}`, { path: item.path, size: text.size(item.size), n: item.nfiles ?? 1 }),
      );
    }
    noteForGit(answer.files, { output, text });
  },
};
