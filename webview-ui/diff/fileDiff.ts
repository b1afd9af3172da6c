/** A folder or a file that changed: which files, or sizes and hashes, said plainly. */

import { visible, type Text } from '../../src/base/text';
import { type FactsDiff, type FolderDiff } from '../../src/protocol/diff';
import { h } from '../shared/dom';
import { type CellView } from '../table/cells';
import { PLAIN_LAYOUT, type GridColumn } from '../table/columns';
import { createGrid } from '../table/grid';
import { button } from '../ui/button';
import { plainTable } from '../ui/plainTable';

type File = FolderDiff['files'][number];

const SIGN: Readonly<Record<File['state'], string>> = {
  added: 'diff-added',
  removed: 'diff-removed',
  changed: 'diff-modified',
  renamed: 'diff-renamed',
};

/** The files of a folder that differ; `open` shows one of them. */
export function folderDiffView(diff: FolderDiff, text: Text, open: (path: string) => void): HTMLElement {
  const { files } = diff;
  const column = (id: string, width: number, more: Partial<GridColumn> = {}): GridColumn => ({
    id,
    width,
    label: text.t(`panel.diff.file.${id}`),
    ...more,
  });
  const grid = createGrid<File>({
    label: text.t('panel.diff.files'),
    text,
    columns: [
      column('path', 360, { fixed: true }),
      column('state', 120),
      column('a', 130, { align: 'end' }),
      column('b', 130, { align: 'end' }),
    ],
    layout: PLAIN_LAYOUT,
    layoutChanged: () => undefined,
    load: ({ from, to }) => Promise.resolve({ total: files.length, from, rows: files.slice(from, to) }),
    cell: (file, { id }) => fileCell(file, id, text),
    row: (file) => (file.state === 'added' || file.state === 'removed' ? { tone: file.state } : {}),
    open: (file) => open(file.path),
    failed: () => undefined,
  });
  return h(
    'div',
    { class: 'diff-content' },
    files.length > 0 && h('p', { class: 'muted' }, text.t('panel.diff.openHint')),
    files.length > 0 && h('div', { class: 'diff-rows' }, grid.element),
  );
}

function fileCell(file: File, column: string, text: Text): CellView {
  if (column === 'state') return { text: text.t(`panel.diff.fileState.${file.state}`) };
  if (column === 'a' || column === 'b') return { text: file[column] };
  const name = file.from === undefined ? visible(file.path) : `${visible(file.from)} → ${visible(file.path)}`;
  return { text: name, icon: SIGN[file.state] };
}

/** Sizes and hashes of a file that is not shown in detail; text opens in the editor's own diff. */
export function factsDiffView(diff: FactsDiff, text: Text, open: () => void): HTMLElement {
  const cell = (side: FactsDiff['a'], name: 'size' | 'hash'): string => side?.[name] ?? text.t('panel.diff.absent');
  const row = (name: 'size' | 'hash'): readonly HTMLElement[] => [
    h('span', {}, text.t(`panel.diff.fact.${name}`)),
    h('span', { class: 'mono' }, cell(diff.a, name)),
    h('span', { class: 'mono' }, cell(diff.b, name)),
  ];
  const columns = ['what', 'a', 'b'].map((name) => ({ label: text.t(`panel.diff.fact.${name}`) }));
  const opener =
    diff.kind === 'text' && !diff.same
      ? button({ label: text.t('panel.diff.openEditor'), icon: 'diff', press: open }).element
      : undefined;
  return h(
    'div',
    { class: 'diff-content' },
    plainTable(text.t('panel.diff.facts'), columns, [row('size'), row('hash')]),
    h('div', {}, opener),
  );
}
