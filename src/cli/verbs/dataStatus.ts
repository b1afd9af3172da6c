/** `strata status --data`: what differs between the last commit, the pointers and the files. */

import { type DataChanges } from '../../engine/verbs/data';
import { type Printer, type View } from './printer';

export const dataStatus: Printer<'data.status'> = {
  print: (answer, view) => {
    if (Object.keys(answer).length === 0) view.output.line(view.text.t('cli.dataStatus.clean'));
    section('notInCache', answer.not_in_cache, view);
    section('notInRemote', answer.not_in_remote, view);
    changes('committed', answer.committed, view);
    changes('uncommitted', answer.uncommitted, view);
    section('untracked', answer.untracked, view);
    section('unchanged', answer.unchanged, view);
  },
};

function section(name: string, paths: readonly string[] | undefined, { output, text }: View<'data.status'>): void {
  if (!paths) return;
  output.line(text.t(`cli.dataStatus.${name}`));
  for (const path of paths) output.line(`        ${path}`);
}

function changes(name: string, found: DataChanges | undefined, { output, text }: View<'data.status'>): void {
  if (!found) return;
  output.line(text.t(`cli.dataStatus.${name}`));
  for (const state of ['added', 'modified', 'deleted', 'unknown'] as const) {
    for (const path of found[state] ?? []) output.line(`        ${state}: ${path}`);
  }
  for (const { old, new: path } of found.renamed ?? []) output.line(`        renamed: ${old} -> ${path}`);
}
