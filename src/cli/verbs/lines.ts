/** Verbs whose answer is lines of text: `remote …`, `config`, `check-ignore`. */

import { type Printer } from './printer';

type LineVerb =
  'remote.add' | 'remote.list' | 'remote.modify' | 'remote.default' | 'remote.remove' | 'config' | 'check-ignore';

export const lines: Printer<LineVerb> = {
  print: (answer, { output }) => answer.lines.forEach((line) => output.line(line)),
};

export const checkIgnore: Printer<'check-ignore'> = {
  print: (answer, { output }) => answer.lines.forEach((line) => output.line(line)),
  exit: (answer) => (answer.lines.length > 0 ? 0 : 1),
};
