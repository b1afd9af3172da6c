/** `strata move`, `remove`, `unprotect`, `freeze`, `unfreeze`, `root`, `version`. */

import { noteForGit, type Printer } from './printer';

export const move: Printer<'move'> = {
  print: (answer, { output, text }) => {
    output.line(text.t('cli.move.done', { from: answer.from, to: answer.to }));
    noteForGit(answer.files, { output, text });
  },
};

export const remove: Printer<'remove'> = {
  print: (answer, { output, text }) => {
    for (const name of answer.removed) output.line(text.t('cli.remove.done', { name }));
    for (const path of answer.deleted) output.line(text.t('cli.remove.deleted', { path }));
    noteForGit(answer.files, { output, text });
  },
};

export const unprotect: Printer<'unprotect'> = {
  print: (answer, { output, text }) => output.line(text.t('cli.unprotect.done', { n: answer.unprotected })),
};

export const freeze: Printer<'freeze' | 'unfreeze'> = {
  print: (answer, { output, text, parsed }) => {
    const did = parsed.verb === 'unfreeze' ? 'cli.unfreeze.done' : 'cli.freeze.done';
    for (const name of answer.changed) output.line(text.t(did, { name }));
    if (answer.changed.length === 0) output.line(text.t('cli.freeze.nothing'));
    noteForGit(answer.files, { output, text });
  },
};

export const root: Printer<'root'> = {
  print: (answer, { output }) => output.line(answer.root),
};

export const version: Printer<'version'> = {
  print: (answer, { output, text }) => {
    output.line(`Strata ${answer.strata}`);
    output.line(text.t('cli.version.platform', { platform: answer.platform, node: process.versions.node }));
    if (!answer.project) return;
    const { root: at, cache, links, remotes, git } = answer.project;
    output.line(text.t('cli.version.project', { root: at }));
    output.line(text.t('cli.version.cache', { cache, links: links.join(', ') }));
    output.line(text.t('cli.version.remotes', { remotes: remotes.length > 0 ? remotes.join(', ') : '-' }));
    output.line(text.t(git ? 'cli.version.git' : 'cli.version.noGit'));
  },
};
