/** `strata plots`, `plots diff`, `plots templates`. */

import { toJsonText } from '../../engine/formats/json';
import { type PlotsAnswer } from '../../engine/verbs/plots';
import { type Text } from '../../base/text';
import { tableLines, type Printer } from './printer';

export const plots: Printer<'plots' | 'plots.diff'> = {
  print: (answer, { output, text }) => {
    const rows = plotRows(answer);
    const head = [text.t('cli.plots.plot'), text.t('cli.plots.revision'), text.t('cli.plots.points'), 'x', 'y'];
    if (rows.length > 0) tableLines([head, ...rows]).forEach((line) => output.line(line));
    else if (!answer.errors) output.note(text.t('cli.plots.none'));
  },
  problems: (answer, { text }) => (answer.errors ?? []).map((error) => errorText(error, text)),
};

/** One row for each revision of each plot; a picture has its file in place of its fields. */
function plotRows(answer: PlotsAnswer): string[][] {
  return Object.entries(answer.data).flatMap(([id, items]) =>
    items.flatMap((item) => {
      if (item.type === 'image') return [[id, item.revisions.join(' '), '', item.url, '']];
      const { x, y } = item.properties;
      return item.revisions.map((rev) => [
        id,
        rev,
        String(item.datapoints[rev]?.length ?? 0),
        typeof x === 'string' ? x : '',
        typeof y === 'string' ? y : '',
      ]);
    }),
  );
}

function errorText({ name, rev, msg }: NonNullable<PlotsAnswer['errors']>[number], text: Text): string {
  const known = { rev, msg: msg.split('\n')[0] ?? '' };
  return name === undefined ? text.t('cli.plots.failedAll', known) : text.t('cli.plots.failed', { ...known, name });
}

export const plotTemplates: Printer<'plots.templates'> = {
  print: (answer, { output }) => {
    if (answer.template !== undefined) output.line(toJsonText(answer.template));
    else answer.names.forEach((name) => output.line(name));
  },
};
