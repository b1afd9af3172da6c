/** Verbs whose answer is lines of text: `remote …`, `config`, `check-ignore`. */

import { UsageError } from '../args';
import { type Printer } from './printer';

type LineVerb =
  'remote.add' | 'remote.list' | 'remote.modify' | 'remote.default' | 'remote.remove' | 'config' | 'check-ignore';

export const lines: Printer<LineVerb> = {
  print: (answer, { output }) => answer.lines.forEach((line) => output.line(line)),
};

export const config: Printer<'config'> = {
  ...(lines as Printer<'config'>),
  prepare: (args, { spec }) => {
    if (args.targets.length === 0 && args.list !== true)
      throw new UsageError('missingTarget', { target: 'NAME' }, spec);
    return Promise.resolve(args);
  },
};

export const checkIgnore: Printer<'check-ignore'> = {
  print: (answer, { output }) => answer.lines.forEach((line) => output.line(line)),
  exit: (answer) => (answer.lines.length > 0 ? 0 : 1),
};
