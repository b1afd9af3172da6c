/** `strata diff` and `strata diff --content`: which data differ, and how. */

import { tableLines, type Printer } from './printer';

export const diff: Printer<'diff'> = {
  print: (answer, { output, text }) => {
    const groups = [
      ['added', answer.added.map((item) => item.path)],
      ['deleted', answer.deleted.map((item) => item.path)],
      ['modified', answer.modified.map((item) => item.path)],
      ['renamed', answer.renamed.map((item) => `${item.path.old} -> ${item.path.new}`)],
      ['notInCache', (answer['not in cache'] ?? []).map((item) => item.path)],
    ] as const;
    for (const [name, paths] of groups) {
      if (paths.length === 0) continue;
      output.line(text.t(`cli.diff.${name}`));
      for (const path of paths) output.line(`    ${path}`);
    }
    if (groups.every(([, paths]) => paths.length === 0)) output.line(text.t('cli.diff.none'));
  },
};

export const diffContent: Printer<'diff.content'> = {
  print: (answer, { output, text }) => {
    if (answer.kind === 'table') {
      const { rows } = answer;
      output.line(text.t('cli.diff.rows', { ...rows, key: answer.key.join(', ') || text.t('cli.diff.noKey') }));
      const sign = { added: '+', removed: '-', changed: '~' } as const;
      const shown = answer.sample.map((row) => [
        sign[row.state],
        ...answer.header.map((_, i) => {
          const [a, b] = [row.a?.[i] ?? '', row.b?.[i] ?? ''];
          return row.state === 'changed' && row.changed.includes(i) ? `${a} → ${b}` : row.b ? b : a;
        }),
      ]);
      if (shown.length > 0) tableLines([['', ...answer.header], ...shown]).forEach((line) => output.line(line));
    } else if (answer.kind === 'folder') {
      for (const file of answer.files) output.line(`${file.state}: ${file.from ? `${file.from} -> ` : ''}${file.path}`);
      output.line(text.t('cli.diff.same', { n: answer.same }));
    } else {
      const facts = (v: { size: number; hash: string } | null): string => (v ? `${text.size(v.size)}  ${v.hash}` : '-');
      output.line(`A ${facts(answer.a)}`);
      output.line(`B ${facts(answer.b)}`);
    }
  },
};
