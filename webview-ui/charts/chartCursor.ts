/**
 * What lies over the picture and takes pointer and keys: a line at one x with a dot on each curve, and the frame that a drag draws
 * to zoom. For a screen reader it is a slider whose value is spoken with the values of all curves.
 */

import { DisposableStore, type Disposable } from '../../src/base/lifecycle';
import { type Text } from '../../src/base/text';
import { fill, h } from '../shared/dom';
import { type Theme } from '../shared/theme';
import { type ChartGroup } from './chartGroup';
import { valueText } from './chartLegend';
import { type Plot } from './plot';
import { allX, extent, nearest, type ChartSeries } from './series';

/** What a cursor reads. */
export interface CursorOptions {
  readonly text: Text;
  readonly title: string;
  readonly xLabel: string;
  readonly group: ChartGroup;
  readonly theme: Theme;
  readonly plot: () => Plot | undefined;
  readonly series: () => readonly ChartSeries[];
}

/** The layer over the picture. */
export interface Cursor extends Disposable {
  readonly element: HTMLElement;
  redraw(): void;
}

/** A drag shorter than this, in CSS pixels, is a click. */
const DRAG_START = 5;

/** Makes the layer. */
export function createCursor(options: CursorOptions): Cursor {
  return new SliderCursor(options);
}

class SliderCursor implements Cursor {
  readonly element: HTMLElement;
  private readonly owned = new DisposableStore();
  private readonly line = h('div', { class: 'chart-line', hidden: true });
  private readonly frame = h('div', { class: 'chart-frame', hidden: true });
  private readonly dots = h('div', { class: 'chart-dots' });
  private dragFrom: number | undefined;

  constructor(private readonly options: CursorOptions) {
    this.element = h(
      'div',
      {
        class: 'chart-cursor',
        role: 'slider',
        tabindex: 0,
        'aria-label': options.text.t('webview.chart.cursor', { title: options.title, x: options.xLabel }),
        'aria-valuemin': 0,
        'aria-valuemax': 0,
        'aria-valuenow': 0,
      },
      this.line,
      this.frame,
      this.dots,
    );
    this.listen();
    this.owned.add(options.group.onDidPoint(() => this.redraw()));
  }

  redraw(): void {
    const { group, series, text } = this.options;
    const plot = this.options.plot();
    const x = group.cursor;
    const [min, max] = group.range ?? extent(series()) ?? [0, 0];
    this.element.setAttribute('aria-valuemin', String(min));
    this.element.setAttribute('aria-valuemax', String(max));
    this.element.setAttribute('aria-valuenow', String(x ?? max));
    this.element.setAttribute('aria-valuetext', this.spoken(x ?? max, text));
    this.line.hidden = x === null || !plot || x < min || x > max;
    fill(this.dots);
    if (x === null || !plot || this.line.hidden) return;
    const { top, bottom } = plot.area;
    place(this.line, plot.pixelOf(x, 0).left, top, 1, bottom - top);
    for (const one of series()) this.drawDot(plot, one, x);
  }

  dispose(): void {
    this.owned.dispose();
  }

  private spoken(x: number, text: Text): string {
    const values = this.options.series().map((one) => `${one.label} ${valueText(one, x, text)}`);
    return [`${this.options.xLabel} ${text.number(x, 6)}`, ...values].join(', ');
  }

  private drawDot(plot: Plot, series: ChartSeries, x: number): void {
    const i = nearest(series.x, x);
    const at = plot.pixelOf(series.x[i] ?? NaN, (series.smooth ?? series.y)[i] ?? NaN);
    const { top, bottom, left, right } = plot.area;
    if (!(at.top >= top && at.top <= bottom && at.left >= left && at.left <= right)) return;
    const dot = h('div', { class: 'chart-dot' });
    const { colours } = this.options.theme;
    dot.style.background = colours.series[series.colour % colours.series.length] ?? colours.foreground;
    dot.style.left = `${at.left}px`;
    dot.style.top = `${at.top}px`;
    this.dots.append(dot);
  }

  private listen(): void {
    const on = <K extends keyof HTMLElementEventMap>(name: K, run: (event: HTMLElementEventMap[K]) => void): void =>
      this.element.addEventListener(name, run);
    on('pointermove', (event) => this.onMove(event));
    on('pointerleave', () => this.dragFrom === undefined && this.options.group.point(null));
    on('pointerdown', (event) => {
      if (event.button !== 0) return;
      this.dragFrom = event.offsetX;
      this.element.setPointerCapture(event.pointerId);
    });
    on('pointerup', (event) => this.onUp(event));
    on('pointercancel', () => this.endDrag());
    on('dblclick', () => this.options.group.zoom(null));
    on('keydown', (event) => this.onKey(event));
    on('blur', () => this.options.group.point(null));
  }

  /** The measured x nearest to a pixel. */
  private snap(pixel: number): number | null {
    const x = this.options.plot()?.xAt(pixel);
    if (x === undefined || Number.isNaN(x)) return null;
    let best: number | null = null;
    for (const one of this.options.series()) {
      const candidate = one.x[nearest(one.x, x)];
      if (candidate === undefined) continue;
      if (best === null || Math.abs(candidate - x) < Math.abs(best - x)) best = candidate;
    }
    return best;
  }

  private onMove(event: PointerEvent): void {
    const plot = this.options.plot();
    if (!plot) return;
    this.options.group.point(this.snap(event.offsetX));
    if (this.dragFrom === undefined) return;
    const left = Math.max(plot.area.left, Math.min(this.dragFrom, event.offsetX));
    const right = Math.min(plot.area.right, Math.max(this.dragFrom, event.offsetX));
    this.frame.hidden = right - left < DRAG_START;
    place(this.frame, left, plot.area.top, Math.max(0, right - left), plot.area.bottom - plot.area.top);
  }

  private onUp(event: PointerEvent): void {
    const plot = this.options.plot();
    const from = this.dragFrom;
    this.endDrag();
    if (!plot || from === undefined || Math.abs(event.offsetX - from) < DRAG_START) return;
    const ends = [plot.xAt(from), plot.xAt(event.offsetX)].sort((a, b) => a - b);
    this.options.group.zoom([ends[0] ?? 0, ends[1] ?? 0]);
  }

  private endDrag(): void {
    this.dragFrom = undefined;
    this.frame.hidden = true;
  }

  private onKey(event: KeyboardEvent): void {
    const { group } = this.options;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const xs = allX(this.options.series());
    const at = group.cursor === null ? xs.length - 1 : nearest(xs, group.cursor);
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: group.cursor === null ? at : at - 1,
      ArrowRight: at + 1,
      PageUp: at - 10,
      PageDown: at + 10,
      Home: 0,
      End: xs.length - 1,
    };
    const next = moves[event.key];
    if (next !== undefined) group.point(xs[Math.max(0, Math.min(xs.length - 1, next))] ?? null);
    else if (event.key === '+' || event.key === '-') this.zoomBy(event.key === '+' ? 0.5 : 2);
    else if (event.key === 'Escape' || event.key === '0') group.zoom(null);
    else return;
    event.preventDefault();
  }

  /** Zooms around the cursor: the visible width times `factor`. */
  private zoomBy(factor: number): void {
    const { group, series } = this.options;
    const [min, max] = group.range ?? extent(series()) ?? [0, 0];
    const middle = group.cursor ?? (min + max) / 2;
    group.zoom([middle - (middle - min) * factor, middle + (max - middle) * factor]);
  }
}

function place(element: HTMLElement, left: number, top: number, width: number, height: number): void {
  Object.assign(element.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
}
