/** The Diff panel: versions of one path, and what changed between two of them. */

import * as z from 'zod/mini';
import { type Contract } from './contract';

const name = z.string().check(z.maxLength(4000));

const version = z.object({
  /** Full commit id, or `workspace`. */
  id: name,
  /** Finished texts. */
  label: z.string(),
  date: z.string(),
  author: z.string(),
  message: z.string(),
  size: z.string(),
  nfiles: z.nullable(z.int()),
  registered: z.array(z.string()),
  cached: z.boolean(),
  current: z.boolean(),
});

const rowDiff = z.object({
  state: z.enum(['added', 'removed', 'changed']),
  key: z.array(z.string()),
  a: z.nullable(z.array(z.nullable(z.string()))),
  b: z.nullable(z.array(z.nullable(z.string()))),
  changed: z.array(z.int()),
});

const table = z.object({
  kind: z.literal('table'),
  header: z.array(z.string()),
  key: z.array(z.string()),
  /** Columns that could be the key. */
  schema: z.object({ added: z.array(z.string()), removed: z.array(z.string()), changed: z.array(z.string()) }),
  rows: z.object({ a: z.int(), b: z.int(), added: z.int(), removed: z.int(), changed: z.int(), same: z.int() }),
  /** Changed cells by column. */
  columns: z.array(z.object({ name: z.string(), changed: z.int() })),
  sample: z.array(rowDiff),
  total: z.int(),
  summary: z.string(),
});
const folder = z.object({
  kind: z.literal('folder'),
  files: z.array(
    z.object({
      path: z.string(),
      state: z.enum(['added', 'removed', 'changed', 'renamed']),
      from: z.optional(z.string()),
      a: z.string(),
      b: z.string(),
    }),
  ),
  same: z.int(),
  summary: z.string(),
});
const facts = z.object({
  kind: z.enum(['text', 'image', 'binary', 'model']),
  a: z.nullable(z.object({ size: z.string(), hash: z.string() })),
  b: z.nullable(z.object({ size: z.string(), hash: z.string() })),
  same: z.boolean(),
  summary: z.string(),
});

/** State the page keeps. */
export const diffState = z.object({
  path: name,
  a: name,
  b: name,
  key: z.array(name).check(z.maxLength(50)),
  column: z.nullable(name),
});

/** The contract. */
export const diffContract = {
  panel: 'diff',
  version: 1,
  methods: {
    versions: { args: z.object({ path: name }), answer: z.object({ versions: z.array(version) }) },
    diff: {
      args: z.object({ path: name, a: name, b: name, key: z.array(name).check(z.maxLength(50)) }),
      answer: z.union([table, folder, facts]),
    },
    /** Opens the editor's own diff of a text file, or this panel on a file of the folder. */
    open: { args: z.object({ path: name, a: name, b: name }), answer: z.object({}) },
    /** Asks, then puts the version into the workspace. */
    restore: { args: z.object({ path: name, version: name }), answer: z.object({ restored: z.boolean() }) },
  },
  events: {
    changed: z.object({}),
    /** The host shows another path in this panel. */
    show: z.object({ path: name, a: name, b: name }),
  },
  state: diffState,
} as const satisfies Contract;

export type Version = z.infer<typeof version>;
export type TableDiff = z.infer<typeof table>;
export type FolderDiff = z.infer<typeof folder>;
export type FactsDiff = z.infer<typeof facts>;
export type DiffState = z.infer<typeof diffState>;
