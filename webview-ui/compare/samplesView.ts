/** Samples that one of the two got right and the other did not, or that both got wrong. */

import { visible, type Text } from '../../src/base/text';
import { type Comparison } from '../../src/protocol/compare';
import { h } from '../shared/dom';
import { PLAIN_LAYOUT, type GridColumn } from '../table/columns';
import { createGrid } from '../table/grid';
import { type CellTone } from '../table/cells';
import { select } from '../ui/field';
import { mark, type Tone } from '../ui/marks';

type Samples = NonNullable<Comparison['samples']>;
type Sample = Samples['rows'][number];

const KIND_TONE: Readonly<Record<Samples['counts'][number]['kind'], Tone>> = {
  fixed: 'good',
  broken: 'bad',
  bothWrong: 'warn',
  bothRight: 'muted',
};

const ROW_TONE: Readonly<Record<Sample['kind'], CellTone | undefined>> = {
  fixed: 'added',
  broken: 'removed',
  bothWrong: undefined,
};

/** Makes the view; without per-sample predictions it says what would fill it. */
export function samplesView(samples: Comparison['samples'], text: Text): HTMLElement {
  if (!samples) return h('p', { class: 'muted' }, text.t('panel.compare.noSamples'));
  let kind = '';
  const labels = new Map(samples.counts.map((count) => [count.kind, count.label]));
  const rows = (): readonly Sample[] => (kind === '' ? samples.rows : samples.rows.filter((row) => row.kind === kind));
  const grid = createGrid<Sample>({
    label: text.t('panel.compare.tab.samples'),
    text,
    columns: columns(text),
    layout: PLAIN_LAYOUT,
    layoutChanged: () => undefined,
    load: ({ from, to }) => Promise.resolve({ total: rows().length, from, rows: rows().slice(from, to) }),
    cell: (row, column) => ({
      text: column.id === 'kind' ? (labels.get(row.kind) ?? '') : visible(row[column.id as 'id' | 'truth' | 'a' | 'b']),
    }),
    row: (row) => {
      const tone = ROW_TONE[row.kind];
      return tone === undefined ? {} : { tone };
    },
    failed: () => undefined,
  });
  grid.element.classList.add('compare-samples');
  const shown = samples.counts.filter((count) => count.kind !== 'bothRight');
  const filter = select({
    label: text.t('panel.compare.showSamples'),
    choices: [
      { value: '', label: text.t('panel.compare.allSamples') },
      ...shown.map((count) => ({ value: count.kind, label: count.label })),
    ],
    value: kind,
    change: (next) => {
      kind = next;
      grid.refresh();
    },
  });
  const counts = samples.counts.map((count) => mark(KIND_TONE[count.kind], `${count.label} ${text.number(count.n)}`));
  return h('div', {}, h('div', { class: 'row compare-counts' }, counts, filter.element), grid.element);
}

function columns(text: Text): GridColumn[] {
  const widths = { kind: 130, id: 160, truth: 140, a: 140, b: 140 };
  return Object.entries(widths).map(([id, width]) => ({ id, width, label: text.t(`panel.compare.sample.${id}`) }));
}
