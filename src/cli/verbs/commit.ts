/** `strata commit`: which pointers now record the present data. */

import { noteForGit, type Printer } from './printer';

export const commit: Printer<'commit'> = {
  print: (answer, { output, text }) => {
    const changed = answer.committed.filter((item) => item.changed);
    for (const item of changed) output.line(text.t('cli.commit.changed', { name: item.name }));
    if (changed.length === 0) output.line(text.t('cli.commit.nothing'));
    noteForGit(answer.files, { output, text });
  },
};
