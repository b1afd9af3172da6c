/** The Live panel's host: curves from the engine, fresh while something runs and the panel is on the screen. */

import { quietCall } from '../../base/cancel';
import { toDisposable } from '../../base/lifecycle';
import { type LiveAnswer } from '../../engine/verbs/runs';
import { liveContract, type LiveRun } from '../../protocol/live';
import { type Handlers } from '../../protocol/contract';
import * as vscode from 'vscode';
import { type App } from '../app';
import { type RunFollower } from '../runFollower';
import { type Selection } from '../selection';
import { runName, valueText } from '../views/runs';
import { PanelKind, type PanelView } from './panel';

/** How often a visible panel asks for new points while something runs, in milliseconds. */
const FRESH_MS = 500;

/** Makes the panel known; `show` opens it. */
export function createLivePanel(app: App, selection: Selection, follower: RunFollower): PanelKind<typeof liveContract> {
  return new PanelKind(app, {
    contract: liveContract,
    icon: 'graph-line',
    title: () => app.text.t('panel.live'),
    state: (session) => ({
      runs: [...selection.of(session)],
      smoothing: 0,
      logY: false,
      zoom: null,
      hidden: [],
      asTable: false,
    }),
    handlers: (view) => handlers(app, view, follower),
    opened: (view) => {
      view.owned.add(view.session.onDidChange((change) => change.runs && view.emit('changed', {})));
      view.owned.add(
        selection.onDidChange((session) => {
          if (session === view.session) view.emit('selection', { runs: [...selection.of(session)] });
        }),
      );
      const timer = setInterval(() => {
        if (view.webview.visible && follower.running(view.session)) view.emit('changed', {});
      }, FRESH_MS);
      view.owned.add(toDisposable(() => clearInterval(timer)));
    },
  });
}

function handlers(app: App, view: PanelView, follower: RunFollower): Handlers<typeof liveContract> {
  return {
    read: async ({ range, ...args }, call) => {
      const answer = await view.session.call(
        'live',
        { ...args, ...(range ? { range: [range[0], range[1]] as [number, number] } : {}) },
        quietCall(call.signal),
      );
      return {
        ...answer,
        series: answer.series.map(({ last, ...series }) => {
          const run = answer.runs.find((one) => one.id === series.run);
          return { ...series, runName: run ? runName(run, app) : series.runName, lastText: valueText(last, app) };
        }),
        runs: answer.runs.map((run) => runOf(app, answer, run, follower.running(view.session)?.token)),
      };
    },
    cancelRun: async () => {
      await follower.cancel(view.session);
      return {};
    },
    run: async () => {
      await vscode.commands.executeCommand('strata.repro', { session: view.session });
      return {};
    },
  };
}

/** A run with the params in which the shown runs differ. */
function runOf(app: App, answer: LiveAnswer, run: LiveAnswer['runs'][number], token: string | undefined): LiveRun {
  const keys = [...new Set(answer.runs.flatMap((one) => Object.keys(one.params)))];
  const shown = (one: LiveAnswer['runs'][number], key: string): string => {
    const value = one.params[key];
    return value === undefined ? '–' : valueText(value, app);
  };
  const differing = keys.filter((key) => new Set(answer.runs.map((one) => shown(one, key))).size > 1);
  return {
    id: run.id,
    name: runName(run, app),
    state: run.state,
    stateText: app.text.t(`run.${run.state}`),
    params: differing.map((key) => ({ key, value: shown(run, key) })),
    cancellable: run.state === 'running' && token !== undefined,
  };
}
