/** The Compare panel: the runs table, and the comparison of what is ticked. Texts and numbers arrive finished. */

import * as z from 'zod/mini';
import { type Contract } from './contract';

const name = z.string().check(z.maxLength(1000));
const ids = z.array(name).check(z.maxLength(100));

const column = z.object({ id: name, kind: z.enum(['metric', 'param']), name, numeric: z.boolean() });
const row = z.object({
  id: name,
  source: z.enum(['workspace', 'commit', 'run', 'experiment']),
  /** Shown in the first column. */
  name,
  state: z.enum(['running', 'finished', 'failed', 'killed', 'maybe-crashed', 'none']),
  stateText: z.string(),
  /** Finished text of date and time; empty when unknown. */
  date: z.string(),
  message: z.string(),
  author: z.string(),
  labels: z.array(z.string()),
  /** One text a column, in the columns' order; null where the run has no value. */
  cells: z.array(z.nullable(z.string())),
});

/** The interval that decides, drawn against zero and the margin; all in display units. */
const interval = z.object({
  estimate: z.number(),
  lo: z.number(),
  hi: z.number(),
  margin: z.nullable(z.number()),
  /** Word after numbers, such as `points`; may be empty. */
  unit: z.string(),
  /** What left and right of zero mean. */
  leftText: z.string(),
  rightText: z.string(),
  /** The picture in words. */
  summary: z.string(),
});

const metricRow = z.object({
  metric: name,
  goalText: z.string(),
  primary: z.boolean(),
  a: z.string(),
  b: z.string(),
  difference: z.string(),
  intervalText: z.string(),
  interval: z.nullable(interval),
  verdict: z.enum([
    'invalid',
    'not_enough_data',
    'identical',
    'B_better',
    'B_worse',
    'equivalent',
    'no_evidence',
    'none',
  ]),
  sentence: z.string(),
  methodText: z.string(),
  /** Label and value pairs: method, n, assumptions, dropped rows, warnings, source. */
  how: z.array(z.object({ label: z.string(), value: z.string() })),
});

const comparison = z.object({
  a: z.object({ id: name, name, labels: z.array(z.string()) }),
  b: z.object({ id: name, name, labels: z.array(z.string()) }),
  /** The primary metric first; empty when the runs share no metric. */
  metrics: z.array(metricRow),
  samples: z.nullable(
    z.object({
      /** Label and count: fixed, broken, both wrong, both right. */
      counts: z.array(
        z.object({ kind: z.enum(['fixed', 'broken', 'bothWrong', 'bothRight']), label: z.string(), n: z.number() }),
      ),
      rows: z.array(
        z.object({
          id: z.string(),
          truth: z.string(),
          a: z.string(),
          b: z.string(),
          kind: z.enum(['fixed', 'broken', 'bothWrong']),
        }),
      ),
    }),
  ),
  changed: z.object({
    params: z.array(z.object({ key: z.string(), old: z.string(), new: z.string() })),
    code: z.array(z.object({ path: z.string(), state: z.string() })),
    data: z.array(z.object({ path: z.string(), text: z.string() })),
  }),
});

/** State the page keeps. */
export const compareState = z.object({
  selected: ids,
  sort: z.array(z.object({ column: name, descending: z.boolean() })).check(z.maxLength(8)),
  filter: name,
  onlyDiffering: z.boolean(),
  hidden: z.array(name).check(z.maxLength(1000)),
  widths: z.record(name, z.number()),
  tab: z.enum(['metrics', 'samples', 'changed']),
});

/** The contract. */
export const compareContract = {
  panel: 'compare',
  version: 1,
  methods: {
    /** Rows `from` (inclusive) to `to` (exclusive) of the table. */
    table: {
      args: z.object({
        from: z.int().check(z.nonnegative()),
        to: z.int().check(z.nonnegative()),
        sort: z.array(z.object({ column: name, descending: z.boolean() })).check(z.maxLength(8)),
        filter: name,
        onlyDiffering: z.boolean(),
        generation: z.int(),
      }),
      answer: z.object({ generation: z.int(), total: z.int(), columns: z.array(column), rows: z.array(row) }),
    },
    /** A is the first run, each further one is compared with it. */
    compare: {
      args: z.object({ runs: ids }),
      answer: z.object({ comparisons: z.array(comparison) }),
    },
    /** Remembers what is ticked; the Runs view shows the same boxes. */
    select: { args: z.object({ runs: ids }), answer: z.object({}) },
    /** Puts the report (Markdown) on the clipboard. */
    copyReport: { args: z.object({ runs: ids }), answer: z.object({ markdown: z.string() }) },
    /** Opens the code that adds per-sample predictions. */
    showLogSnippet: { args: z.object({}), answer: z.object({}) },
    /** Runs the pipeline: the button of the empty state. */
    run: { args: z.object({}), answer: z.object({}) },
  },
  events: {
    /** Runs appeared or changed: ask again. */
    changed: z.object({}),
    /** The ticks changed elsewhere. */
    selection: z.object({ runs: ids }),
  },
  state: compareState,
} as const satisfies Contract;

export type CompareRow = z.infer<typeof row>;
export type CompareColumn = z.infer<typeof column>;
export type Comparison = z.infer<typeof comparison>;
export type MetricRow = z.infer<typeof metricRow>;
export type IntervalDrawing = z.infer<typeof interval>;
export type CompareState = z.infer<typeof compareState>;
