/** The Live panel: curves of running and ticked runs, decimated by the engine to what is visible. */

import * as z from 'zod/mini';
import { type Contract } from './contract';

const name = z.string().check(z.maxLength(1000));
const ids = z.array(name).check(z.maxLength(100));
/** At most 4 points a pixel column of an 8k screen. */
const numbers = z.instanceof(Float64Array).check(z.refine((a) => (a as Float64Array).length <= 40_000));

const series = z.object({
  run: name,
  runName: name,
  key: name,
  /** Chart it belongs to; series of one chart are drawn together. */
  chart: name,
  x: numbers,
  y: numbers,
  smooth: z.optional(numbers),
  /** x of points whose value is not finite. */
  nonfinite: numbers,
  /** Finished text of the last value. */
  lastText: z.string(),
  lastX: z.number(),
  n: z.int(),
});

const run = z.object({
  id: name,
  name,
  state: z.enum(['running', 'finished', 'failed', 'killed', 'maybe-crashed', 'none']),
  stateText: z.string(),
  /** Params in which the runs differ. */
  params: z.array(z.object({ key: z.string(), value: z.string() })),
  /** True when it was started from here and can be cancelled. */
  cancellable: z.boolean(),
});

/** State the page keeps. */
export const liveState = z.object({
  runs: ids,
  smoothing: z.number().check(z.gte(0), z.lte(0.99)),
  logY: z.boolean(),
  zoom: z.nullable(z.tuple([z.number(), z.number()])),
  hidden: z.array(name).check(z.maxLength(1000)),
  asTable: z.boolean(),
});

/** The contract. */
export const liveContract = {
  panel: 'live',
  version: 1,
  methods: {
    read: {
      args: z.object({
        runs: ids,
        range: z.optional(z.tuple([z.number(), z.number()])),
        width: z.int().check(z.gte(1), z.lte(10_000)),
        smoothing: z.number().check(z.gte(0), z.lte(0.99)),
        generation: z.int(),
      }),
      answer: z.object({
        generation: z.int(),
        series: z.array(series),
        runs: z.array(run),
        /** Milliseconds since 1970 of the newest point; the page says "2 s ago". */
        newest: z.optional(z.number()),
        xKind: z.enum(['step', 'epoch', 'row']),
      }),
    },
    cancelRun: { args: z.object({ run: name }), answer: z.object({}) },
    /** Runs the pipeline: the button of the empty state. */
    run: { args: z.object({}), answer: z.object({}) },
  },
  events: {
    /** New points or runs: ask again. */
    changed: z.object({}),
    /** The ticks changed. */
    selection: z.object({ runs: ids }),
  },
  state: liveState,
} as const satisfies Contract;

export type LiveSeriesMessage = z.infer<typeof series>;
export type LiveRun = z.infer<typeof run>;
export type LiveState = z.infer<typeof liveState>;
