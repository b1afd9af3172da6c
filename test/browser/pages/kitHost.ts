/** Answers of the test page: `knobs.total` rows (10,000 unless told) with scores that repeat, so that two sort keys matter. */

import { kitContract } from './kitContract';
import { installStubHost } from './stubHost';

type Row = { id: number; name: string; score: number };

installStubHost(kitContract, (host) => ({
  rows: (args) => {
    const total = Number(host.knobs['total'] ?? 10_000);
    const rows: Row[] = Array.from({ length: total }, (_, id) => ({ id, name: `run-${id}`, score: (id * 37) % 100 }));
    const compare = (a: Row, b: Row): number => {
      for (const { column, descending } of args.sort) {
        const [x, y] = column === 'score' ? [a.score, b.score] : [a.id, b.id];
        if (x !== y) return (x < y ? -1 : 1) * (descending ? -1 : 1);
      }
      return a.id - b.id;
    };
    return Promise.resolve({ total, rows: rows.sort(compare).slice(args.from, args.to) });
  },
}));
