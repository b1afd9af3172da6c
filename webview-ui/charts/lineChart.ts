/**
 * A chart of curves: the picture with its summary in words, a cursor that compares all curves at one x, zoom by dragging that all
 * charts of a group share, and the same numbers as a table. Everything works with the keyboard.
 */

import { DisposableStore, type Disposable } from '../../src/base/lifecycle';
import { type Text } from '../../src/base/text';
import { h, oncePerFrame } from '../shared/dom';
import { usesScreenReader, type Theme } from '../shared/theme';
import { iconButton } from '../ui/button';
import { type ChartGroup } from './chartGroup';
import { createCursor, type Cursor } from './chartCursor';
import { createLegend } from './chartLegend';
import { createSeriesTable, type SeriesTable } from './chartTable';
import './charts.css';
import { type Plot } from './plot';
import { extent, type ChartSeries } from './series';

/** What a chart is made of. */
export interface LineChartOptions {
  readonly title: string;
  /** What x counts, such as *step*. */
  readonly xLabel: string;
  readonly text: Text;
  readonly theme: Theme;
  readonly group: ChartGroup;
  readonly asTable?: boolean;
}

/** A chart on the page. */
export interface LineChart extends Disposable {
  readonly element: HTMLElement;
  update(series: readonly ChartSeries[]): void;
  setLogY(logY: boolean): void;
  setAsTable(asTable: boolean): void;
  readonly asTable: boolean;
  /** Width of the canvas in CSS pixels, for the decimation on the other side. */
  readonly width: number;
}

/** Makes a chart; the drawing library is loaded with the first one. */
export function createLineChart(options: LineChartOptions): LineChart {
  return new FigureChart(options);
}

class FigureChart implements LineChart {
  readonly element: HTMLElement;
  private readonly owned = new DisposableStore();
  private readonly picture = h('div', { class: 'chart-picture', role: 'img' });
  private readonly numbers = h('div', { class: 'chart-table' });
  private readonly draw = oncePerFrame(() => this.drawNow());
  private readonly legend;
  private readonly cursor: Cursor;
  private readonly tableSwitch;
  private series: readonly ChartSeries[] = [];
  private logY = false;
  asTable: boolean;
  private plot: Plot | undefined;
  private table: SeriesTable | undefined;

  constructor(private readonly options: LineChartOptions) {
    const { text, title, group, theme, xLabel } = options;
    this.asTable = options.asTable ?? usesScreenReader();
    this.legend = this.owned.add(createLegend(text, theme));
    this.cursor = this.owned.add(
      createCursor({ text, title, xLabel, group, plot: () => this.plot, series: () => this.series, theme }),
    );
    this.tableSwitch = iconButton({
      icon: 'table',
      label: text.t('webview.chart.asTable', { title }),
      press: () => this.setAsTable(!this.asTable),
      pressed: this.asTable,
    });
    const head = h('div', { class: 'chart-head' }, h('h3', { class: 'grow' }, title), this.tableSwitch.element);
    this.picture.append(h('canvas', { 'aria-hidden': true }));
    const stack = h('div', { class: 'chart-stack' }, this.picture, this.cursor.element);
    this.element = h(
      'section',
      { class: 'chart', 'aria-label': title },
      head,
      stack,
      this.numbers,
      this.legend.element,
    );
    this.owned.add(group.onDidZoom(() => this.draw()));
    this.owned.add(group.onDidPoint((x) => this.legend.point(x)));
    this.setAsTable(this.asTable);
    void this.load();
  }

  get width(): number {
    return this.picture.clientWidth;
  }

  update(series: readonly ChartSeries[]): void {
    this.series = series;
    this.draw();
  }

  setLogY(logY: boolean): void {
    this.logY = logY;
    this.draw();
  }

  setAsTable(asTable: boolean): void {
    this.asTable = asTable;
    this.tableSwitch.setPressed(asTable);
    this.element.classList.toggle('is-table', asTable);
    this.draw();
  }

  dispose(): void {
    this.owned.dispose();
  }

  private async load(): Promise<void> {
    const { createPlot } = await import('./plot');
    const canvas = this.picture.querySelector('canvas');
    if (!canvas) return;
    this.plot = this.owned.add(createPlot(canvas, this.options.theme, this.options.text));
    this.draw();
  }

  private drawNow(): void {
    const { group } = this.options;
    this.picture.setAttribute('aria-label', this.summary());
    this.legend.show(this.series, group.cursor);
    this.plot?.draw({ series: this.series, range: group.range ?? extent(this.series), logY: this.logY });
    this.cursor.redraw();
    if (!this.asTable) return;
    this.table ??= this.addTable();
    this.table.update(this.series);
  }

  private addTable(): SeriesTable {
    const { text, title, xLabel } = this.options;
    const table = this.owned.add(createSeriesTable({ text, title, xLabel }));
    this.numbers.append(table.element);
    return table;
  }

  private summary(): string {
    const { text, title, xLabel } = this.options;
    const curves = this.series.map((one) =>
      text.t('webview.chart.curve', { label: one.label, last: one.lastText, x: one.x.at(-1) ?? '' }),
    );
    return [text.t('webview.chart.summary', { title, x: xLabel, n: this.series.length }), ...curves].join(' ');
  }
}
