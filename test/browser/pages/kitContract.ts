/** The conversation of the test page that shows every control: only rows for its grid. */

import * as z from 'zod/mini';
import { type Contract } from '../../../src/protocol/contract';

/** The contract. */
export const kitContract = {
  panel: 'kit',
  version: 1,
  methods: {
    rows: {
      args: z.object({
        from: z.int(),
        to: z.int(),
        sort: z.array(z.object({ column: z.string(), descending: z.boolean() })),
      }),
      answer: z.object({
        total: z.int(),
        rows: z.array(z.object({ id: z.int(), name: z.string(), score: z.number() })),
      }),
    },
  },
  events: { changed: z.object({}) },
  state: z.object({ tab: z.string(), picked: z.array(z.int()) }),
} as const satisfies Contract;
