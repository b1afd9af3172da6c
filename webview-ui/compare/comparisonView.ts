/**
 * What is ticked, compared: one sentence with the interval it rests on and how we know, then every metric, the samples that
 * differ, and what changed. All sentences and numbers arrive finished.
 */

import { visible, type Text } from '../../src/base/text';
import { type Comparison, type CompareState, type MetricRow } from '../../src/protocol/compare';
import { intervalPlot } from '../charts/interval';
import { fill, h, type Child } from '../shared/dom';
import { button, iconButton } from '../ui/button';
import { select } from '../ui/field';
import { badge, facts, mark, type Tone } from '../ui/marks';
import { plainTable } from '../ui/plainTable';
import { tabs, type Tab } from '../ui/tabs';
import { changedView } from './changedView';
import { letterOf } from './runsTable';
import { samplesView } from './samplesView';

/** What the comparison may do. */
export interface ComparisonOptions {
  readonly text: Text;
  readonly tab: () => CompareState['tab'];
  readonly tabChanged: (tab: CompareState['tab']) => void;
  readonly swap: (a: string, b: string) => void;
  readonly copyReport: () => void;
  readonly showLogSnippet: () => void;
}

/** The comparison on the page. */
export interface ComparisonView {
  readonly element: HTMLElement;
  show(comparisons: readonly Comparison[]): void;
}

const VERDICT_TONE: Readonly<Record<MetricRow['verdict'], Tone>> = {
  invalid: 'warn',
  not_enough_data: 'warn',
  identical: 'info',
  B_better: 'good',
  B_worse: 'bad',
  equivalent: 'info',
  no_evidence: 'muted',
  none: 'muted',
};

/** Makes the view, still empty. */
export function createComparisonView(options: ComparisonOptions): ComparisonView {
  const { text } = options;
  const body = h('div', {});
  const pair = h('div', { class: 'row' });
  const copy = button({ label: text.t('panel.compare.copyReport'), icon: 'copy', press: options.copyReport });
  const element = h(
    'section',
    { class: 'compare-result', 'aria-label': text.t('panel.compare.result') },
    h('div', { class: 'row compare-pair' }, pair, copy.element),
    body,
  );
  let chosen = '';
  let open = false;
  const draw = (comparisons: readonly Comparison[]): void => {
    const shown = comparisons.find(({ b }) => b.id === chosen) ?? comparisons[0];
    if (!shown) return;
    const place = comparisons.indexOf(shown) + 1;
    fill(pair, pairOf(comparisons, shown, place));
    fill(
      body,
      verdictPart(shown, options, open, (next) => (open = next)),
      tabs(text.t('panel.compare.parts'), tabsOf(shown, options), options.tab(), (id) =>
        options.tabChanged(id as CompareState['tab']),
      ).element,
    );
  };
  const pairOf = (comparisons: readonly Comparison[], shown: Comparison, place: number): Child[] => [
    runName(shown.a, 'A'),
    iconButton({
      icon: 'arrow-swap',
      label: text.t('panel.compare.swap'),
      press: () => options.swap(shown.a.id, shown.b.id),
    }).element,
    comparisons.length === 1
      ? runName(shown.b, letterOf(place))
      : select({
          label: text.t('panel.compare.with'),
          choices: comparisons.map(({ b }, i) => ({ value: b.id, label: `${letterOf(i + 1)} ${visible(b.name)}` })),
          value: shown.b.id,
          change: (id) => {
            chosen = id;
            draw(comparisons);
          },
        }).element,
  ];
  return { element, show: draw };
}

function runName(run: Comparison['a'], letter: string): HTMLElement {
  const labels = run.labels.map((label) => h('span', { class: 'compare-label' }, visible(label)));
  return h('span', { class: 'compare-name' }, badge(letter), h('strong', {}, visible(run.name)), labels);
}

/** The sentence that decides, its interval, and how we know. */
function verdictPart(
  comparison: Comparison,
  options: ComparisonOptions,
  open: boolean,
  opened: (open: boolean) => void,
): HTMLElement {
  const { text } = options;
  const [first] = comparison.metrics;
  if (!first) return h('p', { class: 'compare-verdict' }, mark('muted', text.t('panel.compare.noMetric')));
  const details = h(
    'details',
    { open },
    h('summary', {}, text.t('panel.compare.how')),
    facts(first.how.map(({ label, value }) => [label, visible(value)] as const)),
  );
  details.addEventListener('toggle', () => opened(details.open));
  const snippet =
    first.verdict === 'none'
      ? button({ label: text.t('panel.compare.showSnippet'), press: options.showLogSnippet }).element
      : undefined;
  return h(
    'div',
    { class: 'compare-verdict' },
    h('h2', {}, mark(VERDICT_TONE[first.verdict], visible(first.sentence))),
    snippet,
    first.interval && intervalPlot(first.interval, text),
    first.how.length > 0 && details,
  );
}

function tabsOf(comparison: Comparison, options: ComparisonOptions): Tab[] {
  const { text } = options;
  const { samples, changed, metrics } = comparison;
  const changes = changed.params.length + changed.code.length + changed.data.length;
  const count = (n: number): string => text.number(n);
  const all: Tab[] = [
    {
      id: 'metrics',
      label: text.t('panel.compare.tab.metrics'),
      count: count(metrics.length),
      make: (view) => fill(view, metricsTable(metrics, text)),
    },
    {
      id: 'samples',
      label: text.t('panel.compare.tab.samples'),
      ...(samples ? { count: count(samples.rows.length) } : {}),
      make: (view) => fill(view, samplesView(samples, text)),
    },
    {
      id: 'changed',
      label: text.t('panel.compare.tab.changed'),
      count: count(changes),
      make: (view) => fill(view, changedView(changed, text)),
    },
  ];
  return all;
}

function metricsTable(metrics: readonly MetricRow[], text: Text): HTMLElement {
  const column = (name: string, end = false): { label: string; end: boolean } => ({
    label: text.t(`panel.compare.metric.${name}`),
    end,
  });
  return plainTable(
    text.t('panel.compare.tab.metrics'),
    [
      column('name'),
      column('a', true),
      column('b', true),
      column('difference', true),
      column('interval'),
      column('verdict'),
    ],
    metrics.map((row) => [
      h('span', {}, visible(row.metric), ' ', h('span', { class: 'muted' }, row.goalText)),
      row.a,
      row.b,
      row.difference,
      h(
        'span',
        { class: 'compare-interval' },
        row.interval && intervalPlot(row.interval, text, true),
        row.intervalText,
      ),
      h('span', { title: row.methodText }, mark(VERDICT_TONE[row.verdict], visible(row.sentence))),
    ]),
  );
}
