/** The Compare panel's host: the runs table from the engine, the comparison with its texts, the report on the clipboard. */

import * as vscode from 'vscode';
import { quietCall } from '../../base/cancel';
import { renderReport } from '../../engine/compare/report';
import { type PlainValue } from '../../engine/verbs/pipeline';
import { type AnswerOf } from '../../engine/verbs/verbs';
import { type RunRow, type Verdict } from '../../engine/verbs/runs';
import {
  compareContract,
  type Comparison,
  type CompareRow,
  type IntervalDrawing,
  type MetricRow,
} from '../../protocol/compare';
import { type Handlers } from '../../protocol/contract';
import { type App } from '../app';
import { type Selection } from '../selection';
import { type Texts } from '../texts';
import { runName, valueText } from '../views/runs';
import { PanelKind, type PanelView } from './panel';

/** Makes the panel known; `show` opens it. */
export function createComparePanel(app: App, selection: Selection): PanelKind<typeof compareContract> {
  return new PanelKind(app, {
    contract: compareContract,
    icon: 'compare-changes',
    title: () => app.text.t('panel.compare'),
    state: (session) => ({
      selected: [...selection.of(session)],
      sort: [],
      filter: '',
      onlyDiffering: false,
      hidden: [],
      widths: {},
      tab: 'metrics',
    }),
    handlers: (view) => handlers(app, selection, view),
    opened: (view) => {
      view.owned.add(view.session.onDidChange((change) => change.runs && view.emit('changed', {})));
      view.owned.add(
        selection.onDidChange((session) => {
          if (session === view.session) view.emit('selection', { runs: [...selection.of(session)] });
        }),
      );
    },
  });
}

function handlers(app: App, selection: Selection, view: PanelView): Handlers<typeof compareContract> {
  const { session } = view;
  const compareAll = async (runs: readonly string[], signal: AbortSignal): Promise<AnswerOf<'compare'>> =>
    session.call('compare', { targets: [...runs] }, quietCall(signal));
  return {
    table: async (args, call) => {
      const answer = await session.call('runsTable', args, quietCall(call.signal));
      return { ...answer, rows: answer.rows.map((run) => rowOf(app, run, answer.columns)) };
    },
    compare: async ({ runs: [a, ...others] }, call) => {
      const pairs = a === undefined ? [] : others.map((b) => compareAll([a, b], call.signal));
      return { comparisons: (await Promise.all(pairs)).flatMap((answer) => comparisons(app.text, answer)) };
    },
    select: ({ runs }) => {
      selection.replace(session, runs);
      return Promise.resolve({});
    },
    copyReport: async ({ runs }, call) => {
      const markdown = renderReport(await compareAll(runs, call.signal), app.text);
      await vscode.env.clipboard.writeText(markdown);
      return { markdown };
    },
    showLogSnippet: async () => {
      const document = await vscode.workspace.openTextDocument({
        language: 'python',
        content: app.text.t('compare.snippet'),
      });
      await vscode.window.showTextDocument(document, vscode.ViewColumn.Beside);
      return {};
    },
    run: async () => {
      await vscode.commands.executeCommand('strata.repro', { session });
      return {};
    },
  };
}

function rowOf(app: App, run: RunRow, columns: AnswerOf<'runsTable'>['columns']): CompareRow {
  return {
    id: run.id,
    source: run.source,
    name: runName(run, app),
    state: run.state,
    stateText: app.text.t(`run.${run.state}`),
    date: run.start === undefined ? '' : app.text.date(run.start),
    message: run.message?.split('\n')[0] ?? '',
    author: run.author ?? '',
    labels: run.labels,
    cells: columns.map((column) => cellText(app, (column.kind === 'metric' ? run.last : run.params)[column.name])),
  };
}

function cellText(app: App, value: PlainValue | undefined): string | null {
  return value === undefined ? null : valueText(value, app);
}

/** One comparison for each run after the first. */
export function comparisons(text: Texts, answer: AnswerOf<'compare'>): Comparison[] {
  const [a, ...others] = answer.runs;
  if (!a) return [];
  const head = (run: RunRow): Comparison['a'] => ({ id: run.id, name: run.name, labels: run.labels });
  return others.map((b) => ({
    a: head(a),
    b: head(b),
    metrics: answer.verdicts.filter((verdict) => verdict.b_run === b.id).map((verdict) => metricRow(text, verdict)),
    samples: samplesOf(text, answer),
    changed: {
      params: answer.changed.params.map((item) => ({
        key: item.path === 'params.yaml' ? item.key : `${item.path}:${item.key}`,
        old: plain(item.old),
        new: plain(item.new),
      })),
      code: answer.changed.code,
      data: answer.changed.data.map((item) => ({
        path: item.path,
        text: `${item.old?.slice(0, 8) ?? '–'} → ${item.new?.slice(0, 8) ?? '–'}`,
      })),
    },
  }));
}

function plain(value: PlainValue): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}

function samplesOf(text: Texts, answer: AnswerOf<'compare'>): Comparison['samples'] {
  const counts = answer.sampleCounts;
  if (!counts) return null;
  const kinds = ['fixed', 'broken', 'bothWrong', 'bothRight'] as const;
  return {
    counts: kinds.map((kind) => ({ kind, label: text.t(`compare.samples.${kind}`), n: counts[kind] })),
    rows: answer.samples ?? [],
  };
}

function metricRow(text: Texts, verdict: Verdict): MetricRow {
  const points = verdict.unit === 'points';
  const value = (side: Verdict['a']): string => {
    if (!side) return '–';
    return points ? `${text.number(side.value * 100, 1)} %` : text.number(side.value, 4);
  };
  const interval = drawing(text, verdict);
  const signed = (n: number): string => `${n > 0 ? '+' : ''}${text.number(n, points ? 1 : 4)}`;
  return {
    metric: verdict.metric,
    goalText: text.t(`compare.goal.${verdict.goal}`),
    primary: verdict.primary,
    a: value(verdict.a),
    b: value(verdict.b),
    difference: interval ? signed(interval.estimate) : '–',
    intervalText: interval ? text.t('compare.interval', { lo: signed(interval.lo), hi: signed(interval.hi) }) : '–',
    interval,
    verdict: verdict.verdict,
    sentence: text.t(verdict.sentence.code, verdict.sentence.data),
    methodText: text.t(`verdict.method.${verdict.method}`),
    how: verdict.how.map((item) => ({ label: text.t(item.label), value: text.t(item.code, item.data) })),
  };
}

function drawing(text: Texts, verdict: Verdict): IntervalDrawing | null {
  const { estimate, ci } = verdict.result as { estimate?: number | null; ci?: [number, number] | null };
  if (typeof estimate !== 'number' || !ci) return null;
  const factor = verdict.unit === 'points' ? 100 : 1;
  const [left, right] = verdict.goal === 'max' ? ['A', 'B'] : ['B', 'A'];
  return {
    estimate: estimate * factor,
    lo: ci[0] * factor,
    hi: ci[1] * factor,
    margin: verdict.margin === undefined ? null : verdict.margin * factor,
    unit: verdict.unit === 'points' ? text.t('compare.points') : '',
    leftText: text.t('compare.sideBetter', { side: left ?? '' }),
    rightText: text.t('compare.sideBetter', { side: right ?? '' }),
    summary: text.t(verdict.sentence.code, verdict.sentence.data),
  };
}
