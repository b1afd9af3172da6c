/** The legend below a chart: the sign of each curve, its name, and its value at the cursor or else its last one. */

import { toDisposable, type Disposable } from '../../src/base/lifecycle';
import { type Text } from '../../src/base/text';
import { fill, h, svg } from '../shared/dom';
import { formatValue } from '../shared/format';
import { type Theme } from '../shared/theme';
import { DASHES, nearest, type ChartSeries } from './series';

/** A legend. */
export interface Legend extends Disposable {
  readonly element: HTMLElement;
  show(series: readonly ChartSeries[], cursor: number | null): void;
  /** Shows the values at `x`; null goes back to the last ones. */
  point(x: number | null): void;
}

/** Makes a legend; it follows the theme. */
export function createLegend(text: Text, theme: Theme): Legend {
  const element = h('ul', { class: 'chart-legend' });
  let series: readonly ChartSeries[] = [];
  let values: HTMLElement[] = [];
  const point = (x: number | null): void => {
    series.forEach((one, i) => {
      const value = values[i];
      if (value) value.textContent = valueText(one, x, text);
    });
  };
  const show = (next: readonly ChartSeries[], cursor: number | null): void => {
    series = next;
    values = series.map(() => h('span', { class: 'chart-value' }));
    fill(
      element,
      series.map((one, i) => h('li', {}, swatch(one, theme), h('span', { class: 'chart-name' }, one.label), values[i])),
    );
    point(cursor);
  };
  const themed = theme.onDidChange(() => show(series, null));
  const owned = toDisposable(() => themed.dispose());
  return { element, show, point, dispose: () => owned.dispose() };
}

/** The value of a curve nearest to `x`, as text; its last value without `x`. */
export function valueText(series: ChartSeries, x: number | null, text: Text): string {
  if (x === null) return series.lastText;
  const value = series.y[nearest(series.x, x)];
  return value === undefined ? '–' : formatValue(text, value);
}

function swatch(series: ChartSeries, theme: Theme): SVGSVGElement {
  const line = svg('line', { x1: 0, y1: 5, x2: 22, y2: 5, 'stroke-width': 2 });
  line.style.stroke = theme.colours.series[series.colour % theme.colours.series.length] ?? '';
  const dash = DASHES[series.dash % DASHES.length] ?? [];
  if (dash.length > 0) line.setAttribute('stroke-dasharray', dash.join(' '));
  return svg('svg', { class: 'chart-swatch', viewBox: '0 0 22 10', 'aria-hidden': true }, line);
}
