/**
 * Answers of the Compare page in its tests: `knobs.total` runs (40 unless told) with metrics and params by fixed formulas, sorted
 * and filtered here; a comparison with one verdict of each kind. `knobs.label` is put into every text slot that a repository fills.
 */

import { compareContract, type Comparison, type CompareRow, type MetricRow } from '../../../src/protocol/compare';
import { installStubHost, type StubHost } from './stubHost';

const COLUMNS = [
  { id: 'metric:accuracy', kind: 'metric' as const, name: 'accuracy', numeric: true },
  { id: 'metric:loss', kind: 'metric' as const, name: 'loss', numeric: true },
  { id: 'param:train.lr', kind: 'param' as const, name: 'train.lr', numeric: true },
  { id: 'param:train.kernel', kind: 'param' as const, name: 'train.kernel', numeric: false },
];

installStubHost(compareContract, (host) => ({
  table: (args) => {
    const wanted = rows(host).filter((row) => row.name.includes(args.filter));
    const sorted = [...wanted].sort((a, b) => order(a, b, args.sort));
    const answer = {
      generation: args.generation,
      total: sorted.length,
      columns: COLUMNS,
      rows: sorted.slice(args.from, args.to),
    };
    return Promise.resolve(answer);
  },
  compare: ({ runs }) => {
    const all = rows(host);
    const named = runs.map((id) => all.find((row) => row.id === id) ?? rowOf(host, 0));
    const [a, ...others] = named;
    return Promise.resolve({ comparisons: a ? others.map((b) => comparison(host, a, b)) : [] });
  },
  select: () => Promise.resolve({}),
  copyReport: () => Promise.resolve({ markdown: '# Report' }),
  showLogSnippet: () => Promise.resolve({}),
  run: () => Promise.resolve({}),
}));

function rows(host: StubHost): CompareRow[] {
  return Array.from({ length: Number(host.knobs['total'] ?? 40) }, (_, i) => rowOf(host, i));
}

function rowOf(host: StubHost, i: number): CompareRow {
  const label = host.knobs['label'];
  const extra = typeof label === 'string' ? ` ${label}` : '';
  const accuracy = 0.9 + ((i * 7) % 10) / 100;
  return {
    id: `run-${i}`,
    source: i === 0 ? 'workspace' : i % 5 === 0 ? 'run' : 'commit',
    name: (i === 0 ? 'workspace' : (0x9f3a1b2 + i * 7919).toString(16)) + extra,
    state: i === 0 ? 'none' : 'finished',
    stateText: i === 0 ? '' : 'finished',
    date: `Mar ${1 + (i % 28)}, 2026, 9:14 AM`,
    message: `train: try ${i}${extra}`,
    author: `Ada${extra}`,
    labels: i === 1 ? ['main', `digits@v1#prod${extra}`] : [],
    cells: [
      accuracy.toFixed(4),
      i === 3 ? null : (1 - accuracy).toFixed(4),
      i % 2 === 0 ? '0.1' : '0.01',
      `linear${extra}`,
    ],
  };
}

function order(a: CompareRow, b: CompareRow, sort: readonly { column: string; descending: boolean }[]): number {
  for (const { column, descending } of sort) {
    const place = COLUMNS.findIndex(({ id }) => id === column);
    const value = (row: CompareRow): string => (place < 0 ? row.name : (row.cells[place] ?? ''));
    const compared = value(a).localeCompare(value(b));
    if (compared !== 0) return descending ? -compared : compared;
  }
  return 0;
}

function comparison(host: StubHost, a: CompareRow, b: CompareRow): Comparison {
  const label = typeof host.knobs['label'] === 'string' ? ` ${host.knobs['label']}` : '';
  const single = host.knobs['single'] === true;
  return {
    a: { id: a.id, name: a.name, labels: a.labels },
    b: { id: b.id, name: b.name, labels: b.labels },
    metrics: single
      ? [metric('none', label)]
      : [metric('B_better', label), metric('no_evidence', label), metric('not_enough_data', label)],
    samples: single
      ? null
      : {
          counts: [
            { kind: 'fixed', label: 'Fixed', n: 48 },
            { kind: 'broken', label: 'Broken', n: 16 },
            { kind: 'bothWrong', label: 'Both wrong', n: 32 },
            { kind: 'bothRight', label: 'Both right', n: 1701 },
          ],
          rows: Array.from({ length: 96 }, (_, i) => ({
            id: `img-${i}${label}`,
            truth: `${i % 10}`,
            a: `${(i + 1) % 10}`,
            b: `${i % 10}`,
            kind: i < 48 ? ('fixed' as const) : i < 64 ? ('broken' as const) : ('bothWrong' as const),
          })),
        },
    changed: {
      params: [{ key: `train.lr${label}`, old: '0.1', new: '0.01' }],
      code: [{ path: `src/train.py${label}`, state: 'modified' }],
      data: [],
    },
  };
}

const SENTENCES: Readonly<Record<string, string>> = {
  B_better: 'B is better: accuracy +1.8 points (95 % interval 0.6 to 3.0; 1,797 samples).',
  no_evidence: 'No evidence of a difference in macro F1 (95 % interval −0.4 to 1.9 points).',
  not_enough_data: 'Not enough data to tell: about 2,400 more samples are needed.',
  none: 'One number for each run: no verdict is possible.',
};

function metric(verdict: MetricRow['verdict'], label: string): MetricRow {
  const names: Readonly<Record<string, string>> = { B_better: 'accuracy', no_evidence: 'macro_f1', none: 'accuracy' };
  const drawn = verdict === 'B_better' || verdict === 'no_evidence';
  const lo = verdict === 'B_better' ? 0.6 : -0.4;
  const hi = verdict === 'B_better' ? 3 : 1.9;
  return {
    metric: (names[verdict] ?? 'recall') + label,
    goalText: 'higher is better',
    primary: verdict === 'B_better',
    a: '94.7 %',
    b: '96.4 %',
    difference: drawn ? '+1.8' : '–',
    intervalText: drawn ? `${lo} to ${hi}` : '–',
    interval: drawn
      ? {
          estimate: verdict === 'B_better' ? 1.8 : 0.75,
          lo,
          hi,
          margin: 0.5,
          unit: 'points',
          leftText: 'A is better',
          rightText: 'B is better',
          summary: SENTENCES[verdict] ?? '',
        }
      : null,
    verdict,
    sentence: (SENTENCES[verdict] ?? '') + label,
    methodText: 'McNemar',
    how: [
      { label: 'Method', value: 'exact McNemar test with Newcombe interval' },
      { label: 'Samples', value: '1,797 paired by id' },
      { label: 'Dropped', value: 'none' },
      { label: 'Source', value: `predictions.csv${label}` },
    ],
  };
}
