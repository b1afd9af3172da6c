/** One chart for each metric; the runs of a metric, and its training and validation, are drawn together. */

import { type Text } from '../../src/base/text';
import { type LiveSeriesMessage } from '../../src/protocol/live';
import { type ChartGroup } from '../charts/chartGroup';
import { createLineChart, type LineChart } from '../charts/lineChart';
import { type ChartSeries } from '../charts/series';
import { h } from '../shared/dom';
import { type Theme } from '../shared/theme';

/** What the board needs. */
export interface BoardOptions {
  readonly text: Text;
  readonly theme: Theme;
  readonly group: ChartGroup;
  readonly colourOf: (run: string) => number;
}

/** How the charts are shown. */
export interface BoardView {
  readonly xLabel: string;
  readonly logY: boolean;
  readonly asTable: boolean;
}

/** The charts on the page. */
export interface ChartBoard {
  readonly element: HTMLElement;
  /** Width of a chart in CSS pixels; that of the page before there is one. */
  readonly width: number;
  update(series: readonly LiveSeriesMessage[], view: BoardView): void;
}

/** Makes the board. */
export function createChartBoard(options: BoardOptions): ChartBoard {
  const element = h('div', { class: 'live-charts' });
  const charts = new Map<string, LineChart>();
  const update = (series: readonly LiveSeriesMessage[], view: BoardView): void => {
    const byChart = groupByChart(series);
    for (const [name, chart] of charts) {
      if (byChart.has(name)) continue;
      chart.dispose();
      chart.element.remove();
      charts.delete(name);
    }
    for (const [name, members] of byChart) {
      const chart = charts.get(name) ?? addChart(name, view, options);
      if (!charts.has(name)) element.append(chart.element);
      charts.set(name, chart);
      chart.setLogY(view.logY);
      chart.update(toChartSeries(members, options.colourOf));
    }
    for (const chart of charts.values()) if (chart.asTable !== view.asTable) chart.setAsTable(view.asTable);
  };
  return {
    element,
    get width() {
      const [first] = charts.values();
      return first?.width || element.clientWidth || document.body.clientWidth;
    },
    update,
  };
}

function addChart(title: string, view: BoardView, options: BoardOptions): LineChart {
  const { text, theme, group } = options;
  return createLineChart({ title, xLabel: view.xLabel, text, theme, group, asTable: view.asTable });
}

function groupByChart(series: readonly LiveSeriesMessage[]): Map<string, LiveSeriesMessage[]> {
  const groups = new Map<string, LiveSeriesMessage[]>();
  for (const one of series) {
    const members = groups.get(one.chart);
    if (members) members.push(one);
    else groups.set(one.chart, [one]);
  }
  return groups;
}

/** Colour says the run, the dash says the key within the chart (training, validation). */
function toChartSeries(members: readonly LiveSeriesMessage[], colourOf: (run: string) => number): ChartSeries[] {
  const keys = [...new Set(members.map(({ key }) => key))];
  return members.map((one) => ({
    id: `${one.run}\n${one.key}`,
    label: keys.length > 1 ? `${one.runName} · ${one.key}` : one.runName,
    colour: colourOf(one.run),
    dash: keys.length > 1 ? keys.indexOf(one.key) : Math.floor(colourOf(one.run) / 8),
    x: one.x,
    y: one.y,
    ...(one.smooth ? { smooth: one.smooth } : {}),
    nonfinite: one.nonfinite,
    lastText: one.lastText,
  }));
}
