/** A page that shows every control, the grid, the charts and the four states, so that each can be tested by itself. */

import { createChartGroup } from '../../../webview-ui/charts/chartGroup';
import { intervalPlot } from '../../../webview-ui/charts/interval';
import { createLineChart } from '../../../webview-ui/charts/lineChart';
import { type ChartSeries } from '../../../webview-ui/charts/series';
import { fill, h, type Child } from '../../../webview-ui/shared/dom';
import { openPage, type Page } from '../../../webview-ui/shared/page';
import { errorSentence } from '../../../webview-ui/shared/rpc';
import { openState } from '../../../webview-ui/shared/state';
import { PLAIN_LAYOUT, type GridColumn } from '../../../webview-ui/table/columns';
import { createGrid } from '../../../webview-ui/table/grid';
import { button, iconButton, linkButton } from '../../../webview-ui/ui/button';
import { checkbox, select, textField } from '../../../webview-ui/ui/field';
import { badge, divider, facts, mark, progressRing } from '../../../webview-ui/ui/marks';
import { popover } from '../../../webview-ui/ui/popover';
import { place } from '../../../webview-ui/ui/states';
import { tabs, toolbar } from '../../../webview-ui/ui/tabs';
import { kitContract } from './kitContract';

type Kit = Page<typeof kitContract>;

const page = openPage(kitContract);
if (page) build(page);

function build(kit: Kit): void {
  const state = openState(kitContract, kit.boot, { tab: 'one', picked: [] });
  const log = h('output', { id: 'log' });
  const say = (words: string): void => {
    log.textContent = words;
  };
  const section = (title: string, ...content: readonly Child[]): HTMLElement =>
    h('section', { 'aria-label': title }, h('h2', {}, title), ...content);
  fill(
    kit.root,
    h('h1', {}, 'Kit'),
    section('Controls', controls(say), log),
    section(
      'Tabs',
      tabsPart(say, state.value.tab, (tab) => state.update({ tab })),
    ),
    section(
      'Grid',
      gridPart(kit, state.value.picked, (picked) => state.update({ picked })),
    ),
    section('Interval', intervals(kit)),
    section('Chart', chartPart(kit)),
    section('States', states()),
  );
}

function controls(say: (words: string) => void): HTMLElement {
  const choices = ['mean', 'last', 'best'].map((value) => ({ value, label: `Show ${value}` }));
  const columns = popover({
    label: 'Columns',
    make: (panel) => panel.append(checkbox('Accuracy', true, (on) => say(`column ${on}`)).element),
  });
  return h(
    'div',
    { class: 'row' },
    button({ label: 'Act', kind: 'primary', icon: 'play', press: () => say('acted') }).element,
    button({ label: 'Not now', disabled: true, press: () => say('wrong') }).element,
    checkbox('Only what differs', false, (on) => say(`differs ${on}`)).element,
    textField({ label: 'Filter', value: '', input: (value) => say(`filter ${value}`) }).element,
    select({ label: 'Value', choices, value: 'last', change: (value) => say(`value ${value}`) }).element,
    toolbar(
      'Tools',
      iconButton({ icon: 'refresh', label: 'Refresh', press: () => say('refreshed') }).element,
      iconButton({ icon: 'zoom-out', label: 'Reset zoom', pressed: true, press: () => say('reset') }).element,
    ),
    columns.element,
    linkButton('How do we know?', () => say('linked')),
    badge('12'),
    progressRing('Loading'),
    divider(),
    mark('good', 'B is better'),
    mark('bad', 'Failed'),
    mark('warn', 'Too few samples'),
    mark('muted', 'No verdict'),
    facts([
      ['method', 'McNemar'],
      ['n', '1,797'],
    ]),
  );
}

function tabsPart(say: (words: string) => void, first: string, change: (id: string) => void): HTMLElement {
  const tab = (id: string): { id: string; label: string; make: (view: HTMLElement) => void } => ({
    id,
    label: `Tab ${id}`,
    make: (view) => fill(view, h('p', {}, `View ${id}`)),
  });
  return tabs('Parts', [{ ...tab('one'), count: '3' }, tab('two'), tab('three')], first, (id) => {
    say(`tab ${id}`);
    change(id);
  }).element;
}

