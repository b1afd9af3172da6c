/**
 * The interval that decides, drawn against zero and the margin: a line with its ends, a dot for the estimate, a solid line at zero,
 * a hatched band for differences too small to matter. It is an SVG with a name, so it needs no table beside it.
 */

import { type Text } from '../../src/base/text';
import { svg, fill, h } from '../shared/dom';
import { formatDelta } from '../shared/format';
import './charts.css';

/** What is drawn, in display units. */
export interface IntervalView {
  readonly estimate: number;
  readonly lo: number;
  readonly hi: number;
  readonly margin: number | null;
  readonly unit: string;
  /** What left and right of zero mean. */
  readonly leftText: string;
  readonly rightText: string;
  /** The picture in words. */
  readonly summary: string;
}

/** Makes the drawing; it follows the width of its place. `compact` leaves words and numbers out, for table rows. */
export function intervalPlot(view: IntervalView, text: Text, compact = false): HTMLElement {
  const element = h('div', {
    class: `interval${compact ? ' is-compact' : ''}`,
    role: 'img',
    'aria-label': view.summary,
  });
  let drawn = 0;
  const observer = new ResizeObserver(() => {
    const width = Math.floor(element.clientWidth);
    // The drawing never outlives its element: a detached one has no width and is not drawn.
    if (width === 0 || width === drawn) return;
    drawn = width;
    fill(element, compact ? drawCompact(view, width) : drawFull(view, width, text));
  });
  observer.observe(element);
  return element;
}

/** Position of a value on a line of `width` pixels that shows everything that matters with some room. */
function intervalScale(view: IntervalView, width: number, edge: number): (value: number) => number {
  const margin = view.margin ?? 0;
  const low = Math.min(0, view.lo, -margin);
  const high = Math.max(0, view.hi, margin);
  const span = high - low || 1;
  const from = low - span * 0.08;
  const to = high + span * 0.08;
  return (value) => edge + ((value - from) / (to - from)) * (width - 2 * edge);
}

function drawCompact(view: IntervalView, width: number): SVGSVGElement {
  const at = intervalScale(view, width, 3);
  return svg('svg', { width, height: 18, 'aria-hidden': true }, marks(view, at, 2, 16));
}

function drawFull(view: IntervalView, width: number, text: Text): SVGSVGElement {
  const at = intervalScale(view, width, 28);
  const top = 24;
  const bottom = 52;
  const zero = at(0);
  const label = (x: number, y: number, words: string, anchor: string): SVGElement =>
    svg('text', { x, y, 'text-anchor': anchor, class: 'interval-text' }, words);
  return svg(
    'svg',
    { width, height: 86, 'aria-hidden': true },
    marks(view, at, top, bottom),
    sides(view, zero, width).map(([x, words, anchor]) => label(x, 14, words, anchor)),
    numbers(view, at, width, text).map(([x, words]) => label(x, bottom + 14, words, 'middle')),
    label(zero, bottom + 30, '0', 'middle'),
    view.margin !== null && view.margin > 0
      ? label(at(view.margin), bottom + 30, formatDelta(text, view.margin), 'middle')
      : undefined,
  );
}

/** What left and right of zero mean, beside zero; where there is no room they move away from the edge, never over each other. */
function sides(
  view: IntervalView,
  zero: number,
  width: number,
): readonly (readonly [number, string, 'start' | 'end'])[] {
  const left = `← ${view.leftText}`;
  const right = `${view.rightText} →`;
  // Seven pixels a character is wide enough for the font size of the drawing.
  const leftEnd = Math.max(zero - 8, left.length * 7);
  const rightStart = Math.max(zero + 8, leftEnd + 12);
  return [
    leftEnd === zero - 8 ? [leftEnd, left, 'end'] : [0, left, 'start'],
    rightStart + right.length * 7 <= width ? [rightStart, right, 'start'] : [width, right, 'end'],
  ];
}

/** Numbers below the line: the ends and the estimate; ends that would touch the estimate are pushed aside. */
function numbers(
  view: IntervalView,
  at: (value: number) => number,
  width: number,
  text: Text,
): readonly (readonly [number, string])[] {
  const room = 52;
  const middle = Math.max(room, Math.min(width - room, at(view.estimate)));
  const unit = view.unit === '' ? '' : ` ${view.unit}`;
  return [
    [Math.max(room / 2, Math.min(at(view.lo), middle - room)), formatDelta(text, view.lo)],
    [middle, `${formatDelta(text, view.estimate)}${unit}`],
    [Math.min(width - room / 2, Math.max(at(view.hi), middle + room)), formatDelta(text, view.hi)],
  ];
}

function marks(view: IntervalView, at: (value: number) => number, top: number, bottom: number): readonly SVGElement[] {
  const middle = (top + bottom) / 2;
  const line = (x1: number, y1: number, x2: number, y2: number, name: string): SVGElement =>
    svg('line', { x1, y1, x2, y2, class: name });
  const band: SVGElement[] = [];
  if (view.margin !== null && view.margin > 0) {
    const left = at(-view.margin);
    const right = at(view.margin);
    band.push(
      svg('rect', { x: left, y: top, width: right - left, height: bottom - top, class: 'interval-band' }),
      line(left, top, left, bottom, 'interval-margin'),
      line(right, top, right, bottom, 'interval-margin'),
    );
  }
  return [
    ...band,
    line(at(0), top - 2, at(0), bottom + 2, 'interval-zero'),
    line(at(view.lo), middle, at(view.hi), middle, 'interval-line'),
    line(at(view.lo), middle - 5, at(view.lo), middle + 5, 'interval-line'),
    line(at(view.hi), middle - 5, at(view.hi), middle + 5, 'interval-line'),
    svg('circle', { cx: at(view.estimate), cy: middle, r: 4, class: 'interval-dot' }),
  ];
}
