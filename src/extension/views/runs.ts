/** The Runs view: what runs now with live values, the workspace, commits with metrics. Ticked runs are what the panels show. */

import * as vscode from 'vscode';
import { type RunRow as Run } from '../../engine/verbs/runs';
import { type PlainValue } from '../../engine/verbs/pipeline';
import { type App } from '../app';
import { type Selection } from '../selection';
import { type Session } from '../session';
import { ProjectTree, type Node } from './tree';

/** A row of the Runs view. */
export interface RunsRow extends Node {
  readonly run?: Run;
}

const MOST = 200;

/** Opens the view; its boxes and `selection` follow each other. */
export function createRunsView(app: App, selection: Selection): ProjectTree<RunsRow> {
  const tree = new ProjectTree<RunsRow>(
    app,
    {
      id: 'strata.runs',
      roots: async (session) => {
        const runs = await session.call('runs', { max: MOST });
        return runs.map((run) => row(app, session, run, selection));
      },
      concerns: (change) => change.runs,
    },
    { manageCheckboxStateManually: true, canSelectMany: true },
  );
  app.context.subscriptions.push(
    tree.view.onDidChangeCheckboxState((event) => {
      for (const [node, state] of event.items) {
        const run = (node as RunsRow).run;
        if (run) selection.set(node.session, run.id, state === vscode.TreeItemCheckboxState.Checked);
      }
    }),
    selection.onDidChange(() => tree.refresh()),
  );
  return tree;
}

function row(app: App, session: Session, run: Run, selection: Selection): RunsRow {
  const metrics = Object.entries(run.last);
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(runName(run, app), metrics.length > 0 ? Collapsed : None);
  item.id = `${session.root}:run:${run.id}`;
  item.description = runDescription(run, app);
  item.tooltip = [
    run.message ?? runName(run, app),
    run.author ?? '',
    run.start === undefined ? '' : app.text.date(run.start),
  ]
    .filter((line) => line !== '')
    .join('\n');
  item.iconPath = new vscode.ThemeIcon(iconOf(run));
  item.contextValue = ['run', run.source, run.state].join('.');
  const checked = selection.has(session, run.id);
  item.checkboxState = {
    state: checked ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked,
    tooltip: app.text.t('runs.tick'),
    accessibilityInformation: { label: app.text.t('runs.tickOf', { name: runName(run, app) }) },
  };
  item.accessibilityInformation = { label: `${runName(run, app)}, ${String(item.description)}` };
  return {
    id: item.id,
    session,
    run,
    item,
    children: () => Promise.resolve(metrics.map(([name, value]) => metricRow(app, session, run, name, value))),
  };
}

function metricRow(app: App, session: Session, run: Run, name: string, value: PlainValue): RunsRow {
  const item = new vscode.TreeItem(name);
  item.id = `${session.root}:run:${run.id}:metric:${name}`;
  item.description = valueText(value, app);
  item.iconPath = new vscode.ThemeIcon('graph-line');
  item.contextValue = 'metric';
  return { id: item.id, session, item };
}

function iconOf(run: Run): string {
  if (run.state === 'running') return 'sync~spin';
  if (run.state === 'failed' || run.state === 'maybe-crashed') return 'error';
  if (run.state === 'killed') return 'circle-slash';
  return { workspace: 'edit', commit: 'git-commit', run: 'pass', experiment: 'beaker' }[run.source];
}

/** What a run is called: commits and the workspace by their name, executions by when they began. */
export function runName(run: Pick<Run, 'name' | 'source' | 'start'>, app: App): string {
  if (run.source !== 'run' || run.start === undefined) return run.name;
  return app.text.t('runs.began', { date: app.text.date(run.start) });
}

/** Message, labels and the first metrics in one line. */
export function runDescription(run: Run, app: App): string {
  const metrics = Object.entries(run.last)
    .slice(0, 2)
    .map(([name, value]) => `${name.split(/[:/]/).pop() ?? name} ${valueText(value, app)}`);
  const state = run.state === 'finished' || run.state === 'none' ? '' : app.text.t(`run.${run.state}`);
  const message = run.source === 'commit' ? (run.message?.split('\n')[0] ?? '') : '';
  return [...run.labels, state, ...metrics, message].filter((part) => part !== '').join(' · ');
}

/** A value with at most four decimals in the user's locale; texts as they are. */
export function valueText(value: PlainValue, app: App): string {
  if (typeof value === 'number') return Number.isFinite(value) ? app.text.number(value, 4) : String(value);
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}