function gridPart(kit: Kit, picked: readonly number[], change: (picked: number[]) => void): HTMLElement {
  const columns: GridColumn[] = [
    { id: 'name', label: 'Run', width: 140, sortable: true, fixed: true },
    { id: 'score', label: 'Score', group: 'metrics', width: 90, align: 'end', sortable: true, firstDescending: true },
    { id: 'id', label: 'Number', width: 90, align: 'end', sortable: true },
    ...Array.from({ length: 8 }, (_, i) => ({ id: `p${i}`, label: `param ${i}`, width: 110 })),
  ];
  const ticks = new Set(picked);
  const holder = place('kit-grid');
  const grid = createGrid({
    label: 'Runs',
    text: kit.text,
    columns,
    layout: PLAIN_LAYOUT,
    layoutChanged: () => undefined,
    load: async ({ from, to, sort }, signal) => {
      const answer = await kit.host.call('rows', { from, to, sort: [...sort] }, signal);
      return { ...answer, from };
    },
    cell: (row, column) =>
      column.id === 'score'
        ? { text: kit.text.number(row.score), ...(row.score > 90 ? { tone: 'changed' as const } : {}) }
        : { text: column.id === 'name' ? row.name : `${row.id}` },
    checks: {
      isChecked: (row) => ticks.has(row.id),
      label: (row) => row.name,
      toggle: (row) => {
        if (!ticks.delete(row.id)) ticks.add(row.id);
        change([...ticks]);
      },
      all: () => (ticks.size === 0 ? 'none' : 'some'),
      toggleAll: () => ticks.clear(),
    },
    open: (row) => kit.announce(`open ${row.name}`),
    failed: (error) => holder.error({ sentence: errorSentence(kit.text, error) }),
  });
  kit.host.on('changed', () => grid.refresh());
  grid.element.id = 'grid';
  grid.element.style.height = '220px';
  holder.full(grid.element);
  return holder.element;
}

function intervals(kit: Kit): HTMLElement {
  const view = {
    estimate: 1.8,
    lo: 0.6,
    hi: 3,
    margin: 0.5,
    unit: 'points',
    leftText: 'A is better',
    rightText: 'B is better',
    summary: 'B minus A is +1.8 points, 95 % interval 0.6 to 3.0, right of zero.',
  };
  const none = { ...view, estimate: -0.1, lo: -0.9, hi: 0.7, margin: null, summary: 'Interval around zero.' };
  return h('div', {}, intervalPlot(view, kit.text), intervalPlot(none, kit.text), intervalPlot(view, kit.text, true));
}

function chartPart(kit: Kit): HTMLElement {
  const group = createChartGroup();
  const charts = ['val_acc', 'loss'].map((title) =>
    createLineChart({ title, xLabel: 'step', text: kit.text, theme: kit.theme, group }),
  );
  charts.forEach((chart, i) => chart.update([curve(i, 0), curve(i, 1), curve(i, 2)]));
  const log = checkbox('Log axis', false, (on) => charts.forEach((chart) => chart.setLogY(on)));
  return h('div', {}, log.element, ...charts.map((chart) => chart.element));
}

function curve(chart: number, run: number): ChartSeries {
  const x = Float64Array.from({ length: 120 }, (_, i) => i + 1);
  const y = x.map((step) => {
    const noise = Math.sin(step * 12.9898 + run) * 0.03;
    return (chart === 0 ? 1 - Math.exp(-step / (15 + run * 9)) : Math.exp(-step / (15 + run * 9))) + noise;
  });
  if (run === 1) y[59] = NaN;
  const smooth = y.map((value, i) => (value + (y[i - 1] ?? value) + (y[i - 2] ?? value)) / 3);
  const last = y.at(-1) ?? NaN;
  return {
    id: `${chart}-${run}`,
    label: `run-${run}`,
    colour: run,
    dash: run,
    x,
    y,
    smooth,
    nonfinite: run === 1 ? Float64Array.of(60) : new Float64Array(),
    lastText: last.toFixed(3),
  };
}

function states(): HTMLElement {
  const empty = place();
  empty.empty({ icon: 'graph-line', title: 'No runs yet', body: 'Run the pipeline and its curves appear here.' });
  const error = place();
  error.error({
    sentence: 'dvc.lock is broken at line 3. Restore it from Git.',
    act: { label: 'Try again', press: () => undefined },
  });
  const loading = place();
  loading.loading('Loading…', 4);
  return h('div', {}, empty.element, error.element, loading.element);
}
