/** `strata status`: changed stages and `.dvc` files with their reasons. */

import { type AnswerOf } from '../../engine/verbs/verbs';
import { UsageError } from '../args';
import { type Output } from '../output';
import { type Printer } from './printer';

export const status: Printer<'status'> = {
  prepare: (args, parsed) => {
    const { allBranches, allTags, allCommits, jobs } = args;
    const remote = {
      '--all-branches': allBranches,
      '--all-tags': allTags,
      '--all-commits': allCommits,
      '--jobs': jobs,
    };
    const [option] = Object.entries(remote).find(([, given]) => given !== undefined) ?? [];
    if (option !== undefined && !args.cloud && args.remote === undefined)
      throw new UsageError('onlyWith', { option, other: '--cloud' }, parsed.spec);
    return Promise.resolve({ ...args, ...(parsed.quiet ? { quiet: true } : {}) });
  },
  print: (answer, { output, text, args }) => {
    if (Object.keys(answer).length === 0) {
      output.line(text.t(args.cloud || args.remote !== undefined ? 'cli.status.synced' : 'cli.status.clean'));
    }
    for (const [name, items] of Object.entries(answer)) printItems(name, items, output);
  },
  exit: (answer, { parsed }) => (parsed.quiet && Object.keys(answer).length > 0 ? 1 : 0),
};

function printItems(name: string, items: AnswerOf<'status'>[string], output: Output): void {
  if (typeof items === 'string') {
    output.line(`${items}:`.padEnd(12) + name);
    return;
  }
  output.line(`${name}:`);
  for (const item of items) {
    if (typeof item === 'string') output.line(`    ${item}`);
    else for (const [what, entries] of Object.entries(item)) printEntries(what, entries, output);
  }
}

function printEntries(what: string, entries: Record<string, string | Record<string, string>>, output: Output): void {
  output.line(`    ${what}:`);
  for (const [path, state] of Object.entries(entries)) {
    if (typeof state === 'string') output.line(`        ${`${state}:`.padEnd(20)}${path}`);
    else {
      output.line(`        ${path}:`);
      for (const [key, value] of Object.entries(state)) output.line(`            ${`${value}:`.padEnd(20)}${key}`);
    }
  }
}
