/** `strata history` and `strata verify`: versions of a path, and damaged objects. */

import { codeSentence } from '../output';
import { tableLines, type Printer } from './printer';

export const history: Printer<'history'> = {
  print: (answer, { output, text }) => {
    const rows = answer.versions.map((v) => [
      v.commit.slice(0, 7),
      v.date.slice(0, 16).replace('T', ' '),
      v.size === undefined ? '' : text.size(v.size),
      v.message.split('\n')[0] ?? '',
      (v.registered ?? []).join(' '),
    ]);
    if (rows.length === 0) output.line(text.t('cli.history.none'));
    else tableLines(rows).forEach((line) => output.line(line));
  },
};

export const verify: Printer<'verify'> = {
  print: (answer, { output, text }) => {
    output.line(text.t('cli.verify.checked', { n: answer.checked, bad: answer.bad.length }));
    for (const item of answer.bad)
      output.line(`${item.reason}: ${item.path}  ${item.hash}  ${item.copies.join(' ')}`.trimEnd());
  },
  problems: (answer, { text }) => {
    const refused = answer.bad.filter((item) => item.reason === 'refused');
    const n = answer.bad.length - refused.length;
    const sentences = refused.map(({ code = '', data = {} }) => codeSentence(code, data, text));
    return n > 0 ? [...sentences, text.t('cli.verify.bad', { n })] : sentences;
  },
  exit: (answer) => (answer.bad.length > 0 ? 1 : 0),
};
