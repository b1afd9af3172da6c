/**
 * The canvas of a line chart. Data comes decimated, so nothing is parsed, animated or thinned out here (the library's own thinning
 * hides points that arrive later). Colours come from the theme and are read anew when it changes.
 */

import {
  Chart,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  type ChartDataset,
  type Plugin,
} from 'chart.js';
import { type Disposable } from '../../src/base/lifecycle';
import { type Text } from '../../src/base/text';
import { formatValue } from '../shared/format';
import { type Theme, type ThemeColours } from '../shared/theme';
import { DASHES, pointRadii, type ChartSeries } from './series';

Chart.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale);

type Point = { x: number; y: number };
type LineDataset = ChartDataset<'line', Point[]>;

/** What is drawn. */
export interface PlotView {
  readonly series: readonly ChartSeries[];
  readonly range: readonly [number, number] | undefined;
  readonly logY: boolean;
}

/** A drawn chart, and the way between its pixels and its values. */
export interface Plot extends Disposable {
  draw(view: PlotView): void;
  /** x value at a pixel from the left edge of the canvas. */
  xAt(pixel: number): number;
  /** Pixel of a value; NaN outside the drawn area. */
  pixelOf(x: number, y: number): { readonly left: number; readonly top: number };
  /** The drawn area in CSS pixels of the canvas. */
  readonly area: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
}

/** Draws on `canvas`, which follows the size of its parent. */
export function createPlot(canvas: HTMLCanvasElement, theme: Theme, text: Text): Plot {
  let view: PlotView = { series: [], range: undefined, logY: false };
  const chart = new Chart<'line', Point[]>(canvas, {
    type: 'line',
    data: { datasets: [] },
    options: { animation: false, parsing: false, normalized: true, maintainAspectRatio: false, events: [] },
    plugins: [nonfiniteMarks(() => view.series, theme)],
  });
  const draw = (): void => {
    chart.data.datasets = view.series.flatMap((series) => datasets(series, view.logY, theme.colours));
    chart.options.scales = scales(view, theme.colours, text);
    chart.update('none');
  };
  const themed = theme.onDidChange(draw);
  const scale = (axis: 'x' | 'y') => chart.scales[axis];
  return {
    draw: (next) => {
      view = next;
      draw();
    },
    xAt: (pixel) => scale('x')?.getValueForPixel(pixel) ?? NaN,
    pixelOf: (x, y) => ({
      left: scale('x')?.getPixelForValue(x) ?? NaN,
      top: scale('y')?.getPixelForValue(y) ?? NaN,
    }),
    get area() {
      return chart.chartArea;
    },
    dispose: () => {
      themed.dispose();
      chart.destroy();
    },
  };
}

function datasets(series: ChartSeries, logY: boolean, colours: ThemeColours): LineDataset[] {
  const colour = seriesColour(series, colours);
  const raw = line(series, series.y, logY);
  if (!series.smooth) return [{ ...raw, borderColor: colour, backgroundColor: colour }];
  const faint = withAlpha(colour, 0.3);
  const smooth = line(series, series.smooth, logY);
  return [
    { ...smooth, borderColor: colour, backgroundColor: colour, order: 1 },
    { ...raw, borderColor: faint, backgroundColor: faint, borderWidth: 1, order: 2 },
  ];
}

function line(series: ChartSeries, y: Float64Array, logY: boolean): LineDataset {
  const drawn = logY ? y.map((value) => (value > 0 ? value : NaN)) : y;
  return {
    label: series.label,
    data: Array.from(drawn, (value, i) => ({ x: series.x[i] ?? NaN, y: value })),
    borderDash: [...(DASHES[series.dash % DASHES.length] ?? [])],
    borderWidth: 1.5,
    pointRadius: pointRadii(drawn),
    pointHitRadius: 0,
    spanGaps: false,
  };
}

function scales(view: PlotView, colours: ThemeColours, text: Text) {
  const font = { family: colours.fontFamily, size: Math.max(10, colours.fontSize - 2) };
  // The borders of high contrast are as bright as curves: the grid behind them steps back.
  const contrast = colours.kind === 'hcDark' || colours.kind === 'hcLight';
  const look = {
    grid: { color: contrast ? withAlpha(colours.grid, 0.35) : colours.grid, tickColor: colours.grid, lineWidth: 1 },
    border: { color: colours.grid },
  };
  const ticks = { color: colours.muted, font, maxRotation: 0, autoSkipPadding: 12 };
  const [min, max] = view.range ?? [undefined, undefined];
  const ends = min !== undefined && max !== undefined && min < max ? { min, max } : {};
  return {
    x: {
      type: 'linear' as const,
      ...look,
      ...ends,
      ticks: { ...ticks, callback: (value: string | number) => text.number(Number(value), 6) },
    },
    y: {
      type: view.logY ? ('logarithmic' as const) : ('linear' as const),
      ...look,
      ticks: { ...ticks, maxTicksLimit: 6, callback: (value: string | number) => formatValue(text, Number(value), 3) },
    },
  };
}

/** A cross at the lower edge wherever a value was not finite, in the colour of its series. */
function nonfiniteMarks(series: () => readonly ChartSeries[], theme: Theme): Plugin<'line'> {
  return {
    id: 'nonfinite',
    afterDatasetsDraw: (chart) => {
      const { ctx, chartArea: area } = chart;
      const scale = chart.scales['x'];
      if (!scale) return;
      ctx.save();
      ctx.lineWidth = 1.5;
      for (const one of series()) {
        ctx.strokeStyle = seriesColour(one, theme.colours);
        for (const x of one.nonfinite) {
          const left = scale.getPixelForValue(x);
          if (left >= area.left && left <= area.right) drawCross(ctx, left, area.bottom - 6);
        }
      }
      ctx.restore();
    },
  };
}

function drawCross(ctx: CanvasRenderingContext2D, x: number, y: number): void {
  ctx.beginPath();
  ctx.moveTo(x - 4, y - 4);
  ctx.lineTo(x + 4, y + 4);
  ctx.moveTo(x - 4, y + 4);
  ctx.lineTo(x + 4, y - 4);
  ctx.stroke();
}

function seriesColour(series: ChartSeries, colours: ThemeColours): string {
  return colours.series[series.colour % colours.series.length] ?? colours.foreground;
}

/** The colour with an opacity, whatever notation the theme used. */
function withAlpha(colour: string, alpha: number): string {
  return `color-mix(in srgb, ${colour} ${Math.round(alpha * 100)}%, transparent)`;
}
