/** The runs whose curves are drawn: colour, name, state, the params in which they differ, and cancel where it was started from here. */

import { visible, type Text } from '../../src/base/text';
import { type LiveRun } from '../../src/protocol/live';
import { fill, h } from '../shared/dom';
import { type Theme } from '../shared/theme';
import { button } from '../ui/button';
import { checkbox, type Field } from '../ui/field';
import { mark, type Tone } from '../ui/marks';

/** What the list may do. */
export interface RunListOptions {
  readonly text: Text;
  readonly theme: Theme;
  /** Index of the series colour of a run. */
  readonly colourOf: (run: string) => number;
  readonly toggle: (run: string, shown: boolean) => void;
  readonly cancel: (run: string) => void;
}

/** The list on the page. */
export interface RunList {
  readonly element: HTMLElement;
  /** Shows these runs; rows that stay keep their focus. */
  update(runs: readonly LiveRun[], hidden: readonly string[]): void;
}

interface RunItem {
  readonly element: HTMLElement;
  readonly box: Field<boolean>;
  readonly swatch: HTMLElement;
  readonly rest: HTMLElement;
  shown: string;
}

const STATE_TONE: Readonly<Record<LiveRun['state'], Tone>> = {
  running: 'info',
  finished: 'good',
  failed: 'bad',
  killed: 'warn',
  'maybe-crashed': 'warn',
  none: 'muted',
};

/** Makes the list. */
export function createRunList(options: RunListOptions): RunList {
  const element = h('ul', { class: 'live-runs', 'aria-label': options.text.t('panel.live.runs') });
  const items = new Map<string, RunItem>();
  let runs: readonly LiveRun[] = [];
  const paint = (): void => {
    const { series, foreground } = options.theme.colours;
    for (const [id, item] of items) {
      item.swatch.style.background = series[options.colourOf(id) % series.length] ?? foreground;
    }
  };
  options.theme.onDidChange(paint);
  const update = (next: readonly LiveRun[], hidden: readonly string[]): void => {
    runs = next;
    const wanted = new Set(runs.map(({ id }) => id));
    for (const [id, item] of items) {
      if (wanted.has(id)) continue;
      item.element.remove();
      items.delete(id);
    }
    for (const run of runs) {
      const item = items.get(run.id) ?? addItem(run, options);
      items.set(run.id, item);
      if (!item.element.isConnected) element.append(item.element);
      item.box.value = !hidden.includes(run.id);
      showRest(item, run, options);
    }
    paint();
  };
  return { element, update };
}

function addItem(run: LiveRun, options: RunListOptions): RunItem {
  const box = checkbox(visible(run.name), true, (shown) => options.toggle(run.id, shown));
  const swatch = h('span', { class: 'live-swatch', 'aria-hidden': true });
  const rest = h('span', { class: 'row' });
  return { element: h('li', { class: 'live-run' }, swatch, box.element, rest), box, swatch, rest, shown: '' };
}

function showRest(item: RunItem, run: LiveRun, options: RunListOptions): void {
  const shown = JSON.stringify(run);
  if (shown === item.shown) return;
  item.shown = shown;
  const params = run.params.map(({ key, value }) => `${visible(key)} ${visible(value)}`).join(' · ');
  const cancel = run.cancellable
    ? button({
        label: options.text.t('panel.live.cancel'),
        icon: 'stop-circle',
        press: () => options.cancel(run.id),
        title: options.text.t('panel.live.cancelRun', { run: run.name }),
      }).element
    : undefined;
  fill(
    item.rest,
    run.stateText !== '' && mark(STATE_TONE[run.state], run.stateText),
    params !== '' && h('span', { class: 'muted live-params' }, params),
    cancel,
  );
}
