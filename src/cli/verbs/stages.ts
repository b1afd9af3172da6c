/** `strata stage add` and `stage list`. */

import { UsageError } from '../args';
import { noteForGit, type Printer } from './printer';
import { repro } from './repro';

export const stageAdd: Printer<'stage.add'> = {
  prepare: (args, { spec }) => {
    if (args.name === undefined) throw new UsageError('missingOption', { option: '--name' }, spec);
    return Promise.resolve(args);
  },
  follow: (view) => {
    const { args, call } = view;
    if (!args.run) return undefined;
    return async (project, cwd) => {
      const added = await project.call('stage.add', { ...args, run: false }, call, cwd);
      const wanted = { targets: [added.name], singleItem: true };
      const follow = repro.follow?.({ ...view, args: wanted });
      return { ...added, ...(follow ? { run: await follow(project, cwd) } : {}) };
    };
  },
  problems: (answer, view) => (answer.run ? (repro.problems?.(answer.run, { ...view, args: NO_ARGS }) ?? []) : []),
  print: (answer, { output, text }) => {
    const { name, file, later = [] } = answer;
    output.line(text.t(answer.replaced ? 'cli.stage.replaced' : 'cli.stage.added', { name, file }));
    for (const folder of later) output.note(text.t('cli.stage.later', { folder }));
    noteForGit(answer.files, { output, text });
  },
  exit: (answer, view) => (answer.run ? (repro.exit?.(answer.run, { ...view, args: NO_ARGS }) ?? 0) : 0),
};

const NO_ARGS = { targets: [] };

export const stageList: Printer<'stage.list'> = {
  print: (answer, { output, text, args }) => {
    const width = Math.max(0, ...answer.stages.map((stage) => stage.name.length));
    for (const { name, summary } of answer.stages)
      output.line(args.nameOnly ? name : `${name.padEnd(width)}  ${summary}`);
    if (answer.stages.length === 0) output.note(text.t('cli.stages.none'));
  },
  problems: (answer) => answer.errors.map((error) => error.message),
};
