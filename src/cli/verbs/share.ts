/** `strata push`, `fetch`, `pull`: how much went where. */

import { noteFailed, printLetters, type Printer } from './printer';

export const push: Printer<'push'> = {
  print: (answer, view) => {
    const key = answer.pushed === 0 && answer.failed.length === 0 ? 'cli.push.nothing' : 'cli.push.done';
    view.output.line(view.text.t(key, { n: answer.pushed, size: view.text.size(answer.bytes) }));
    noteFailed(answer.failed, view);
  },
  exit: (answer) => (answer.failed.length > 0 ? 1 : 0),
};

export const fetch: Printer<'fetch'> = {
  print: (answer, view) => {
    const key = answer.fetched === 0 && answer.failed.length === 0 ? 'cli.fetch.nothing' : 'cli.fetch.done';
    view.output.line(view.text.t(key, { n: answer.fetched, size: view.text.size(answer.bytes) }));
    noteFailed(answer.failed, view);
  },
  exit: (answer) => (answer.failed.length > 0 ? 1 : 0),
};

export const pull: Printer<'pull'> = {
  print: (answer, view) => {
    printLetters(answer, view.output);
    const key = answer.fetched === 0 && answer.failed.length === 0 ? 'cli.fetch.nothing' : 'cli.fetch.done';
    view.output.line(view.text.t(key, { n: answer.fetched, size: view.text.size(answer.bytes) }));
    noteFailed(answer.failed, view);
  },
  exit: (answer) => (answer.failed.length > 0 ? 1 : 0),
};
