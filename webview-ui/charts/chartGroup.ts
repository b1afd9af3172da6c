/** What several charts share: the visible range of x, and the x under the pointer, so that all runs are compared at that step. */

import { Emitter, type Event } from '../../src/base/event';

/** Visible range of x, ends included. */
export type Range = readonly [number, number];

/** The shared zoom and cursor. */
export interface ChartGroup {
  /** Null while everything is visible. */
  readonly range: Range | null;
  /** Null while the pointer is elsewhere. */
  readonly cursor: number | null;
  zoom(range: Range | null): void;
  point(x: number | null): void;
  readonly onDidZoom: Event<Range | null>;
  readonly onDidPoint: Event<number | null>;
}

/** Makes a group; `range` is the remembered zoom. */
export function createChartGroup(range: Range | null = null): ChartGroup {
  const zoomed = new Emitter<Range | null>();
  const pointed = new Emitter<number | null>();
  let cursor: number | null = null;
  return {
    get range() {
      return range;
    },
    get cursor() {
      return cursor;
    },
    zoom: (next) => {
      range = next;
      zoomed.fire(next);
    },
    point: (x) => {
      if (x === cursor) return;
      cursor = x;
      pointed.fire(x);
    },
    onDidZoom: zoomed.event,
    onDidPoint: pointed.event,
  };
}
